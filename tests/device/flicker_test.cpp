// 1/f noise: growth with age, traces, and spectra of traces.
#include "device/flicker.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "crossbar/crossbar.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(device_flicker)

namespace {

using device::FlickerConfig;
using device::FlickerTrace;

double log_slope(const std::vector<double>& x, const std::vector<double>& y) {
  testing::Sample log_x;
  testing::Sample log_y;
  double products = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    log_x.add(std::log(x[i]));
    log_y.add(std::log(y[i]));
    products += std::log(x[i]) * std::log(y[i]);
  }
  return (products - log_x.n() * log_x.mean() * log_y.mean()) /
         (log_x.variance() * (log_x.n() - 1.0));
}

std::vector<double> frequencies(double lowest, double highest, double factor) {
  std::vector<double> f;
  for (double at = lowest; at < highest; at *= factor) f.push_back(at);
  return f;
}

}  // namespace

BOOST_AUTO_TEST_CASE(strength_has_the_published_forms) {
  FlickerConfig config;
  BOOST_TEST(!device::Flicker(config).on());
  BOOST_TEST(device::Flicker(config).strength(0.5F) == 0.0F);
  config.flicker_power = {0.0088, 0.65, 0.2};
  const device::Flicker power(config);
  BOOST_TEST(power.on());
  for (const double x : {0.01, 0.1, 0.5, 1.0}) {
    const double expected = std::min(0.0088 / std::max(std::pow(x, 0.65), 1e-3), 0.2);
    BOOST_TEST(std::fabs(static_cast<double>(power.strength(static_cast<float>(x))) - expected) <
               1e-6);
  }
  BOOST_TEST(power.strength(0.0F) == 0.2F);

  FlickerConfig log;
  log.flicker_log = {-0.01, 0.002, 0.015, 0.04};
  log.flicker_polynomial = {0.2, 0.5, 2.0};
  const device::Flicker curve(log);
  BOOST_TEST(curve.on());
  BOOST_TEST(curve.strength(1e-6F) == 0.04F);
  BOOST_TEST(std::fabs(static_cast<double>(curve.strength(0.1F)) - 0.0250259) < 1e-6);
  BOOST_TEST(std::fabs(curve.strength(0.3F) - 1.1F) < 1e-6F);  // 0.5 + 2·0.3
}

BOOST_AUTO_TEST_CASE(deviation_grows_as_the_root_of_the_logarithm_of_age) {
  FlickerConfig config;
  config.flicker_read_time = {250e-9};
  const device::Flicker flicker(config);
  for (const double t_s : {1e-6, 1.0, 20.0, 3600.0, 3e7}) {
    const double expected = std::sqrt(std::log((t_s + 250e-9) / 500e-9));
    BOOST_TEST(std::fabs(static_cast<double>(flicker.growth(t_s)) / expected - 1.0) < 1e-5);
  }
  BOOST_TEST(flicker.growth(200e-9) == 0.0F);
  BOOST_TEST(flicker.growth(0.0) == 0.0F);
}

/// n = 4,000 independent traces after one step and after 1,000: normal with the variance
/// Q²·ln(τ_max/τ_min); k = 4.
BOOST_AUTO_TEST_CASE(a_trace_has_the_variance_of_its_band) {
  const double variance = 0.02 * 0.02 * std::log(1e5);
  testing::Sample early;
  testing::Sample late;
  for (std::uint32_t i = 0; i < 4000; ++i) {
    FlickerTrace trace(0.02F, 1e-3, 100.0, Stream(1, Purpose::instrument, i));
    BOOST_REQUIRE(std::fabs(trace.variance() / variance - 1.0) < 1e-5);
    early.add(trace.next(1e-3));
    for (int k = 0; k < 20; ++k) trace.next(17.0);
    late.add(trace.next(1.0));
  }
  const double sigma = std::sqrt(variance);
  for (const testing::Sample& sample : {early, late}) {
    BOOST_TEST(std::fabs(sample.mean()) < 4.0 * testing::mean_error(sigma, sample.n()));
    BOOST_TEST(std::fabs(sample.variance() - variance) <
               4.0 * testing::variance_error(sigma, sample.n()));
  }
}

/// Reads in quick succession have nearly the same deviation: the mean of 16 reads within a tenth of
/// τ_min has Σ v·e^(−s/τ), 97 % of the variance; with independent reads it would have a sixteenth.
/// n = 4,000, so the standard error of either is 2.2 %; k = 4.
BOOST_AUTO_TEST_CASE(averaging_quick_reads_does_not_reduce_the_deviation) {
  testing::Sample means;
  for (std::uint32_t i = 0; i < 4000; ++i) {
    FlickerTrace trace(0.02F, 1e-3, 100.0, Stream(2, Purpose::instrument, i));
    double sum = 0.0;
    for (int k = 0; k < 16; ++k) sum += trace.next(1e-4 / 16.0) / 16.0;
    means.add(sum);
  }
  const double variance = 0.02 * 0.02 * std::log(1e5);
  BOOST_TEST(means.variance() > 0.88 * variance);
  BOOST_TEST(means.variance() < 1.1 * variance);
}

/// 64 traces of 8,192 reads with a band wider than the range of frequencies: slope −1 ± 0.1, level
/// Q²/f. A density is the mean over at least 64 windows, with a standard error of 12.5 %; the mean
/// of its ratio to Q²/f over 15 frequencies has a standard error of 4 %. The bound of 15 % includes
/// the leakage of the windows.
BOOST_AUTO_TEST_CASE(the_spectrum_of_a_trace_is_one_over_f, *boost::unit_test::label("long")) {
  constexpr double step_s = 1e-3;
  constexpr std::size_t reads = 8192;
  const std::vector<double> f = frequencies(8.0, 120.0, 1.2);
  std::vector<double> density(f.size(), 0.0);
  for (std::uint32_t i = 0; i < 64; ++i) {
    FlickerTrace trace(0.03F, 0.3 * step_s, 10.0 * reads * step_s,
                       Stream(3, Purpose::instrument, i));
    std::vector<double> values(reads);
    for (double& value : values) value = trace.next(step_s);
    const std::vector<double> one = device::power_spectrum(values, step_s, f);
    for (std::size_t k = 0; k < f.size(); ++k) density[k] += one[k] / 64.0;
  }
  BOOST_TEST(std::fabs(log_slope(f, density) + 1.0) < 0.1);
  double ratio = 0.0;
  for (std::size_t k = 0; k < f.size(); ++k) {
    ratio += density[k] * f[k] / (0.03 * 0.03) / static_cast<double>(f.size());
  }
  BOOST_TEST(std::fabs(ratio - 1.0) < 0.15);
}

/// White noise of deviation σ, sampled every Δt: 2σ²Δt at every frequency. 65,536 samples: the
/// lowest frequency has 1/2 · 65,536/320 windows of sixteen periods, a standard error of 5 % with
/// overlapping windows; k = 4.
BOOST_AUTO_TEST_CASE(the_spectrum_of_white_noise_is_flat) {
  constexpr double step_s = 1e-2;
  const Stream stream(4, Purpose::instrument);
  std::vector<double> values(65536);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = 0.5 * static_cast<double>(stream.normal(i));
  }
  const std::vector<double> f = frequencies(5.0, 40.0, 1.5);
  for (const double s : device::power_spectrum(values, step_s, f)) {
    BOOST_TEST(std::fabs(s / (2.0 * 0.25 * step_s) - 1.0) < 0.2);
  }
}

/// A sine of amplitude A over windows of N reads: A²/2 spread over 1.5/(N·Δt), the noise bandwidth
/// of a Hann window. At twice and half its frequency the density is 0.
BOOST_AUTO_TEST_CASE(the_spectrum_of_a_sine_is_its_power) {
  constexpr double step_s = 1e-3;
  std::vector<double> values(20000);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = 3.0 * std::sin(2.0 * M_PI * 20.0 * step_s * static_cast<double>(i) + 0.4) + 7.0;
  }
  const std::vector<double> s =
      device::power_spectrum(values, step_s, std::vector<double>{10.0, 20.0, 40.0});
  const double window = 16.0 / (20.0 * step_s);
  BOOST_TEST(std::fabs(s[1] / (4.5 * window * step_s / 1.5) - 1.0) < 0.01);
  BOOST_TEST(s[0] < 1e-3 * s[1]);
  BOOST_TEST(s[2] < 1e-3 * s[1]);
}

/// An array of 100 × 100 weights of 1/2 with only 1/f noise: Q_s(1/2) = 0.01381, increased by age;
/// k = 3. The noise is constant between observations and depends on their number.
BOOST_AUTO_TEST_CASE(an_array_draws_slow_noise_once_per_observation) {
  crossbar::CrossbarConfig config;
  config.device.model = device::ModelName::pcm_inference;
  config.device.drift = false;
  config.device.common.conductance_max_us = 25.0;
  config.device.common.reset_mean_us = 0.0;
  config.device.common.drift_reference_time = {20.0};
  config.device.flicker.flicker_power = {0.0088, 0.65, 0.2};
  config.device.pcm_inference.white_read_noise = 0.0;
  config.array.conductance_per_weight_us = 25.0;
  crossbar::Crossbar array(config, device::make_model(config.device, 0.768), 100, 100, 0, 0, 0, 1,
                           {best_isa(), 1});
  Matrix<float> halves = padded_matrix<float>(100, 100);
  std::fill_n(halves.data(), halves.size(), 0.5F);
  array.set_exact(halves);
  for (const auto& [t_s, expected] : {std::pair{0.0, 0.0578}, std::pair{3600.0, 0.0658}}) {
    array.observe(t_s, 5);
    testing::Sample w;
    for (std::size_t c = 0; c < 10000; ++c) {
      w.add(2.0 * static_cast<double>(array.weights()(c / 100, c % 100)));
    }
    BOOST_TEST(std::fabs(w.mean() - 1.0) < 3.0 * testing::mean_error(expected, w.n()));
    BOOST_TEST(std::fabs(w.deviation() - expected) <
               5e-5 + 3.0 * testing::deviation_error(expected, w.n()));
  }
  const Matrix<float> fifth = array.weights();
  array.advance_to(3600.0);
  BOOST_TEST((array.weights() == fifth));
  array.observe(3600.0, 6);
  BOOST_TEST((array.weights() != fifth));
  array.observe(3600.0, 5);
  BOOST_TEST((array.weights() == fifth));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
