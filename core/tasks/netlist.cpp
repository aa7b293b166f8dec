#include "tasks/netlist.hpp"

namespace imcsim::tasks {
namespace {

struct SumAndCarry {
  std::size_t sum, carry;
};

SumAndCarry full_adder(Netlist& netlist, std::size_t a, std::size_t b, std::size_t carry) {
  const std::size_t t0 = netlist.nor(a, b);
  const std::size_t t1 = netlist.nor(a, t0);
  const std::size_t t2 = netlist.nor(b, t0);
  const std::size_t t3 = netlist.nor(t1, t2);
  const std::size_t t4 = netlist.nor(t3, carry);
  const std::size_t t5 = netlist.nor(t4, t3);
  const std::size_t t6 = netlist.nor(t4, carry);
  return {netlist.nor(t5, t6), netlist.nor(t0, t4)};
}

void add_inputs(Netlist& netlist, char letter, std::size_t bits) {
  for (std::size_t i = 0; i < bits; ++i) netlist.inputs.push_back(letter + std::to_string(i));
}

void add_output(Netlist& netlist, const std::string& name, std::size_t signal) {
  netlist.output_names.push_back(name);
  netlist.outputs.push_back(signal);
}

}  // namespace

std::size_t Netlist::nor(std::size_t a, std::size_t b) {
  gates.push_back({a, b});
  return signals() - 1;
}

std::vector<std::uint64_t> Netlist::evaluate(const std::vector<std::uint64_t>& input_bits) const {
  std::vector<std::uint64_t> bits = input_bits;
  bits.resize(signals());
  std::vector<bool> known(signals());
  for (std::size_t i = 0; i < inputs.size(); ++i) known[i] = true;
  std::vector<std::size_t> waiting;
  for (std::size_t s = inputs.size(); s < signals(); ++s) {
    waiting.push_back(s);
    while (!waiting.empty()) {
      const std::size_t top = waiting.back();
      const NorGate& gate = top < inputs.size() ? NorGate{} : gate_of(top);
      if (known[top]) {
        waiting.pop_back();
      } else if (!known[gate.a]) {
        waiting.push_back(gate.a);
      } else if (!known[gate.b]) {
        waiting.push_back(gate.b);
      } else {
        bits[top] = ~(bits[gate.a] | bits[gate.b]);
        known[top] = true;
        waiting.pop_back();
      }
    }
  }
  return bits;
}

Netlist adder_netlist(std::size_t bits) {
  Netlist netlist;
  netlist.name = "adder";
  add_inputs(netlist, 'a', bits);
  add_inputs(netlist, 'b', bits);
  netlist.inputs.emplace_back("cin");
  std::size_t carry = 2 * bits;
  for (std::size_t i = 0; i < bits; ++i) {
    const SumAndCarry adder = full_adder(netlist, i, bits + i, carry);
    add_output(netlist, "s" + std::to_string(i), adder.sum);
    carry = adder.carry;
  }
  add_output(netlist, "cout", carry);
  return netlist;
}

Netlist subtractor_netlist(std::size_t bits) {
  Netlist netlist;
  netlist.name = "subtractor";
  add_inputs(netlist, 'a', bits);
  add_inputs(netlist, 'b', bits);
  netlist.inputs.emplace_back("cin");
  std::size_t carry = 2 * bits;
  for (std::size_t i = 0; i < bits; ++i) {
    const std::size_t inverse = netlist.inverter(bits + i);
    const SumAndCarry adder = full_adder(netlist, i, inverse, carry);
    add_output(netlist, "d" + std::to_string(i), adder.sum);
    carry = adder.carry;
  }
  add_output(netlist, "cout", carry);
  return netlist;
}

Netlist multiplier_netlist(std::size_t bits) {
  Netlist netlist;
  netlist.name = "multiplier";
  add_inputs(netlist, 'a', bits);
  add_inputs(netlist, 'b', bits);
  std::vector<std::size_t> not_a;
  for (std::size_t j = 0; j < bits; ++j) not_a.push_back(netlist.inverter(j));
  std::vector<std::size_t> sum;  // running sum, from bit i on
  for (std::size_t i = 0; i < bits; ++i) {
    const std::size_t not_b = netlist.inverter(bits + i);
    std::vector<std::size_t> partial;
    partial.reserve(bits);
    for (const std::size_t a : not_a) partial.push_back(netlist.nor(a, not_b));
    if (i == 0) {
      sum = partial;
    } else {
      // Half adders at both ends, where a carry or a sum does not exist yet.
      std::size_t carry = 0;
      std::vector<std::size_t> next;
      for (std::size_t j = 0; j < bits; ++j) {
        const bool has_sum = j < sum.size();
        const bool has_carry = j > 0;
        if (has_sum && has_carry) {
          const SumAndCarry adder = full_adder(netlist, sum[j], partial[j], carry);
          next.push_back(adder.sum);
          carry = adder.carry;
        } else if (has_sum || has_carry) {
          const std::size_t other = has_sum ? sum[j] : carry;
          const std::size_t neither = netlist.nor(other, partial[j]);
          const std::size_t both =
              netlist.nor(netlist.inverter(other), netlist.inverter(partial[j]));
          next.push_back(netlist.nor(neither, both));
          carry = both;
        } else {
          next.push_back(partial[j]);
          // 1-bit operands: constant 0.
          carry = netlist.nor(partial[j], netlist.inverter(partial[j]));
        }
      }
      next.push_back(carry);
      sum = next;
    }
    add_output(netlist, "p" + std::to_string(i), sum[0]);
    sum.erase(sum.begin());
  }
  while (sum.size() < bits) {  // 1-bit operands: no second product bit
    sum.push_back(netlist.nor(not_a[0], 0));
  }
  for (std::size_t j = 0; j < bits; ++j) {
    add_output(netlist, "p" + std::to_string(bits + j), sum[j]);
  }
  return netlist;
}

}  // namespace imcsim::tasks
