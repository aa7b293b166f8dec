#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace imcsim::cli {

/// A run directory that appears whole or not at all: files are written into a temporary folder
/// beside it, which is renamed at the end.
class RunDirectory {
 public:
  /// Throws InputError{--out, …} where `path` exists and `force` is false, where it exists and is
  /// no run directory, or where nothing can be made beside it.
  RunDirectory(std::string path, bool force);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  /// Throws RunError where a file cannot be written.
  void write(const std::string& name, const std::string& content);

  /// Gives the folder its name. Throws RunError.
  void finish();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
};

}  // namespace imcsim::cli
