// Measured curves of devices, against published tables and closed forms.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "instrument/instrument.hpp"
#include "study/device_study.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(instrument_curves)

namespace {

using device::DeviceConfig;
using device::ProgrammingConfig;
using device::ProgrammingMethod;
using instrument::Bench;

constexpr std::size_t devices = 10000;
const std::vector<double> second_to_year = {1.0,    10.0,    100.0,   1000.0,
                                            3600.0, 86400.0, 2.592e6, 3.1536e7};

study::DeviceStudyConfig preset(const std::string& name) {
  const auto no_files = [](const std::string&, std::string&) { return false; };
  return study::resolve_config<study::DeviceStudyConfig>({{"device", name, "--device", "flag"}},
                                                         no_files)
      .config;
}

Bench bench_of(const DeviceConfig& config, ProgrammingMethod method, std::size_t count = devices) {
  return {config, ProgrammingConfig{method, 0.25, 50, 1}, 0.768, count, 1};
}

/// Mean and standard deviation of |N(m, s)|.
std::pair<double, double> folded(double m, double s) {
  const double mean = s * std::sqrt(2.0 / M_PI) * std::exp(-0.5 * m * m / (s * s)) +
                      m * std::erf(m / (s * std::sqrt(2.0)));
  return {mean, std::sqrt(m * m + s * s - mean * mean)};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_point_has_the_moments_and_quantiles_of_its_values) {
  std::vector<float> values;
  for (int i = 0; i <= 100; ++i) values.push_back(static_cast<float>((i * 37) % 101));
  const instrument::Point p = instrument::point_of(3.0, values);
  BOOST_TEST(p.x == 3.0);
  BOOST_TEST(p.mean_us == 50.0);
  BOOST_TEST(std::fabs(p.std_us - std::sqrt(101.0 * 102.0 / 12.0)) < 1e-12);
  BOOST_TEST(p.quantile_05_us == 5.0);
  BOOST_TEST(p.median_us == 50.0);
  BOOST_TEST(p.quantile_95_us == 95.0);
  std::vector<float> one = {4.0F};
  BOOST_TEST(instrument::point_of(0.0, one).std_us == 0.0);
}

/// 10,000 devices against an independent Monte Carlo of 2,000,000 (accurate to ±0.004): k = 3; the
/// kurtosis of the distributions is below 3.5.
BOOST_AUTO_TEST_CASE(conductance_over_pulses) {
  struct Row {
    std::size_t pulse;
    double mean, deviation;
  };
  const Row rows[] = {{1, 2.055, 1.520},  {2, 3.431, 1.970}, {3, 4.465, 2.188},
                      {5, 5.894, 2.312},  {8, 7.154, 2.236}, {10, 7.690, 2.163},
                      {15, 8.507, 2.036}, {20, 8.912, 1.970}};
  Bench bench = bench_of(DeviceConfig{}, ProgrammingMethod::exact);
  const instrument::PulseCurve curve = instrument::pulse_curve(bench, 20, {});
  BOOST_TEST_REQUIRE(curve.conductance.size() == 21U);
  BOOST_TEST_REQUIRE(curve.change.size() == 20U);
  const double n = static_cast<double>(devices);
  for (const Row& row : rows) {
    const instrument::Point& p = curve.conductance[row.pulse];
    BOOST_TEST_CONTEXT("pulse " << row.pulse) {
      BOOST_TEST_MESSAGE(p.mean_us << " (" << row.mean << "), " << p.std_us << " (" << row.deviation
                                   << ")");
      BOOST_TEST(p.x == static_cast<double>(row.pulse));
      BOOST_TEST(std::fabs(p.mean_us - row.mean) <
                 0.004 + 3.0 * testing::mean_error(row.deviation, n));
      BOOST_TEST(std::fabs(p.std_us - row.deviation) <
                 0.004 + 3.0 * testing::deviation_error(row.deviation, n, 3.5));
      const instrument::Point& before = curve.conductance[row.pulse - 1];
      BOOST_TEST(std::fabs(curve.change[row.pulse - 1].mean_us - (p.mean_us - before.mean_us)) <
                 1e-5);
    }
  }
  BOOST_TEST(bench.counts().set_pulses == 20U * devices);
  BOOST_TEST(bench.counts().reset_pulses == devices);
}

/// The change by pulse n + 1 at a given conductance: N(m₁G + c₁ + A₁P, m₂G + c₂ + A₂P) with P =
/// e^(−(n + 1)/2.6). 10,000 devices in bins of 1 µS, far from the limits; k = 3 in each bin.
BOOST_AUTO_TEST_CASE(the_change_of_a_pulse_at_a_given_conductance) {
  for (const int n : {6, 10, 19}) {
    Bench bench = bench_of(DeviceConfig{}, ProgrammingMethod::exact);
    bench.reset();
    for (int k = 0; k < n; ++k) bench.set();
    const std::vector<float> before = bench.conductance_us(0.0);
    bench.set();
    const std::vector<float> after = bench.conductance_us(0.0);
    const double memory = std::exp(-(n + 1) / 2.6);
    for (const double bin : {5.0, 6.0, 7.0}) {
      testing::Sample scaled;
      for (std::size_t i = 0; i < devices; ++i) {
        const auto g = static_cast<double>(before[i]);
        if (g < bin || g >= bin + 1.0) continue;
        const double mean = -0.084 * g + 0.880 + 1.40 * memory;
        const double sigma = 0.091 * g + 0.260 + 2.15 * memory;
        scaled.add((static_cast<double>(after[i]) - g - mean) / sigma);
      }
      BOOST_TEST_CONTEXT("pulse " << n + 1 << ", " << bin << " µS, " << scaled.n() << " devices") {
        BOOST_TEST(scaled.n() > 300.0);
        BOOST_TEST(std::fabs(scaled.mean()) < 3.0 * testing::mean_error(1.0, scaled.n()));
        BOOST_TEST(std::fabs(scaled.deviation() - 1.0) <
                   3.0 * testing::deviation_error(1.0, scaled.n()));
      }
    }
  }
}

/// From 1 s to a year: all devices of pcm have the same exponent to float precision; with
/// variability, k = 3.
BOOST_AUTO_TEST_CASE(fitted_drift_of_pcm_is_its_preset) {
  Bench bench = bench_of(preset("pcm").device_config, ProgrammingMethod::exact);
  const instrument::DriftCurve curve = instrument::drift_curve(bench, 6.0F, second_to_year, {});
  BOOST_TEST(std::fabs(curve.exponent.mean - 0.04) < 1e-6);
  BOOST_TEST(curve.exponent.deviation < 1e-6);
  BOOST_TEST(std::fabs(curve.conductance.back().mean_us - 6.0 * std::pow(3.1536e7 / 38.6, -0.04)) <
             1e-4);
  BOOST_TEST(curve.conductance[1].mean_us == 6.0);  // 10 s: before the start of drift

  DeviceConfig spread;
  spread.common.drift_exponent_std = 0.01;
  Bench many = bench_of(spread, ProgrammingMethod::exact);
  const MeanAndDeviation fit = instrument::drift_curve(many, 6.0F, second_to_year, {}).exponent;
  const double n = static_cast<double>(devices);
  BOOST_TEST(std::fabs(fit.mean - 0.04) < 3.0 * testing::mean_error(0.01, n));
  BOOST_TEST(std::fabs(fit.deviation - 0.01) < 3.0 * testing::deviation_error(0.01, n));
}

/// pcm-inference: ν = |N(μ(x), σ(x))| from its published table; 10,000 devices per target (half of
/// them at x = 0, where the others are at 0 µS), k = 3.
BOOST_AUTO_TEST_CASE(fitted_drift_of_pcm_inference_is_its_preset_at_each_target) {
  for (const double x : {0.0, 0.05, 0.1, 0.2, 0.5, 1.0}) {
    const double log_x = std::log(std::max(x, 1e-7));
    const double mean = std::clamp(-0.0155 * log_x + 0.0244, 0.049, 0.1);
    const double sigma = std::clamp(-0.0125 * log_x - 0.0059, 0.008, 0.045);
    const auto [expected, deviation] = folded(mean, sigma);
    Bench bench = bench_of(preset("pcm-inference").device_config, ProgrammingMethod::single_shot);
    const instrument::DriftCurve curve =
        instrument::drift_curve(bench, static_cast<float>(25.0 * x), second_to_year, {});
    const double n = x == 0.0 ? 4800.0 : static_cast<double>(devices);
    BOOST_TEST_CONTEXT("x = " << x) {
      BOOST_TEST_MESSAGE(curve.exponent.mean << " (" << expected << "), "
                                             << curve.exponent.deviation << " (" << deviation
                                             << ")");
      BOOST_TEST(std::fabs(curve.exponent.mean - expected) <
                 2e-6 + 3.0 * testing::mean_error(deviation, n));
      BOOST_TEST(std::fabs(curve.exponent.deviation - deviation) <
                 2e-6 + 3.0 * testing::deviation_error(deviation, n));
    }
  }
}

/// σ/G of reads of 10,000 devices, by the model and as measured; k = 3. At 12.5 µS, 1/f noise is
/// 0.0578 directly after programming and 0.0702 after a day; white noise is 0.0175·√2 at both
/// times.
BOOST_AUTO_TEST_CASE(read_noise_is_the_sum_of_its_parts) {
  DeviceConfig config = preset("pcm-inference").device_config;
  config.drift = false;
  Bench bench = bench_of(config, ProgrammingMethod::exact);
  const std::vector<instrument::NoisePoint> points = instrument::noise_points(
      bench, std::vector<double>{12.5, 25.0}, std::vector<double>{0.0, 86400.0});
  BOOST_TEST_REQUIRE(points.size() == 4U);
  const double slow[] = {0.0578, 0.0702, 0.0368, 0.0448};
  for (std::size_t k = 0; k < 4; ++k) {
    const double white = 0.0175 * std::sqrt(25.0 / points[k].target_us);
    BOOST_TEST(std::fabs(points[k].mean_us - points[k].target_us) < 1e-4);
    BOOST_TEST(std::fabs(points[k].read_noise - white) < 1e-5);
    BOOST_TEST(std::fabs(points[k].slow_noise - slow[k]) < 5.5e-5);
    const double sum = std::hypot(white, slow[k]);
    BOOST_TEST(std::fabs(points[k].measured - sum) <
               1e-4 + 3.0 * testing::deviation_error(sum, static_cast<double>(devices)));
  }
}

/// 1/f noise alone has the slope −1 ± 0.1, pcm's white read noise 0 ± 0.1, with density 2σ²Δt. 16
/// traces of 4,096 reads; the mean over all frequencies is accurate to 3 %, the bound is 4 standard
/// errors.
BOOST_AUTO_TEST_CASE(spectra_of_noise_traces, *boost::unit_test::label("long")) {
  DeviceConfig config = preset("pcm-inference").device_config;
  config.pcm_inference.white_read_noise = 0.0;
  Bench slow = bench_of(config, ProgrammingMethod::exact, 16);
  const instrument::Spectrum flicker = instrument::noise_spectrum(slow, 12.5F, 1e-3, 16384, 16, 1);
  BOOST_TEST(std::fabs(flicker.slope + 1.0) < 0.1);
  Bench fresh = bench_of(preset("pcm").device_config, ProgrammingMethod::exact, 16);
  const instrument::Spectrum white = instrument::noise_spectrum(fresh, 5.0F, 1e-3, 4096, 16, 1);
  BOOST_TEST(std::fabs(white.slope) < 0.1);
  testing::Sample level;
  for (const double s : white.density_per_hz) level.add(s);
  const double sigma = (0.03 * 5.0 + 0.13) / 5.0;
  BOOST_TEST(std::fabs(level.mean() / (2.0 * sigma * sigma * 1e-3) - 1.0) < 0.12);
}

BOOST_AUTO_TEST_CASE(programming_curves_have_the_error_at_each_target) {
  const std::vector<double> targets = {2.5, 12.5, 25.0};
  DeviceConfig config = preset("pcm-inference").device_config;
  Bench exact = bench_of(config, ProgrammingMethod::exact, 10);
  for (const auto& p : instrument::programming_curve(exact, targets, 0.0, {})) {
    BOOST_TEST(p.rms_error_us == 0.0);
    BOOST_TEST(p.iterations_mean == 0.0);
    BOOST_TEST(p.converged_fraction == 1.0);
  }
  Bench once = bench_of(config, ProgrammingMethod::single_shot);
  const double sigmas[] = {0.4482, 0.9527, 1.0554};
  const auto points = instrument::programming_curve(once, targets, 0.0, {});
  for (std::size_t k = 0; k < 3; ++k) {
    BOOST_TEST(points[k].iterations_mean == 1.0);
    BOOST_TEST(std::fabs(points[k].rms_error_us - sigmas[k]) <
               1e-4 + 3.0 * testing::deviation_error(sigmas[k], static_cast<double>(devices)));
  }
  // A later read, with drift and 1/f noise, has a larger spread: √(σ² + (G·σ_r)² + (G·σ_ν·ln(1 +
  // t/t₀))²) about a mean that has drifted. This is a first-order expression, hence the bound of 3
  // %.
  const auto day = instrument::programming_curve(once, targets, 86400.0, {})[1];
  const double log_age = std::log(1.0 + 86400.0 / 20.0);
  const double left = std::exp(-0.049 * log_age);
  const double g = 12.5 * left;
  const double expected =
      std::sqrt(std::pow(0.9527 * left, 2) + std::pow(g * 0.0702, 2) +
                std::pow(g * 0.008 * log_age, 2) + std::pow(0.0175, 2) * g * 25.0);
  BOOST_TEST(std::fabs(day.conductance.std_us / expected - 1.0) < 0.03);
}

BOOST_AUTO_TEST_CASE(temperature_curves_follow_thermal_activation) {
  Bench bench = bench_of(DeviceConfig{}, ProgrammingMethod::exact, 20);
  const auto points =
      instrument::temperature_curve(bench, 5.0F, 0.0, std::vector<double>{300.0, 320.0, 350.0}, {});
  BOOST_TEST(points[0].mean_us == 5.0);
  BOOST_TEST(std::fabs(points[1].mean_us / 5.0 - 1.6218) < 5.5e-5);
  BOOST_TEST(std::fabs(points[2].mean_us / 5.0 - 3.0198) < 5.5e-5);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
