#include "sweep_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/error.hpp"
#include "files.hpp"
#include "study/safetensors.hpp"
#include "study/version.hpp"

namespace imcsim::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* study_name = "study.json";

/// True if the folder contains only files that a sweep writes before study.json.
bool is_fresh(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("lock") && !name.starts_with("study.")) return false;
  }
  return true;
}

/// Fingerprint of the study of a folder; empty if there is no study.json.
std::string recorded_fingerprint(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_regular_file(folder / study_name, error)) return {};
  const study::Json json = study::Json::parse(
      read_text((folder / study_name).string(), at_field("out")), nullptr, false);
  return json.is_object() ? json.value("fingerprint", std::string{"?"}) : "?";
}

}  // namespace

Shard parse_shard(const std::string& text) {
  Shard shard;
  const char* end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, shard.index);
  const bool slash = index.ec == std::errc{} && index.ptr != end && *index.ptr == '/';
  const auto count = slash ? std::from_chars(index.ptr + 1, end, shard.count) : index;
  if (!slash || count.ec != std::errc{} || count.ptr != end || shard.index < 1 ||
      shard.index > shard.count) {
    throw InputError(at_field("shard"), fmt::format("\"{}\" is not a part", text),
                     "I/N with 1 ≤ I ≤ N, such as 2/5");
  }
  return shard;
}

SweepFolder::SweepFolder(std::string path, const Shard& shard, const study::SweepStudy& study,
                         const std::string& text)
    : path_(std::move(path)), shard_(shard) {
  std::error_code error;
  fs::create_directory(path_, error);
  if (!fs::is_directory(path_)) {
    throw InputError(at_field("out"),
                     fmt::format("cannot create \"{}\": {}", path_.string(),
                                 error ? error.message() : "a file with this name exists"),
                     "a name in a writable folder");
  }
  if (recorded_fingerprint(path_).empty() && !is_fresh(path_)) {
    throw InputError(at_field("out"), fmt::format("\"{}\" is not a sweep folder", path_.string()),
                     "a new name, or a folder of imcsim sweep");
  }
  try {
    lock("lock", !shard.is_whole());
    if (!shard.is_whole()) {
      lock(fmt::format("lock.{}-of-{}", shard.index, shard.count), false);
    }
    check_study(study, text);
  } catch (...) {
    for (const int descriptor : locks_) ::close(descriptor);
    throw;
  }
}

SweepFolder::~SweepFolder() {
  for (const int descriptor : locks_) ::close(descriptor);
}

void SweepFolder::lock(const std::string& name, bool shared) {
  const std::string file = (path_ / name).string();
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    throw InputError(
        at_field("out"),
        fmt::format("cannot write in \"{}\": {}", path_.string(), std::strerror(errno)),
        "a writable folder");
  }
  locks_.push_back(descriptor);
#if !defined(__EMSCRIPTEN__)
  // fcntl locks belong to the process, not to the open file: workers do not inherit them.
  struct flock whole {};
  whole.l_type = static_cast<short>(shared ? F_RDLCK : F_WRLCK);
  whole.l_whence = SEEK_SET;
  if (::fcntl(descriptor, F_SETLK, &whole) != 0) {
    if (errno != EACCES && errno != EAGAIN) return;  // a file system without locks
    throw RunError(fmt::format("{}: another imcsim sweep is using this folder", path_.string()));
  }
#else
  static_cast<void>(shared);
#endif
}

void SweepFolder::check_study(const study::SweepStudy& study, const std::string& text) {
  const std::string own = study::digest_text(study::fingerprint(study));
  const std::string recorded = recorded_fingerprint(path_);
  if (recorded == own) return;
  if (!recorded.empty()) {
    throw InputError(
        at_field("out"),
        fmt::format("\"{}\" belongs to another study, or to an earlier version of this study",
                    path_.string()),
        fmt::format("a new folder, or the study in {}", (path_ / "study.toml").string()));
  }
  write_file((path_ / "study.toml").string(), text);
  const study::Json json = {{"imcsim", version},
                            {"name", study.name},
                            {"command", study.command},
                            {"variants", study.variants()},
                            {"fingerprint", own}};
  write_file((path_ / study_name).string(), json.dump(2) + "\n");
}

std::string SweepFolder::table(const std::string& ending) const {
  const std::string part =
      shard_.is_whole() ? "" : fmt::format(".{}-of-{}", shard_.index, shard_.count);
  return (path_ / fmt::format("table{}{}", part, ending)).string();
}

std::vector<std::string> tables_in(const fs::path& folder, const study::SweepStudy& study) {
  std::error_code error;
  if (!fs::is_directory(folder, error) || recorded_fingerprint(folder).empty()) {
    throw InputError("sweep", fmt::format("\"{}\" is not a sweep folder", folder.string()),
                     "a folder of imcsim sweep");
  }
  if (recorded_fingerprint(folder) != study::digest_text(study::fingerprint(study))) {
    throw InputError("sweep", fmt::format("\"{}\" belongs to another study", folder.string()),
                     "a folder of this study");
  }
  std::vector<std::string> tables;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("table.") && name.ends_with(".jsonl")) {
      tables.push_back(entry.path().string());
    }
  }
  std::sort(tables.begin(), tables.end());
  return tables;
}

std::vector<std::string> whole_lines(const std::string& path) {
  std::error_code error;
  std::vector<std::string> lines;
  if (!fs::exists(path, error)) return lines;
  const std::string text = read_text(path, path);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string::npos) break;
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

int open_to_append(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    throw RunError(fmt::format("{}: cannot write: {}", path, std::strerror(errno)));
  }
  return descriptor;
}

void append_whole(int descriptor, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t put = ::write(descriptor, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw RunError(fmt::format("{}: cannot write: {}", path, std::strerror(errno)));
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

void append_synced(int descriptor, std::string_view text, const std::string& path) {
  append_whole(descriptor, text, path);
  if (::fsync(descriptor) != 0 && errno != EINVAL) {
    throw RunError(fmt::format("{}: cannot write: {}", path, std::strerror(errno)));
  }
}

Journal::Journal(const std::string& path, const study::SweepStudy& study)
    : path_(path), study_(study) {
  std::error_code error;
  const std::vector<std::string> lines = whole_lines(path);
  std::string kept;
  for (const std::string& line : lines) {
    study::SweepRow row;
    if (!study::read_line(study, line, row) || !row.error.empty()) continue;
    if (!rows_.emplace(row.variant, row).second) continue;
    kept += line + "\n";
  }
  if (fs::exists(path, error) && fs::file_size(path, error) != kept.size()) write_file(path, kept);
  descriptor_ = open_to_append(path);
}

Journal::~Journal() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::vector<const study::SweepRow*> Journal::append(const std::vector<std::string>& lines) {
  std::string text;
  std::vector<study::SweepRow> fresh;
  for (const std::string& line : lines) {
    study::SweepRow row;
    if (!study::read_line(study_, line, row) || rows_.contains(row.variant)) continue;
    const bool is_duplicate = std::any_of(fresh.begin(), fresh.end(), [&](const auto& other) {
      return other.variant == row.variant;
    });
    if (is_duplicate) continue;
    text += line + "\n";
    fresh.push_back(std::move(row));
  }
  if (text.empty()) return {};
  append_synced(descriptor_, text, path_);
  std::vector<const study::SweepRow*> added;
  added.reserve(fresh.size());
  for (study::SweepRow& row : fresh) {
    added.push_back(&rows_.emplace(row.variant, std::move(row)).first->second);
  }
  return added;
}

}  // namespace imcsim::cli
