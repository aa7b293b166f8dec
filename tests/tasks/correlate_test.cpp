#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "support.hpp"
#include "tasks/correlate_events.hpp"
#include "tasks/separation.hpp"
#include "tasks/task_runs.hpp"

namespace imcsim::testing {
BOOST_AUTO_TEST_SUITE(correlate_task)

namespace {

tasks::Answer correlate(std::uint64_t seed, const std::string& synthetic) {
  return TaskRun{"correlate", {{"synthetic", synthetic}}, {}, seed}();
}

tasks::SyntheticEvents events(std::uint64_t seed) {
  tasks::SyntheticEvents made;
  made.process_count = 300;
  made.correlated = 100;
  made.step_count = 20000;
  made.rate = 0.05;
  made.coefficient = 0.25;
  made.seed = seed;
  return made;
}

}  // namespace

BOOST_AUTO_TEST_CASE(synthetic_processes_have_the_requested_rates_and_correlation) {
  const tasks::SyntheticEvents made = events(3);
  const auto steps = static_cast<double>(made.steps());
  double group = 0.0;
  double others = 0.0;
  double pairs = 0.0;
  double references = 0.0;
  std::vector<std::uint32_t> active;
  for (std::size_t k = 0; k < made.steps(); ++k) {
    active.clear();
    made.active(k, 0, active);
    double inside = 0.0;
    for (const std::uint32_t i : active) inside += i < made.correlated ? 1.0 : 0.0;
    group += inside;
    others += static_cast<double>(active.size()) - inside;
    pairs += inside * (inside - 1.0);
    references += made.reference(k) ? 1.0 : 0.0;
  }
  const double p = made.rate;
  // Independent draws: 200 × 20,000.
  BOOST_TEST(std::fabs(others / (200.0 * steps) - p) <
             4.0 * std::sqrt(p * (1.0 - p) / (200.0 * steps)));
  // The group follows its reference: variance of its mean per step p(1 − p)·(c + (1 − c)/100).
  const double deviation = std::sqrt(p * (1.0 - p) * (0.25 + 0.75 / 100.0) / steps);
  BOOST_TEST(std::fabs(group / (100.0 * steps) - p) < 4.0 * deviation);
  BOOST_TEST(std::fabs(references / steps - p) < 4.0 * std::sqrt(p * (1.0 - p) / steps));
  // E[X_i·X_j | reference], from the two conditional rates.
  const double share = references / steps;
  const double high = made.rate_given(true);
  const double low = made.rate_given(false);
  const double expected = share * high * high + (1.0 - share) * low * low;
  // 1,000 active references; given one, each pair mean deviates by about 2·high·√(high/100).
  const double spread = 2.0 * high * std::sqrt(high / 100.0) * std::sqrt(share / steps);
  BOOST_TEST(std::fabs(pairs / (100.0 * 99.0 * steps) - expected) < 6.0 * spread);
  // The two conditional rates reproduce mean p and correlation c of the source.
  BOOST_TEST(p * high + (1.0 - p) * low == p, boost::test_tools::tolerance(1e-12));
  BOOST_TEST((p * high * high + (1.0 - p) * low * low - p * p) / (p * (1.0 - p)) == 0.25,
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(the_group_is_found) {
  // Ten seeds of the default; observed means: 0.986 and 0.008.
  Sample hits;
  Sample alarms;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const tasks::Answer answer = correlate(seed, "2000,191,0.01,0.1,10000");
    hits.add(number(answer.results, "true_positive_rate"));
    alarms.add(number(answer.results, "false_positive_rate"));
    BOOST_TEST(number(answer.exact, "auc") >= 0.997);
  }
  BOOST_TEST(hits.mean() >= 0.95);
  BOOST_TEST(alarms.mean() <= 0.03);
}

BOOST_AUTO_TEST_CASE(weak_correlation_is_separated_as_predicted, *boost::unit_test::label("long")) {
  Sample areas;
  double predicted = 0.0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const tasks::Answer answer = correlate(seed, "10000,955,0.01,0.01,10000");
    areas.add(number(answer.exact, "auc"));
    predicted = number(std::get<tasks::Section>(*answer.predicted_error), "exact_auc");
  }
  BOOST_TEST(std::fabs(predicted - 0.75) < 0.02);
  BOOST_TEST(std::fabs(areas.mean() - predicted) < 0.05);
}

BOOST_AUTO_TEST_CASE(an_ideal_device_that_is_always_pulsed_sums_the_covariance) {
  // Without a threshold and far from saturation, G increases linearly with the current: G ∝ Ŵ.
  const TaskRun run{"correlate",
                    {{"synthetic", "400,60,0.02,0.2,1000"},
                     {"device-model", "ideal"},
                     {"current-min-ua", "0"},
                     {"current-per-event-ua", "0.1"},
                     {"read-noise", "off"}}};
  const tasks::Answer answer = run();
  const auto& g = std::get<std::vector<float>>(answer.arrays[0].values);
  const auto& w = std::get<std::vector<double>>(answer.arrays[2].values);
  const std::vector<double> seen(g.begin(), g.end());
  BOOST_TEST(tasks::rank_correlation(seen, w) > 0.99);
}

BOOST_AUTO_TEST_CASE(results_are_equal_for_any_number_of_threads) {
  TaskRun run{"correlate", {{"synthetic", "200000,20000,0.001,0.3,200"}}};
  const tasks::Answer one = run();
  run.threads = 3;
  const tasks::Answer three = run();
  BOOST_TEST((one.arrays[0].values == three.arrays[0].values));
  BOOST_TEST((one.arrays[2].values == three.arrays[2].values));
  BOOST_TEST((one.counts == three.counts));
}

BOOST_AUTO_TEST_CASE(both_file_formats_are_equivalent) {
  const std::string rows = "# steps\n1,0,1\n0,0,0\n0,1,1\n";
  const std::string pairs = "time,process\n0,0\n0,2\n2,1\n2,2\n";
  const auto read = [](const std::string& text) {
    return tasks::RecordedEvents({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                                 "events");
  };
  BOOST_TEST((read(rows).by_step == read(pairs).by_step));
  BOOST_TEST(read(rows).processes() == 3U);
  BOOST_CHECK_THROW(read("1,0\n1\n"), InputError);
  BOOST_CHECK_THROW(read("1,0\n1,\n"), InputError);
  BOOST_CHECK_THROW(read("1,0\n1,2\n"), InputError);
  BOOST_CHECK_THROW(read(""), InputError);
  BOOST_CHECK_THROW(read("time,process\n-1,0\n"), InputError);
}

BOOST_AUTO_TEST_CASE(invalid_processes_are_refused) {
  for (const char* text : {"10", "10,20,0.1,0.1,10", "10,2,0,0.1,10", "10,2,0.1,2,10"}) {
    BOOST_CHECK_THROW(correlate(1, text), InputError);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
