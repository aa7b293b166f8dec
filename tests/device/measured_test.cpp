#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "base/error.hpp"
#include "device/device.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(device_measured)

namespace {

using device::DeviceArray;
using device::DeviceConfig;
using device::DeviceModel;

constexpr std::size_t many = 100000;

/// A device with every table: three conductances, pulses 1, 2 and 10.
DeviceConfig measured() {
  DeviceConfig config;
  config.model = device::ModelName::measured;
  config.common.activation_energy_ev = 0.0;
  device::MeasuredConfig& c = config.measured;
  c.conductance_us = {1.0, 3.0, 7.0};
  c.pulse = {1.0, 2.0, 10.0};
  c.set_mean_us = {2.0, 1.0, 0.5,  //
                   1.2, 0.8, 0.4,  //
                   0.4, 0.4, 0.0};
  c.set_std_us = {1.0, 0.8, 0.4,  //
                  0.6, 0.4, 0.2,  //
                  0.2, 0.2, 0.1};
  c.depress_mean_us = {-0.1, -0.5, -1.5};
  c.depress_std_us = {0.05, 0.1, 0.3};
  c.drift_mean = {0.08, 0.06, 0.02};
  c.drift_std = {0.02, 0.01, 0.004};
  c.read_noise_us = {0.1, 0.2, 0.6};
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

/// `count` devices at `g_us` after `pulses` pulses since RESET.
DeviceArray array_at(const DeviceModel& model, std::size_t count, float g_us, int pulses) {
  DeviceArray array(count, 0);
  model.prepare(array, Stream(7, Purpose::device_spread));
  for (std::size_t i = 0; i < count; ++i) {
    array.conductance_us[i] = g_us;
    array.memory[i] = 1.0F + static_cast<float>(pulses);
  }
  return array;
}

enum class Pulse { set, depress };

DeviceArray after_pulse(const DeviceConfig& config, std::size_t count, float g_us, int pulses,
                        Pulse pulse) {
  const auto model = model_of(config);
  DeviceArray array = array_at(*model, count, g_us, pulses);
  const Stream stream(3, Purpose::programming);
  if (pulse == Pulse::set) {
    model->set(array, all_places(count), 0.0, stream);
  } else {
    model->depress(array, all_places(count), 0.0, stream);
  }
  return array;
}

testing::Sample sample_of(const std::vector<float>& values) {
  testing::Sample sample;
  for (const float value : values) sample.add(static_cast<double>(value));
  return sample;
}

void check_normal(const testing::Sample& sample, double mean, double deviation) {
  BOOST_TEST(std::fabs(sample.mean() - mean) < 4.0 * testing::mean_error(deviation, sample.n()));
  BOOST_TEST(std::fabs(sample.deviation() - deviation) <
             4.0 * testing::deviation_error(deviation, sample.n()));
}

/// Checks that make_model refuses the configuration with an error at `key`.
void check_refused(const DeviceConfig& config, const std::string& key, const std::string& words) {
  BOOST_CHECK_EXCEPTION(model_of(config), InputError, [&](const InputError& error) {
    return error.where() == key && testing::contains(error.what(), words);
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(means_are_linear_between_the_points_and_constant_outside) {
  DeviceConfig config = measured();
  config.programming_noise = false;
  struct Row {
    float g;
    int pulses;  ///< before this pulse
    double change;
  };
  const Row rows[] = {
      {1.0F, 0, 2.0}, {3.0F, 0, 1.0},   {7.0F, 0, 0.5},                     // points
      {2.0F, 0, 1.5}, {4.0F, 0, 0.875}, {6.0F, 1, 0.5},                     // between two G
      {3.0F, 5, 0.6}, {1.0F, 3, 1.0},                                       // between two pulses
      {2.0F, 5, 0.7}, {5.0F, 3, 0.5},                                       // between four points
      {0.5F, 0, 2.0}, {9.0F, 1, 0.4},   {4.0F, 30, 0.3}, {0.2F, 1000, 0.4}  // outside
  };
  for (const Row& row : rows) {
    const DeviceArray array = after_pulse(config, 1, row.g, row.pulses, Pulse::set);
    BOOST_TEST(std::fabs(static_cast<double>(array.conductance_us[0] - row.g) - row.change) < 2e-6,
               "from " << row.g << " µS after " << row.pulses << " pulses");
    BOOST_TEST(array.memory[0] == 2.0F + static_cast<float>(row.pulses));
  }
  const float down = after_pulse(config, 1, 5.0F, 4, Pulse::depress).conductance_us[0];
  BOOST_TEST(std::fabs(down - 4.0F) < 1e-6F);
  config.measured.depress_mean_us = {-0.1, -0.5, -1.5, -0.2, -0.6, -1.6, -0.3, -0.7, -1.7};
  const float later = after_pulse(config, 1, 5.0F, 5, Pulse::depress).conductance_us[0];
  BOOST_TEST(std::fabs(later - 3.85F) < 1e-6F);
}

/// n = 100,000 devices of one state, wide limits; k = 4.
BOOST_AUTO_TEST_CASE(pulses_have_the_mean_and_deviation_of_the_tables) {
  DeviceConfig config = measured();
  config.common.conductance_min_us = 0.0;
  config.common.conductance_max_us = 1000.0;
  check_normal(sample_of(after_pulse(config, many, 7.0F, 0, Pulse::set).conductance_us), 7.5, 0.4);
  check_normal(sample_of(after_pulse(config, many, 6.0F, 1, Pulse::set).conductance_us), 6.5, 0.25);
  check_normal(sample_of(after_pulse(config, many, 5.0F, 5, Pulse::set).conductance_us), 5.4,
               0.225);
  check_normal(sample_of(after_pulse(config, many, 5.0F, 0, Pulse::depress).conductance_us), 4.0,
               0.2);
}

BOOST_AUTO_TEST_CASE(the_number_of_the_pulse_counts_from_reset) {
  DeviceConfig config = measured();
  config.programming_noise = false;
  const auto model = model_of(config);
  DeviceArray array = array_at(*model, 1, 0.1F, 0);
  const Stream stream(1, Purpose::programming);
  const std::vector<std::uint32_t> place = {0};
  model->set(array, place, 1.0, stream);  // first pulse: +2 µS
  BOOST_TEST(std::fabs(array.conductance_us[0] - 2.1F) < 1e-6F);
  model->set(array, place, 2.0, stream);  // second pulse, at 2.1 µS: 1.2 − 0.55·0.4
  BOOST_TEST(std::fabs(array.conductance_us[0] - 3.08F) < 1e-6F);
  model->depress(array, place, 3.0, stream);
  BOOST_TEST(array.memory[0] == 4.0F);
  model->reset(array, place, 4.0, stream);
  BOOST_TEST(array.memory[0] == 1.0F);
  BOOST_TEST(array.conductance_us[0] == 0.1F);
  BOOST_TEST(array.programmed_at_s[0] == 4.0);
  BOOST_TEST(array.pulses[0] == 4U);
  model->set(array, place, 5.0, stream);  // first pulse again
  BOOST_TEST(std::fabs(array.conductance_us[0] - 2.1F) < 1e-6F);
  model->set_exact(array, 0, 7.0F, 6.0, stream);
  model->set(array, place, 7.0, stream);
  BOOST_TEST(array.conductance_us[0] == 7.5F);
}

/// Limits: clipped at G_min and G_max; n = 100,000 of N(12 µS, 0.05·12 µS) limits, k = 4.
BOOST_AUTO_TEST_CASE(pulses_end_at_the_limits_of_the_device) {
  DeviceConfig config = measured();
  config.programming_noise = false;
  BOOST_TEST(after_pulse(config, 1, 11.9F, 0, Pulse::set).conductance_us[0] == 12.0F);
  BOOST_TEST(after_pulse(config, 1, 0.15F, 0, Pulse::depress).conductance_us[0] == 0.1F);
  config.measured.set_mean_us[2] = 500.0;
  config.common.conductance_max_std = 0.05;
  check_normal(sample_of(after_pulse(config, many, 7.0F, 0, Pulse::set).conductance_us), 12.0, 0.6);
  config.device_spread = false;
  for (const float g : after_pulse(config, 100, 7.0F, 0, Pulse::set).conductance_us) {
    BOOST_TEST(g == 12.0F);
  }
}

/// n = 100,000 devices programmed at 5 µS: ν = |N(0.04, 0.007)|, new with each pulse; k = 4.
BOOST_AUTO_TEST_CASE(each_pulse_draws_a_drift_exponent_from_the_tables) {
  DeviceConfig config = measured();
  const auto model = model_of(config);
  DeviceArray array = array_at(*model, many, 0.0F, 0);
  const Stream stream(5, Purpose::programming);
  for (std::uint32_t i = 0; i < many; ++i) model->set_exact(array, i, 5.0F, 0.0, stream);
  check_normal(sample_of(array.drift_exponent), 0.04, 0.007);
  float g = 0.0F;
  model->conductance_us(array, 0, 38600.0, {&g, 1});
  const double expected = 5.0 * std::pow(1000.0, -static_cast<double>(array.drift_exponent[0]));
  BOOST_TEST(std::fabs(static_cast<double>(g) - expected) < 1e-5);
  BOOST_TEST(model->conductance_stepwise_us(array, 0, 50.0, {&g, 1}) < 60.0);
  config.common.reset_std_us = 0.0;  // the same conductance, another exponent
  model_of(config)->reset(array, std::vector<std::uint32_t>{0}, 0.0, stream);
  const float before = array.drift_exponent[0];
  model_of(config)->reset(array, std::vector<std::uint32_t>{0}, 0.0, stream);
  BOOST_TEST(array.drift_exponent[0] != before);

  config.device_spread = false;
  DeviceArray alike = array_at(*model, 1, 0.0F, 0);
  model_of(config)->set_exact(alike, 0, 5.0F, 0.0, stream);
  BOOST_TEST(std::fabs(alike.drift_exponent[0] - 0.04F) < 1e-7F);
  config.drift = false;
  DeviceArray still = array_at(*model_of(config), 1, 5.0F, 0);
  BOOST_TEST(still.drift_exponent.empty());
  model_of(config)->conductance_us(still, 0, 1e9, {&g, 1});
  BOOST_TEST(g == 5.0F);
}

BOOST_AUTO_TEST_CASE(effects_without_a_table_are_as_in_other_models) {
  DeviceConfig config = measured();
  const std::vector<float> g = {0.5F, 2.0F, 6.0F, 20.0F};
  const float table[] = {0.1F, 0.15F, 0.5F, 0.6F};
  std::vector<float> sigma(4);
  BOOST_TEST(model_of(config)->read_noise_us({4, 0}, 0, 0.0, g, sigma));
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(std::fabs(sigma[i] - table[i]) < 1e-6F);
  config.read_noise = false;
  BOOST_TEST(!model_of(config)->read_noise_us({4, 0}, 0, 0.0, g, sigma));

  DeviceConfig bare;
  bare.model = device::ModelName::measured;
  bare.measured.conductance_us = {1.0, 3.0};
  bare.measured.set_mean_us = {1.0, 0.5};
  const auto model = model_of(bare);
  BOOST_TEST(!model->depresses());
  BOOST_TEST(model->read_noise_us({4, 0}, 0, 0.0, g, sigma));
  BOOST_TEST(sigma[1] == 0.03F * 2.0F + 0.13F);
  DeviceArray array = array_at(*model, 1, 2.0F, 5);
  BOOST_TEST(array.drift_exponent.empty());
  float drifted = 0.0F;
  model->conductance_us(array, 0, 386.0, {&drifted, 1});
  BOOST_TEST(std::fabs(drifted - 2.0F * 0.91201F) < 1e-4F);
  model->set(array, std::vector<std::uint32_t>{0}, 0.0, Stream(1, Purpose::programming));
  BOOST_TEST(array.conductance_us[0] == 2.75F);  // no deviation without a table
  model->depress(array, std::vector<std::uint32_t>{0}, 0.0, Stream(1, Purpose::programming));
  BOOST_TEST(array.memory[0] == 1.0F);  // a pulse down is a RESET
  BOOST_TEST(array.conductance_us[0] < 0.2F);
}

BOOST_AUTO_TEST_CASE(without_nonlinearity_the_mean_change_is_the_granularity) {
  DeviceConfig config = measured();
  config.update_nonlinearity = false;
  check_normal(sample_of(after_pulse(config, many, 7.0F, 0, Pulse::set).conductance_us), 7.77, 0.4);
  check_normal(sample_of(after_pulse(config, many, 7.0F, 0, Pulse::depress).conductance_us), 6.23,
               0.3);
}

BOOST_AUTO_TEST_CASE(draws_depend_only_on_the_device_and_its_pulses) {
  const auto model = model_of(measured());
  const Stream stream(6, Purpose::programming);
  DeviceArray together(3, 40);
  DeviceArray apart(1, 41);  // device 1 of `together`
  model->prepare(together, Stream(7, Purpose::device_spread));
  model->prepare(apart, Stream(7, Purpose::device_spread));
  model->set(together, std::vector<std::uint32_t>{1, 2, 0, 1}, 0.0, stream);
  model->set(apart, std::vector<std::uint32_t>{0, 0}, 5.0, stream);
  BOOST_TEST(apart.conductance_us[0] == together.conductance_us[1]);
  BOOST_TEST(apart.drift_exponent[0] == together.drift_exponent[1]);
  BOOST_TEST(together.conductance_us[0] != together.conductance_us[2]);
}

BOOST_AUTO_TEST_CASE(bad_tables_are_refused) {
  const auto with = [](Numbers device::MeasuredConfig::*table, Numbers values) {
    DeviceConfig config = measured();
    config.measured.*table = std::move(values);
    return config;
  };
  using Tables = device::MeasuredConfig;
  check_refused(with(&Tables::conductance_us, {}), "measured-conductance-us", "imcsim fit");
  check_refused(with(&Tables::set_mean_us, {}), "measured-set-mean-us", "imcsim fit");
  check_refused(with(&Tables::conductance_us, {1.0, 1.0, 7.0}), "measured-conductance-us",
                "1 follows 1");
  check_refused(with(&Tables::pulse, {1.0, 3.0, 2.0}), "measured-pulse", "2 follows 3");
  check_refused(with(&Tables::set_mean_us, {1.0, 2.0, 3.0}), "measured-set-mean-us", "9");
  check_refused(with(&Tables::set_std_us, Numbers(8, 0.1)), "measured-set-std-us", "8 entries");
  check_refused(with(&Tables::depress_mean_us, {-1.0}), "measured-depress-mean-us", "3 or 9");
  check_refused(with(&Tables::depress_std_us, {0.1, 0.1}), "measured-depress-std-us", "3 or 9");
  check_refused(with(&Tables::drift_mean, Numbers(9, 0.1)), "measured-drift-mean", "3");
  check_refused(with(&Tables::drift_std, {0.1}), "measured-drift-std", "1 entries");
  check_refused(with(&Tables::read_noise_us, {0.1}), "measured-read-noise-us", "3");
  check_refused(with(&Tables::depress_mean_us, {}), "measured-depress-mean-us", "deviations");
  check_refused(with(&Tables::drift_mean, {}), "measured-drift-mean", "deviations");
  BOOST_CHECK_NO_THROW(model_of(measured()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
