// How often gates between cells leave the wrong bit: as stated, or by the voltage divider that a
// gate is, with resistances and thresholds that differ from cell to cell.
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
  double gate_v = 0.0;  ///< 0: the geometric middle of the window
  std::int64_t divider_samples = 100000;

  /// The rates of a family of gates. With `divider`, of MAGIC gates: the voltage across the output
  /// cell, which stands at R_on, is V = V_G·R_out/(R_out + R_in), R_in the inputs in parallel; it
  /// must reach the cell's threshold where an input is 1 and stay below it where none is. For two
  /// nominal inputs that holds for 2·V_th ≤ V_G < V_th·(1 + R_off/(2·R_on)). Resistances are drawn
  /// log-normal, thresholds normal. Throws InputError where the family has no such divider.
  GateErrorRates rates(StatefulStyle family, std::uint64_t seed) const;

  /// Gate voltage, its window and the rates, into a task's results.
  void report(const GateErrorRates& rates, Section& results) const;
};
void describe(GateErrorConfig& config, FieldList& fields);

/// The rate of wrong output bits of a program whose gates err independently, by following the
/// probabilities of all states of its cells; `patterns[i]` columns had the operands' bits i. Empty
/// where the patterns were not counted or there are more than 16 cells.
std::optional<Value> predicted_error(const StatefulProgram& program, LogicOperation operation,
                                     std::size_t operands, const GateErrorRates& rates,
                                     const std::vector<std::uint64_t>& patterns);

}  // namespace imcsim::tasks
