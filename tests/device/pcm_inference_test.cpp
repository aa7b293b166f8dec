// The statistics of programmed phase-change memory against the published tables and forms.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "device/device.hpp"
#include "study/device_study.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(device_pcm_inference)

namespace {

using device::DeviceArray;
using device::DeviceConfig;
using device::DeviceModel;

constexpr std::size_t many = 100000;

DeviceConfig preset(const std::string& name) {
  const auto no_files = [](const std::string&, std::string&) { return false; };
  return study::resolve_config<study::DeviceStudyConfig>({{"device", name, "--device", "flag"}},
                                                         no_files)
      .config.device_config;
}

std::shared_ptr<const DeviceModel> model_of(const DeviceConfig& config) {
  return device::make_model(config, 0.768);
}

/// `count` new devices, programmed to `target_us` at t = 0.
DeviceArray programmed(const DeviceModel& model, std::size_t count, float target_us) {
  DeviceArray array(count, 0);
  const Stream stream(1, Purpose::programming);
  model.prepare(array, Stream(1, Purpose::device_spread));
  for (std::uint32_t i = 0; i < count; ++i) model.pulse_to_target(array, i, target_us, 0.0, stream);
  return array;
}

/// Standard deviation of the programming error: (G − G_T)/n for a device whose draw n is not small
/// and does not clip the result.
double programming_error_us(const DeviceConfig& config, double x) {
  const auto target = static_cast<float>(x * config.common.conductance_max_us);
  const DeviceArray array = programmed(*model_of(config), 64, target);
  const Stream stream(1, Purpose::programming);
  for (std::uint32_t i = 0; i < 64; ++i) {
    const float n = stream.of(i).normal(0);
    if (n > 1.0F) return static_cast<double>((array.conductance_us[i] - target) / n);
  }
  return -1.0;
}

/// Drift exponents of `count` devices programmed to x.
std::vector<float> exponents(DeviceConfig config, double x, bool spread, std::size_t count) {
  config.device_spread = spread;
  const auto target = static_cast<float>(x * config.common.conductance_max_us);
  return programmed(*model_of(config), count, target).drift_exponent;
}

double mean_exponent(const DeviceConfig& config, double x) {
  return static_cast<double>(exponents(config, x, false, 1)[0]);
}

/// Standard deviation of the exponent at x. The draw of a device follows from its exponent at
/// x = 0, where the published mean and deviation are 0.1 and 0.045 (both limits of the fit).
double exponent_deviation(const DeviceConfig& config, double x, double mean_0, double deviation_0) {
  const std::vector<float> at_zero = exponents(config, 0.0, true, 64);
  const std::vector<float> at_x = exponents(config, x, true, 64);
  const double mean = mean_exponent(config, x);
  for (std::size_t i = 0; i < 64; ++i) {
    const double draw = (static_cast<double>(at_zero[i]) - mean_0) / deviation_0;
    if (draw > 1.0) return (static_cast<double>(at_x[i]) - mean) / draw;
  }
  return -1.0;
}

double flicker_strength(const DeviceConfig& config, double x) {
  DeviceArray array(1, 0);
  array.conductance_us[0] = static_cast<float>(x * config.common.conductance_max_us);
  return static_cast<double>(model_of(config)->flicker_strength(array, 0));
}

/// σ_G/G of 1/f noise at `t_s` after programming.
double slow_noise(const DeviceConfig& config, double x, double t_s) {
  DeviceArray array(1, 0);
  array.conductance_us[0] = static_cast<float>(x * config.common.conductance_max_us);
  array.drift_exponent = {0.0F};
  float one = 1.0F, deviation = 0.0F;
  if (!model_of(config)->slow_noise_us(array, 0, t_s, {&one, 1}, {&deviation, 1})) return -1.0;
  return static_cast<double>(deviation);
}

void check_printed(double value, double printed, double unit) {
  BOOST_TEST(std::fabs(value - printed) <= 0.5 * unit + 2e-6, value << " is not " << printed);
}

double polynomial(double x, std::initializer_list<double> p) {
  double sum = 0.0;
  double power = 1.0;
  for (const double c : p) {
    sum += c * power;
    power *= x;
  }
  return sum;
}

}  // namespace

/// The published fit of Joshi et al. 2020, figure 3, to the digits in which its table is printed.
BOOST_AUTO_TEST_CASE(the_published_table) {
  struct Row {
    double x, programming_us, mean, deviation, strength, now, hour, day, month, year;
  };
  const Row rows[] = {
      {0.0, 0.2635, 0.1000, 0.0450, 0.2000, 0.837, 0.953, 1.017, 1.082, 1.127},
      {0.05, 0.3588, 0.0708, 0.0315, 0.06168, 0.258, 0.294, 0.314, 0.334, 0.348},
      {0.1, 0.4482, 0.0601, 0.0229, 0.03931, 0.1645, 0.1873, 0.2000, 0.2127, 0.2216},
      {0.2, 0.6096, 0.0493, 0.0142, 0.02505, 0.1048, 0.1194, 0.1274, 0.1355, 0.1412},
      {0.3, 0.7474, 0.0490, 0.0091, 0.01925, 0.0805, 0.0917, 0.0979, 0.1041, 0.1085},
      {0.5, 0.9527, 0.0490, 0.0080, 0.01381, 0.0578, 0.0658, 0.0702, 0.0747, 0.0778},
      {0.8, 1.0847, 0.0490, 0.0080, 0.01017, 0.0426, 0.0485, 0.0518, 0.0550, 0.0573},
      {1.0, 1.0554, 0.0490, 0.0080, 0.00880, 0.0368, 0.0419, 0.0448, 0.0476, 0.0496}};
  const DeviceConfig config = preset("pcm-inference");
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT("x = " << row.x) {
      check_printed(programming_error_us(config, row.x), row.programming_us, 1e-4);
      check_printed(mean_exponent(config, row.x), row.mean, 1e-4);
      check_printed(exponent_deviation(config, row.x, 0.1, 0.045), row.deviation, 1e-4);
      check_printed(flicker_strength(config, row.x), row.strength, 1e-5);
      const double digit = row.x < 0.08 ? 1e-3 : 1e-4;
      check_printed(slow_noise(config, row.x, 0.0), row.now, digit);
      check_printed(slow_noise(config, row.x, 3600.0), row.hour, digit);
      check_printed(slow_noise(config, row.x, 86400.0), row.day, digit);
      check_printed(slow_noise(config, row.x, 2.592e6), row.month, digit);
      check_printed(slow_noise(config, row.x, 3.1536e7), row.year, digit);
    }
  }
}

/// Statistics of the 14 nm core from the published formulas, on both sides of each boundary.
BOOST_AUTO_TEST_CASE(the_published_formulas_of_a_14_nm_core) {
  const auto mean = [](double x) {
    return x < 0.0945 ? std::clamp(-0.0387 * std::log(x) - 0.0182, 0.0720, 0.13)
                      : polynomial(x, {0.0736, -0.0126, -0.0436});
  };
  const DeviceConfig one = preset("pcm-hermes");
  const DeviceConfig pair = preset("pcm-hermes-pair");
  for (const double x : {1e-4, 0.02, 0.0944, 0.0946, 0.159, 0.161, 0.303, 0.305, 0.307, 0.6, 1.0}) {
    BOOST_TEST_CONTEXT("x = " << x) {
      const double log_x = std::log(x);
      const auto close = [&](double value, double expected) {
        BOOST_TEST(std::fabs(value - expected) < 2e-6 + 2e-6 * expected,
                   value << " is not " << expected);
      };
      close(mean_exponent(one, x), mean(x));
      close(mean_exponent(pair, x), mean(x));
      close(exponent_deviation(one, x, 0.13, 0.04),
            x < 0.3039 ? std::clamp(-0.0120 * log_x - 0.0023, 0.0124, 0.04)
                       : polynomial(x, {0.0104, 0.0116, -0.0165}));
      close(exponent_deviation(pair, x, 0.13, 0.04),
            x < 0.3055 ? std::clamp(-0.0117 * log_x - 0.0057, 0.0091, 0.04)
                       : polynomial(x, {0.0073, 0.0093, -0.0118}));
      const double strength_one = x < 0.1591 ? std::clamp(-0.0078 * log_x + 0.0038, 0.0179, 0.04)
                                             : polynomial(x, {0.0088, 0.0768, -0.1352, 0.0664});
      const double strength_pair = x < 0.16 ? std::clamp(-0.0117 * log_x - 0.0069, 0.015, 0.04)
                                            : polynomial(x, {0.0123, 0.0211, -0.0280, 0.0069});
      close(flicker_strength(one, x), strength_one);
      close(flicker_strength(pair, x), strength_pair);
      const auto growth = [](double age_s) {
        return std::sqrt(std::log((age_s + 512e-9) / (2.0 * 512e-9)));
      };
      close(slow_noise(one, x, 3600.0), strength_one * growth(3800.0));
      close(slow_noise(pair, x, 3600.0), strength_pair * growth(3900.0));
    }
  }
  for (const double x : {0.1, 0.5, 1.0}) {
    const double error_one = polynomial(x, {0.15781817, 2.32443916, -2.16310839, 0.68841818});
    const double error_pair = polynomial(x, {0.16603222, 4.71806468, -8.48101252, 4.68961419});
    BOOST_TEST(std::fabs(programming_error_us(one, x) - error_one) < 2e-5);
    BOOST_TEST(std::fabs(programming_error_us(pair, x) - error_pair) < 2e-5);
  }
}

/// n = 100,000 devices at each target: mean, deviation of G and of ν; k = 4. At x = 0 half of the
/// devices end at 0, and the mean is σ/√(2π). ν = |N(μ, σ)| has the mean of a folded normal
/// distribution.
BOOST_AUTO_TEST_CASE(many_devices_have_the_stated_variability) {
  const auto model = model_of(preset("pcm-inference"));
  const std::pair<float, double> targets[] = {{2.5F, 0.4482}, {12.5F, 0.9527}, {25.0F, 1.0554}};
  for (const auto& [target, sigma] : targets) {
    const DeviceArray array = programmed(*model, many, target);
    testing::Sample g;
    for (const float us : array.conductance_us) g.add(static_cast<double>(us));
    BOOST_TEST(std::fabs(g.mean() - static_cast<double>(target)) <
               4.0 * testing::mean_error(sigma, g.n()));
    BOOST_TEST(std::fabs(g.deviation() - sigma) <
               1e-4 + 4.0 * testing::deviation_error(sigma, g.n()));
  }
  const DeviceArray array = programmed(*model, many, 0.0F);
  testing::Sample g;
  testing::Sample nu;
  for (std::size_t i = 0; i < many; ++i) {
    g.add(static_cast<double>(array.conductance_us[i]));
    nu.add(static_cast<double>(array.drift_exponent[i]));
  }
  const auto none = std::count(array.conductance_us.begin(), array.conductance_us.end(), 0.0F);
  BOOST_TEST(std::fabs(static_cast<double>(none) / g.n() - 0.5) < 4.0 * std::sqrt(0.25 / g.n()));
  BOOST_TEST(std::fabs(g.mean() - 0.26348 / std::sqrt(2.0 * M_PI)) <
             4.0 * testing::mean_error(0.154, g.n()));
  const double folded = 0.045 * std::sqrt(2.0 / M_PI) * std::exp(-0.5 * 0.01 / (0.045 * 0.045)) +
                        0.1 * std::erf(0.1 / (0.045 * std::sqrt(2.0)));
  const double spread = std::sqrt(0.01 + 0.045 * 0.045 - folded * folded);
  BOOST_TEST(std::fabs(nu.mean() - folded) < 4.0 * testing::mean_error(spread, nu.n()));
  BOOST_TEST(std::fabs(nu.deviation() - spread) < 4.0 * testing::deviation_error(spread, nu.n()));
}

/// E[(t/t₀)^−ν] = exp(−μL + σ²L²/2) with L = ln(1 + t/t₀), for ν ~ N(0.049, 0.008): n = 100,000,
/// k = 4. The mean decreases more slowly than with the mean exponent.
BOOST_AUTO_TEST_CASE(the_mean_over_devices_follows_the_closed_form) {
  DeviceConfig config = preset("pcm-inference");
  config.programming_noise = false;
  const auto model = model_of(config);
  const DeviceArray array = programmed(*model, many, 12.5F);
  std::vector<float> us(many);
  for (const double t_s : {0.0, 3600.0, 86400.0, 3.1536e7}) {
    const double log_age = std::log(1.0 + t_s / 20.0);
    const double mean = std::exp(-0.049 * log_age + 0.5 * 0.008 * 0.008 * log_age * log_age);
    const double sigma = mean * std::sqrt(std::expm1(0.008 * 0.008 * log_age * log_age));
    model->conductance_us(array, 0, t_s, us);
    testing::Sample g;
    for (const float one : us) g.add(static_cast<double>(one) / 12.5);
    BOOST_TEST(std::fabs(g.mean() - mean) < 1e-6 + 4.0 * testing::mean_error(sigma, g.n()),
               "at " << t_s << " s: " << g.mean() << " is not " << mean);
  }
}

BOOST_AUTO_TEST_CASE(white_noise_grows_as_the_root_of_the_conductance) {
  const auto model = model_of(preset("pcm-inference"));
  const std::vector<float> g = {0.0F, 1.0F, 6.25F, 25.0F};
  std::vector<float> sigma(4);
  BOOST_TEST_REQUIRE(model->read_noise_us({4, 0}, 0, 0.0, g, sigma));
  for (std::size_t i = 0; i < 4; ++i) {
    const double expected = 0.0175 * std::sqrt(25.0 * static_cast<double>(g[i]));
    BOOST_TEST(std::fabs(static_cast<double>(sigma[i]) - expected) < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(training_pulses_draw_the_exponent_at_the_final_conductance) {
  DeviceConfig config = preset("pcm-inference");
  config.device_spread = false;
  const auto model = model_of(config);
  DeviceArray array(1, 0);
  model->prepare(array, Stream(1, Purpose::device_spread));
  const std::vector<std::uint32_t> place = {0};
  const Stream stream(1, Purpose::programming);
  model->reset(array, place, 0.0, stream);
  BOOST_TEST(array.drift_exponent[0] == 0.1F);
  for (int n = 0; n < 8; ++n) {
    model->set(array, place, 5.0, stream);
    const double x = static_cast<double>(array.conductance_us[0]) / 25.0;
    const double mean = std::clamp(-0.0155 * std::log(std::max(x, 1e-7)) + 0.0244, 0.049, 0.1);
    BOOST_TEST(std::fabs(static_cast<double>(array.drift_exponent[0]) - mean) < 1e-6);
  }
  BOOST_TEST(array.programmed_at_s[0] == 5.0);
  BOOST_TEST(array.pulses[0] == 9U);
}

BOOST_AUTO_TEST_CASE(each_switch_disables_its_effect) {
  DeviceConfig config = preset("pcm-inference");
  config.programming_noise = false;
  config.read_noise = false;
  config.drift = false;
  const auto model = model_of(config);
  const DeviceArray array = programmed(*model, 3, 7.5F);
  std::vector<float> us(3);
  model->conductance_us(array, 0, 1e8, us);
  for (const float g : us) BOOST_TEST(g == 7.5F);
  std::vector<float> sigma(3);
  BOOST_TEST(!model->read_noise_us(array, 0, 1.0, us, sigma));
  BOOST_TEST(!model->slow_noise_us(array, 0, 1.0, us, sigma));
  BOOST_TEST(model->flicker_strength(array, 0) == 0.0F);
}

BOOST_AUTO_TEST_CASE(tables_of_the_wrong_size_are_refused) {
  const auto refused = [](auto&& change) {
    DeviceConfig config = preset("pcm-inference");
    change(config);
    BOOST_CHECK_THROW(model_of(config), InputError);
  };
  refused([](DeviceConfig& c) { c.pcm_inference.programming_error_us.clear(); });
  refused([](DeviceConfig& c) { c.pcm_inference.drift_mean_log.pop_back(); });
  refused([](DeviceConfig& c) { c.pcm_inference.drift_std_log.push_back(1.0); });
  refused([](DeviceConfig& c) { c.flicker.flicker_power.pop_back(); });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
