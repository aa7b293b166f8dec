// The error of products by source, against closed forms.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "instrument/instrument.hpp"
#include "study/mvm.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(instrument_product_error)

namespace {

using instrument::ProductResult;
using instrument::ProductTask;

crossbar::CrossbarConfig preset(const std::string& name) {
  const auto no_files = [](const std::string&, std::string&) { return false; };
  return study::resolve_config<study::MvmConfig>({{"device", name, "--device", "flag"}}, no_files)
      .config.crossbar;
}

/// Weights and inputs uniform in ±1, with a largest magnitude of exactly 1.
ProductTask task_of(std::size_t rows, std::size_t columns, std::size_t samples) {
  ProductTask task;
  task.weights = testing::random_matrix(rows, columns, 1.0F, 1);
  task.inputs = testing::random_matrix(samples, rows, 1.0F, 2);
  task.weights(0, 0) = 1.0F;
  task.inputs(0, 0) = 1.0F;
  task.columns = columns;
  return task;
}

/// The configuration without converters: errors of programming and devices only.
crossbar::CrossbarConfig without_converters(crossbar::CrossbarConfig config) {
  config.converters.dac_bits = 0;
  config.converters.adc_bits = 0;
  config.converters.adc_range_quantile = 0.0;
  return config;
}

ProductResult measure(const crossbar::CrossbarConfig& config, const ProductTask& task,
                      bool by_source = false, const Execution& execution = {best_isa(), 1}) {
  return instrument::measure_product(config, task, 1, execution, by_source);
}

double of_source(const ProductResult& result, const std::string& name) {
  for (const auto& [source, error] : result.by_source) {
    if (source == name) return error;
  }
  return -1.0;
}

double mean_square(const Matrix<float>& m, std::size_t columns) {
  testing::Sample squares;
  for (std::size_t i = 0; i < m.shape(0); ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      squares.add(static_cast<double>(m(i, j)) * static_cast<double>(m(i, j)));
    }
  }
  return squares.mean();
}

}  // namespace

/// Weights and inputs rounded to b bits over ±1 have b effective bits. The error of 200 × 60
/// products is accurate to 1 %, which is 0.02 bits; the bound is 0.1.
BOOST_AUTO_TEST_CASE(effective_bits_of_rounded_products_are_those_of_the_rounding) {
  const ProductTask task = task_of(100, 60, 200);
  for (const int bits : {4, 6, 8}) {
    const double step = 2.0 / std::pow(2.0, bits);
    const auto rounded = [&](float value) {
      return step * (std::floor(static_cast<double>(value) / step) + 0.5);
    };
    double off = 0.0;
    double all = 0.0;
    for (std::size_t k = 0; k < 200; ++k) {
      for (std::size_t j = 0; j < 60; ++j) {
        double exact = 0.0;
        double coarse = 0.0;
        for (std::size_t i = 0; i < 100; ++i) {
          exact += static_cast<double>(task.inputs(k, i)) * static_cast<double>(task.weights(i, j));
          coarse += rounded(task.inputs(k, i)) * rounded(task.weights(i, j));
        }
        off += (exact - coarse) * (exact - coarse);
        all += exact * exact;
      }
    }
    const double found =
        instrument::effective_bits(std::sqrt(off / all), task.weights, task.inputs, 60);
    BOOST_TEST(std::fabs(found - bits) < 0.1, bits << " bits read as " << found);
  }
  BOOST_TEST(instrument::effective_bits(0.0, task.weights, task.inputs, 60) == 0.0);
}

BOOST_AUTO_TEST_CASE(ideal_devices_without_converters_have_no_error) {
  const ProductResult result =
      measure(without_converters(preset("ideal")), task_of(60, 50, 40), true);
  BOOST_TEST(result.error.relative_rms < 1e-6);
  BOOST_TEST(result.by_source.size() == 8U);
  for (const auto& [name, error] : result.by_source) BOOST_TEST(error < 1e-6, name);
  BOOST_TEST(result.counts.forward_mvm == 40U);
  BOOST_TEST(result.counts.adc_conversions == 40U * 50U);
  BOOST_TEST(result.counts.dac_conversions == 40U * 60U);
  BOOST_TEST(result.macs == 60U * 50U * 40U);
  BOOST_TEST(result.writing.devices == 2U * 60U * 50U);
}

/// Programming noise of pcm-inference: η² = E[σ(|w|)² + σ(0)²/2]/E[w²]; the device with target 0
/// ends at 0 in half of the cases. 128 × 128 weights, 100 inputs: the standard error is 1 %.
BOOST_AUTO_TEST_CASE(programming_noise_has_its_closed_form) {
  const ProductTask task = task_of(128, 128, 100);
  const ProductResult result = measure(without_converters(preset("pcm-inference")), task, true);
  const auto sigma = [](double x) { return (0.26348 + 1.9650 * x - 1.1731 * x * x) / 25.0; };
  testing::Sample squares;
  for (std::size_t i = 0; i < 128; ++i) {
    for (std::size_t j = 0; j < 128; ++j) {
      const double x = std::fabs(static_cast<double>(task.weights(i, j)));
      squares.add(sigma(x) * sigma(x) + 0.5 * sigma(0.0) * sigma(0.0));
    }
  }
  const double expected = std::sqrt(squares.mean() / mean_square(task.weights, 128));
  BOOST_TEST(std::fabs(of_source(result, "programming") / expected - 1.0) < 0.03);
  BOOST_TEST(of_source(result, "wires") < 1e-6);
  BOOST_TEST(of_source(result, "faults") < 1e-6);
  BOOST_TEST(of_source(result, "nonlinearity") < 1e-6);
}

/// Read noise of pcm, σ = 0.03·G + 0.13 µS for both devices over the window of 11.9 µS. 100 × 128
/// outputs: the standard error is 0.6 %; the bound is 2.5 %.
BOOST_AUTO_TEST_CASE(read_noise_has_its_closed_form) {
  const ProductTask task = task_of(128, 128, 100);
  const ProductResult result = measure(without_converters(preset("pcm")), task, true);
  testing::Sample squares;
  for (std::size_t i = 0; i < 128; ++i) {
    for (std::size_t j = 0; j < 128; ++j) {
      const double active =
          0.03 * (0.1 + 11.9 * std::fabs(static_cast<double>(task.weights(i, j)))) + 0.13;
      squares.add((active * active + 0.133 * 0.133) / (11.9 * 11.9));
    }
  }
  const double expected = std::sqrt(squares.mean() / mean_square(task.weights, 128));
  BOOST_TEST(std::fabs(of_source(result, "read_noise") / expected - 1.0) < 0.025);
}

/// All devices drift by the same factor g: the error is 1 − g. After a year, g = 0.58; the stepwise
/// update of the conductance is accurate to 0.1 %.
BOOST_AUTO_TEST_CASE(drift_has_its_closed_form) {
  ProductTask task = task_of(40, 30, 20);
  task.t_s = 3.1536e7;
  const ProductResult result = measure(without_converters(preset("pcm")), task, true);
  const double left = std::pow(3.1536e7 / 38.6, -0.04);
  BOOST_TEST(std::fabs(of_source(result, "drift") - (1.0 - left)) < 1.1e-3 * left);
}

/// A step LSB much smaller than the range of the outputs has the error LSB/√12. 100 × 128 outputs:
/// the standard error is 0.5 %; the error of the inputs is √(LSB²/12/E[x²]).
BOOST_AUTO_TEST_CASE(converters_have_the_error_of_their_step) {
  const ProductTask task = task_of(128, 128, 100);
  crossbar::CrossbarConfig config = without_converters(preset("ideal"));
  config.converters.dac_bits = 6;
  config.converters.adc_bits = 8;
  config.converters.adc_full_scale_forward = 40.0;  // larger than all outputs
  const ProductResult result = measure(config, task, true);
  BOOST_TEST(result.counts.adc_saturated == 0U);
  const double rms = std::sqrt(mean_square(result.exact, 128));
  BOOST_TEST(std::fabs(of_source(result, "adc") / (40.0 / 127.0 / std::sqrt(12.0) / rms) - 1.0) <
             0.025);
  const double dac = 1.0 / 31.0 / std::sqrt(12.0 * mean_square(task.inputs, 128));
  BOOST_TEST(std::fabs(of_source(result, "dac") / dac - 1.0) < 0.025);
  // The two are independent, so the total is the root of the sum of their squares.
  BOOST_TEST(std::fabs(result.error.relative_rms /
                           std::hypot(of_source(result, "adc"), of_source(result, "dac")) -
                       1.0) < 0.03);
}

BOOST_AUTO_TEST_CASE(each_source_contributes_only_if_present) {
  const ProductTask task = task_of(40, 30, 20);
  const crossbar::CrossbarConfig plain = without_converters(preset("ideal"));
  const auto check = [&](const std::string& name, auto&& change) {
    crossbar::CrossbarConfig config = plain;
    change(config);
    const ProductResult result = measure(config, task, true);
    for (const auto& [source, error] : result.by_source) {
      BOOST_TEST((source == name ? error > 1e-3 : error < 1e-6),
                 name << " on: " << source << " has " << error);
    }
    BOOST_TEST(result.error.relative_rms > 1e-3);
  };
  using Config = crossbar::CrossbarConfig;
  check("wires", [](Config& c) { c.array.wire_resistance_ohm = 20.0; });
  check("faults", [](Config& c) { c.faults.fault_rate = 0.05; });
  check("nonlinearity", [](Config& c) { c.converters.nonlinearity_voltage_v = 0.2; });
  check("dac", [](Config& c) { c.converters.dac_gain_std = 0.02; });
  check("adc", [](Config& c) { c.converters.adc_noise_std = 0.01; });
}

/// Programming, noise, drift and converters: bit-identical with any number of threads.
BOOST_AUTO_TEST_CASE(threads_do_not_matter) {
  const ProductTask task = task_of(30, 20, 100);
  const crossbar::CrossbarConfig config = preset("pcm-inference");
  const ProductResult one = measure(config, task, false, {Isa::baseline, 1});
  const ProductResult seven = measure(config, task, false, {Isa::baseline, 7});
  BOOST_TEST((one.output == seven.output));
  BOOST_TEST((one.counts == seven.counts));
  BOOST_TEST(one.error.relative_rms == seven.error.relative_rms);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
