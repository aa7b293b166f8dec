// Networks of NOT and two-input NOR gates: parser, addition, subtraction, multiplication.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imcsim::tasks {

/// Signals are numbered: first the inputs, then the gates in order; the output of a gate is the
/// signal with its number.
struct NorGate {
  std::size_t a = 0;
  std::size_t b = 0;  ///< equal to a: inverter
};

struct Netlist {
  std::string name;
  std::vector<std::string> inputs;
  std::vector<NorGate> gates;
  std::vector<std::size_t> outputs;  ///< signals
  std::vector<std::string> output_names;

  bool is_input(std::size_t signal) const { return signal < inputs.size(); }
  const NorGate& gate_of(std::size_t signal) const { return gates[signal - inputs.size()]; }
  std::size_t signals() const { return inputs.size() + gates.size(); }

  std::size_t inverter(std::size_t a) { return nor(a, a); }
  std::size_t nor(std::size_t a, std::size_t b);

  /// Values of all signals for 64 rows at once. Gates may be in any order.
  std::vector<std::uint64_t> evaluate(const std::vector<std::uint64_t>& input_bits) const;
};

/// Parses structural Verilog: one module of `inv1`/`not` and `nor2`/`nor` instances, as written by
/// a technology mapper: `nor2 g1(.a(x), .b(y), .O(z));`, or with the output first: `nor g1(z, x,
/// y);`. Ports are single wires or ranges `[7:0]` with wires `name[i]`; `\name ` is an escaped
/// name; `assign z = x;` renames. Throws InputError{FILE:LINE, …} for unknown gates and wires,
/// wires declared or driven twice or not at all, loops.
Netlist parse_netlist(std::string_view text, const std::string& file);

/// Ripple-carry sum of a and b with carry in, from 9-NOR full adders. Inputs a₀ …, b₀ …, cin;
/// outputs the sum, then the carry.
Netlist adder_netlist(std::size_t bits);
/// a + ¬b + 1; the carry input must be 1.
Netlist subtractor_netlist(std::size_t bits);
/// Partial products, added row by row. Inputs a₀ …, b₀ …; 2·bits outputs.
Netlist multiplier_netlist(std::size_t bits);

}  // namespace imcsim::tasks
