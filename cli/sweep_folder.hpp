#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "study/sweep_rows.hpp"
#include "study/sweep_study.hpp"

namespace imcsim::cli {

/// Part `index` of `count` of a study: the variants whose number leaves index − 1 when divided by
/// count.
struct Shard {
  std::size_t index = 1;
  std::size_t count = 1;
  bool is_whole() const { return count == 1; }
  bool holds(std::size_t variant) const { return variant % count == index - 1; }
};
/// `2/5`. Throws InputError{--shard, …}.
Shard parse_shard(const std::string& text);

/// The folder of a sweep, held by this process alone as long as the object lives (shards hold it
/// together, each its own part). The kernel releases it when the process ends, however it ends.
class SweepFolder {
 public:
  /// Makes the folder where there is none and notes the study in it. Throws InputError{--out, …}
  /// where it is something else's or of another study, RunError where another process holds it.
  SweepFolder(std::string path, const Shard& shard, const study::SweepStudy& study,
              const std::string& text);
  ~SweepFolder();
  SweepFolder(const SweepFolder&) = delete;
  SweepFolder& operator=(const SweepFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// `table` or `table.2-of-5` with `ending`.
  std::string table(const std::string& ending) const;

 private:
  void lock(const std::string& name, bool together);
  void check_study(const study::SweepStudy& study, const std::string& text);

  std::filesystem::path path_;
  Shard shard_;
  std::vector<int> locks_;
};

/// Tables that shards have left in a folder (or main ones of another folder). Throws InputError
/// where the folder is of another study.
std::vector<std::string> tables_in(const std::filesystem::path& folder,
                                   const study::SweepStudy& study);

/// The journal of a sweep: one line a finished variant, brought to the disk before it counts.
class Journal {
 public:
  /// Reads what is there. A torn last line, lines of failed variants and doubled ones are taken
  /// out of the file. Throws RunError.
  Journal(const std::string& path, const study::SweepStudy& study);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  const study::SweepRows& rows() const { return rows_; }

  /// Adds lines (without their ends) of variants that are not there; others are passed over.
  /// Returns the new rows. Throws RunError where the disk does not take them.
  std::vector<const study::SweepRow*> append(const std::vector<std::string>& lines);

 private:
  std::string path_;
  const study::SweepStudy& study_;
  study::SweepRows rows_;
  int descriptor_ = -1;
};

/// Whole lines of a file, without their ends; nothing where there is no file. A torn last line is
/// left out.
std::vector<std::string> whole_lines(const std::string& path);

/// Lines written to the end of a file, and brought to the disk. Both throw RunError.
void append_whole(int descriptor, std::string_view text, const std::string& path);
void append_synced(int descriptor, std::string_view text, const std::string& path);

/// Opens a file to append to; throws RunError.
int open_to_append(const std::string& path);

}  // namespace imcsim::cli
