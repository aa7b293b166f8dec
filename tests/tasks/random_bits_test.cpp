#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "support.hpp"
#include "tasks/bit_tests.hpp"
#include "tasks/task_runs.hpp"
#include "tasks/typed_runs.hpp"

namespace imcsim::testing {
BOOST_AUTO_TEST_SUITE(random_task)

namespace {

tasks::Answer random(std::vector<std::pair<std::string, std::string>> options,
                     std::uint64_t seed = 1, int threads = 1) {
  TypedRun run{"arith", "random", std::move(options)};
  run.seed = seed;
  run.threads = threads;
  return run();
}

const tasks::Section& section(const tasks::Answer& answer, const std::string& name) {
  for (const tasks::Result& result : answer.results) {
    if (result.name == name) return std::get<tasks::Section>(result.value);
  }
  throw InputError(name, "is no result");
}

constexpr const char* const every_test[] = {"monobit", "runs", "serial"};

}  // namespace

BOOST_AUTO_TEST_CASE(tests_detect_sequences_that_are_not_random) {
  std::vector<std::uint8_t> fair, biased, alternating, sticky;
  const Stream draws(5, Purpose::task_data);
  for (std::uint32_t i = 0; i < 10000; ++i) {
    fair.push_back(draws.word(i) & 1U);
    biased.push_back(draws.uniform(i, 1) < 0.55F ? 1 : 0);
    alternating.push_back(i % 2);
    sticky.push_back(i > 0 && draws.uniform(i, 2) < 0.55F ? sticky.back() : draws.word(i, 3) & 1U);
  }
  BOOST_TEST(std::fabs(tasks::monobit_z(fair)) < 4.0);
  BOOST_TEST(std::fabs(tasks::runs_z(fair)) < 4.0);
  BOOST_TEST(std::fabs(tasks::serial_z(fair, 1)) < 4.0);
  BOOST_TEST(tasks::monobit_z(biased) > 4.0);
  BOOST_TEST(tasks::monobit_z(alternating) == 0.0);
  BOOST_TEST(tasks::runs_z(alternating) > 4.0);
  BOOST_TEST(tasks::serial_z(alternating, 1) < -4.0);
  BOOST_TEST(tasks::serial_z(alternating, 2) > 4.0);
  BOOST_TEST(tasks::runs_z(sticky) < -4.0);
  // 3 ones of 4; runs 11, 0, 1: calculated manually.
  const std::vector<std::uint8_t> few = {1, 1, 0, 1};
  BOOST_TEST(tasks::monobit_z(few) == 1.0);
  BOOST_TEST(tasks::runs_z(few) == (3.0 - 1.5) / 0.75, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(tasks::serial_z(few, 1) == -1.0 / std::sqrt(3.0), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(bits_are_fair_and_independent) {
  // z| < 4 in three tests of five seeds: false failure once in 1000.
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const tasks::Answer answer = random({{"bits", "50000"}}, seed);
    for (const char* const test : every_test) {
      BOOST_TEST(std::fabs(number(section(answer, "z"), test)) < 4.0);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_extractor_removes_the_bias_of_cells) {
  // Cells of unequal strength: successive bits of a cell are correlated until the extractor is
  // applied.
  const std::vector<std::pair<std::string, std::string>> spread = {{"bits", "50000"},
                                                                   {"set-spread", "0.3"}};
  const tasks::Answer answer = random(spread);
  const tasks::Section& cells = section(answer, "cells");
  BOOST_TEST(number(cells, "ones_std") > 3.0 * number(cells, "ones_std_of_fair_cells"));
  BOOST_TEST(number(section(answer, "raw_z"), "serial_of_a_cell") > 10.0);
  for (const char* const test : every_test) {
    BOOST_TEST(std::fabs(number(section(answer, "z"), test)) < 4.0);
  }
  const tasks::Answer alike = random({{"bits", "50000"}});
  const tasks::Section& equal = section(alike, "cells");
  // The standard deviation of 1024 fractions is known to 1/√2048; 4σ.
  BOOST_TEST(number(equal, "ones_std") == number(equal, "ones_std_of_fair_cells"),
             boost::test_tools::tolerance(4.0 / std::sqrt(2048.0)));
}

BOOST_AUTO_TEST_CASE(a_bit_takes_four_cycles_with_any_number_of_threads) {
  const tasks::Answer one = random({{"bits", "20001"}, {"cells", "100"}}, 1, 1);
  const tasks::Answer many = random({{"bits", "20001"}, {"cells", "100"}}, 1, 4);
  BOOST_CHECK(one.arrays[0].values == many.arrays[0].values);
  BOOST_TEST(one.arrays[0].columns == 2501U);
  BOOST_TEST(one.sample_counts.reset_pulses == one.sample_counts.set_pulses);
  BOOST_TEST(number(one.results, "bits_per_cycle") == 0.25, boost::test_tools::tolerance(0.1));
  const tasks::Answer raw = random({{"bits", "20001"}, {"extractor", "none"}, {"cells", "100"}});
  BOOST_TEST(raw.sample_counts.reset_pulses == 20100U);
}

BOOST_AUTO_TEST_CASE(devices_without_variability_are_refused) {
  BOOST_CHECK_THROW(random({{"device", "ideal"}, {"bits", "100"}}), RunError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
