#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "device/device.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(device_exponential_step)

namespace {

using device::DeviceArray;
using device::DeviceConfig;
using device::DeviceModel;

constexpr std::size_t many = 100000;

/// 10 … 50 µS, G₀ = 26 µS, constant steps of 0.5 µS up and 0.4 µS down, no randomness.
DeviceConfig plain() {
  DeviceConfig config;
  config.model = device::ModelName::exponential_step;
  config.common.conductance_min_us = 10.0;
  config.common.conductance_max_us = 50.0;
  config.common.reset_mean_us = 10.0;
  config.common.reset_std_us = 0.0;
  config.common.drift_exponent = 0.0;
  config.common.activation_energy_ev = 0.0;
  config.exponential_step.step = {.up_us = 0.5, .down_us = 0.4, .origin = 0.4, .noise = 0.0};
  return config;
}

/// Fit of phase-change memory in the public simulator, with 1 µS per unit of weight.
DeviceConfig pcm_fit() {
  DeviceConfig config = plain();
  config.common.conductance_min_us = 0.0;
  config.common.conductance_max_us = 2.0;
  config.common.reset_mean_us = 0.01;
  device::ExponentialStepConfig& c = config.exponential_step;
  c.step.origin = 0.0;
  c.step.up_us = c.step.down_us = 0.01;
  c.argument_slope = -1.0;
  c.gamma_up = c.gamma_down = 2.5;
  c.amplitude_up = -27.235;
  c.amplitude_down = -2.235;
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
  config.exponential_step.step.spread = 0.0;
  config.exponential_step.step.up_us = 1000.0;
  config.exponential_step.step.down_us = 1000.0;
  return after_pulse(config, count, 26.0F, up);
}

void check_normal(const testing::Sample& sample, double mean, double deviation) {
  BOOST_TEST(std::fabs(sample.mean() - mean) < 4.0 * testing::mean_error(deviation, sample.n()));
  BOOST_TEST(std::fabs(sample.deviation() - deviation) <
             4.0 * testing::deviation_error(deviation, sample.n()));
}

}  // namespace

BOOST_AUTO_TEST_CASE(steps_of_the_published_fit_of_phase_change_memory) {
  const DeviceConfig config = pcm_fit();
  const double steps[][2] = {{0.0, 0.2823}, {0.2, 0.1752}, {0.4, 0.1102}, {0.6, 0.0708},
                             {0.8, 0.0469}, {1.0, 0.0324}, {1.4, 0.0182}, {1.98, 0.0119}};
  for (const auto& [from, step] : steps) {
    const float g = after_pulse(config, 1, static_cast<float>(from), true).conductance_us[0];
    BOOST_TEST(std::fabs(static_cast<double>(g) - from - step) < 6e-5, "from " << from);
  }
  BOOST_TEST(after_pulse(config, 1, 2.0F, true).conductance_us[0] == 2.0F);  // clipped
  const auto model = model_of(config);
  DeviceArray array(1, 0);
  const Stream stream(1, Purpose::programming);
  model->reset(array, all_places(1), 0.0, stream);
  for (const double expected : {0.286, 0.429, 0.532, 0.614, 0.683}) {
    model->set(array, all_places(1), 0.0, stream);
    BOOST_TEST(std::fabs(static_cast<double>(array.conductance_us[0]) - expected) < 6e-4);
  }
  model->set(array, std::vector<std::uint32_t>(15, 0), 0.0, stream);
  BOOST_TEST(std::fabs(array.conductance_us[0] - 1.218F) < 6e-4F);
}

/// Fit of RRAM on 20 … 120 µS against the formula in double precision; a step with the wrong sign
/// in the formula is 0.
BOOST_AUTO_TEST_CASE(steps_follow_the_formula_up_and_down) {
  DeviceConfig config = plain();
  config.common.conductance_min_us = 20.0;
  config.common.conductance_max_us = 120.0;
  device::ExponentialStepConfig& c = config.exponential_step;
  c.step.origin = 0.5;
  c.step.up_us = 0.0675;
  c.step.down_us = 0.05;
  c.argument_slope = c.argument_offset = -0.5;
  c.gamma_up = c.gamma_down = 5.0;
  c.amplitude_up = -1.18445;
  c.amplitude_down = -0.081404;
  for (const float g : {21.0F, 45.0F, 70.0F, 95.0F, 119.0F}) {
    const double z = -(static_cast<double>(g) - 70.0) / 100.0 - 0.5;
    const double up = 0.0675 * (1.0 + 1.18445 * std::exp(5.0 * z));
    const double down = 0.05 * (1.0 + 0.081404 * std::exp(-5.0 * z));
    const float raised = after_pulse(config, 1, g, true).conductance_us[0];
    const float lowered = after_pulse(config, 1, g, false).conductance_us[0];
    BOOST_TEST(std::fabs(static_cast<double>(raised - g) - up) < 1.5e-5);
    BOOST_TEST(std::fabs(static_cast<double>(g - lowered) - down) < 1.5e-5);
  }
  c.amplitude_up = 20.0;
  BOOST_TEST(after_pulse(config, 1, 45.0F, true).conductance_us[0] == 45.0F);
  c.argument_offset = 1.0;  // no infinity, no NaN: a step is at most the window
  c.amplitude_up = -1000.0;
  c.gamma_up = 1000.0;
  c.step.noise = 1.0;
  for (const float g : after_pulse(config, 100, 45.0F, true).conductance_us) {
    BOOST_TEST((g >= 20.0F && g <= 120.0F));
  }
}

/// n = 100,000 devices, one pulse from 10 µS above G₀: σ = 0.2·(step + 0.3 + 0.04·10); k = 4.
BOOST_AUTO_TEST_CASE(noise_grows_with_the_step_and_the_distance_from_the_origin) {
  DeviceConfig config = plain();
  config.exponential_step.step.noise = 0.2;
  check_normal(sample_of(after_pulse(config, many, 36.0F, true)), 36.5, 0.2 * 0.5);
  config.exponential_step.noise_offset_us = 0.3;
  config.exponential_step.noise_slope = 0.04;
  check_normal(sample_of(after_pulse(config, many, 36.0F, true)), 36.5, 0.2 * (0.5 + 0.7));
  check_normal(sample_of(after_pulse(config, many, 36.0F, false)), 35.6, 0.2 * (0.4 + 0.7));
}

/// n = 100,000 devices; k = 4. Up and down steps share their gain: Var(up + down) = 4(s·σ_g)²,
/// Var(up − down) = 4(s·σ_r)², with s = 0.5 µS the larger of both.
BOOST_AUTO_TEST_CASE(steps_and_windows_vary_between_devices) {
  DeviceConfig config = plain();
  config.common.conductance_max_std = 0.04;
  config.exponential_step.step.min_std_us = 1.5;
  config.exponential_step.step.spread = 0.1;
  config.exponential_step.step.asymmetry_std = 0.05;
  check_normal(sample_of(limits(config, many, true)), 50.0, 2.0);
  check_normal(sample_of(limits(config, many, false)), 10.0, 1.5);
  const DeviceArray up = after_pulse(config, many, 26.0F, true);
  const DeviceArray down = after_pulse(config, many, 26.0F, false);
  testing::Sample sum;
  testing::Sample difference;
  for (std::size_t i = 0; i < many; ++i) {
    sum.add(static_cast<double>(up.conductance_us[i] - down.conductance_us[i]));
    difference.add(static_cast<double>(up.conductance_us[i] + down.conductance_us[i]) - 52.0);
  }
  check_normal(sum, 0.9, 2.0 * 0.5 * 0.1);
  check_normal(difference, 0.1, 2.0 * 0.5 * 0.05);

  config.exponential_step.step.asymmetry_std = 0.0;
  config.exponential_step.step.spread = 0.7;
  config.exponential_step.step.spread_lognormal = true;
  testing::Sample log_size;
  for (const float g : after_pulse(config, many, 26.0F, true).conductance_us) {
    log_size.add(std::log((static_cast<double>(g) - 26.0) / 0.5));
  }
  check_normal(log_size, 0.0, 0.7);
  config.device_spread = false;
  for (const float g : after_pulse(config, 100, 26.0F, true).conductance_us) BOOST_TEST(g == 26.5F);
  for (const float g : limits(config, 100, true).conductance_us) BOOST_TEST(g == 50.0F);
}

/// n = 100,000 devices: reads give the hidden conductance plus 3 µS of noise, independent of this
/// conductance and of the previous noise; k = 4 (sum of products: 4·√n).
BOOST_AUTO_TEST_CASE(write_noise_hides_the_conductance_and_does_not_move_it) {
  DeviceConfig config = plain();
  config.exponential_step.step.noise = 0.6;
  const auto quiet = model_of(config);
  config.exponential_step.step.write_noise_us = 3.0;
  const auto noisy = model_of(config);
  DeviceArray hidden = array_at(*quiet, many, 30.0F);
  DeviceArray seen = array_at(*noisy, many, 30.0F);
  const Stream stream(4, Purpose::programming);
  std::vector<float> before;
  for (int n = 0; n < 3; ++n) {
    before = seen.memory;
    quiet->set(hidden, all_places(many), 0.0, stream);
    noisy->set(seen, all_places(many), 0.0, stream);
  }
  testing::Sample noise;
  double with_last = 0.0;
  double with_hidden = 0.0;
  for (std::size_t i = 0; i < many; ++i) {
    BOOST_REQUIRE_SMALL(seen.conductance_us[i] - (seen.memory[i] - 1.0F) - hidden.conductance_us[i],
                        3e-5F);
    noise.add(static_cast<double>(seen.memory[i]) - 1.0);
    const double part = static_cast<double>(seen.memory[i] - 1.0F) / 3.0;
    with_last += part * static_cast<double>(before[i] - 1.0F) / 3.0;
    with_hidden += part * static_cast<double>(hidden.conductance_us[i] - 31.5F) / 0.5196;
  }
  check_normal(noise, 0.0, 3.0);
  BOOST_TEST(std::fabs(with_last) < 4.0 * std::sqrt(static_cast<double>(many)));
  BOOST_TEST(std::fabs(with_hidden) < 4.0 * std::sqrt(static_cast<double>(many)));
  noisy->set_exact(seen, 0, 20.0F, 0.0, stream);
  noisy->reset(seen, std::vector<std::uint32_t>{1}, 0.0, stream);
  BOOST_TEST((seen.memory[0] == 1.0F && seen.memory[1] == 1.0F));
  config.exponential_step.step.write_noise_us = 30.0;
  const std::vector<float> low = after_pulse(config, 1000, 10.0F, true).conductance_us;
  BOOST_TEST(*std::min_element(low.begin(), low.end()) == 0.0F);
}

/// RESET, n = 100,000: N(20 µS, 0.5 µS), k = 4, within the limits of the device.
BOOST_AUTO_TEST_CASE(reset_has_its_mean_deviation_and_limits) {
  DeviceConfig config = plain();
  config.common.reset_mean_us = 20.0;
  config.common.reset_std_us = 0.5;
  const Stream stream(2, Purpose::programming);
  DeviceArray array(many, 0);
  model_of(config)->reset(array, all_places(many), 3.0, stream);
  check_normal(sample_of(array), 20.0, 0.5);
  BOOST_TEST(array.programmed_at_s[many - 1] == 3.0);
  config.common.reset_mean_us = 10.0;
  model_of(config)->reset(array, all_places(many), 3.0, stream);
  const auto at_limit = std::count(array.conductance_us.begin(), array.conductance_us.end(), 10.0F);
  BOOST_TEST(std::fabs(static_cast<double>(at_limit) / static_cast<double>(many) - 0.5) <
             4.0 * 0.5 / std::sqrt(static_cast<double>(many)));
  BOOST_TEST(*std::min_element(array.conductance_us.begin(), array.conductance_us.end()) == 10.0F);
  config.programming_noise = false;
  model_of(config)->reset(array, all_places(many), 3.0, stream);
  BOOST_TEST(sample_of(array).deviation() == 0.0);
}

BOOST_AUTO_TEST_CASE(switches_disable_their_effects) {
  DeviceConfig config = plain();
  config.exponential_step.step.noise = 0.6;
  config.exponential_step.step.write_noise_us = 2.0;
  config.programming_noise = false;
  for (const float g : after_pulse(config, 50, 38.0F, true).conductance_us) BOOST_TEST(g == 38.5F);
  config.update_nonlinearity = false;
  config.exponential_step.amplitude_up = -3.0;
  for (const float g : {14.0F, 26.0F, 47.0F}) {
    BOOST_TEST(std::fabs(after_pulse(config, 1, g, true).conductance_us[0] - (g + 0.77F)) < 1e-5F);
    BOOST_TEST(std::fabs(after_pulse(config, 1, g, false).conductance_us[0] - (g - 0.77F)) < 1e-5F);
  }
}

BOOST_AUTO_TEST_CASE(draws_depend_only_on_the_device_and_its_pulses) {
  DeviceConfig config = plain();
  config.exponential_step.step.noise = 0.6;
  config.exponential_step.step.write_noise_us = 1.0;
  config.exponential_step.step.spread = 0.3;
  const auto model = model_of(config);
  const Stream stream(6, Purpose::programming);
  DeviceArray together(3, 40);
  DeviceArray apart(1, 41);  // device 1 of `together`
  model->prepare(together, Stream(7, Purpose::device_spread));
  model->prepare(apart, Stream(7, Purpose::device_spread));
  model->reset(together, std::vector<std::uint32_t>{0, 1, 2}, 0.0, stream);
  model->set(together, std::vector<std::uint32_t>{1, 2, 0, 1}, 0.0, stream);
  model->depress(together, std::vector<std::uint32_t>{2, 1}, 0.0, stream);
  model->reset(apart, all_places(1), 0.0, stream);
  model->set(apart, std::vector<std::uint32_t>{0, 0}, 5.0, stream);
  model->depress(apart, all_places(1), 9.0, stream);
  BOOST_TEST(apart.conductance_us[0] == together.conductance_us[1]);
  BOOST_TEST(apart.memory[0] == together.memory[1]);
  BOOST_TEST(together.pulses[1] == 4U);
  BOOST_TEST(together.conductance_us[0] != together.conductance_us[2]);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
