// Stateful logic: values, steps, errors, and the voltage divider.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "support.hpp"
#include "tasks/gate_errors.hpp"

namespace imcsim::tasks {
BOOST_AUTO_TEST_SUITE(tasks_logic_stateful)

namespace {

constexpr StatefulStyle all_styles[] = {StatefulStyle::imply, StatefulStyle::magic,
                                        StatefulStyle::pulses};
constexpr LogicOperation of_two[] = {LogicOperation::conjunction, LogicOperation::disjunction,
                                     LogicOperation::exclusive, LogicOperation::nand,
                                     LogicOperation::nor};

std::vector<std::vector<std::uint8_t>> random_bytes(std::size_t files, std::size_t size) {
  const Stream draws(5, Purpose::instrument);
  std::vector<std::vector<std::uint8_t>> all(files, std::vector<std::uint8_t>(size));
  for (std::size_t f = 0; f < files; ++f) {
    for (std::size_t i = 0; i < size; ++i) {
      all[f][i] = static_cast<std::uint8_t>(draws.word(i, static_cast<std::uint32_t>(f)));
    }
  }
  return all;
}

struct Run {
  StatefulProgram program;
  StatefulResult result;
  double predicted = 0.0;
};

Run run(LogicOperation operation, StatefulStyle style,
        const std::vector<std::vector<std::uint8_t>>& files, const GateErrorConfig& errors,
        std::uint64_t seed = 1) {
  Operands operands(files.begin(), files.end());
  const StatefulProgram program = stateful_program(operation, style, operands.size(), "logic");
  const GateErrorRates rates = errors.rates(style, seed);
  const StatefulResult result = run_stateful(program, style, operation, operands, rates, seed, {});
  const std::optional<Value> predicted =
      predicted_error(program, operation, operands.size(), rates, result.patterns);
  return {program, result, predicted ? std::get<double>(*predicted) : -1.0};
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_families_compute_exactly) {
  for (const std::size_t size : {1U, 13U, 70000U}) {
    const auto files = random_bytes(3, size);
    for (const StatefulStyle style : all_styles) {
      for (const LogicOperation operation : of_two) {
        const Run found = run(operation, style, {files[0], files[1]}, {});
        BOOST_TEST(found.result.wrong_bits == 0U);
        BOOST_TEST(found.predicted == 0.0);
      }
      BOOST_TEST(run(LogicOperation::inversion, style, {files[0]}, {}).result.wrong_bits == 0U);
      BOOST_TEST(run(LogicOperation::majority, style, files, {}).result.wrong_bits == 0U);
      BOOST_TEST(run(LogicOperation::conjunction, style, files, {}).result.wrong_bits == 0U);
    }
  }
}

// IMPLY: NAND in three steps, NOT in two; MAGIC: NOR is one gate after its initialization.
BOOST_AUTO_TEST_CASE(steps_of_the_families) {
  const auto cycles = [](LogicOperation operation, StatefulStyle style, std::size_t n) {
    return stateful_program(operation, style, n, "logic").cycles(style);
  };
  BOOST_TEST(cycles(LogicOperation::nand, StatefulStyle::imply, 2) == 3U);
  BOOST_TEST(cycles(LogicOperation::inversion, StatefulStyle::imply, 1) == 2U);
  BOOST_TEST(cycles(LogicOperation::nor, StatefulStyle::magic, 2) == 2U);
  BOOST_TEST(cycles(LogicOperation::exclusive, StatefulStyle::magic, 2) == 10U);
  BOOST_TEST(cycles(LogicOperation::nor, StatefulStyle::pulses, 2) == 4U);
  BOOST_TEST(stateful_program(LogicOperation::nor, StatefulStyle::magic, 2, "logic")
                 .most_writes(StatefulStyle::magic) == 2U);
  BOOST_CHECK_THROW(stateful_program(LogicOperation::majority, StatefulStyle::magic, 5, "logic"),
                    InputError);
}

// 1.6e6 bits per case: within 4 σ of the prediction from the state probabilities of all cells.
BOOST_AUTO_TEST_CASE(gate_errors_give_the_predicted_rate) {
  const auto files = random_bytes(3, 200000);
  const double n = 8.0 * 200000.0;
  GateErrorConfig errors;
  errors.gate_error = 0.01;
  for (const StatefulStyle style : all_styles) {
    for (const LogicOperation operation : of_two) {
      const Run found = run(operation, style, {files[0], files[1]}, errors);
      const double p = found.predicted;
      BOOST_TEST(p > 0.005);
      BOOST_TEST(std::fabs(static_cast<double>(found.result.wrong_bits) - n * p) <
                 4.0 * std::sqrt(n * p * (1.0 - p)));
    }
    const Run of_three = run(LogicOperation::majority, style, files, errors);
    const double p = of_three.predicted;
    BOOST_TEST(std::fabs(static_cast<double>(of_three.result.wrong_bits) - n * p) <
               4.0 * std::sqrt(n * p * (1.0 - p)));
  }
}

BOOST_AUTO_TEST_CASE(the_divider_works_within_its_window) {
  GateErrorConfig errors;
  errors.divider = true;
  errors.resistance_spread = 0.0;
  errors.threshold_spread = 0.0;
  const auto worst = [&](double gate_v) {
    errors.gate_v = gate_v;
    const GateErrorRates rates = errors.rates(StatefulStyle::magic, 1);
    return *std::max_element(rates.two_inputs.begin(), rates.two_inputs.end());
  };
  // 2·V_th = 2 V ≤ V_G < V_th·(1 + R_off/(2·R_on)) = 21 V; the other input conducts slightly, too.
  BOOST_TEST(worst(1.97) == 1.0);
  BOOST_TEST(worst(2.01) == 0.0);
  BOOST_TEST(worst(20.99) == 0.0);
  BOOST_TEST(worst(21.01) == 1.0);
  BOOST_CHECK_THROW(errors.rates(StatefulStyle::imply, 1), InputError);
}

// Equal resistances, threshold spread 20 %: one 1 of two fails if V_G/2 < V_th, 4 σ of 100,000.
BOOST_AUTO_TEST_CASE(drawn_thresholds_err_at_the_normal_rate) {
  GateErrorConfig errors;
  errors.divider = true;
  errors.resistance_spread = 0.0;
  errors.threshold_spread = 0.2;
  errors.off_kohm = 1e9;
  errors.gate_v = 2.5;
  const GateErrorRates rates = errors.rates(StatefulStyle::magic, 1);
  const double p = 0.10564977366685525;  // Q(0.25/0.2)
  BOOST_TEST(std::fabs(rates.two_inputs[1] - p) < 4.0 * std::sqrt(p * (1.0 - p) / 1e5));
  BOOST_TEST(rates.two_inputs[0] < 1e-4);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::tasks
