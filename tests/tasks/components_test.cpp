#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "base/error.hpp"
#include "support.hpp"
#include "tasks/principal.hpp"
#include "tasks/task_runs.hpp"

namespace imcsim::testing {
BOOST_AUTO_TEST_SUITE(components_task)

namespace {

std::string example(const std::string& name) {
  std::ifstream file(std::string(IMCSIM_SOURCE_DIR) + "/data/examples/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

tasks::Answer components(const std::string& table, std::uint64_t seed = 1,
                         std::vector<std::pair<std::string, std::string>> options = {}) {
  return TaskRun{"components", std::move(options), {{"table", table}}, seed}();
}

tasks::NumericTable table_of(const std::string& text) {
  return tasks::numeric_table({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                              "table");
}

}  // namespace

BOOST_AUTO_TEST_CASE(components_of_breast_cancer_are_those_of_exact_arithmetic,
                     *boost::unit_test::label("long")) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const tasks::Answer answer = components(example("breast_cancer.csv"), seed);
    BOOST_TEST(number(answer.results, "least_cosine") >= 0.95);
    const double exact = number(answer.exact, "accuracy");
    BOOST_TEST(exact >= 0.94);
    BOOST_TEST(std::fabs(number(answer.results, "accuracy") - exact) <= 0.02);
  }
}

BOOST_AUTO_TEST_CASE(ideal_devices_give_accurate_components) {
  const tasks::Answer answer = components(
      example("breast_cancer.csv"), 1,
      {{"device-model", "ideal"}, {"granularity", "0.001"}, {"dac-bits", "0"}, {"adc-bits", "0"}});
  BOOST_TEST(number(answer.results, "least_cosine") >= 0.99);
  BOOST_TEST(answer.counts.forward_mvm == 30U * 569U);
  BOOST_TEST(answer.counts.backward_mvm == 2U * 30U * 569U);
}

BOOST_AUTO_TEST_CASE(components_whose_directions_are_known) {
  // Columns a, b = a, and c, independent of both: after standardization, the covariance is [1 1 0;
  // 1 1 0; 0 0 1] with the eigenvalues 2, 1, 0.
  tasks::NumericTable table = table_of("a,b,c\n1,1,1\n-1,-1,1\n1,1,-1\n-1,-1,-1\n");
  tasks::standardize(table);
  const tasks::Principal found = tasks::principal_components(table, 3);
  BOOST_TEST(found[0].variance == 2.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(found[1].variance == 1.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::fabs(found[2].variance) < 1e-12);
  const std::vector<double> both = {1.0, 1.0, 0.0};
  const std::vector<double> third = {0.0, 0.0, 1.0};
  BOOST_TEST(std::fabs(tasks::cosine_of(found[0].direction, both)) == 1.0,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::fabs(tasks::cosine_of(found[1].direction, third)) == 1.0,
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(labels_are_separated_by_their_scores) {
  // Label 1 is above a = 0.3, except for one of twelve rows.
  const std::string text =
      "a,label\n-3,x\n-2.5,x\n-2,x\n-1.5,x\n-1,x\n2.9,x\n1,y\n1.5,y\n2,y\n2.5,y\n3,y\n3.5,y\n";
  const tasks::NumericTable table = table_of(text);
  const tasks::Principal line = {{{1.0}, 1.0}};
  BOOST_TEST(tasks::separation_accuracy(table, line) == 11.0 / 12.0,
             boost::test_tools::tolerance(1e-12));
  const tasks::Principal nothing = {{{0.0}, 1.0}};
  BOOST_TEST(tasks::separation_accuracy(table, nothing) == 0.5);
}

BOOST_AUTO_TEST_CASE(more_components_than_columns_are_refused) {
  BOOST_CHECK_THROW(components("a,b\n1,2\n3,1\n2,2\n", 1, {{"components", "3"}}), InputError);
  BOOST_CHECK_THROW(components("a,b\n1,2\n"), InputError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
