// Conductance of devices at other ambient temperatures.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "crossbar/crossbar.hpp"
#include "device/device.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(device_temperature)

namespace {

using device::DeviceArray;
using device::DeviceConfig;

/// Conductance at `kelvin` and `t_s` of a device programmed to 5 µS at t = 0.
double shown_us(DeviceConfig config, double kelvin, double t_s, float us = 5.0F) {
  config.temperature_k = kelvin;
  const auto model = device::make_model(config, 0.768);
  DeviceArray array(1, 0);
  model->prepare(array, Stream(1, Purpose::device_spread));
  array.conductance_us[0] = us;
  float g = 0.0F;
  model->conductance_us(array, 0, t_s, {&g, 1});
  return static_cast<double>(g);
}

DeviceConfig activated(double energy_ev) {
  DeviceConfig config;
  config.common.activation_energy_ev = energy_ev;
  return config;
}

}  // namespace

/// exp(−E_a/k_B·(1/T − 1/300 K)), to the printed digits.
BOOST_AUTO_TEST_CASE(conductance_is_activated) {
  struct Row {
    double energy_ev, kelvin, factor;
  };
  const Row rows[] = {{0.2, 320.0, 1.6218}, {0.2, 350.0, 3.0198}, {0.3, 320.0, 2.0653},
                      {0.3, 350.0, 5.2477}, {0.2, 300.0, 1.0},    {0.0, 350.0, 1.0}};
  for (const Row& row : rows) {
    const double factor = shown_us(activated(row.energy_ev), row.kelvin, 1.0) / 5.0;
    BOOST_TEST(std::fabs(factor - row.factor) < 5.5e-5,
               row.energy_ev << " eV, " << row.kelvin << " K: " << factor);
  }
  const double colder = shown_us(activated(0.2), 260.0, 1.0) / 5.0;
  BOOST_TEST(std::fabs(colder - std::exp(-0.2 / 8.617333e-5 * (1.0 / 260.0 - 1.0 / 300.0))) < 1e-6);
}

BOOST_AUTO_TEST_CASE(three_hundred_kelvin_is_exact) {
  BOOST_TEST(shown_us(activated(0.2), 300.0, 1.0) == 5.0);
}

/// The drift exponent does not depend on temperature: the factor is the same at every age.
BOOST_AUTO_TEST_CASE(drift_and_activation_multiply) {
  for (const double t_s : {1.0, 1e3, 1e6, 1e8}) {
    const double warm = shown_us(activated(0.2), 350.0, t_s);
    const double cool = shown_us(activated(0.2), 300.0, t_s);
    BOOST_TEST(std::fabs(warm / cool - 3.0198) < 6e-5);
  }
  BOOST_TEST(shown_us(activated(0.2), 350.0, 1e6) < 0.99 * shown_us(activated(0.2), 350.0, 1e3));
}

BOOST_AUTO_TEST_CASE(stepwise_conductance_has_the_same_factor) {
  DeviceConfig config = activated(0.2);
  config.temperature_k = 350.0;
  const auto warm = device::make_model(config, 0.768);
  config.temperature_k = 300.0;
  const auto cool = device::make_model(config, 0.768);
  DeviceArray array(1, 0);
  array.conductance_us[0] = 5.0F;
  for (const double t_s : {1.0, 1e4, 1e7}) {
    float w = 0.0F;
    float c = 0.0F;
    BOOST_TEST(warm->conductance_stepwise_us(array, 0, t_s, {&w, 1}) ==
               cool->conductance_stepwise_us(array, 0, t_s, {&c, 1}));
    BOOST_TEST(std::fabs(static_cast<double>(w / c) - 3.0198) < 6e-5);
  }
}

BOOST_AUTO_TEST_CASE(ideal_devices_do_not_depend_on_temperature) {
  DeviceConfig config;
  config.model = device::ModelName::ideal;
  BOOST_TEST(shown_us(config, 350.0, 1.0) == 5.0);
}

BOOST_AUTO_TEST_CASE(pcm_inference_is_activated) {
  DeviceConfig config = activated(0.3);
  config.model = device::ModelName::pcm_inference;
  BOOST_TEST(std::fabs(shown_us(config, 320.0, 0.0) / 5.0 - 2.0653) < 5.5e-5);
}

/// With a strong projection only the projection layer matters: G(T) = G(300 K)/(1 + α(T − 300 K))
/// for every state of the segment, so one scalar corrects an array. Without projection, only the
/// activation of the amorphous part matters.
BOOST_AUTO_TEST_CASE(a_projection_removes_the_activation) {
  DeviceConfig config = activated(0.25);
  config.model = device::ModelName::projected_pcm;
  config.drift = false;
  config.common.conductance_max_us = 20.0;
  config.projected_pcm.projection = 1e6;
  config.projected_pcm.crystalline_resistance_kohm = 1e-3;
  for (const float us : {1.5F, 4.0F, 12.0F}) {
    const double factor = shown_us(config, 350.0, 0.0, us) / static_cast<double>(us);
    BOOST_TEST(std::fabs(factor - 1.0 / 1.05) < 2e-5, us << " µS: " << factor);
  }
  config.projected_pcm.projection = 1e-3;
  config.projected_pcm.projection_resistance_kohm = 1e6;
  const double bare = shown_us(config, 350.0, 0.0) / 5.0;
  const double activation = std::exp(-0.25 / 8.617333e-5 * (1.0 / 350.0 - 1.0 / 300.0));
  BOOST_TEST(std::fabs(bare / activation - 1.0) < 1e-3);
}

BOOST_AUTO_TEST_CASE(every_weight_of_an_array_has_the_factor) {
  crossbar::CrossbarConfig config;
  config.device.temperature_k = 320.0;
  const Matrix<float> w = testing::random_matrix(5, 4, 0.9F, 6);
  crossbar::Crossbar array(config, device::make_model(config.device, 0.768), 5, 4, 0, 0, 0, 1,
                           {best_isa(), 1});
  array.set_exact(w);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      BOOST_TEST(std::fabs(array.weights()(i, j) - 1.6218F * w(i, j)) < 6e-5F);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
