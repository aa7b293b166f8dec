#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "numeric/statistics.hpp"
#include "study/json.hpp"
#include "study/sweep_study.hpp"

namespace imcsim::study {

/// Named values of a row, as texts.
using Cells = std::vector<std::pair<std::string, std::string>>;

/// Result of one variant. It has either a digest or an error.
struct SweepRow {
  std::size_t variant = 0;
  std::uint64_t seed = 0;
  Cells cells;  ///< scalar values of the result
  std::string digest;
  std::string error;
};

/// Rows by variant.
using SweepRows = std::map<std::size_t, SweepRow>;

/// Scalar values of a command's JSON: numbers, switches and short words of `result` (values in an
/// object as `object.key`), then energy and time of `cost`. Lists of rows are ignored, unless the
/// result has nothing else; then as `list[first_key=value].key`.
Cells result_cells(const Json& json);

/// Time of a variant. `cpu_s`: of its process, if it runs in a process of its own.
struct VariantTiming {
  double wall_s = 0.0;
  double cpu_s = 0.0;
};

/// A line of table.jsonl (without line end): variant, axes, seed; then result, counts, cost, digest
/// of the command's JSON; then the timing, separate from the deterministic values.
std::string result_line(const SweepStudy& study, std::size_t variant, const Json& json,
                        const VariantTiming& timing);

/// The same for a variant that failed.
std::string failure_line(const SweepStudy& study, std::size_t variant, const std::string& reason,
                         const VariantTiming& timing);

/// Parses such a line; false for other text, or for a variant that is not in the study.
bool read_line(const SweepStudy& study, const std::string& line, SweepRow& row);

/// Names of the result columns of `rows`, in order of first appearance; study.columns if it is not
/// empty.
std::vector<std::string> result_columns(const SweepStudy& study, const SweepRows& rows);

/// The header and one row of the table: variant, axes, seed, `columns`, digest, error.
std::vector<std::string> table_heading(const SweepStudy& study,
                                       const std::vector<std::string>& columns);
std::vector<std::string> table_row(const SweepStudy& study, const SweepRow& row,
                                   const std::vector<std::string>& columns);

/// One point of the grid, over its seeds.
struct SweepPoint {
  std::vector<std::string> axes;
  std::size_t done = 0;
  std::size_t failed = 0;
  std::vector<MeanAndDeviation> figures;  ///< per column of the summary; over `counted` seeds
  std::vector<std::size_t> counted;
};

struct SweepSummary {
  std::vector<std::string> columns;  ///< numeric columns, the metric of the study first
  std::vector<SweepPoint> points;
};
SweepSummary summarize(const SweepStudy& study, const SweepRows& rows);

/// The number in a cell; NaN if it is not a number.
double number_of(const std::string& text);

}  // namespace imcsim::study
