#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "study/sweep_rows.hpp"
#include "study/sweep_study.hpp"

namespace imcsim::cli {

/// Part `index` of `count` of a study: the variants with number % count = index − 1.
struct Shard {
  std::size_t index = 1;
  std::size_t count = 1;
  bool is_whole() const { return count == 1; }
  bool holds(std::size_t variant) const { return variant % count == index - 1; }
};
/// `2/5`. Throws InputError{--shard, …}.
Shard parse_shard(const std::string& text);

/// The folder of a sweep, locked by this process during the lifetime of the object. Shards share
/// the lock of the folder, and each locks its own part. The operating system releases the locks
/// when the process ends.
class SweepFolder {
 public:
  /// Creates the folder if it does not exist and records the study in it. Throws
  /// InputError{--out, …} if it is not a sweep folder or belongs to another study, RunError if
  /// another process has locked it.
  SweepFolder(std::string path, const Shard& shard, const study::SweepStudy& study,
              const std::string& text);
  ~SweepFolder();
  SweepFolder(const SweepFolder&) = delete;
  SweepFolder& operator=(const SweepFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// `table` or `table.2-of-5` with `ending`.
  std::string table(const std::string& ending) const;

 private:
  void lock(const std::string& name, bool shared);
  void check_study(const study::SweepStudy& study, const std::string& text);

  std::filesystem::path path_;
  Shard shard_;
  std::vector<int> locks_;
};

/// Journals in a sweep folder, of shards or of the whole sweep. Throws InputError if the folder
/// belongs to another study.
std::vector<std::string> tables_in(const std::filesystem::path& folder,
                                   const study::SweepStudy& study);

/// The journal of a sweep: one line per finished variant, synchronized to disk before the variant
/// counts as finished.
class Journal {
 public:
  /// Reads an existing journal. Removes an incomplete last line, failed variants and duplicates
  /// from the file. Throws RunError.
  Journal(const std::string& path, const study::SweepStudy& study);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  const study::SweepRows& rows() const { return rows_; }

  /// Appends lines (without line ends) of variants that are not in the journal; ignores others.
  /// Returns the new rows. Throws RunError if writing fails.
  std::vector<const study::SweepRow*> append(const std::vector<std::string>& lines);

 private:
  std::string path_;
  const study::SweepStudy& study_;
  study::SweepRows rows_;
  int descriptor_ = -1;
};

/// Complete lines of a file, without line ends; empty if the file does not exist. An incomplete
/// last line is omitted.
std::vector<std::string> whole_lines(const std::string& path);

/// Append text to a file; append_synced also synchronizes the file to disk. Both throw RunError.
void append_whole(int descriptor, std::string_view text, const std::string& path);
void append_synced(int descriptor, std::string_view text, const std::string& path);

/// Opens a file for appending; throws RunError.
int open_to_append(const std::string& path);

}  // namespace imcsim::cli
