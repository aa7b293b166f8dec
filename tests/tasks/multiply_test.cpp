#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "support.hpp"
#include "tasks/slices.hpp"
#include "tasks/task_runs.hpp"
#include "tasks/typed_runs.hpp"

namespace imcsim::testing {
BOOST_AUTO_TEST_SUITE(multiply_task)

namespace {

using Options = std::vector<std::pair<std::string, std::string>>;
using Files = std::vector<std::pair<std::string, std::string>>;

tasks::Answer multiply(const Options& options, const Files& files = {}, int threads = 1) {
  TypedRun run{"arith", "multiply", options};
  for (const auto& [key, bytes] : files) run.files.push_back({key, key + ".csv", bytes});
  run.threads = threads;
  return run();
}

double bits(const Options& options) { return number(multiply(options).results, "effective_bits"); }
double error(const Options& options) { return std::get<double>(multiply(options).error); }

const Options ideal = {{"device", "ideal"}};

Options with(Options options, const Options& more) {
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_device_has_between_three_and_four_bits) {
  const double found = bits({});
  BOOST_TEST(found >= 3.2);
  BOOST_TEST(found <= 3.9);
}

BOOST_AUTO_TEST_CASE(the_error_falls_as_the_root_of_the_number_of_devices) {
  // Least squares over ln K = 0, 1, 2, 3 times ln 4. With 4000 products, the standard deviation of
  // a logarithm is about 1/√8000, that of the slope 0.004; the DAC error reduces the slope by
  // 0.015.
  double slope = 0.0;
  const char* const devices[] = {"1", "4", "16", "64"};
  for (int k = 0; k < 4; ++k) {
    const double place = k - 1.5;
    slope += place / 5.0 * std::log(error({{"pairs", "4000"}, {"devices-per-weight", devices[k]}}));
  }
  slope /= std::log(4.0);
  BOOST_TEST(std::fabs(slope + 0.5) <= 0.03);
}

BOOST_AUTO_TEST_CASE(an_ideal_device_is_limited_by_the_input_converter) {
  // Rounding to steps of 1/127, times w: 1/127/√12·√⅓; 20,000 squares: standard deviation 0.6 %.
  const tasks::Answer answer = multiply(with(ideal, {{"dac-bits", "8"}}));
  const double expected = 1.0 / 127.0 / 6.0;
  BOOST_TEST(std::get<double>(answer.error) == expected, boost::test_tools::tolerance(0.03));
  const auto& predicted = std::get<tasks::Section>(*answer.predicted_error);
  BOOST_TEST(number(predicted, "dac") == expected, boost::test_tools::tolerance(0.01));
  BOOST_TEST(error(with(ideal, {{"dac-bits", "0"}, {"adc-bits", "0"}})) < 1e-6);
}

BOOST_AUTO_TEST_CASE(slices_of_equal_significance_are_more_accurate_than_digits) {
  for (const char* const slices : {"2", "4", "8"}) {
    const Options shared = {{"pairs", "4000"}, {"slices", slices}};
    const double equal = error(with(shared, {{"slice-base", "1"}}));
    const double binary = error(with(shared, {{"slice-base", "2"}}));
    BOOST_TEST(equal <= binary);
  }
}

BOOST_AUTO_TEST_CASE(digits_add_up_to_the_number) {
  for (const std::int64_t base : {2, 3, 4, 10}) {
    const tasks::Slices slices(5, base);
    const double levels = std::pow(static_cast<double>(base), 5.0) - 1.0;
    for (const double w : {0.0, 1.0, 0.3141, -0.77, 0.5}) {
      double sum = 0.0;
      for (std::size_t s = 0; s < slices.count(); ++s) {
        BOOST_TEST(std::fabs(slices.part(s, w)) <= 1.0);
        sum += slices.significance(s) * slices.part(s, w);
      }
      BOOST_TEST(std::fabs(sum - w) <= 0.5 / levels + 1e-12);
    }
  }
  BOOST_CHECK_THROW(tasks::Slices(16, 16), InputError);
}

BOOST_AUTO_TEST_CASE(given_numbers_keep_their_signs) {
  const tasks::Answer answer = multiply(
      with(ideal, {{"dac-bits", "0"}, {"adc-bits", "0"}, {"x", "2,-3,4,0"}, {"w", "5,6,-7,8"}}));
  const auto& products = std::get<std::vector<double>>(answer.arrays[0].values);
  const double expected[] = {10.0, -18.0, -28.0, 0.0};
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(std::fabs(products[i] - expected[i]) < 1e-4);
  BOOST_TEST(answer.counts.forward_mvm == 4U);
  BOOST_TEST(answer.counts.cells_read == 4U);
  BOOST_TEST(answer.sample_counts.dac_conversions == 4U);
}

BOOST_AUTO_TEST_CASE(matrices_are_multiplied_column_by_column) {
  const Files files = {{"a", "1,2,3\n4,5,6\n"}, {"b", "1,0\n0,1\n1,-1\n"}};
  const tasks::Answer exact = multiply(with(ideal, {{"dac-bits", "0"}, {"adc-bits", "0"}}), files);
  BOOST_TEST(std::get<double>(exact.error) < 1e-6);
  BOOST_TEST(exact.counts.forward_mvm == 2U);
  const auto& c = std::get<std::vector<double>>(exact.arrays[1].values);
  BOOST_TEST(c == (std::vector<double>{4, -1, 10, -1}), boost::test_tools::per_element());
  const tasks::Answer sliced = multiply(
      with(ideal, {{"dac-bits", "0"}, {"adc-bits", "0"}, {"slices", "3"}, {"slice-base", "7"}}),
      files);
  // 6·343 levels: the rounding error of a digit is at most 6/(2·342), over three entries.
  BOOST_TEST(std::get<double>(sliced.error) < 0.01);
  BOOST_TEST(sliced.counts.forward_mvm == 6U);
}

BOOST_AUTO_TEST_CASE(results_are_equal_for_any_number_of_threads) {
  const Options options = {{"pairs", "1000"}, {"slices", "2"}};
  const tasks::Answer one = multiply(options, {}, 1);
  const tasks::Answer many = multiply(options, {}, 4);
  BOOST_CHECK(one.arrays[0].values == many.arrays[0].values);
  BOOST_CHECK(one.counts == many.counts);
}

BOOST_AUTO_TEST_CASE(inconsistent_options_are_refused) {
  BOOST_CHECK_THROW(multiply({{"x", "1,2"}, {"w", "1"}}), InputError);
  BOOST_CHECK_THROW(multiply({}, {{"a", "1,2\n"}}), InputError);
  BOOST_CHECK_THROW(multiply({}, {{"a", "1,2\n"}, {"b", "1,2\n"}}), InputError);
  BOOST_CHECK_THROW(multiply({}, {{"a", "1,x\n"}, {"b", "1\n2\n"}}), InputError);
  BOOST_CHECK_THROW(multiply({}, {{"table", "u,v\n1,2\n"}}), InputError);
  BOOST_CHECK_THROW(multiply({{"slices", "16"}, {"slice-base", "16"}}), InputError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
