#include <boost/test/unit_test.hpp>
#include <cmath>

#include "support.hpp"
#include "tasks/task_runs.hpp"

namespace imcsim::testing {
BOOST_AUTO_TEST_SUITE(factorize_task)

namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

/// Device as in the preset pcm-inference.
tasks::Answer factorize(Options options, std::uint64_t seed = 1) {
  const Options device = {{"conductance-min-us", "0"},     {"conductance-max-us", "25"},
                          {"reset-mean-us", "0"},          {"reset-std-us", "0"},
                          {"drift-reference-time", "20s"}, {"flicker-power", "0.0088,0.65,0.2"},
                          {"programming", "single-shot"}};
  options.insert(options.begin(), device.begin(), device.end());
  return TaskRun{"factorize", std::move(options), {}, seed}();
}

/// Four standard deviations of a rate p observed in n trials.
double four_sigma(double p, double n) { return 4.0 * std::sqrt(p * (1.0 - p) / n); }

}  // namespace

BOOST_AUTO_TEST_CASE(noise_does_not_reduce_the_success_rate, *boost::unit_test::label("long")) {
  // 0.98 of 200 products with and without noise; with 25 trials, 4 σ of a difference is 0.16.
  const tasks::Answer answer = factorize({{"codes", "32"}, {"trials", "25"}});
  const double exact = number(answer.exact, "found");
  BOOST_TEST(number(answer.results, "found") >= exact - std::sqrt(2.0) * four_sigma(0.98, 25.0));
  BOOST_TEST(number(answer.results, "found") >= 0.98 - four_sigma(0.98, 25.0));
}

BOOST_AUTO_TEST_CASE(sixty_four_codes_a_factor_are_found, *boost::unit_test::label("long")) {
  // 0.90 of 200 products; with 10 trials σ is 0.09, and at least 0.70 is required.
  const tasks::Answer answer = factorize({{"codes", "64"}, {"trials", "10"}}, 2);
  BOOST_TEST(number(answer.results, "found") >= 0.7);
}

BOOST_AUTO_TEST_CASE(noise_ends_limit_cycles, *boost::unit_test::label("long")) {
  // Small vectors, for which the deterministic network often enters a limit cycle: over 100
  // products it finds fewer, by more than 3 standard deviations of the difference.
  const tasks::Answer answer = factorize(
      {{"codes", "16"}, {"dimension", "96"}, {"trials", "100"}, {"iterations", "1000"}}, 3);
  const double own = number(answer.results, "found");
  const double exact = number(answer.exact, "found");
  BOOST_TEST(own - exact > 3.0 * std::sqrt((own * (1.0 - own) + exact * (1.0 - exact)) / 100.0));
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_answers) {
  const Options options = {{"codes", "8"}, {"dimension", "64"}, {"trials", "5"}};
  const tasks::Answer one = factorize(options);
  const tasks::Answer two = factorize(options);
  BOOST_TEST((std::get<std::vector<std::uint32_t>>(one.arrays[0].values) ==
              std::get<std::vector<std::uint32_t>>(two.arrays[0].values)));
  BOOST_TEST((one.counts == two.counts));
  // Every iteration reads each array forward; a transposed product follows if a code is active.
  std::uint64_t rounds = 0;
  for (const std::uint32_t count : std::get<std::vector<std::uint32_t>>(one.arrays[0].values)) {
    rounds += count;
  }
  BOOST_TEST(one.counts.forward_mvm == 3U * rounds);
  BOOST_TEST(one.counts.backward_mvm <= 3U * rounds);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
