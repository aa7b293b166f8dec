#include "tasks/gate_errors.hpp"

#include <bit>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "tasks/normal_tail.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t most_cells = 16;

double parallel(double a, double b) { return a * b / (a + b); }

/// A gate with two inputs and randomly drawn resistances and threshold.
struct DrawnGate {
  double in_on[2], in_off[2], out_on, threshold;

  /// Whether the output is switched to 0 with inputs a and b.
  bool switches(double gate_v, double in_kohm) const {
    return gate_v * out_on / (out_on + in_kohm) >= threshold;
  }
  double input(std::size_t i, bool one) const { return one ? in_on[i] : in_off[i]; }
};

}  // namespace

void describe(GateErrorConfig& c, FieldList& f) {
  constexpr std::string_view magic = "doi:10.1109/TCSII.2014.2357292";
  constexpr Range kohm{1e-3, 1e9};
  f.field("gate-error", c.gate_error, Unit::fraction, {0.0, 0.5}, "Error probability of a gate");
  f.field("divider", c.divider, Unit::none, {},
          "Compute MAGIC gate errors from the voltage divider of random cells", magic);
  f.field("on-kohm", c.on_kohm, Unit::kiloohms, kohm, "Resistance of a cell that stores 1",
          "assumed");
  f.field("off-kohm", c.off_kohm, Unit::kiloohms, kohm, "Resistance of a cell that stores 0",
          "assumed");
  f.field("resistance-spread", c.resistance_spread, Unit::fraction, {0.0, 2.0},
          "Standard deviation of the logarithm of the cell resistance", "assumed");
  f.field("threshold-v", c.threshold_v, Unit::volts, {1e-3, 100.0},
          "Voltage across a cell that switches it off", "assumed");
  f.field("threshold-spread", c.threshold_spread, Unit::fraction, {0.0, 0.5},
          "Device-to-device standard deviation of threshold-v, relative", "assumed");
  f.field("gate-v", c.gate_v, Unit::volts, {0.0, 1000.0},
          "Voltage across a gate (0: geometric mean of the operating window)", magic);
  f.field("divider-samples", c.divider_samples, Unit::none, {100.0, 1e7},
          "Number of random gates for the error probability");
}

GateErrorRates GateErrorConfig::rates(StatefulStyle family, std::uint64_t seed) const {
  GateErrorRates rates;
  rates.other = gate_error;
  rates.inversion.fill(gate_error);
  rates.two_inputs.fill(gate_error);
  if (!divider) return rates;
  if (family != StatefulStyle::magic) {
    throw InputError(at_field("divider"), "this gate family has no voltage divider",
                     "family = magic");
  }
  rates.least_v = 2.0 * threshold_v;
  rates.most_v = threshold_v * (1.0 + off_kohm / (2.0 * on_kohm));
  rates.gate_v = gate_v > 0.0 ? gate_v : std::sqrt(rates.least_v * rates.most_v);
  const Stream stream(seed, Purpose::task_errors, entities::divider_samples);
  const auto samples = static_cast<std::uint64_t>(divider_samples);
  std::array<std::uint64_t, 2> wrong_one{};
  std::array<std::uint64_t, 3> wrong_two{};
  for (std::uint64_t s = 0; s < samples; ++s) {
    const auto factor = [&](std::uint64_t i) {
      return exact_exp(resistance_spread *
                       static_cast<double>(stream.normal(events::divider_gates(s, i))));
    };
    // The same factor applies to both states of a cell.
    const double a = factor(0);
    const double b = factor(1);
    const double threshold =
        threshold_v *
        (1.0 + threshold_spread * static_cast<double>(stream.normal(events::divider_gates(s, 3))));
    const DrawnGate gate{
        {on_kohm * a, on_kohm * b}, {off_kohm * a, off_kohm * b}, on_kohm * factor(2), threshold};
    for (std::size_t ones = 0; ones < 2; ++ones) {
      const bool switched = gate.switches(rates.gate_v, gate.input(0, ones == 1));
      wrong_one[ones] += switched == (ones == 1) ? 0 : 1;
    }
    for (std::size_t ones = 0; ones < 3; ++ones) {
      const double in = parallel(gate.input(0, ones > 0), gate.input(1, ones > 1));
      wrong_two[ones] += gate.switches(rates.gate_v, in) == (ones > 0) ? 0 : 1;
    }
  }
  const auto share = [&](std::uint64_t wrong) {
    return static_cast<double>(wrong) / static_cast<double>(samples);
  };
  for (std::size_t k = 0; k < 2; ++k) rates.inversion[k] = share(wrong_one[k]);
  for (std::size_t k = 0; k < 3; ++k) rates.two_inputs[k] = share(wrong_two[k]);
  return rates;
}

void GateErrorConfig::report(const GateErrorRates& rates, Section& results) const {
  if (!divider) return;
  results.push_back({"gate_v", rates.gate_v});
  results.push_back({"gate_window_v", Numbers{rates.least_v, rates.most_v}});
  results.push_back(
      {"gate_errors_one_input", Numbers(rates.inversion.begin(), rates.inversion.end())});
  results.push_back(
      {"gate_errors_two_inputs", Numbers(rates.two_inputs.begin(), rates.two_inputs.end())});
}

namespace {

bool bit_of(std::size_t state, std::size_t cell) { return ((state >> cell) & 1U) != 0; }

/// Probabilities of all cell states after a step.
std::vector<double> after(const StatefulStep& step, const std::vector<double>& before,
                          const GateErrorRates& rates) {
  std::vector<double> next(before.size());
  const std::size_t mask = std::size_t{1} << step.out;
  for (std::size_t state = 0; state < before.size(); ++state) {
    if (before[state] == 0.0) continue;
    const bool a = bit_of(state, step.a);
    const bool b = bit_of(state, step.b);
    const bool out = applied(step.gate, a, b, bit_of(state, step.out));
    const double wrong = rates.rate(step.gate, ones_of_inputs(step.gate, a, b));
    const std::size_t to = out ? state | mask : state & ~mask;
    next[to] += before[state] * (1.0 - wrong);
    next[to ^ mask] += before[state] * wrong;
  }
  return next;
}

}  // namespace

std::optional<Value> predicted_error(const StatefulProgram& program, LogicOperation operation,
                                     std::size_t operands, const GateErrorRates& rates,
                                     const std::vector<std::uint64_t>& patterns) {
  if (patterns.empty() || program.cells > most_cells) return std::nullopt;
  double wrong = 0.0;
  double columns = 0.0;
  for (std::size_t pattern = 0; pattern < patterns.size(); ++pattern) {
    std::vector<double> states(std::size_t{1} << program.cells);
    states[pattern] = 1.0;
    for (const StatefulStep& step : program.steps) states = after(step, states, rates);
    const auto ones = static_cast<std::size_t>(std::popcount(pattern));
    const bool exact = exact_output(operation, operands, ones);
    double errs = 0.0;
    for (std::size_t state = 0; state < states.size(); ++state) {
      if (bit_of(state, program.result) != exact) errs += states[state];
    }
    wrong += errs * static_cast<double>(patterns[pattern]);
    columns += static_cast<double>(patterns[pattern]);
  }
  return Value(columns > 0.0 ? wrong / columns : 0.0);
}

}  // namespace imcsim::tasks
