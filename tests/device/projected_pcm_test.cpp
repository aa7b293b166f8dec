// Projected phase-change memory against the closed forms of its circuit.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "device/device.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(device_projected_pcm)

namespace {

using device::DeviceArray;
using device::DeviceConfig;
using device::DeviceModel;

constexpr double t0_s = 20.0;

/// ν_a = 0.1, no spread, read noise of 10 % of the conductance.
DeviceConfig base_config() {
  DeviceConfig config;
  config.model = device::ModelName::projected_pcm;
  config.device_spread = false;
  config.common.conductance_min_us = 1.1;
  config.common.conductance_max_us = 20.0;
  config.common.reset_mean_us = 1.1;
  config.common.drift_exponent = 0.1;
  config.common.drift_reference_time = {t0_s};
  config.common.read_noise_slope = 0.1;
  config.common.read_noise_offset_us = 0.0;
  return config;
}

/// All of the length amorphous (u = 1) at 1 µS, with G_p/G_a = `ratio`.
DeviceConfig all_amorphous(double ratio) {
  DeviceConfig config = base_config();
  config.projected_pcm.projection = ratio;
  config.projected_pcm.projection_resistance_kohm = 1000.0 * (1.0 + ratio) / ratio;
  config.projected_pcm.crystalline_resistance_kohm = 1e-3;
  return config;
}

struct One {
  std::unique_ptr<const DeviceModel> model;
  DeviceArray array{1, 0};

  One(const DeviceConfig& config, float us) : model(device::make_model(config, 0.768)) {
    model->prepare(array, Stream(1, Purpose::device_spread));
    array.conductance_us[0] = us;
  }
  double us(double t_s) const {
    float g = 0.0F;
    model->conductance_us(array, 0, t_s, {&g, 1});
    return static_cast<double>(g);
  }
  /// Factor of the noise of the amorphous part, from the read noise.
  double share(double t_s) const {
    const auto g = static_cast<float>(us(t_s));
    float sigma = 0.0F;
    BOOST_TEST_REQUIRE(model->read_noise_us(array, 0, t_s, {&g, 1}, {&sigma, 1}));
    return static_cast<double>(sigma / (0.1F * g));
  }
};

/// The circuit in double precision: conductance and share at the age `ratio`·t₀.
struct Expected {
  double us, share;
};
Expected circuit(const DeviceConfig& config, double us, double ratio, double kelvin) {
  const device::ProjectedPcmConfig& p = config.projected_pcm;
  const double rp = p.projection_resistance_kohm;
  const double ra = rp * p.projection;
  const double rest = p.crystalline_resistance_kohm;
  const double interface = 2.0 * p.interface_resistance_kohm;
  const double segment = ra * rp / (ra + rp);
  const double u = std::clamp((1000.0 / us - rest - interface) / (segment - rest), 0.0, 1.0);
  if (u == 0.0) return {us, 0.0};
  const double activation =
      std::exp(config.common.activation_energy_ev / 8.617333e-5 * (1.0 / kelvin - 1.0 / 300.0));
  const double a = u * ra * std::pow(ratio, config.common.drift_exponent) * activation;
  const double q = u * rp * (1.0 + p.projection_temperature_coefficient * (kelvin - 300.0));
  const double s = a * q / (a + q);
  const double total = (1.0 - u) * rest + interface + s;
  return {1000.0 / total, q / (a + q) * s / total};
}

}  // namespace

/// Table of G_p/G_a, to its printed digits; other values from the closed forms
/// G(t)/G(t₀) = (a + p)/(1 + p), share = a/(a + p) with a = (t/t₀)^−0.1.
BOOST_AUTO_TEST_CASE(drift_and_noise_shrink_as_the_closed_form) {
  struct Row {
    double ratio, share, four_decades, six_decades, exponent_later;
  };
  const Row rows[] = {{1.0, 0.5, 0.69905, 0.62559, 0.02848},
                      {3.0, 0.25, 0.84953, 0.81280, 0.01172},
                      {10.0, 0.0909, 0.94528, 0.93193, 0.00383},
                      {30.0, 0.0323, 0.98058, 0.97584, 0.00131},
                      {100.0, 0.0099, 0.99404, 0.99259, 0.00040}};
  for (const Row& row : rows) {
    const One one(all_amorphous(row.ratio), 1.0F);
    BOOST_TEST_CONTEXT("Gp/Ga " << row.ratio) {
      BOOST_TEST(std::fabs(one.us(t0_s) - 1.0) < 1e-6);
      BOOST_TEST(std::fabs(one.share(t0_s) - row.share) < 5.1e-5);
      BOOST_TEST(std::fabs(one.us(1e4 * t0_s) - row.four_decades) < 5.5e-6);
      BOOST_TEST(std::fabs(one.us(1e6 * t0_s) - row.six_decades) < 5.5e-6);
      BOOST_TEST(std::fabs(0.1 * one.share(1e4 * t0_s) - row.exponent_later) < 5.5e-6);
      // The share is the local drift exponent relative to ν_a, by central differences.
      const double slope =
          -std::log(one.us(1.1e4 * t0_s) / one.us(1e4 / 1.1 * t0_s)) / (2.0 * std::log(1.1));
      BOOST_TEST(std::fabs(slope - 0.1 * one.share(1e4 * t0_s)) < 3e-6);
    }
  }
  // Nearly no projection: the amorphous part alone.
  const One bare(all_amorphous(1e-3), 1.0F);
  const double a = std::pow(1e4, -0.1);
  BOOST_TEST(std::fabs(bare.us(1e4 * t0_s) - (a + 1e-3) / 1.001) < 1e-6);
  BOOST_TEST(std::fabs(bare.us(1e6 * t0_s) - (std::pow(1e6, -0.1) + 1e-3) / 1.001) < 1e-6);
  BOOST_TEST(std::fabs(bare.us(1e4 * t0_s) - 0.3981) < 1e-3);
  BOOST_TEST(std::fabs(bare.share(t0_s) - 1.0) < 1.1e-3);
}

BOOST_AUTO_TEST_CASE(any_state_follows_the_circuit) {
  for (const double interface : {0.0, 4.0}) {
    for (const double kelvin : {300.0, 260.0, 345.0}) {
      DeviceConfig config = base_config();
      config.projected_pcm.interface_resistance_kohm = interface;
      config.temperature_k = kelvin;
      for (const double us : {1.1, 2.0, 7.0, 19.0}) {
        const One one(config, static_cast<float>(us));
        for (const double ratio : {1.0, 30.0, 1e5}) {
          const Expected e = circuit(config, us, ratio, kelvin);
          BOOST_TEST_CONTEXT(us << " µS, age " << ratio << ", " << kelvin << " K") {
            BOOST_TEST(std::fabs(one.us(ratio * t0_s) / e.us - 1.0) < 2e-6);
            BOOST_TEST(std::fabs(one.share(ratio * t0_s) - e.share) < 2e-6 + 1e-5 * e.share);
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_crystalline_device_neither_drifts_nor_fluctuates) {
  DeviceConfig config = base_config();
  config.temperature_k = 350.0;
  const One one(config, 25.5F);  // more than 1/(40 kΩ)
  BOOST_TEST(one.us(1e9) == 25.5);
  BOOST_TEST(one.share(1e9) == 0.0);
}

BOOST_AUTO_TEST_CASE(slow_noise_is_the_amorphous_parts_times_its_share) {
  DeviceConfig config = base_config();
  config.flicker.flicker_power = {0.0088, 0.65, 0.2};
  for (const double us : {1.1, 5.0, 15.0}) {
    const One one(config, static_cast<float>(us));
    const double strength = std::min(0.0088 / std::pow(us / 20.0, 0.65), 0.2);
    for (const double t_s : {0.0, 3600.0, 1e7}) {
      const auto g = static_cast<float>(one.us(t_s));
      float sigma = 0.0F;
      BOOST_TEST_REQUIRE(one.model->slow_noise_us(one.array, 0, t_s, {&g, 1}, {&sigma, 1}));
      const double growth = std::sqrt(std::log((t_s + t0_s + 250e-9) / 500e-9));
      const Expected e = circuit(config, us, std::max(1.0, t_s / t0_s), 300.0);
      const double expected = static_cast<double>(g) * strength * growth * e.share;
      BOOST_TEST(std::fabs(static_cast<double>(sigma) / expected - 1.0) < 2e-5);
    }
    const double now = strength * circuit(config, us, 1.0, 300.0).share;
    BOOST_TEST(std::fabs(static_cast<double>(one.model->flicker_strength(one.array, 0)) / now -
                         1.0) < 2e-5);
  }
}

/// At 5,000 random ages and states the stepwise value is within the tolerance of the law, and
/// constant until the returned time.
BOOST_AUTO_TEST_CASE(stepwise_conductance_is_near_the_law_until_the_returned_time) {
  testing::Draws draws(5);
  for (int i = 0; i < 5000; ++i) {
    const One one(base_config(), 10.0F + draws(8.9F));
    const double t_s = t0_s * std::exp(8.0 + 8.0 * static_cast<double>(draws())) / 2.0;
    float stepwise = 0.0F;
    const double until = one.model->conductance_stepwise_us(one.array, 0, t_s, {&stepwise, 1});
    BOOST_REQUIRE(std::fabs(static_cast<double>(stepwise) / one.us(t_s) - 1.0) <
                  1.001 * device::drift_step_tolerance + 1e-6);
    if (until <= t_s) continue;  // the returned time may be slightly early
    float later = 0.0F;
    one.model->conductance_stepwise_us(one.array, 0, t_s + 0.999 * (until - t_s), {&later, 1});
    BOOST_REQUIRE(later == stepwise);
  }
}

/// n = 50,000 devices of ν_a ~ |N(0.1, 0.02)|; k = 4.
BOOST_AUTO_TEST_CASE(exponents_vary_between_devices) {
  DeviceConfig config = base_config();
  config.device_spread = true;
  config.common.drift_exponent_std = 0.02;
  const auto model = device::make_model(config, 0.768);
  DeviceArray array(50000, 0);
  model->prepare(array, Stream(1, Purpose::device_spread));
  testing::Sample nu;
  for (const float exponent : array.drift_exponent) nu.add(static_cast<double>(exponent));
  BOOST_TEST(nu.n() == 50000.0);
  BOOST_TEST(std::fabs(nu.mean() - 0.1) < 4.0 * testing::mean_error(0.02, nu.n()));
  BOOST_TEST(std::fabs(nu.deviation() - 0.02) < 4.0 * testing::deviation_error(0.02, nu.n()));
}

BOOST_AUTO_TEST_CASE(switches_and_inconsistent_circuits) {
  DeviceConfig config = base_config();
  config.drift = false;
  config.read_noise = false;
  config.flicker.flicker_power = {0.0088, 0.65, 0.2};
  const One one(config, 5.0F);
  BOOST_TEST(std::fabs(one.us(1e9) - 5.0) < 1e-6);
  const float g = 5.0F;
  float sigma = 0.0F;
  BOOST_TEST(!one.model->read_noise_us(one.array, 0, 1.0, {&g, 1}, {&sigma, 1}));
  BOOST_TEST(!one.model->slow_noise_us(one.array, 0, 1.0, {&g, 1}, {&sigma, 1}));
  config.projected_pcm.projection_resistance_kohm =
      40.0;  // amorphous conducts better than crystalline
  BOOST_CHECK_THROW(device::make_model(config, 0.768), InputError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
