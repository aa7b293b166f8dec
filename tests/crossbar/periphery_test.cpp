// Periphery of the array: converter errors, ranges, encodings, current–voltage curves.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "crossbar/crossbar.hpp"
#include "support.hpp"

namespace imcsim::crossbar {
BOOST_AUTO_TEST_SUITE(crossbar_periphery)

namespace {

CrossbarConfig ideal_config() {
  CrossbarConfig config;
  config.device.model = device::ModelName::ideal;
  config.converters.dac_bits = 0;
  config.converters.adc_bits = 0;
  return config;
}

struct Array {
  Crossbar crossbar;
  Scratch scratch;
  AlignedVector<float> y;
  DrivenLines lines;

  Array(const CrossbarConfig& config, const Matrix<float>& weights, std::size_t columns)
      : crossbar(config, device::make_model(config.device, 0.768), weights.shape(0), columns,
                 weights.shape(0), 0, 0, 1, {best_isa(), 1}),
        scratch(std::max(weights.shape(0), columns)),
        y(padded(std::max(weights.shape(0), columns))),
        lines(std::max(weights.shape(0), columns)) {
    crossbar.set_exact(weights);
  }
  std::vector<float> forward(const std::vector<float>& x, std::uint64_t event = 0) {
    lines.gather(x);
    crossbar.forward(lines, {Stream(1, Purpose::training_read), event}, scratch, y.data());
    return {y.begin(), y.begin() + static_cast<std::ptrdiff_t>(crossbar.columns())};
  }
  std::vector<float> backward(const std::vector<float>& d, std::uint64_t event = 0) {
    lines.gather(d);
    crossbar.backward(lines, {Stream(1, Purpose::training_read), event}, scratch, y.data());
    return {y.begin(), y.begin() + static_cast<std::ptrdiff_t>(crossbar.rows())};
  }
};

Matrix<float> row_of(std::size_t columns, float weight) {
  Matrix<float> w = padded_matrix<float>(1, columns);
  for (std::size_t j = 0; j < columns; ++j) w(0, j) = weight;
  return w;
}

std::vector<float> some_vector(std::size_t n, std::uint64_t seed) {
  testing::Draws draws(seed);
  std::vector<float> x(n);
  for (float& value : x) value = draws();
  return x;
}

testing::Sample sample_of(const std::vector<float>& values) {
  testing::Sample sample;
  for (const float value : values) sample.add(static_cast<double>(value));
  return sample;
}

void check_normal(const testing::Sample& s, double mean, double sigma) {
  BOOST_TEST(std::fabs(s.mean() - mean) < 4.0 * testing::mean_error(sigma, s.n()));
  BOOST_TEST(std::fabs(s.deviation() - sigma) < 4.0 * testing::deviation_error(sigma, s.n()));
}

}  // namespace

/// 4,096 output converters; k = 4. Offsets are constant, relative to the full scale of 8.
BOOST_AUTO_TEST_CASE(each_output_converter_has_its_offset_and_gain) {
  CrossbarConfig config = ideal_config();
  config.converters.adc_offset_std = 0.01;
  Array offset(config, row_of(4096, 0.5F), 4096);
  const std::vector<float> y = offset.forward({1.0F}, 0);
  check_normal(sample_of(y), 0.5, 0.08);
  BOOST_TEST(offset.forward({1.0F}, 1) == y, boost::test_tools::per_element());

  config = ideal_config();
  config.converters.adc_gain_std = 0.02;
  Array gain(config, row_of(4096, 0.5F), 4096);
  const std::vector<float> one = gain.forward({1.0F});
  check_normal(sample_of(one), 0.5, 0.01);
  const std::vector<float> half = gain.forward({-0.5F});
  for (std::size_t j = 0; j < 4096; ++j) BOOST_REQUIRE(half[j] == -0.5F * one[j]);
}

BOOST_AUTO_TEST_CASE(output_noise_is_independent_in_each_conversion) {
  CrossbarConfig config = ideal_config();
  config.converters.adc_noise_std = 0.01;
  Array array(config, row_of(4096, 0.5F), 4096);
  const std::vector<float> first = array.forward({1.0F}, 0);
  const std::vector<float> second = array.forward({1.0F}, 1);
  check_normal(sample_of(first), 0.5, 0.08);
  check_normal(sample_of(second), 0.5, 0.08);
  double products = 0.0;
  for (std::size_t j = 0; j < 4096; ++j) {
    products += static_cast<double>((first[j] - 0.5F) * (second[j] - 0.5F));
  }
  BOOST_TEST(std::fabs(products / 4096.0 / 0.0064) < 4.0 / 64.0);
}

/// 2,000 input converters, one driven at a time with 0.5 of a full scale of 2; k = 4.
BOOST_AUTO_TEST_CASE(input_converters_have_offset_gain_and_noise) {
  constexpr std::size_t n = 2000;
  Matrix<float> column = padded_matrix<float>(n, 1);
  for (std::size_t i = 0; i < n; ++i) column(i, 0) = 1.0F;
  const auto seen = [&](const CrossbarConfig& config, std::uint64_t event) {
    Array array(config, column, 1);
    std::vector<float> y;
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<float> x(n, 0.0F);
      x[i] = 0.5F;
      y.push_back(array.forward(x, event)[0]);
    }
    return y;
  };
  CrossbarConfig config = ideal_config();
  config.converters.dac_full_scale = 2.0;
  config.converters.dac_offset_std = 0.01;
  const std::vector<float> offset = seen(config, 0);
  check_normal(sample_of(offset), 0.5, 0.02);
  BOOST_TEST(seen(config, 1) == offset, boost::test_tools::per_element());
  config.converters.dac_offset_std = 0.0;
  config.converters.dac_gain_std = 0.03;
  check_normal(sample_of(seen(config, 0)), 0.5, 0.015);
  config.converters.dac_gain_std = 0.0;
  config.converters.dac_noise_std = 0.01;
  const std::vector<float> noisy = seen(config, 0);
  check_normal(sample_of(noisy), 0.5, 0.02);
  BOOST_TEST(seen(config, 1) != noisy, boost::test_tools::per_element());
}

/// 4 bits over ±1: codes of 1/7, so 1.07 rounds to the last code and 1.08 saturates.
BOOST_AUTO_TEST_CASE(inputs_beyond_the_range_are_counted) {
  CrossbarConfig config = ideal_config();
  config.converters.dac_bits = 4;
  Matrix<float> column = padded_matrix<float>(5, 1);
  for (std::size_t i = 0; i < 5; ++i) column(i, 0) = 1.0F;
  Array array(config, column, 1);
  BOOST_TEST(array.forward({0.5F, 1.0F, 1.07F, 0.0F, -1.0F})[0] == 11.0F / 7.0F);
  BOOST_TEST(array.scratch.counts.dac_saturated == 0U);
  array.forward({1.08F, -3.0F, 0.1F, 100.0F, 0.0F});
  BOOST_TEST(array.scratch.counts.dac_saturated == 3U);
  BOOST_TEST(array.scratch.counts.adc_saturated == 0U);
}

/// The range is the quantile of |y| over the inputs: at 1 nothing saturates and the largest output
/// is the last code; at 0.9 a tenth does, less those within half a step of the limit.
BOOST_AUTO_TEST_CASE(the_range_is_calibrated_on_data) {
  const Matrix<float> w = testing::random_matrix(40, 50, 0.9F, 3);
  std::vector<DrivenLines> inputs;
  for (std::uint64_t k = 0; k < 40; ++k) {
    inputs.emplace_back(40).gather(some_vector(40, 100 + k));
  }
  const Read read{Stream(1, Purpose::evaluation_read), 0};
  for (const double quantile : {1.0, 0.9}) {
    CrossbarConfig config = ideal_config();
    config.converters.adc_bits = 12;
    config.converters.adc_range_quantile = quantile;
    Array array(config, w, 50);
    array.crossbar.calibrate(inputs, read, array.scratch);
    BOOST_TEST((array.scratch.counts == OperationCounts{}));
    float most = 0.0F;
    float exact_most = 0.0F;
    Array exact(ideal_config(), w, 50);
    for (std::uint64_t k = 0; k < 40; ++k) {
      const std::vector<float> x = some_vector(40, 100 + k);
      for (const float y : array.forward(x)) most = std::max(most, std::fabs(y));
      for (const float y : exact.forward(x)) exact_most = std::max(exact_most, std::fabs(y));
    }
    const auto saturated = static_cast<double>(array.scratch.counts.adc_saturated) / 2000.0;
    if (quantile == 1.0) {
      BOOST_TEST(saturated == 0.0);
      BOOST_TEST(std::fabs(most - exact_most) < 1e-5F);
    } else {
      BOOST_TEST(saturated <= 0.1005);
      BOOST_TEST(saturated > 0.095);
      BOOST_TEST(most < 0.8F * exact_most);
    }
  }
}

/// With exact output converters, the sum over bits is the product of the codes.
BOOST_AUTO_TEST_CASE(bit_serial_inputs_give_the_same_product) {
  const Matrix<float> w = testing::random_matrix(33, 20, 0.9F, 4);
  for (const std::int64_t bits : {2, 5, 8}) {
    CrossbarConfig config = ideal_config();
    config.converters.dac_bits = bits;
    config.converters.dac_full_scale = 1.5;
    Array amplitude(config, w, 20);
    config.converters.encoding = Encoding::bit_serial;
    config.converters.nonlinearity_voltage_v = 0.05;  // no effect on single bits
    Array serial(config, w, 20);
    const std::vector<float> x = some_vector(33, 5);
    const std::vector<float> d = some_vector(20, 6);
    const std::vector<float> y = amplitude.forward(x);
    const std::vector<float> z = serial.forward(x);
    for (std::size_t j = 0; j < 20; ++j) BOOST_TEST(std::fabs(y[j] - z[j]) < 4e-6F);
    OperationCounts expected;
    const auto reads = static_cast<std::uint64_t>(bits - 1);
    expected.forward_mvm = 1;
    expected.dac_conversions = reads * 33;
    expected.adc_conversions = reads * 20;
    expected.cells_read = reads * 33 * 20;
    expected.crossbar_mac = 33 * 20;
    BOOST_TEST((serial.scratch.counts == expected));
    const std::vector<float> e = amplitude.backward(d);
    const std::vector<float> f = serial.backward(d);
    for (std::size_t i = 0; i < 33; ++i) BOOST_TEST(std::fabs(e[i] - f[i]) < 4e-6F);
    expected.backward_mvm = 1;
    expected.dac_conversions += reads * 20;
    expected.adc_conversions += reads * 33;
    expected.cells_read += reads * 33 * 20;
    expected.crossbar_mac += 33 * 20;
    BOOST_TEST((serial.scratch.counts == expected));
  }
  CrossbarConfig none = ideal_config();
  none.converters.encoding = Encoding::bit_serial;
  BOOST_CHECK_THROW(Array(none, w, 20), InputError);
}

/// An input of 5/7 is the code 0b101: two reads of the weight of 0.9, each rounded to the ADC step
/// of 2/3, with the significances 1/7 and 4/7.
BOOST_AUTO_TEST_CASE(each_bit_is_converted_separately) {
  CrossbarConfig config = ideal_config();
  config.converters.dac_bits = 4;
  config.converters.adc_bits = 3;
  config.converters.adc_full_scale_forward = 2.0;
  config.converters.encoding = Encoding::bit_serial;
  Array array(config, row_of(1, 0.9F), 1);
  BOOST_TEST(std::fabs(array.forward({5.0F / 7.0F})[0] - 5.0F / 7.0F * 2.0F / 3.0F) < 1e-6F);
}

/// I(0.3 V)/I(0.1 V) and I(0.2 V)/I(0.1 V) of I ~ sinh(V/V₀), printed to four digits; at full
/// scale the current is that of Ohm's law, and the curve is odd.
BOOST_AUTO_TEST_CASE(currents_follow_a_hyperbolic_sine) {
  struct Row {
    double v0, three, two;
  };
  const Row rows[] = {{0.25, 3.6749, 2.1621}, {0.4, 3.2553, 2.0628}, {0.15, 5.0573, 2.4612}};
  for (const Row& row : rows) {
    CrossbarConfig config = ideal_config();
    config.converters.read_voltage_v = 0.3;
    config.converters.nonlinearity_voltage_v = row.v0;
    const CurrentVoltage curve(config.converters);
    BOOST_TEST(!curve.ohmic());
    BOOST_TEST(std::fabs(curve.relative_current(1.0F) - 1.0F) < 1e-6F);
    BOOST_TEST(curve.relative_current(-0.4F) == -curve.relative_current(0.4F));
    Array array(config, row_of(1, 0.5F), 1);
    const auto at = [&](double v) {
      return static_cast<double>(array.forward({static_cast<float>(v / 0.3)})[0]);
    };
    BOOST_TEST(std::fabs(at(0.3) - 0.5) < 1e-6);
    BOOST_TEST(std::fabs(at(0.3) / at(0.1) - row.three) < 5.5e-5);
    BOOST_TEST(std::fabs(at(0.2) / at(0.1) - row.two) < 5.5e-5);
    config.converters.encoding = Encoding::pulse_width;  // durations have no nonlinearity
    BOOST_TEST(CurrentVoltage(config.converters).ohmic());
    Array timed(config, row_of(1, 0.5F), 1);
    BOOST_TEST(std::fabs(timed.forward({1.0F / 3.0F})[0] - 0.5F / 3.0F) < 1e-7F);
  }
  ConverterConfig steep;
  steep.nonlinearity_voltage_v = 0.009;
  BOOST_CHECK_THROW(CurrentVoltage{steep}, InputError);
  BOOST_TEST(CurrentVoltage(ConverterConfig{}).ohmic());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::crossbar
