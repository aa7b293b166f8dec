// Stateful logic on whole files: gates between cells, without sense amplifiers.
#pragma once

#include <array>

#include "base/error.hpp"
#include "tasks/bulk_logic.hpp"

namespace imcsim::tasks {

/// IMPLY with FALSE (Borghetti et al. 2010, doi:10.1038/nature08940); NOR gates of MAGIC (Kvatinsky
/// et al. 2014, doi:10.1109/TCSII.2014.2357292; in phase-change memory Hoffer et al. 2022,
/// doi:10.1109/JXCDC.2022.3219731); one phase-change device per gate, crystallized by its input
/// pulses (Cassinerio et al. 2013, doi:10.1002/adma.201301940).
enum class StatefulStyle { imply, magic, pulses };
std::span<const std::string_view> names_of(StatefulStyle);

enum class StatefulGate {
  clear,      ///< out ← 0 (FALSE)
  imply,      ///< out ← ¬a ∨ out
  inversion,  ///< out ← ¬a
  nor,        ///< out ← ¬(a ∨ b)
  nand        ///< out ← ¬(a ∧ b)
};

/// One gate between cells of a row. Operands are in cells 0 … n − 1, further cells follow.
struct StatefulStep {
  StatefulGate gate = StatefulGate::clear;
  std::size_t a = 0, b = 0, out = 0;
};

struct StatefulProgram {
  std::vector<StatefulStep> steps;
  std::size_t cells = 0;
  std::size_t result = 0;  ///< result cell

  /// Number of cycles: one per step (IMPLY); initialization and gate (MAGIC); RESET, one pulse per
  /// input, and a read that drives the next gate (single devices).
  std::uint64_t cycles(StatefulStyle style) const;
  /// Writes of the most written cell.
  std::uint64_t most_writes(StatefulStyle style) const;
};

/// Program of an operation with n operands (AND and OR folded pairwise; majority of 3 only).
/// Operands may be overwritten. Throws InputError{where, …}.
StatefulProgram stateful_program(LogicOperation operation, StatefulStyle style, std::size_t n,
                                 const Where& where);

/// Error probability of a gate, by the number of ones at its inputs.
struct GateErrorRates {
  std::array<double, 2> inversion{};
  std::array<double, 3> two_inputs{};                ///< NOR and NAND
  double other = 0.0;                                ///< IMPLY and FALSE
  double gate_v = 0.0, least_v = 0.0, most_v = 0.0;  ///< divider only: gate voltage and its window

  double rate(StatefulGate gate, std::size_t ones) const;
  double most(StatefulGate gate) const;
};

/// The bit written by a gate to its output cell, which held `out`.
bool applied(StatefulGate gate, bool a, bool b, bool out);
std::size_t ones_of_inputs(StatefulGate gate, bool a, bool b);

struct StatefulResult {
  std::vector<std::uint8_t> output;
  std::uint64_t wrong_bits = 0;  ///< in the output
  std::uint64_t exact_ones = 0;
  /// Number of columns per bit pattern of the operands, the first operand as bit 0; up to three
  /// operands.
  std::vector<std::uint64_t> patterns;
  std::uint64_t set_pulses = 0;
  std::uint64_t reset_pulses = 0;
  std::uint64_t ones = 0;  ///< in the operands
};

/// Runs the program in all columns in parallel; after each gate, bits are inverted at its error
/// rates.
StatefulResult run_stateful(const StatefulProgram& program, StatefulStyle style,
                            LogicOperation operation, const Operands& operands,
                            const GateErrorRates& rates, std::uint64_t seed,
                            const Execution& execution);

}  // namespace imcsim::tasks
