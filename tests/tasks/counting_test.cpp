#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "support.hpp"
#include "tasks/counting.hpp"
#include "tasks/counting_words.hpp"
#include "tasks/task_runs.hpp"
#include "tasks/typed_runs.hpp"

namespace imcsim::testing {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

tasks::CountingConfig multistate(double noise, double spread = 0.0) {
  tasks::CountingConfig config;
  config.step_noise = noise;
  config.step_spread = spread;
  return config;
}

/// Number of fresh cells with a wrong count.
double miscounts(const tasks::CountingModel& model, std::uint32_t modulus, std::size_t count,
                 std::uint32_t devices) {
  Execution execution;
  execution.threads = 2;
  const auto pulses = tasks::first_crossings(model, modulus, count, devices, 0, execution);
  return static_cast<double>(count) -
         static_cast<double>(std::count(pulses.begin(), pulses.end(), modulus));
}

tasks::Answer accumulate(const std::string& operands, Options options = {},
                         std::uint64_t seed = 1) {
  TypedRun run{"arith", "accumulate", std::move(options)};
  for (std::size_t from = 0; from <= operands.size();) {
    const std::size_t at = std::min(operands.find(' ', from), operands.size());
    run.words.emplace_back("operands", operands.substr(from, at - from));
    from = at + 1;
  }
  run.seed = seed;
  return run();
}

double value(const std::string& operands, const std::string& operation, Options options = {}) {
  options.emplace_back("operation", operation);
  options.emplace_back("trials", "1");
  return number(accumulate(operands, options).results, "value");
}

tasks::Answer factor(const std::string& y, Options options = {}) {
  TypedRun run{"arith", "factor", std::move(options)};
  run.words.emplace_back("number", y);
  return run();
}

const tasks::Value& result(const tasks::Section& section, const std::string& name) {
  for (const tasks::Result& each : section) {
    if (each.name == name) return each.value;
  }
  throw InputError(name, "is no result");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(counting_tasks)

BOOST_AUTO_TEST_CASE(sums_of_three_digits_are_exact_without_noise) {
  for (const std::uint32_t base : {2U, 3U, 5U, 10U}) {
    const auto model = tasks::make_counting_model(multistate(0.0), base, 1);
    const std::uint64_t end = std::uint64_t{base} * base * base;
    std::uint64_t wrong = 0;
    for (std::uint64_t x = 0; x < end; ++x) {
      for (std::uint64_t y = base == 10 ? x % 7 : 0; y < end; y += base == 10 ? 7 : 1) {
        tasks::DigitCounter counter(*model, base, 4, 0);
        counter.add(x);
        counter.add(y);
        const std::uint64_t carries = counter.carries();
        const std::uint64_t resets = counter.work().resets;
        wrong += tasks::value_of(counter.read(), base) != x + y ? 1 : 0;
        wrong += carries != resets ? 1 : 0;
      }
    }
    BOOST_TEST(wrong == 0U);
  }
}

BOOST_AUTO_TEST_CASE(pulses_are_digit_sums_and_carries) {
  // 19 + 8: 1 + 9 + 8 pulses, one carry.
  const auto model = tasks::make_counting_model(multistate(0.0), 10, 1);
  tasks::DigitCounter counter(*model, 10, 2, 0);
  counter.add(19);
  counter.add(8);
  BOOST_TEST(counter.work().pulses == 19U);
  BOOST_TEST(counter.work().reads == 19U);
  BOOST_TEST(counter.work().resets == 1U);
  const auto digits = counter.read();
  BOOST_TEST(tasks::value_of(digits, 10) == 27U);
  BOOST_TEST(tasks::value_of(counter.read(), 10) == 27U);  // the digits have been restored
}

BOOST_AUTO_TEST_CASE(four_operations_and_remainders) {
  BOOST_TEST(value("123 456", "add") == 579.0);
  BOOST_TEST(value("1 2 3 4", "add") == 10.0);
  BOOST_TEST(value("456 123", "subtract") == 333.0);
  BOOST_TEST(value("1000 999", "subtract") == 1.0);
  BOOST_TEST(value("5 17", "subtract") == -12.0);
  BOOST_TEST(value("100 20 30", "subtract") == 50.0);
  BOOST_TEST(value("5 3 4", "subtract") == -2.0);
  BOOST_TEST(value("0 0", "subtract") == 0.0);
  BOOST_TEST(value("123 45", "multiply") == 5535.0);
  BOOST_TEST(value("7 0", "multiply") == 0.0);
  BOOST_TEST(value("100 7", "divide") == 14.0);
  BOOST_TEST(value("100 7", "modulo") == 2.0);
  BOOST_TEST(value("6 7", "divide") == 0.0);
  BOOST_TEST(value("6 1", "divide") == 6.0);
  for (const char* const base : {"2", "3", "16"}) {
    BOOST_TEST(value("123 456", "add", {{"base", base}}) == 579.0);
    BOOST_TEST(value("3 200", "subtract", {{"base", base}}) == -197.0);
    const tasks::Answer answer = accumulate("3 200", {{"base", base}, {"operation", "subtract"}});
    BOOST_TEST(number(std::get<tasks::Section>(answer.error), "digit") == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(numbers_to_200_are_factorized) {
  for (int y = 2; y <= 200; ++y) {
    const tasks::Answer answer = factor(std::to_string(y));
    BOOST_CHECK(std::get<tasks::Integers>(result(answer.results, "factors")) ==
                std::get<tasks::Integers>(result(answer.exact, "factors")));
    BOOST_CHECK(std::get<tasks::Integers>(result(answer.results, "divisors")) ==
                std::get<tasks::Integers>(result(answer.exact, "divisors")));
  }
  BOOST_TEST(std::get<bool>(result(factor("97").results, "prime")));
  BOOST_TEST(std::get<std::string>(result(factor("180").results, "product")) ==
             "2 x 2 x 3 x 3 x 5");
}

BOOST_AUTO_TEST_CASE(miscounts_have_the_predicted_rate) {
  // Binomial, 4σ. The closed form erfc(½/(√2·σ_b)) uses σ_b for both sides, so it is an upper
  // bound.
  struct Case {
    std::uint32_t base;
    double noise, spread;
    std::size_t count;
  };
  for (const Case& c : {Case{10, 0.05, 0.0, 100000}, Case{16, 0.05, 0.0, 40000},
                        Case{10, 0.02, 0.02, 40000}, Case{5, 0.1, 0.0, 40000}}) {
    const auto model = tasks::make_counting_model(multistate(c.noise, c.spread), c.base, 1);
    const double p = model->miscount(c.base);
    const auto n = static_cast<double>(c.count);
    const double wrong = miscounts(*model, c.base, c.count, 1);
    BOOST_TEST(std::fabs(wrong - n * p) <= 4.0 * std::sqrt(n * p * (1.0 - p)));
    const double variance =
        c.base * c.noise * c.noise + static_cast<double>(c.base) * c.base * c.spread * c.spread;
    const double bound = std::erfc(0.5 / std::sqrt(2.0 * variance));
    BOOST_TEST(p <= bound);
    BOOST_TEST(p >= 0.5 * bound);
  }
}

BOOST_AUTO_TEST_CASE(more_devices_reduce_miscounts) {
  tasks::CountingConfig config = multistate(0.08);
  for (const std::int64_t devices : {1, 3, 4}) {
    config.redundancy = devices;
    const auto model = tasks::make_counting_model(config, 10, 1);
    const double p = model->miscount(10);
    const double wrong = miscounts(*model, 10, 20000, static_cast<std::uint32_t>(devices));
    BOOST_TEST(std::fabs(wrong - 20000.0 * p) <= 4.0 * std::sqrt(20000.0 * p));
  }
}

BOOST_AUTO_TEST_CASE(phase_change_memory_counts_as_predicted) {
  // Fraction of cells SET by pulse b for the first time. It differs by up to 0.08 between models of
  // the same pulses (with G clipped at its minimum); normal sums of skewed devices are accurate to
  // 0.04.
  struct Case {
    std::uint32_t base;
    std::int64_t devices;
    double published;
  };
  for (const Case& c : {Case{2, 1, 0.29}, Case{2, 8, 0.69}, Case{2, 64, 0.993}, Case{3, 1, 0.18},
                        Case{3, 8, 0.44}, Case{3, 64, 0.90}, Case{5, 256, 0.91}}) {
    tasks::CountingConfig config;
    config.regime = tasks::CountingRegime::pcm;
    config.redundancy = c.devices;
    const auto model = tasks::make_counting_model(config, c.base, 1);
    const double right =
        1.0 - miscounts(*model, c.base, 1000, static_cast<std::uint32_t>(c.devices)) / 1000.0;
    BOOST_TEST(std::fabs(right - c.published) <= 0.08 + 4.0 * std::sqrt(0.25 / 1000.0));
    BOOST_TEST(std::fabs(right - (1.0 - model->miscount(c.base))) <=
               0.04 + 4.0 * std::sqrt(0.25 / 1000.0));
  }
}

BOOST_AUTO_TEST_CASE(values_are_wrong_at_the_predicted_rate) {
  // 500 sums of three digits; each count and each digit read can fail; 4σ, plus 10 % for errors
  // that cancel.
  const tasks::Answer answer = accumulate("123 456", {{"pulse-noise", "0.07"}, {"trials", "500"}});
  const double found = number(std::get<tasks::Section>(answer.error), "value");
  const double expected = number(std::get<tasks::Section>(*answer.predicted_error), "value");
  BOOST_TEST(expected > 0.02);
  BOOST_TEST(std::fabs(found - expected) <= 0.1 * expected + 4.0 * std::sqrt(expected / 500.0));
}

BOOST_AUTO_TEST_CASE(invalid_counts_are_refused) {
  BOOST_CHECK_THROW(accumulate("1"), InputError);
  BOOST_CHECK_THROW(accumulate("1 x"), InputError);
  BOOST_CHECK_THROW(accumulate("1 2.5"), InputError);
  BOOST_CHECK_THROW(accumulate("1 99999999999999999999"), InputError);
  BOOST_CHECK_THROW(accumulate("9007199254740992 1"), InputError);
  BOOST_CHECK_THROW(accumulate("5 0", {{"operation", "divide"}}), InputError);
  BOOST_CHECK_THROW(accumulate("5 4 3", {{"operation", "multiply"}}), InputError);
  BOOST_CHECK_THROW(accumulate("1 2", {{"base", "1"}}), InputError);
  BOOST_CHECK_THROW(accumulate("9000 2000", {{"operation", "divide"}, {"regime", "pcm"}}),
                    InputError);
  BOOST_CHECK_THROW(factor("1"), InputError);
  BOOST_CHECK_THROW(factor("99999999"), InputError);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(every_task)

BOOST_AUTO_TEST_CASE(option_names_are_unique) {
  for (const tasks::TaskEntry& entry : tasks::task_entries()) {
    study::TaskConfig config(entry);
    std::vector<std::string> keys = fields_of(config).keys();
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    BOOST_TEST((twice == keys.end()),
               entry.word << " has --" << (twice == keys.end() ? "" : *twice));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
