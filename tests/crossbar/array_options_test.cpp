// Options of arrays: one or two polarities, several devices, gated pulses, wires.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "crossbar/crossbar.hpp"
#include "crossbar/nodal.hpp"
#include "support.hpp"

namespace imcsim::crossbar {
BOOST_AUTO_TEST_SUITE(crossbar_array_options)

namespace {

CrossbarConfig exact_config(device::ModelName model = device::ModelName::pcm) {
  CrossbarConfig config;
  config.device.model = model;
  config.device.read_noise = false;
  config.converters.dac_bits = 0;
  config.converters.adc_bits = 0;
  return config;
}

/// Programmed phase-change memory of 0 … 25 µS without effects of time.
CrossbarConfig inference_config() {
  CrossbarConfig config = exact_config(device::ModelName::pcm_inference);
  config.device.drift = false;
  config.device.common.conductance_min_us = 0.0;
  config.device.common.conductance_max_us = 25.0;
  config.device.common.reset_mean_us = 0.0;
  config.device.common.reset_std_us = 0.0;
  config.device.common.drift_reference_time = {20.0};
  config.array.conductance_per_weight_us = 25.0;
  config.programming.method = device::ProgrammingMethod::single_shot;
  return config;
}

Crossbar make(const CrossbarConfig& config, std::size_t rows, std::size_t columns) {
  const std::shared_ptr<const device::DeviceModel> model = device::make_model(config.device, 0.768);
  return {config, model, rows, columns, rows, 0, 0, 1, {best_isa(), 1}};
}

Matrix<float> all_alike(std::size_t rows, std::size_t columns, float weight) {
  Matrix<float> w = padded_matrix<float>(rows, columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) w(i, j) = weight;
  }
  return w;
}

testing::Sample sample_of(const Crossbar& array, double scale) {
  testing::Sample sample;
  for (std::size_t i = 0; i < array.rows(); ++i) {
    for (std::size_t j = 0; j < array.columns(); ++j) {
      sample.add(scale * static_cast<double>(array.weights()(i, j)));
    }
  }
  return sample;
}

std::vector<float> forward(const Crossbar& array, const std::vector<float>& x) {
  Scratch scratch(std::max(array.rows(), array.columns()));
  AlignedVector<float> y(padded(array.columns()));
  DrivenLines lines(array.rows());
  lines.gather(x);
  array.forward(lines, {Stream(1, Purpose::training_read), 0}, scratch, y.data());
  return {y.begin(), y.begin() + static_cast<std::ptrdiff_t>(array.columns())};
}

std::vector<float> backward(const Crossbar& array, const std::vector<float>& d) {
  Scratch scratch(std::max(array.rows(), array.columns()));
  AlignedVector<float> y(padded(array.rows()));
  DrivenLines lines(array.columns());
  lines.gather(d);
  array.backward(lines, {Stream(1, Purpose::training_read), 0}, scratch, y.data());
  return {y.begin(), y.begin() + static_cast<std::ptrdiff_t>(array.rows())};
}

}  // namespace

/// The reference is in the middle of 0.1 … 12 µS: weights are clipped to ±5.95/8.
BOOST_AUTO_TEST_CASE(a_single_synapse_is_relative_to_its_reference) {
  CrossbarConfig config = exact_config();
  config.array.synapse = Synapse::single;
  Crossbar array = make(config, 1, 4);
  BOOST_TEST(array.device_count() == 4U);
  Matrix<float> w = padded_matrix<float>(1, 4);
  const float weights[] = {0.5F, -0.6F, 0.9F, -2.0F};
  std::copy(std::begin(weights), std::end(weights), w.data());
  array.set_exact(w);
  const float expected[] = {0.5F, -0.6F, 5.95F / 8.0F, -5.95F / 8.0F};
  for (std::size_t j = 0; j < 4; ++j) {
    BOOST_TEST(std::fabs(array.weights()(0, j) - expected[j]) < 1e-6F);
    BOOST_TEST(std::fabs(forward(array, {-1.0F})[j] + expected[j]) < 1e-6F);
  }
  BOOST_TEST(std::fabs(array.plus().conductance_us[0] - (6.05F + 4.0F)) < 1e-6F);

  // A device without depression pulses is RESET; there is no pair to refresh.
  OperationCounts counts;
  array.pulse(std::vector<PulseRequest>{{0, -1}, {1, 1}}, 0.0, counts);
  BOOST_TEST(array.plus().conductance_us[0] < 0.2F);
  BOOST_TEST(counts.set_pulses == 1U);
  BOOST_TEST(counts.reset_pulses == 1U);
  BOOST_TEST(array.refresh_pairs(0.0, counts).empty());
  BOOST_TEST(counts.refreshed_pairs == 0U);

  CrossbarConfig graded = exact_config(device::ModelName::ideal);
  graded.array.synapse = Synapse::single;
  Crossbar ideal = make(graded, 1, 1);
  ideal.set_exact(all_alike(1, 1, 0.25F));
  ideal.pulse(std::vector<PulseRequest>{{0, -2}}, 0.0, counts);
  BOOST_TEST(std::fabs(ideal.weights()(0, 0) - (0.25F - 2.0F * 0.096F)) < 1e-6F);
}

/// The first of three potentiating pulses and the first of four depressing pulses are applied,
/// counted over all crossings of the array.
BOOST_AUTO_TEST_CASE(counters_gate_potentiation_and_depression_separately) {
  CrossbarConfig config = exact_config();
  config.array.potentiation_every = 3;
  config.array.depression_every = 4;
  Crossbar array = make(config, 1, 3);
  OperationCounts counts;
  array.pulse(std::vector<PulseRequest>{{0, 2}, {1, -1}, {1, 3}, {2, -5}, {2, 2}}, 0.0, counts);
  // Up, in order: 0 0 | 1 1 1 | 2 2: numbers 1, 4, 7 of seven. Down: 1 | 2 2 2 2 2: numbers 1, 5.
  BOOST_TEST((array.plus().pulses == std::vector<std::uint32_t>{1, 1, 1}));
  BOOST_TEST((array.minus().pulses == std::vector<std::uint32_t>{0, 1, 1}));
  BOOST_TEST(counts.set_pulses == 5U);
}

/// N devices per polarity, each with k pulses in turn, G_max = 20 µS: table of means and standard
/// deviations of ΣG/N. 10,000 synapses; k = 3, plus ±0.01 for the printed digits of the means.
BOOST_AUTO_TEST_CASE(synapses_of_several_devices_follow_the_table,
                     *boost::unit_test::label("long")) {
  const std::pair<std::int64_t, double> deviations[] = {{3, 1.428}, {7, 0.934}, {16, 0.615}};
  const std::pair<std::int32_t, double> means[] = {{1, 2.05}, {5, 5.92}, {10, 7.83}, {20, 9.40}};
  for (const auto& [devices, deviation] : deviations) {
    CrossbarConfig config = exact_config();
    config.array.devices_per_weight = devices;
    config.device.common.conductance_max_us = 20.0;
    Crossbar array = make(config, 100, 100);
    array.set_exact(padded_matrix<float>(100, 100));
    OperationCounts counts;
    std::int32_t given = 0;
    for (const auto& [pulses, mean] : means) {
      std::vector<PulseRequest> requests;
      for (std::uint32_t c = 0; c < 10000; ++c) {
        requests.push_back({c, static_cast<std::int32_t>(devices) * (pulses - given)});
      }
      given = pulses;
      array.pulse(requests, 0.0, counts);
      const testing::Sample g = sample_of(array, 8.0);
      BOOST_TEST_CONTEXT(devices << " devices, " << pulses << " pulses each") {
        // The weight is above a G⁻ of 0.1 µS.
        BOOST_TEST(std::fabs(g.mean() + 0.1 - mean) <
                   0.01 + 3.0 * testing::mean_error(g.deviation(), g.n()));
        if (pulses == 10) {
          BOOST_TEST(std::fabs(g.deviation() - deviation) <
                     0.002 + 3.0 * testing::deviation_error(deviation, g.n()));
        }
      }
    }
  }
}

/// Programming errors of 10,000 single synapses in the middle of the range, σ(1/2) = 0.9527 µS:
/// with significances bⁿ the error is η₁·√((1 − b)(1 + bᴺ)/((1 + b)(1 − bᴺ))), with b = 1 η₁/√N.
/// k = 3. Source: doi:10.1088/2634-4386/ac4fb7.
BOOST_AUTO_TEST_CASE(devices_of_a_weight_average_their_errors) {
  for (const double base : {1.0, 2.0, 4.0}) {
    for (const int devices : {1, 2, 4, 8}) {
      CrossbarConfig config = inference_config();
      config.array.synapse = Synapse::single;
      config.array.devices_per_weight = devices;
      config.array.significance_base = base;
      Crossbar array = make(config, 100, 100);
      OperationCounts counts;
      array.program_devices(padded_matrix<float>(100, 100), 0.0, counts);
      const testing::Sample error = sample_of(array, 25.0);
      const double power = std::pow(base, devices);
      const double part =
          base == 1.0 ? 1.0 / std::sqrt(devices)
                      : std::sqrt((1.0 - base) * (1.0 + power) / ((1.0 + base) * (1.0 - power)));
      const double expected = 0.95270 * part;
      BOOST_TEST_CONTEXT(devices << " devices of base " << base) {
        BOOST_TEST(std::fabs(error.mean()) < 3.0 * testing::mean_error(expected, error.n()));
        BOOST_TEST(std::fabs(error.deviation() - expected) <
                   1e-4 + 3.0 * testing::deviation_error(expected, error.n()));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(programming_reports_its_result) {
  const Matrix<float> w = testing::random_matrix(6, 5, 0.9F, 3);
  CrossbarConfig config = exact_config();
  config.array.devices_per_weight = 2;
  config.programming.method = device::ProgrammingMethod::exact;
  Crossbar array = make(config, 6, 5);
  OperationCounts counts;
  const WriteReport exact = array.program_devices(w, 3.0, counts);
  BOOST_TEST(exact.devices == 120U);
  BOOST_TEST(exact.converged == 120U);
  BOOST_TEST(exact.pulses == 0U);
  BOOST_TEST((counts == OperationCounts{}));
  BOOST_TEST(array.plus().programmed_at_s[7] == 3.0);
  Crossbar written = make(config, 6, 5);
  written.set_exact(w);
  BOOST_TEST(array.plus().conductance_us == written.plus().conductance_us,
             boost::test_tools::per_element());

  config.programming = {device::ProgrammingMethod::program_and_verify, 0.4, 500, 1};
  Crossbar verified = make(config, 6, 5);
  const WriteReport report = verified.program_devices(w, 0.0, counts);
  BOOST_TEST(report.converged == 120U);
  BOOST_TEST(report.pulses == counts.set_pulses + counts.reset_pulses);
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 5; ++j) {
      // Every device is within 0.4 µS, or within 0.05 µS of 0.1 µS after a RESET.
      BOOST_TEST(std::fabs(verified.weights()(i, j) - w(i, j)) < 0.45F / 8.0F);
    }
  }
}

/// Wires of 40 Ω per crossing, far more than in real arrays: products in both directions match the
/// exact solution of the circuits of both polarities; the fast model is near it.
BOOST_AUTO_TEST_CASE(wires_attenuate_a_product_as_the_circuit_solution) {
  CrossbarConfig config = exact_config();
  config.array.wire_resistance_ohm = 40.0;
  config.array.devices_per_weight = 2;
  const Matrix<float> w = testing::random_matrix(12, 9, 0.9F, 4);
  const LineResistance wire{40.0, 40.0};
  testing::Draws draws(5);
  std::vector<float> x(12);
  std::vector<float> d(9);
  for (float& value : x) value = draws();
  for (float& value : d) value = draws();
  for (const WireModel wires : {WireModel::exact, WireModel::fast}) {
    config.array.wire_model = wires;
    Crossbar array = make(config, 12, 9);
    array.set_exact(w);
    // Both devices of a polarity conduct.
    std::vector<double> currents(9, 0.0);
    std::vector<double> row_currents(12, 0.0);
    double sign = 1.0;
    for (const device::DeviceArray* polarity : {&array.plus(), &array.minus()}) {
      Matrix<float> g = padded_matrix<float>(12, 9);
      for (std::size_t c = 0; c < 108; ++c) {
        g(c / 9, c % 9) = polarity->conductance_us[2 * c] + polarity->conductance_us[2 * c + 1];
      }
      const NodalCrossbar circuit(g, 9, wire);
      const NodalSolution forth = circuit.solve(std::vector<double>(x.begin(), x.end()), {});
      const NodalSolution back = circuit.solve({}, std::vector<double>(d.begin(), d.end()));
      for (std::size_t j = 0; j < 9; ++j) currents[j] += sign * forth.current_a[j];
      for (std::size_t i = 0; i < 12; ++i) row_currents[i] -= sign * back.row_current_a[i];
      sign = -1.0;
    }
    const double bound = wires == WireModel::exact ? 2e-6 : 1e-3;
    const std::vector<float> y = forward(array, x);
    const std::vector<float> e = backward(array, d);
    double loss = 0.0;
    for (std::size_t j = 0; j < 9; ++j) {
      const double expected = currents[j] * 1e6 / 16.0;
      BOOST_TEST(std::fabs(static_cast<double>(y[j]) - expected) < bound,
                 "column " << j << ": " << y[j] << " is not " << expected);
      double plain = 0.0;
      for (std::size_t i = 0; i < 12; ++i) plain += static_cast<double>(x[i] * w(i, j));
      loss = std::max(loss, std::fabs(plain - expected));
    }
    BOOST_TEST(loss > 0.015);  // the wires have an effect
    for (std::size_t i = 0; i < 12; ++i) {
      const double expected = row_currents[i] * 1e6 / 16.0;
      BOOST_TEST(std::fabs(static_cast<double>(e[i]) - expected) < bound,
                 "row " << i << ": " << e[i] << " is not " << expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(wire_attenuation_is_updated_on_request) {
  CrossbarConfig config = exact_config();
  config.array.wire_resistance_ohm = 100.0;
  Crossbar array = make(config, 8, 8);
  array.set_exact(all_alike(8, 8, 0.1F));
  const float light = array.weights()(0, 7) / 0.1F;
  OperationCounts counts;
  std::vector<PulseRequest> requests;
  for (std::uint32_t c = 0; c < 64; ++c) requests.push_back({c, 20});
  array.pulse(requests, 0.0, counts);
  const float before = array.weights()(0, 7);
  array.update_wire_attenuation(0.0);
  BOOST_TEST(light < 1.0F);
  BOOST_TEST(array.weights()(0, 7) < 0.99F * before);  // more current, more voltage drop
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::crossbar
