#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "study/json.hpp"
#include "study/sweep_rows.hpp"
#include "study/sweep_study.hpp"
#include "terminal.hpp"

namespace imcsim::cli {

/// table.csv: rows appended during the sweep, the complete table at the end.
class SweepTable {
 public:
  SweepTable(std::string path, const study::SweepStudy& study)
      : path_(std::move(path)), study_(study) {}
  ~SweepTable();
  SweepTable(const SweepTable&) = delete;
  SweepTable& operator=(const SweepTable&) = delete;

  /// Appends rows, with the columns of the first rows that have a result.
  void append(const study::SweepRows& all, const std::vector<const study::SweepRow*>& fresh);

  /// Replaces the file by the complete table in the order of the variants. Returns its text.
  std::string finish(const study::SweepRows& rows);

 private:
  std::string path_;
  const study::SweepStudy& study_;
  std::vector<std::string> columns_;
  int descriptor_ = -1;
};

/// Finished and failed variants on stderr: a bar, JSON lines, or nothing.
class SweepProgress {
 public:
  SweepProgress(ProgressKind kind, const ViewOptions& view, std::size_t total, std::size_t done);
  void report(const std::vector<const study::SweepRow*>& fresh);
  /// Removes the bar.
  void finish();
  std::size_t done() const { return done_; }

 private:
  ProgressKind kind_;
  Style style_;
  std::size_t total_, done_, done_at_start_, failed_ = 0;
  std::chrono::steady_clock::time_point start_, drawn_;
  bool on_screen_ = false;
};

/// Text for the terminal: mean ± standard deviation over the seeds for each combination of axis
/// values, and a plot over one or two numeric axes.
std::string summary_text(const study::SweepStudy& study, const study::SweepSummary& summary,
                         const Style& style);

/// `[{axes: {…}, done, failed, mean: {…}, std: {…}}, …]`.
study::Json summary_json(const study::SweepStudy& study, const study::SweepSummary& summary);

}  // namespace imcsim::cli
