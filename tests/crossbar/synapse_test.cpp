// Several devices per polarity: arbitration of pulses, and effect on the weight.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "crossbar/crossbar.hpp"
#include "support.hpp"

namespace imcsim::crossbar {
BOOST_AUTO_TEST_SUITE(crossbar_synapse)

namespace {

CrossbarConfig config_of(std::int64_t devices, Arbitration arbitration) {
  CrossbarConfig config;
  config.array.devices_per_weight = devices;
  config.array.arbitration = arbitration;
  return config;
}

Crossbar make(const CrossbarConfig& config, std::size_t rows, std::size_t columns) {
  const std::shared_ptr<const device::DeviceModel> model = device::make_model(config.device, 0.768);
  Crossbar array(config, model, rows, columns, 0, 0, 0, 1, {best_isa(), 1});
  array.set_exact(padded_matrix<float>(rows, columns));
  return array;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_counter_cycles_through_the_devices_of_the_whole_array) {
  Crossbar array = make(config_of(4, Arbitration::counter), 1, 2);
  OperationCounts counts;
  const PulseRequest requests[] = {{0, 3}, {1, -2}};
  array.pulse(requests, 0.0, counts);
  // Pulses 1, 2, 3 to devices 0, 1, 2 of G⁺ at crossing 0; 4, 5 to devices 3, 0 of G⁻ at 1.
  BOOST_TEST((array.plus().pulses == std::vector<std::uint32_t>{1, 1, 1, 0, 0, 0, 0, 0}));
  BOOST_TEST((array.minus().pulses == std::vector<std::uint32_t>{0, 0, 0, 0, 1, 0, 0, 1}));
  BOOST_TEST(counts.set_pulses == 5U);
  BOOST_TEST(counts.programmed_weights == 2U);
}

BOOST_AUTO_TEST_CASE(arbitration_all_pulses_every_device) {
  Crossbar array = make(config_of(3, Arbitration::all), 1, 1);
  OperationCounts counts;
  const PulseRequest requests[] = {{0, 2}};
  array.pulse(requests, 0.0, counts);
  BOOST_TEST((array.plus().pulses == std::vector<std::uint32_t>{2, 2, 2}));
  BOOST_TEST(counts.set_pulses == 6U);
  BOOST_TEST(pulses_per_granularity(config_of(3, Arbitration::all).array) == 1);
  BOOST_TEST(pulses_per_granularity(config_of(3, Arbitration::counter).array) == 3);
}

/// 4,000 pulses on 4 devices: each gets 1/4 with a standard deviation of 27 pulses; 5 sigma.
BOOST_AUTO_TEST_CASE(random_arbitration_is_fair) {
  Crossbar array = make(config_of(4, Arbitration::random), 1000, 1);
  OperationCounts counts;
  std::vector<PulseRequest> requests;
  for (std::uint32_t crossing = 0; crossing < 1000; ++crossing) requests.push_back({crossing, 4});
  array.pulse(requests, 0.0, counts);
  for (std::size_t n = 0; n < 4; ++n) {
    double share = 0.0;
    for (std::size_t c = 0; c < 1000; ++c) {
      share += static_cast<double>(array.plus().pulses[4 * c + n]);
    }
    BOOST_TEST(std::fabs(share - 1000.0) < 5.0 * std::sqrt(4000.0 * 0.25 * 0.75));
  }
}

/// 20,000 weights, 10 pulses per device: the mean of ΣG/N does not depend on N, its standard
/// deviation is proportional to 1/√N. Source: accumulation model clipped at 20 µS, 2.468 µS for
/// N = 1; the standard error of the deviation of 20,000 values is 0.5 %, the bound is 4 sigma.
BOOST_AUTO_TEST_CASE(deviation_falls_as_one_over_root_n) {
  constexpr std::size_t rows = 20000;
  for (const std::int64_t devices : {1, 2, 4, 8}) {
    CrossbarConfig config = config_of(devices, Arbitration::counter);
    config.device.common.conductance_max_us = 20.0;
    Crossbar array = make(config, rows, 1);
    OperationCounts counts;
    std::vector<PulseRequest> requests;
    for (std::uint32_t crossing = 0; crossing < rows; ++crossing) {
      requests.push_back({crossing, static_cast<std::int32_t>(10 * devices)});
    }
    array.pulse(requests, 0.0, counts);
    testing::Sample sample;
    for (std::size_t c = 0; c < rows; ++c) {
      sample.add(8.0 * static_cast<double>(array.weights()(c, 0)));
    }
    const double expected = 2.468 / std::sqrt(static_cast<double>(devices));
    BOOST_TEST(std::fabs(sample.deviation() / expected - 1.0) < 0.02, devices << " devices");
    BOOST_TEST(std::fabs(sample.mean() - 7.73) < 4.0 * expected / std::sqrt(20000.0) + 0.01,
               devices << " devices: " << sample.mean());
  }
}

/// N devices programmed to a weight represent this weight.
BOOST_AUTO_TEST_CASE(weights_of_several_devices) {
  for (const std::int64_t devices : {1, 4}) {
    const CrossbarConfig config = config_of(devices, Arbitration::counter);
    const std::shared_ptr<const device::DeviceModel> model =
        device::make_model(config.device, 0.768);
    Crossbar array(config, model, 1, 1, 0, 0, 0, 1, {best_isa(), 1});
    Matrix<float> weights = padded_matrix<float>(1, 1);
    weights(0, 0) = -0.25F;
    array.set_exact(weights);
    BOOST_TEST(std::fabs(array.weights()(0, 0) + 0.25F) < 1e-6F);
    BOOST_TEST(array.plus().size() == static_cast<std::size_t>(devices));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::crossbar
