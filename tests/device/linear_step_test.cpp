#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "base/error.hpp"
#include "device/device.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(device_linear_step)

namespace {

using device::DeviceArray;
using device::DeviceConfig;
using device::DeviceModel;
using device::ModelName;

constexpr std::size_t many = 100000;

/// 10 … 50 µS, G₀ = 26 µS, steps of 0.5 µS up and 0.4 µS down, no randomness.
DeviceConfig plain(ModelName model = ModelName::soft_bounds) {
  DeviceConfig config;
  config.model = model;
  config.common.conductance_min_us = 10.0;
  config.common.conductance_max_us = 50.0;
  config.common.reset_mean_us = 10.0;
  config.common.reset_std_us = 0.0;
  config.common.drift_exponent = 0.0;
  config.common.activation_energy_ev = 0.0;
  config.linear_step.step.origin = 0.4;
  config.linear_step.step.up_us = 0.5;
  config.linear_step.step.down_us = 0.4;
  config.linear_step.step.noise = 0.0;
  return config;
}

std::unique_ptr<const DeviceModel> model_of(const DeviceConfig& config) {
  return device::make_model(config, 0.77);
}

std::vector<std::uint32_t> all_places(std::size_t count) {
  std::vector<std::uint32_t> places(count);
  std::iota(places.begin(), places.end(), 0U);
  return places;
}

DeviceArray array_at(const DeviceModel& model, std::size_t count, float g_us) {
  DeviceArray array(count, 0);
  model.prepare(array, Stream(7, Purpose::device_spread));
  std::fill(array.conductance_us.begin(), array.conductance_us.end(), g_us);
  return array;
}

testing::Sample sample_of(const DeviceArray& array) {
  testing::Sample sample;
  for (const float g : array.conductance_us) sample.add(static_cast<double>(g));
  return sample;
}

/// Conductances of `count` devices after one pulse up or down from `g_us`.
DeviceArray after_pulse(const DeviceConfig& config, std::size_t count, float g_us, bool up) {
  const auto model = model_of(config);
  DeviceArray array = array_at(*model, count, g_us);
  const Stream stream(3, Purpose::programming);
  const std::vector<std::uint32_t> places = all_places(count);
  up ? model->set(array, places, 0.0, stream) : model->depress(array, places, 0.0, stream);
  return array;
}

/// Limits of each device, reached by pulses larger than any window.
DeviceArray limits(DeviceConfig config, std::size_t count, bool up) {
  config.programming_noise = false;
  config.model = ModelName::linear_step;
  config.linear_step.step.spread = 0.0;
  config.linear_step.step.up_us = 1000.0;
  config.linear_step.step.down_us = 1000.0;
  return after_pulse(config, count, 26.0F, up);
}

void check_normal(const testing::Sample& sample, double mean, double deviation) {
  BOOST_TEST(std::fabs(sample.mean() - mean) < 4.0 * testing::mean_error(deviation, sample.n()));
  BOOST_TEST(std::fabs(sample.deviation() - deviation) <
             4.0 * testing::deviation_error(deviation, sample.n()));
}

}  // namespace

BOOST_AUTO_TEST_CASE(soft_bounds_approach_their_limits_geometrically) {
  const auto model = model_of(plain());
  DeviceArray array(1, 0);
  const Stream stream(1, Purpose::programming);
  const std::vector<std::uint32_t> place = {0};
  model->reset(array, place, 0.0, stream);
  BOOST_TEST(array.conductance_us[0] == 10.0F);
  for (int n = 1; n <= 300; ++n) {
    model->set(array, place, 0.0, stream);
    const double left = 40.0 * std::pow(1.0 - 0.5 / 24.0, n);
    BOOST_REQUIRE_SMALL(static_cast<double>(array.conductance_us[0]) - (50.0 - left), 2e-4);
  }
  const double from = static_cast<double>(array.conductance_us[0]) - 10.0;
  for (int n = 1; n <= 300; ++n) {
    model->depress(array, place, 0.0, stream);
    const double left = from * std::pow(1.0 - 0.4 / 16.0, n);
    BOOST_REQUIRE_SMALL(static_cast<double>(array.conductance_us[0]) - (10.0 + left), 2e-4);
  }
  BOOST_TEST(model->depresses());
  BOOST_TEST(model->lowest_us() == 10.0F);
  BOOST_TEST(model->highest_us() == 50.0F);
}

/// w ← w + s(1 − γw/w_max) converges to w_max/γ, beyond the window.
BOOST_AUTO_TEST_CASE(linear_steps_decrease_over_the_window) {
  DeviceConfig config = plain(ModelName::linear_step);
  config.linear_step.slope_up = 0.3;
  config.linear_step.slope_down = 0.6;
  const auto model = model_of(config);
  DeviceArray array = array_at(*model, 1, 26.0F);
  const Stream stream(1, Purpose::programming);
  const std::vector<std::uint32_t> place = {0};
  for (int n = 1; n <= 50; ++n) {
    model->set(array, place, 0.0, stream);
    const double expected = 26.0 + 80.0 * (1.0 - std::pow(1.0 - 0.3 * 0.5 / 24.0, n));
    BOOST_REQUIRE_SMALL(static_cast<double>(array.conductance_us[0]) - expected, 1e-4);
  }
  model->set(array, std::vector<std::uint32_t>(100, 0), 0.0, stream);
  BOOST_TEST(array.conductance_us[0] == 50.0F);
  // The first steps from the ends: 0.5 µS·(1 + 0.3·16/24), 0.4 µS·(1 + 0.6·24/16).
  BOOST_TEST(std::fabs(after_pulse(config, 1, 10.0F, true).conductance_us[0] - 10.6F) < 1e-5F);
  BOOST_TEST(std::fabs(after_pulse(config, 1, 50.0F, false).conductance_us[0] - 49.24F) < 1e-5F);
  model->depress(array, std::vector<std::uint32_t>(300, 0), 2.0, stream);
  BOOST_TEST(array.conductance_us[0] == 10.0F);
  BOOST_TEST(array.programmed_at_s[0] == 2.0);
  BOOST_TEST(array.pulses[0] == 450U);
}

/// n = 100,000 devices, one pulse from 38 µS (f↑ = 0.5, f↓ = 1.75), noise 0.6; k = 4.
BOOST_AUTO_TEST_CASE(cycle_noise_scales_with_the_step_or_with_the_step_at_the_origin) {
  DeviceConfig config = plain();
  config.linear_step.step.noise = 0.6;
  check_normal(sample_of(after_pulse(config, many, 38.0F, true)), 38.25, 0.6 * 0.25);
  check_normal(sample_of(after_pulse(config, many, 38.0F, false)), 37.3, 0.6 * 0.7);
  config.linear_step.noise_form = device::StepNoise::additive;
  check_normal(sample_of(after_pulse(config, many, 38.0F, true)), 38.25, 0.6 * 0.5);
  check_normal(sample_of(after_pulse(config, many, 38.0F, false)), 37.3, 0.6 * 0.4);
}

/// n = 100,000 devices: half of |0.3 + 0.05·N| acts on the step from 38 µS; k = 4.
BOOST_AUTO_TEST_CASE(slopes_vary_between_devices) {
  DeviceConfig config = plain(ModelName::linear_step);
  config.linear_step.slope_up = 0.3;
  config.linear_step.slope_down = 0.6;
  config.linear_step.slope_std = 0.05;
  check_normal(sample_of(after_pulse(config, many, 38.0F, true)), 38.425, 0.5 * 0.5 * 0.05);
  check_normal(sample_of(after_pulse(config, many, 18.0F, false)), 17.72, 0.4 * 0.5 * 0.05);
  config.device_spread = false;
  for (const float g : after_pulse(config, 100, 38.0F, true).conductance_us) {
    BOOST_TEST(std::fabs(g - 38.425F) < 1e-5F);
  }
}

/// 200 devices with large variability, 400 random pulses up or down with large noise.
BOOST_AUTO_TEST_CASE(no_device_exceeds_its_limits) {
  DeviceConfig config = plain();
  config.common.conductance_max_std = 0.3;
  config.linear_step.step.min_std_us = 10.0;
  config.linear_step.step.spread = 0.7;
  config.linear_step.step.noise = 4.0;
  config.linear_step.noise_form = device::StepNoise::additive;
  const std::vector<float> high = limits(config, 200, true).conductance_us;
  const std::vector<float> low = limits(config, 200, false).conductance_us;
  const auto model = model_of(config);
  DeviceArray array = array_at(*model, 200, 26.0F);
  const Stream stream(9, Purpose::programming);
  testing::Draws draws(1);
  std::size_t at_a_limit = 0;
  for (int n = 0; n < 400; ++n) {
    draws() > 0.0F ? model->set(array, all_places(200), 0.0, stream)
                   : model->depress(array, all_places(200), 0.0, stream);
    for (std::size_t i = 0; i < 200; ++i) {
      BOOST_REQUIRE(array.conductance_us[i] >= low[i]);
      BOOST_REQUIRE(array.conductance_us[i] <= high[i]);
      at_a_limit += array.conductance_us[i] == low[i] || array.conductance_us[i] == high[i] ? 1 : 0;
    }
  }
  BOOST_TEST(at_a_limit > 1000U);  // the limits are reached
  BOOST_TEST(*std::min_element(low.begin(), low.end()) == 0.0F);
  BOOST_TEST(*std::min_element(high.begin(), high.end()) >= 26.0F);
  config.programming_noise = false;  // the mean step ends at each device's own limit
  config.linear_step.step.spread = 0.0;
  const auto quiet = model_of(config);
  DeviceArray rising = array_at(*quiet, 200, 26.0F);
  for (int n = 0; n < 3000; ++n) quiet->set(rising, all_places(200), 0.0, stream);
  for (std::size_t i = 0; i < 200; ++i) BOOST_TEST(high[i] - rising.conductance_us[i] < 1e-3F);
  model->reset(array, all_places(200), 0.0, stream);
  for (std::size_t i = 0; i < 200; ++i) {
    BOOST_TEST(array.conductance_us[i] == std::clamp(10.0F, low[i], high[i]));
  }
}

/// Without update nonlinearity the mean is the pulse of the granularity, and the noise is that of
/// the step (n = 100,000, k = 4).
BOOST_AUTO_TEST_CASE(without_nonlinearity_the_mean_change_is_the_granularity) {
  DeviceConfig config = plain();
  config.update_nonlinearity = false;
  for (const float g : {14.0F, 26.0F, 47.0F}) {
    BOOST_TEST(std::fabs(after_pulse(config, 1, g, true).conductance_us[0] - (g + 0.77F)) < 1e-5F);
    BOOST_TEST(std::fabs(after_pulse(config, 1, g, false).conductance_us[0] - (g - 0.77F)) < 1e-5F);
  }
  config.linear_step.step.noise = 0.6;
  check_normal(sample_of(after_pulse(config, many, 38.0F, true)), 38.77, 0.6 * 0.25);
  check_normal(sample_of(after_pulse(config, many, 38.0F, false)), 37.23, 0.6 * 0.7);
}

BOOST_AUTO_TEST_CASE(the_conductance_relaxes_to_the_origin) {
  DeviceConfig config = plain(ModelName::linear_step);
  config.linear_step.decay_time.seconds = 2.0;
  const auto model = model_of(config);
  DeviceArray array(2, 0);
  array.conductance_us = {46.0F, 11.0F};
  array.programmed_at_s = {100.0, 100.0};
  std::vector<float> g(2);
  for (const double age : {0.0, 0.01, 0.5, 2.0, 9.0, 1000.0}) {
    model->conductance_us(array, 0, 100.0 + age, g);
    const double left = std::exp(-0.5 * age);
    BOOST_TEST(std::fabs(static_cast<double>(g[0]) - (26.0 + 20.0 * left)) < 1e-5);
    BOOST_TEST(std::fabs(static_cast<double>(g[1]) - (26.0 - 15.0 * left)) < 1e-5);
  }
  // A pulse acts on the relaxed conductance; relaxation then starts again.
  model->set(array, std::vector<std::uint32_t>{0}, 102.0, Stream(1, Purpose::programming));
  const double after = 26.0 + 20.0 * std::exp(-1.0) + 0.5;
  BOOST_TEST(std::fabs(static_cast<double>(array.conductance_us[0]) - after) < 1e-5);
  model->conductance_us(array, 0, 104.0, g);
  BOOST_TEST(std::fabs(static_cast<double>(g[0]) - (26.0 + (after - 26.0) * std::exp(-1.0))) <
             1e-5);

  config.drift = false;
  model_of(config)->conductance_us(array, 1, 1e9, {g.data(), 1});
  BOOST_TEST(g[0] == 11.0F);
  config.drift = true;
  config.common.drift_exponent = 0.01;
  BOOST_CHECK_THROW(model_of(config), InputError);
}

/// n = 100,000 devices with decay times 2 s·(1 + 0.1·N), computed from their relaxation; k = 4.
BOOST_AUTO_TEST_CASE(decay_times_vary_between_devices) {
  DeviceConfig config = plain(ModelName::linear_step);
  config.linear_step.decay_time.seconds = 2.0;
  config.linear_step.decay_time_std = 0.1;
  const auto model = model_of(config);
  const DeviceArray array = array_at(*model, many, 46.0F);
  std::vector<float> g(many);
  model->conductance_us(array, 0, 2.0, g);
  testing::Sample time_s;
  for (const float left : g) time_s.add(-2.0 / std::log((static_cast<double>(left) - 26.0) / 20.0));
  check_normal(time_s, 2.0, 0.2);
}

/// At random ages: near the law, a function of the age alone, and constant until the returned time;
/// the last value is G₀. Initial values above and below G₀, 0, and near G₀ (a single step).
BOOST_AUTO_TEST_CASE(stepwise_relaxation_is_near_the_law) {
  DeviceConfig config = plain(ModelName::linear_step);
  config.linear_step.decay_time.seconds = 2.0;
  const auto model = model_of(config);
  DeviceArray array(1, 0);
  array.programmed_at_s[0] = 12.0;
  const auto at = [&](double t_s, double& until) {
    float g = 0.0F;
    until = model->conductance_stepwise_us(array, 0, t_s, {&g, 1});
    return g;
  };
  testing::Draws draws(4);
  for (const float start : {46.0F, 10.0F, 1.0F, 0.0F, 26.01F}) {
    array.conductance_us[0] = start;
    double other = 0.0;
    for (int i = 0; i < 5000; ++i) {
      const double t = 12.0 + 40.0 * std::pow(0.5 + 0.5 * static_cast<double>(draws()), 3.0);
      double until = 0.0;
      const float stepwise = at(t, until);
      float exact = 0.0F;
      model->conductance_us(array, 0, t, {&exact, 1});
      BOOST_REQUIRE(std::fabs(stepwise - exact) <= 1e-3F * std::max(exact, 0.026F) + 5e-6F);
      if (until <= t || std::isinf(until)) continue;
      BOOST_REQUIRE(at(t + (until - t) * 0.5, other) == stepwise);
      BOOST_REQUIRE(at(t + (until - t) * 0.999999, other) == stepwise);
      BOOST_REQUIRE(other == until);
    }
    const float end = at(1000.0, other);
    BOOST_TEST(std::isinf(other));
    BOOST_TEST(end == (start == 26.01F ? start : 26.0F));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
