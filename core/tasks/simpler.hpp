// NOR networks in one row of an array, whose cells are initialised in batches: SIMPLER, Ben-Hur et
// al. 2020, doi:10.1109/TCAD.2019.2931188.
#pragma once

#include "tasks/netlist.hpp"
#include "tasks/stateful_array.hpp"

namespace imcsim::tasks {

/// One cycle of a row: a gate, or the initialisation of cells whose values are no longer needed.
struct RowStep {
  static constexpr std::size_t none = ~std::size_t{0};
  std::size_t out = none;            ///< cell of the gate's output; none: an initialisation
  std::size_t a = 0, b = 0;          ///< cells
  std::vector<std::size_t> cleared;  ///< cells that are initialised
};

struct RowMapping {
  std::vector<RowStep> steps;
  std::vector<std::size_t> output_cells;
  std::size_t cells = 0;              ///< that were used, inputs among them
  std::uint64_t initialisations = 0;  ///< cycles of batches
};

/// Order of the gates by cell usage: CU = 1 where a gate's inputs come from outside, that of the
/// only gate among them, else the largest of CUᵢ + i over its children in descending CU; from each
/// root, children first, then the gate itself into the lowest free cell; where none is free, one
/// cycle initialises all dead cells. Inputs keep cells 0 …, outputs those behind them; all others
/// are initialized beforehand. Throws InputError{row-size, …} if the row is too short.
RowMapping map_to_row(const Netlist& netlist, std::size_t row_size);

/// Carries the steps out; the inputs are loaded already, in cells 0 …
void run_mapping(const RowMapping& mapping, StatefulArray& array);

}  // namespace imcsim::tasks
