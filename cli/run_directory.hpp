#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace imcsim::cli {

/// A run directory that is created complete or not at all: files are written to a temporary folder
/// in the same parent folder, which is renamed at the end.
class RunDirectory {
 public:
  /// Throws InputError{--out, …} if `path` exists and `force` is false, if it exists and is not a
  /// run directory, or if the parent folder is not writable.
  RunDirectory(std::string path, bool force);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  /// Throws RunError if a file cannot be written.
  void write(const std::string& name, const std::string& content);

  /// Renames the folder to its final name. Throws RunError.
  void finish();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
};

}  // namespace imcsim::cli
