// Logic on whole files by reading rows of cells together.
#pragma once

#include <span>
#include <vector>

#include "base/error.hpp"
#include "base/observer.hpp"
#include "numeric/events.hpp"
#include "tasks/logic_cells.hpp"
#include "tasks/sense.hpp"

namespace imcsim::tasks {

/// Files of equal length, bit i of each in column i.
using Operands = std::vector<std::span<const std::uint8_t>>;

/// How many columns hold k ones among n operands, and how many of those came out wrong; k = 0 … n.
struct ClassCounts {
  std::vector<std::uint64_t> columns;
  std::vector<std::uint64_t> wrong;
};

/// What a whole-file operation left.
struct BulkResult {
  std::vector<std::uint8_t> output;
  ClassCounts classes;
  OperationCounts counts;  ///< writing the operands and the cells that reads lit
  CellStatistics cells;    ///< those whose closed form holds: sampled ones, or all that were read
  /// What was read cell by cell, of short operands: each cell [operands × bits], and each column as
  /// its sense amplifier sees it, with noise.
  std::vector<float> conductance_us, column_us;
};

/// The operation in ordinary arithmetic, 64 columns at a time.
std::vector<std::uint8_t> exact_logic(LogicOperation operation, const Operands& operands,
                                      const Execution& execution);

/// Errors at their rates: in each class of columns each errs independently with the closed-form
/// probability of `error_probabilities`. Positions are drawn at the largest of these rates and
/// thinned, a block of 64 KiB at a time, so that the time goes with the errors, not with the bits.
/// `operation_entity` tells the operations of one run apart in their errors.
BulkResult logic_at_rates(LogicOperation operation, const Operands& operands,
                          const LogicCells::Sampled& sampled, std::uint64_t seed,
                          const Execution& execution,
                          std::uint32_t operation_entity = entities::first_operation);

/// Every cell programmed and every column read and compared with the references of the sampled
/// cells; nothing assumed about distributions. At most 2^31 cells; throws InputError{where, …}
/// beyond. Where the observer stops it, what it returns does not matter.
BulkResult logic_by_cells(LogicOperation operation, const Operands& operands,
                          const LogicCells& cells, const LogicCells::Sampled& sampled,
                          const Execution& execution, Observer& observer, const Where& where);

}  // namespace imcsim::tasks
