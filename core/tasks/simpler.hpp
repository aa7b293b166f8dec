// Mapping of NOR networks to one row of an array with batch initialization of cells: SIMPLER,
// Ben-Hur et al. 2020, doi:10.1109/TCAD.2019.2931188.
#pragma once

#include "tasks/netlist.hpp"
#include "tasks/stateful_array.hpp"

namespace imcsim::tasks {

/// One cycle of a row: a gate, or the initialization of cells whose values are no longer needed.
struct RowStep {
  static constexpr std::size_t none = ~std::size_t{0};
  std::size_t out = none;            ///< output cell of the gate; none: initialization
  std::size_t a = 0, b = 0;          ///< input cells
  std::vector<std::size_t> cleared;  ///< initialized cells
};

struct RowMapping {
  std::vector<RowStep> steps;
  std::vector<std::size_t> output_cells;
  std::size_t cells = 0;              ///< number of cells used, including inputs
  std::uint64_t initializations = 0;  ///< number of initialization cycles
};

/// Orders the gates by cell usage: CU = 1 for a gate without gates among its inputs, the CU of its
/// only child gate, otherwise the largest CUᵢ + i over its children in descending order of CU. From
/// each root, the children come first, then the gate, which takes the lowest free cell; if no cell
/// is free, one cycle initializes all cells with dead values. Inputs keep cells 0 …, followed by
/// the outputs; all other cells are initialized beforehand. Throws InputError{row-size, …} if the
/// row is too short.
RowMapping map_to_row(const Netlist& netlist, std::size_t row_size);

/// Executes the steps; the inputs must be loaded in cells 0 ….
void run_mapping(const RowMapping& mapping, StatefulArray& array);

}  // namespace imcsim::tasks
