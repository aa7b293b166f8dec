// Bitwise logic on whole files by reading several rows of cells at once.
#pragma once

#include <span>
#include <vector>

#include "base/error.hpp"
#include "base/observer.hpp"
#include "numeric/events.hpp"
#include "tasks/logic_cells.hpp"
#include "tasks/sense.hpp"

namespace imcsim::tasks {

/// Files of equal length; bit i of each is in column i.
using Operands = std::vector<std::span<const std::uint8_t>>;

/// Number of columns with k ones among n operands, and number of wrong outputs among them; k = 0 …
/// n.
struct ClassCounts {
  std::vector<std::uint64_t> columns;
  std::vector<std::uint64_t> wrong;
};

/// Result of an operation on whole files.
struct BulkResult {
  std::vector<std::uint8_t> output;
  ClassCounts classes;
  OperationCounts counts;  ///< writes of the operands, and cells read
  CellStatistics cells;  ///< statistics for the closed form: of sampled cells, or of all cells read
  /// For short operands, if simulated cell by cell: conductance of each cell [operands × bits], and
  /// of each column as seen by its sense amplifier, including noise.
  std::vector<float> conductance_us, column_us;
};

/// The exact result by ordinary arithmetic, 64 columns at a time.
std::vector<std::uint8_t> exact_logic(LogicOperation operation, const Operands& operands,
                                      const Execution& execution);

/// Simulates errors by their rates: in each class of columns, each column errs independently with
/// the closed-form probability of `error_probabilities`. Positions are drawn at the largest of
/// these rates and thinned, in blocks of 64 KiB, so that the run time depends on the number of
/// errors, not of bits. `operation_entity` selects the error stream of each operation of a run.
BulkResult logic_at_rates(LogicOperation operation, const Operands& operands,
                          const LogicCells::Sampled& sampled, std::uint64_t seed,
                          const Execution& execution,
                          std::uint32_t operation_entity = entities::first_operation);

/// Simulates every cell: programs it, reads every column, and compares the current with the
/// references of the sampled cells; no assumption about distributions. At most 2^31 cells; throws
/// InputError{where, …} beyond. If the observer stops the run, the return value is incomplete.
BulkResult logic_by_cells(LogicOperation operation, const Operands& operands,
                          const LogicCells& cells, const LogicCells::Sampled& sampled,
                          const Execution& execution, Observer& observer, const Where& where);

}  // namespace imcsim::tasks
