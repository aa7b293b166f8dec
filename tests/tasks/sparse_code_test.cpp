#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "base/error.hpp"
#include "support.hpp"
#include "tasks/linear_system.hpp"
#include "tasks/sparse_coding.hpp"
#include "tasks/task_runs.hpp"

namespace imcsim::testing {
BOOST_AUTO_TEST_SUITE(sparse_code_task)

namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

std::string example(const std::string& name) {
  std::ifstream file(std::string(IMCSIM_SOURCE_DIR) + "/data/examples/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Device as in the preset pcm-inference.
tasks::Answer sparse_code(Options options, const Options& files = {}, std::uint64_t seed = 1) {
  const Options device = {{"conductance-min-us", "0"},     {"conductance-max-us", "25"},
                          {"reset-mean-us", "0"},          {"reset-std-us", "0"},
                          {"drift-reference-time", "20s"}, {"flicker-power", "0.0088,0.65,0.2"},
                          {"programming", "single-shot"}};
  options.insert(options.begin(), device.begin(), device.end());
  return TaskRun{"sparse-code", std::move(options), files, seed}();
}

}  // namespace

BOOST_AUTO_TEST_CASE(digits_are_coded_as_by_exact_arithmetic, *boost::unit_test::label("long")) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const tasks::Answer answer =
        sparse_code({{"patches", "50"}}, {{"input", example("digits.csv")}}, seed);
    const double exact = number(answer.exact, "nmse");
    BOOST_TEST(exact < 0.2);
    BOOST_TEST(number(answer.results, "nmse") <= 1.03 * exact);
    BOOST_TEST(number(answer.results, "overlap") >= 0.8);
    BOOST_TEST(number(answer.exact, "active") < 20.0);
    BOOST_TEST(answer.counts.forward_mvm >= 50U * 100U);
    BOOST_TEST(answer.counts.backward_mvm == 50U * 150U);
  }
}

BOOST_AUTO_TEST_CASE(without_a_file_patches_are_synthetic) {
  const tasks::Answer answer = sparse_code({{"patches", "30"}});
  BOOST_TEST(number(answer.results, "patches") == 30.0);
  BOOST_TEST(number(answer.results, "nmse") <= 1.03 * number(answer.exact, "nmse"));
  BOOST_TEST(number(answer.results, "overlap") >= 0.8);
}

BOOST_AUTO_TEST_CASE(orthogonal_atoms_have_a_closed_form) {
  // D = 1: a = soft_λ(x), approached as (1 − dt/τ)^steps: 0.9^400 is below 1e-18.
  const tasks::Dictionary unit{3, 3, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
  const std::vector<double> x = {0.9, -0.3, 0.05};
  const tasks::Competition rule{0.1, 0.1, 400};
  const std::vector<double> expected = {0.8, -0.2, 0.0};
  const std::vector<double> by_gram = tasks::ExactCoder(unit).code(x, rule);
  const auto copy = [](std::span<const double> from, std::span<double> to) {
    std::copy(from.begin(), from.end(), to.begin());
  };
  const std::vector<double> by_products = tasks::compete({copy, copy}, x, 3, rule);
  for (std::size_t k = 0; k < 3; ++k) {
    BOOST_TEST(std::fabs(by_gram[k] - expected[k]) < 1e-12);
    BOOST_TEST(std::fabs(by_products[k] - expected[k]) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(learning_lowers_the_error) {
  const Options files = {{"input", example("digits.csv")}};
  const double before = number(
      sparse_code({{"patches", "40"}, {"epochs", "0"}, {"atoms", "32"}}, files).exact, "nmse");
  const double after = number(
      sparse_code({{"patches", "40"}, {"epochs", "10"}, {"atoms", "32"}}, files).exact, "nmse");
  BOOST_TEST(after < 0.8 * before);
}

BOOST_AUTO_TEST_CASE(a_given_dictionary_is_used_and_mismatches_are_refused) {
  const std::string patches = "a,b\n1,-1\n-2,2\n";
  const std::string atoms = "a,b\n3,-3\n1,1\n";
  const tasks::Answer answer = sparse_code({}, {{"input", patches}, {"dictionary", atoms}});
  BOOST_TEST(number(answer.results, "atoms") == 2.0);
  BOOST_TEST(number(answer.exact, "active") == 1.0);
  // λ = 0.1 reduces a code of 1 by a tenth.
  BOOST_TEST(number(answer.exact, "nmse") == 0.01, boost::test_tools::tolerance(1e-3));
  BOOST_CHECK_THROW(sparse_code({}, {{"input", "a,b,c\n1,2,3\n2,1,0\n"}, {"dictionary", atoms}}),
                    InputError);
  BOOST_CHECK_THROW(sparse_code({}, {{"input", "a,b\n1\n"}}), InputError);
  const std::string same = "a,b\n1,-1\n1,-1.001\n1,-1.002\n1,-1.003\n1,-1.004\n";
  BOOST_CHECK_THROW(
      sparse_code({{"rate", "1"}, {"steps", "2000"}}, {{"input", patches}, {"dictionary", same}}),
      InputError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
