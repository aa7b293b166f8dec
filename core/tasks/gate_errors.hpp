// Error rates of gates between cells: as given, or from the voltage divider formed by a gate, with
// cell-to-cell variability of resistances and thresholds.
#pragma once

#include <array>

#include "tasks/answer.hpp"
#include "tasks/stateful_bulk.hpp"

namespace imcsim::tasks {

struct GateErrorConfig {
  double gate_error = 0.0;
  bool divider = false;
  double on_kohm = 50.0;
  double off_kohm = 2000.0;
  double resistance_spread = 0.1;
  double threshold_v = 1.0;
  double threshold_spread = 0.05;
  double gate_v = 0.0;  ///< 0: geometric mean of the window's ends
  std::int64_t divider_samples = 100000;

  /// Error rates of a gate family. With `divider`, for MAGIC gates: the voltage across the output
  /// cell, which is in state R_on, is V = V_G·R_out/(R_out + R_in), with R_in the inputs in
  /// parallel. It must reach the cell's threshold if an input is 1 and stay below it if no input is
  /// 1. With two nominal inputs this holds for 2·V_th ≤ V_G < V_th·(1 + R_off/(2·R_on)).
  /// Resistances are drawn log-normal, thresholds normal. Throws InputError for a family without
  /// such a divider.
  GateErrorRates rates(StatefulStyle family, std::uint64_t seed) const;

  /// Adds gate voltage, its window and the rates to the results of a task.
  void report(const GateErrorRates& rates, Section& results) const;
};
void describe(GateErrorConfig& config, FieldList& fields);

/// Rate of wrong output bits of a program whose gates err independently, from the probabilities of
/// all states of its cells; `patterns[i]`: number of columns whose operands have the bits i. Empty
/// if the patterns were not counted or there are more than 16 cells.
std::optional<Value> predicted_error(const StatefulProgram& program, LogicOperation operation,
                                     std::size_t operands, const GateErrorRates& rates,
                                     const std::vector<std::uint64_t>& patterns);

}  // namespace imcsim::tasks
