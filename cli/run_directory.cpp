#include "run_directory.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/error.hpp"
#include "files.hpp"

namespace imcsim::cli {
namespace {

namespace fs = std::filesystem;

/// --force replaces only empty folders and run directories of this tool.
bool is_run_directory(const fs::path& path) {
  std::error_code error;
  if (fs::is_empty(path, error)) return true;
  return fs::is_regular_file(path / "result.json", error) &&
         fs::is_regular_file(path / "config.toml", error);
}

}  // namespace

RunDirectory::RunDirectory(std::string path, bool force) : path_(std::move(path)) {
  while (!path_.has_filename() && path_.parent_path() != path_) path_ = path_.parent_path();
  std::error_code error;
  if (path_ == "-")
    throw InputError(at_field("out"), "\"-\" is not a folder", "the name of a new folder");
  if (fs::is_symlink(path_, error) && fs::exists(path_, error)) path_ = fs::canonical(path_, error);
  if (fs::exists(fs::symlink_status(path_, error))) {
    if (!force) {
      throw InputError(at_field("out"), fmt::format("\"{}\" exists", path_.string()),
                       "a new name, or --force to replace it");
    }
    if (!fs::is_directory(path_, error) || !is_run_directory(path_)) {
      throw InputError(at_field("out"),
                       fmt::format("\"{}\" is not a run directory", path_.string()),
                       "--force replaces only run directories");
    }
  }
  temporary_ = path_;
  temporary_ += fmt::format(".partial-{}", ::getpid());
  fs::create_directory(temporary_, error);
  if (error) {
    throw InputError(at_field("out"),
                     fmt::format("cannot create \"{}\": {}", path_.string(), error.message()),
                     "a name in a writable folder");
  }
}

RunDirectory::~RunDirectory() {
  std::error_code error;
  if (!temporary_.empty()) fs::remove_all(temporary_, error);
}

void RunDirectory::write(const std::string& name, const std::string& content) {
  write_file((temporary_ / name).string(), content);
}

void RunDirectory::finish() {
  std::error_code error;
  fs::path old = path_;
  old += fmt::format(".replaced-{}", ::getpid());
  const bool replaces = fs::exists(path_, error);
  if (replaces) fs::rename(path_, old, error);
  if (!error) fs::rename(temporary_, path_, error);
  if (error) {
    std::error_code ignored;
    if (replaces && !fs::exists(path_, ignored)) fs::rename(old, path_, ignored);
    throw RunError(fmt::format("{}: cannot create: {}", path_.string(), error.message()));
  }
  temporary_.clear();
  if (replaces) fs::remove_all(old, error);
}

}  // namespace imcsim::cli
