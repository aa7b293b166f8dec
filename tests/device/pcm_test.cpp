#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "base/error.hpp"
#include "device/device.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(device_pcm)

namespace {

using device::DeviceArray;
using device::DeviceConfig;
using device::DeviceModel;

constexpr std::size_t many = 100000;

std::unique_ptr<const DeviceModel> pcm(const DeviceConfig& config = {}, double pulse_us = 0.77) {
  return device::make_model(config, pulse_us);
}

std::vector<std::uint32_t> all_places(std::size_t count) {
  std::vector<std::uint32_t> places(count);
  std::iota(places.begin(), places.end(), 0U);
  return places;
}

testing::Sample sample_of(const DeviceArray& array) {
  testing::Sample sample;
  for (const float g : array.conductance_us) sample.add(static_cast<double>(g));
  return sample;
}

float conductance_at(const DeviceModel& model, const DeviceArray& array, std::size_t place,
                     double t_s) {
  float g = 0.0F;
  model.conductance_us(array, place, t_s, {&g, 1});
  return g;
}

/// Mean and deviation of G after n SET pulses, n from 0, where nothing is clipped: the recursion
/// of the first two moments.
struct Moments {
  double mean = 0.1;
  double variance = 1e-4;
};
std::vector<Moments> closed_recursion(int pulses) {
  std::vector<Moments> moments(1);
  for (int n = 1; n <= pulses; ++n) {
    const Moments& last = moments.back();
    const double memory = std::exp(-n / 2.6);
    const double s = 0.260 + 2.15 * memory;
    Moments next;
    next.mean = (1.0 - 0.084) * last.mean + 0.880 + 1.40 * memory;
    next.variance = 0.916 * 0.916 * last.variance +
                    0.091 * 0.091 * (last.variance + last.mean * last.mean) +
                    2.0 * 0.091 * s * last.mean + s * s;
    moments.push_back(next);
  }
  return moments;
}

}  // namespace

/// n = 100,000 devices. The reference values are from 2,000,000 devices in an independent program,
/// with an error of ±0.004. k = 4, kurtosis of the distributions below 4.
BOOST_AUTO_TEST_CASE(conductance_over_pulses_matches_an_independent_monte_carlo) {
  struct Row {
    int pulse;
    double mean, deviation;
  };
  const Row rows[] = {{1, 2.055, 1.520},  {2, 3.431, 1.970}, {3, 4.465, 2.188},
                      {5, 5.894, 2.312},  {8, 7.154, 2.236}, {10, 7.690, 2.163},
                      {15, 8.507, 2.036}, {20, 8.912, 1.970}};
  const auto model = pcm();
  DeviceArray array(many, 0);
  const std::vector<std::uint32_t> places = all_places(many);
  const Stream stream(1, Purpose::programming);
  model->reset(array, places, 0.0, stream);
  int pulse = 0;
  for (const Row& row : rows) {
    for (; pulse < row.pulse; ++pulse) model->set(array, places, 0.0, stream);
    const testing::Sample g = sample_of(array);
    BOOST_TEST_CONTEXT("pulse " << row.pulse) {
      BOOST_TEST(std::fabs(g.mean() - row.mean) <
                 0.004 + 4.0 * testing::mean_error(row.deviation, g.n()));
      BOOST_TEST(std::fabs(g.deviation() - row.deviation) <
                 0.004 + 4.0 * testing::deviation_error(row.deviation, g.n(), 4.0));
    }
  }
  BOOST_TEST(*std::min_element(array.conductance_us.begin(), array.conductance_us.end()) >= 0.1F);
  BOOST_TEST(*std::max_element(array.conductance_us.begin(), array.conductance_us.end()) == 12.0F);
}

/// n = 100,000 devices without limits, against the closed recursion of mean and variance. k = 4.
BOOST_AUTO_TEST_CASE(conductance_over_pulses_matches_the_closed_recursion) {
  DeviceConfig config;
  config.common.conductance_min_us = -1000.0;
  config.common.conductance_max_us = 1000.0;
  const auto model = pcm(config);
  DeviceArray array(many, 500);
  const std::vector<std::uint32_t> places = all_places(many);
  const Stream stream(2, Purpose::programming);
  const std::vector<Moments> expected = closed_recursion(20);
  BOOST_TEST(std::fabs(expected[20].mean - 9.380) < 0.001);  // the table of the specification
  model->reset(array, places, 0.0, stream);
  for (std::size_t n = 1; n <= 20; ++n) {
    model->set(array, places, 0.0, stream);
    const testing::Sample g = sample_of(array);
    const double sigma = std::sqrt(expected[n].variance);
    BOOST_TEST_CONTEXT("pulse " << n) {
      BOOST_TEST(std::fabs(g.mean() - expected[n].mean) < 4.0 * testing::mean_error(sigma, g.n()));
      BOOST_TEST(std::fabs(g.variance() - expected[n].variance) <
                 4.0 * testing::variance_error(sigma, g.n(), 4.0));
    }
  }
}

BOOST_AUTO_TEST_CASE(memory_fades_by_e_in_2_6_pulses_and_returns_with_reset) {
  const auto model = pcm();
  DeviceArray array(1, 0);
  const Stream stream(1, Purpose::programming);
  const std::vector<std::uint32_t> place = {0};
  model->reset(array, place, 0.0, stream);
  BOOST_TEST(array.memory[0] == 1.0F);
  for (int n = 1; n <= 20; ++n) {
    model->set(array, place, 0.0, stream);
    const double expected = std::exp(-n / 2.6);
    BOOST_TEST(std::fabs(static_cast<double>(array.memory[0]) / expected - 1.0) < 1e-5);
  }
  model->reset(array, place, 3.0, stream);
  BOOST_TEST(array.memory[0] == 1.0F);
  BOOST_TEST(array.programmed_at_s[0] == 3.0);
  BOOST_TEST(array.pulses[0] == 22U);
}

/// n = 100,000: mean 0.1 µS, deviation 0.01 µS; k = 4. With a deviation as large as the mean, the
/// fraction Φ(−0.9) = 0.18406 is at the minimum of 0.01 µS.
BOOST_AUTO_TEST_CASE(reset_has_its_mean_deviation_and_minimum) {
  DeviceArray array(many, 0);
  const std::vector<std::uint32_t> places = all_places(many);
  const Stream stream(3, Purpose::programming);
  pcm()->reset(array, places, 0.0, stream);
  const testing::Sample g = sample_of(array);
  BOOST_TEST(std::fabs(g.mean() - 0.1) < 4.0 * testing::mean_error(0.01, g.n()));
  BOOST_TEST(std::fabs(g.deviation() - 0.01) < 4.0 * testing::deviation_error(0.01, g.n()));

  DeviceConfig wide;
  wide.common.reset_std_us = 0.1;
  pcm(wide)->reset(array, places, 0.0, stream);
  const auto low = std::count(array.conductance_us.begin(), array.conductance_us.end(), 0.01F);
  const double share = static_cast<double>(low) / static_cast<double>(many);
  BOOST_TEST(std::fabs(share - 0.18406) <
             4.0 * std::sqrt(0.18406 * 0.81594 / static_cast<double>(many)));
  BOOST_TEST(*std::min_element(array.conductance_us.begin(), array.conductance_us.end()) == 0.01F);
}

BOOST_AUTO_TEST_CASE(a_reset_below_the_lower_limit_of_set_pulses_is_kept) {
  DeviceConfig config;
  config.programming_noise = false;
  config.common.reset_mean_us = 0.05;  // below the minimum of 0.1 µS after a SET pulse
  DeviceArray array(1, 0);
  const std::vector<std::uint32_t> place = {0};
  pcm(config)->reset(array, place, 0.0, Stream(1, Purpose::programming));
  BOOST_TEST(array.conductance_us[0] == 0.05F);
}

BOOST_AUTO_TEST_CASE(drift_follows_its_power_law_from_the_reference_time_on) {
  const auto model = pcm();
  DeviceArray array(1, 0);
  array.conductance_us[0] = 5.0F;
  array.programmed_at_s[0] = 1000.0;
  for (const double age : {0.0, 1e-6, 1.0, 38.0, 38.6}) {
    BOOST_TEST(conductance_at(*model, array, 0, 1000.0 + age) == 5.0F);
  }
  for (const double age : {38.7, 50.0, 386.0, 3600.0, 86400.0, 2.592e6, 3.1536e8}) {
    const double expected = 5.0 * std::pow(age / 38.6, -0.04);
    const auto g = static_cast<double>(conductance_at(*model, array, 0, 1000.0 + age));
    BOOST_TEST(std::fabs(g / expected - 1.0) < 1e-6, "age " << age);
  }
  // Ratios of the specification: 0.9120 after ten reference times, 0.5754 after a million.
  BOOST_TEST(std::fabs(conductance_at(*model, array, 0, 1386.0) / 5.0F - 0.9120F) < 1e-4F);
  BOOST_TEST(std::fabs(conductance_at(*model, array, 0, 1000.0 + 3.86e7) / 5.0F - 0.5754F) < 1e-4F);
}

BOOST_AUTO_TEST_CASE(a_pulse_acts_on_the_stored_conductance_and_starts_drift_anew) {
  DeviceConfig config;
  config.programming_noise = false;
  const auto model = pcm(config);
  DeviceArray array(2, 0);
  const Stream stream(1, Purpose::programming);
  array.conductance_us = {4.0F, 4.0F};
  const double late = 1e6;
  BOOST_TEST(conductance_at(*model, array, 0, late) < 3.0F);
  const std::vector<std::uint32_t> first = {0};
  model->set(array, first, late, stream);
  const double memory = std::exp(-1.0 / 2.6);
  const double expected = 4.0 + (-0.084 * 4.0 + 0.880 + 1.40 * memory);
  BOOST_TEST(std::fabs(static_cast<double>(array.conductance_us[0]) - expected) < 1e-5);
  BOOST_TEST(conductance_at(*model, array, 0, late) == array.conductance_us[0]);
  BOOST_TEST(conductance_at(*model, array, 0, late + 38.6) == array.conductance_us[0]);
  BOOST_TEST(conductance_at(*model, array, 0, late + 386.0) < 0.92F * array.conductance_us[0]);
  BOOST_TEST(conductance_at(*model, array, 1, late) < 3.0F);  // the other device continues to drift
}

/// At 20,000 random ages: the stepwise value is within the tolerance of the exact law (with e^0.001
/// for 1 + 0.001 and an ulp), and depends only on the age.
BOOST_AUTO_TEST_CASE(stepwise_conductance_is_near_the_law_and_depends_only_on_time) {
  for (const double exponent : {0.04, 0.001, 0.5}) {
    DeviceConfig config;
    config.common.drift_exponent = exponent;
    const auto model = pcm(config);
    DeviceArray array(1, 0);
    array.conductance_us[0] = 5.0F;
    array.programmed_at_s[0] = 12.0;
    const auto at = [&](double t_s, double& until) {
      float g = 0.0F;
      until = model->conductance_stepwise_us(array, 0, t_s, {&g, 1});
      return g;
    };
    testing::Draws draws(4);
    for (int i = 0; i < 20000; ++i) {
      const double t = 12.0 + 38.6 * std::exp(11.0 + 11.0 * static_cast<double>(draws())) / 3.0;
      double until = 0.0;
      const float stepwise = at(t, until);
      const float exact = conductance_at(*model, array, 0, t);
      BOOST_REQUIRE(std::fabs(stepwise - exact) <=
                    static_cast<float>(device::drift_step_tolerance * 1.001) * exact + 5e-7F);
      if (until <= t) continue;  // the returned time may be slightly early
      double other = 0.0;
      BOOST_REQUIRE(at(t + (until - t) * 0.5, other) == stepwise);
      BOOST_REQUIRE(at(t + (until - t) * 0.999999999, other) == stepwise);
      BOOST_REQUIRE(other == until);
    }
  }
}

/// A cache that is updated only at `until` always has the value of a new computation. The number of
/// updates is small: one per 2·tolerance/ν of ln t.
BOOST_AUTO_TEST_CASE(stepwise_conductance_is_constant_until_the_returned_time) {
  const auto model = pcm();
  DeviceArray array(1, 0);
  array.conductance_us[0] = 5.0F;
  float cached = 0.0F;
  double until = model->conductance_stepwise_us(array, 0, 0.0, {&cached, 1});
  BOOST_TEST(until < 38.6);
  BOOST_TEST(until > 38.5);
  int refills = 0;
  for (double t = 0.0; t < 1e7; t = 1.0003 * t + 0.011) {
    float fresh = 0.0F;
    model->conductance_stepwise_us(array, 0, t, {&fresh, 1});
    if (t >= until) {
      until = model->conductance_stepwise_us(array, 0, t, {&cached, 1});
      ++refills;
    }
    BOOST_REQUIRE(cached == fresh);
  }
  BOOST_TEST(refills > 100);
  BOOST_TEST(refills < 600);
}

BOOST_AUTO_TEST_CASE(the_returned_time_is_the_minimum_over_devices) {
  const auto model = pcm();
  DeviceArray array(3, 0);
  array.conductance_us = {1.0F, 2.0F, 3.0F};
  array.programmed_at_s = {0.0, 50.0, 20.0};
  std::vector<float> g(3);
  double shortest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < 3; ++i) {
    shortest = std::min(shortest, model->conductance_stepwise_us(array, i, 60.0, {g.data(), 1}));
  }
  BOOST_TEST(model->conductance_stepwise_us(array, 0, 60.0, g) == shortest);
}

BOOST_AUTO_TEST_CASE(read_noise_grows_with_conductance) {
  const std::vector<float> g = {0.1F, 1.0F, 8.0F, 12.0F};
  std::vector<float> sigma(4);
  BOOST_TEST(pcm()->read_noise_us({1, 0}, 0, 0.0, g, sigma));
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(sigma[i] == 0.03F * g[i] + 0.13F);
  DeviceConfig quiet;
  quiet.read_noise = false;
  BOOST_TEST(!pcm(quiet)->read_noise_us({1, 0}, 0, 0.0, g, sigma));
}

BOOST_AUTO_TEST_CASE(without_programming_noise_the_curve_is_the_mean_recursion) {
  DeviceConfig config;
  config.programming_noise = false;
  config.common.conductance_max_us = 100.0;
  const auto model = pcm(config);
  DeviceArray array(2, 0);
  const Stream stream(1, Purpose::programming);
  const std::vector<std::uint32_t> both = {0, 1};
  model->reset(array, both, 0.0, stream);
  BOOST_TEST(array.conductance_us[0] == 0.1F);
  const std::vector<Moments> expected = closed_recursion(20);
  for (std::size_t n = 1; n <= 20; ++n) {
    model->set(array, both, 0.0, stream);
    BOOST_TEST(std::fabs(static_cast<double>(array.conductance_us[0]) - expected[n].mean) < 1e-5);
    BOOST_TEST(array.conductance_us[0] == array.conductance_us[1]);
  }
}

/// n = 100,000 devices at 3, 5 and 7 µS after some pulses. Without update nonlinearity the mean
/// change is the pulse of the granularity for any G and P; k = 4.
BOOST_AUTO_TEST_CASE(without_nonlinearity_the_mean_change_is_the_granularity) {
  DeviceConfig config;
  config.update_nonlinearity = false;
  config.common.conductance_min_us = -1000.0;
  config.common.conductance_max_us = 1000.0;
  const std::vector<std::uint32_t> places = all_places(many);
  const Stream stream(5, Purpose::programming);
  for (const float g : {3.0F, 5.0F, 7.0F}) {
    for (const float memory : {1.0F, 0.05F}) {
      DeviceArray array(many, 0);
      std::fill(array.conductance_us.begin(), array.conductance_us.end(), g);
      std::fill(array.memory.begin(), array.memory.end(), memory);
      pcm(config, 0.768)->set(array, places, 0.0, stream);
      const testing::Sample after = sample_of(array);
      const double sigma = 0.091 * static_cast<double>(g) + 0.260 +
                           2.15 * static_cast<double>(memory) * std::exp(-1.0 / 2.6);
      BOOST_TEST(std::fabs(after.mean() - static_cast<double>(g) - 0.768) <
                 4.0 * testing::mean_error(sigma, after.n()));
      BOOST_TEST(std::fabs(after.deviation() - sigma) <
                 4.0 * testing::deviation_error(sigma, after.n()));
    }
  }
  config.programming_noise = false;
  DeviceArray array(1, 0);
  const std::vector<std::uint32_t> place = {0};
  pcm(config, 0.25)->set(array, place, 0.0, stream);
  pcm(config, 0.25)->set(array, place, 0.0, stream);
  BOOST_TEST(array.conductance_us[0] == 0.5F);
}

BOOST_AUTO_TEST_CASE(without_drift_the_conductance_is_constant) {
  DeviceConfig config;
  config.drift = false;
  const auto model = pcm(config);
  DeviceArray array(1, 0);
  array.conductance_us[0] = 5.0F;
  float g = 0.0F;
  BOOST_TEST(conductance_at(*model, array, 0, 1e9) == 5.0F);
  BOOST_TEST(std::isinf(model->conductance_stepwise_us(array, 0, 1e9, {&g, 1})));
  BOOST_TEST(g == 5.0F);
}

BOOST_AUTO_TEST_CASE(draws_depend_only_on_the_device_and_its_pulses) {
  const auto model = pcm();
  const Stream stream(6, Purpose::programming);
  DeviceArray together(3, 40);
  DeviceArray apart(1, 41);  // device 1 of `together`
  const std::vector<std::uint32_t> in_order = {0, 1, 2};
  const std::vector<std::uint32_t> twice = {1, 2, 0, 1};
  const std::vector<std::uint32_t> one = {0};
  model->reset(together, in_order, 0.0, stream);
  model->set(together, twice, 0.0, stream);
  model->reset(apart, one, 0.0, stream);
  model->set(apart, one, 5.0, stream);
  model->set(apart, one, 7.0, stream);
  BOOST_TEST(apart.conductance_us[0] == together.conductance_us[1]);
  BOOST_TEST(together.pulses[1] == 3U);
  BOOST_TEST(together.pulses[0] == 2U);
  BOOST_TEST(together.conductance_us[0] != together.conductance_us[2]);
}

BOOST_AUTO_TEST_CASE(limits_in_the_wrong_order_are_refused) {
  DeviceConfig config;
  config.common.conductance_min_us = 12.0;
  BOOST_CHECK_THROW(pcm(config), InputError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
