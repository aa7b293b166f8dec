// Programming of devices to a target, and conductance after melt-quench pulses.
#include "device/programming.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "device/amplitude.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(device_programming)

namespace {

using device::AmplitudeConfig;
using device::AmplitudeCurve;
using device::DeviceArray;
using device::DeviceConfig;
using device::Programmed;
using device::ProgrammingConfig;
using device::ProgrammingMethod;

struct Lab {
  std::shared_ptr<const device::DeviceModel> model;
  device::Programmer programmer;
  DeviceArray array;
  OperationCounts counts;

  Lab(const DeviceConfig& config, const ProgrammingConfig& programming, std::size_t devices)
      : model(device::make_model(config, 0.768)),
        programmer(config, 0.768, programming, model, Stream(1, Purpose::programming),
                   Stream(1, Purpose::verify_read)),
        array(devices, 0) {
    model->prepare(array, Stream(1, Purpose::device_spread));
  }
  Programmed program(std::uint32_t place, float target_us, std::optional<float> stuck_us = {}) {
    return programmer.program(array, place, target_us, 0.0, counts, stuck_us);
  }
};

ProgrammingConfig verify(double margin_us, std::int64_t most_pulses, std::int64_t reads = 1) {
  return {ProgrammingMethod::program_and_verify, margin_us, most_pulses, reads};
}

DeviceConfig quiet_pcm() {
  DeviceConfig config;
  config.read_noise = false;
  config.programming_noise = false;
  return config;
}

/// Conductances of a nominal pcm device after 0, 1, … 40 pulses.
std::vector<double> nominal_conductances() {
  std::vector<double> nominal = {0.1};
  for (int n = 1; n <= 40; ++n) {
    const double g = nominal.back();
    nominal.push_back(std::min(12.0, g - 0.084 * g + 0.880 + 1.40 * std::exp(-n / 2.6)));
  }
  return nominal;
}

}  // namespace

BOOST_AUTO_TEST_CASE(exact_programming_needs_no_pulse) {
  Lab lab(DeviceConfig{}, {ProgrammingMethod::exact, 0.1, 10, 1}, 1);
  const Programmed done = lab.program(0, 4.25F);
  BOOST_TEST(lab.array.conductance_us[0] == 4.25F);
  BOOST_TEST(done.pulses == 0U);
  BOOST_TEST(done.converged);
  BOOST_TEST((lab.counts == OperationCounts{}));
}

BOOST_AUTO_TEST_CASE(a_single_shot_is_the_nearest_step_of_a_nominal_device) {
  const std::vector<double> nominal = nominal_conductances();
  for (const double target : {0.5, 1.2, 2.0, 3.3, 6.0, 8.9}) {
    Lab lab(quiet_pcm(), {ProgrammingMethod::single_shot, 0.1, 10, 1}, 1);
    const Programmed done = lab.program(0, static_cast<float>(target));
    std::size_t best = 0;
    for (std::size_t n = 0; n < nominal.size(); ++n) {
      if (std::fabs(nominal[n] - target) < std::fabs(nominal[best] - target)) best = n;
    }
    BOOST_TEST(std::fabs(static_cast<double>(lab.array.conductance_us[0]) - nominal[best]) < 1e-4);
    BOOST_TEST(lab.counts.set_pulses == best);
    BOOST_TEST(lab.counts.reset_pulses == 1U);
    BOOST_TEST(done.pulses == best + 1);
    BOOST_TEST(done.reads == 0U);
  }
}

BOOST_AUTO_TEST_CASE(the_lowest_target_is_one_reset) {
  Lab lab(quiet_pcm(), verify(0.1, 10), 1);
  const Programmed done = lab.program(0, 0.1F);
  BOOST_TEST(done.pulses == 1U);
  BOOST_TEST(lab.counts.reset_pulses == 1U);
  BOOST_TEST(lab.counts.verify_reads == 0U);
}

/// Devices without depression pulses: each converges within the margin, and a device above the
/// target is RESET again. 500 devices with programming noise, without read noise.
BOOST_AUTO_TEST_CASE(accumulating_devices_are_reset_above_the_target) {
  DeviceConfig config;
  config.read_noise = false;
  Lab lab(config, verify(0.3, 200), 500);
  std::uint64_t pulses = 0;
  std::uint64_t reads = 0;
  for (std::uint32_t i = 0; i < 500; ++i) {
    const Programmed done = lab.program(i, 5.0F);
    pulses += done.pulses;
    reads += done.reads;
    BOOST_REQUIRE(done.converged);
    BOOST_REQUIRE(std::fabs(lab.array.conductance_us[i] - 5.0F) <= 0.3F);
    BOOST_REQUIRE(done.reads == done.pulses);  // one read after each pulse
  }
  BOOST_TEST(pulses == lab.counts.set_pulses + lab.counts.reset_pulses);
  BOOST_TEST(reads == lab.counts.verify_reads);
  BOOST_TEST(lab.counts.reset_pulses > 600U);  // some exceeded the target
}

/// Acceptance |G + n − G_T| < δ with a read noise n ~ N(0, s) and a density that is flat over the
/// window: the error has the deviation √(δ²/3 + s²). Pulses of σ = 4 µS, so the density falls by
/// less than 0.4 % of the deviation over the window; n = 10,000 devices, k = 3, kurtosis ≤ 3.
BOOST_AUTO_TEST_CASE(verified_devices_have_the_error_of_margin_and_read_noise) {
  const std::pair<double, double> cases[] = {
      {0.0, 0.1443}, {0.1, 0.1756}, {0.2, 0.2466}, {0.3, 0.3329}};
  for (const auto& [s, expected] : cases) {
    DeviceConfig config;
    config.model = device::ModelName::pcm_inference;
    config.common.conductance_max_us = 25.0;
    config.common.reset_mean_us = 0.0;
    config.pcm_inference.programming_error_us = {4.0};
    config.pcm_inference.white_read_noise = s / std::sqrt(12.5 * 25.0);
    Lab lab(config, verify(0.25, 5000), 10000);
    testing::Sample error;
    std::size_t failed = 0;
    for (std::uint32_t i = 0; i < 10000; ++i) {
      failed += lab.program(i, 12.5F).converged ? 0 : 1;
      error.add(static_cast<double>(lab.array.conductance_us[i]) - 12.5);
    }
    BOOST_TEST_CONTEXT("read noise " << s << " µS") {
      BOOST_TEST(failed == 0U);
      BOOST_TEST(std::fabs(error.mean()) < 3.0 * testing::mean_error(expected, error.n()) + 2e-3);
      BOOST_TEST(std::fabs(error.deviation() - expected) <
                 3.0 * testing::deviation_error(expected, error.n()) + 0.004 * expected);
    }
  }
}

/// The mean of m reads has the noise s/√m: n = 20,000 devices at 8 µS, s = 0.37 µS; k = 4.
BOOST_AUTO_TEST_CASE(reads_are_averaged) {
  for (const std::int64_t reads : {1, 5}) {
    Lab lab(DeviceConfig{}, verify(0.1, 1, reads), 20000);
    testing::Sample shown;
    for (std::uint32_t i = 0; i < 20000; ++i) {
      lab.array.conductance_us[i] = 8.0F;
      shown.add(static_cast<double>(lab.programmer.verify_read_us(lab.array, i, 0.0, lab.counts)));
    }
    const double sigma = 0.37 / std::sqrt(static_cast<double>(reads));
    BOOST_TEST(std::fabs(shown.mean() - 8.0) < 4.0 * testing::mean_error(sigma, shown.n()));
    BOOST_TEST(std::fabs(shown.deviation() - sigma) <
               4.0 * testing::deviation_error(sigma, shown.n()));
    BOOST_TEST(lab.counts.verify_reads == static_cast<std::uint64_t>(20000 * reads));
  }
}

BOOST_AUTO_TEST_CASE(programming_without_convergence_is_reported) {
  DeviceConfig config;
  config.model = device::ModelName::projected_pcm;
  config.common.conductance_max_us = 20.0;
  config.common.reset_mean_us = 1.1;
  Lab lab(config, verify(0.0, 7, 3), 1);
  const Programmed done = lab.program(0, 9.0F);
  BOOST_TEST(!done.converged);
  BOOST_TEST(done.pulses == 7U);
  BOOST_TEST(done.reads == 21U);
  Lab accumulating(DeviceConfig{}, verify(0.0, 7), 1);
  BOOST_TEST(!accumulating.program(0, 5.0F).converged);
}

BOOST_AUTO_TEST_CASE(a_stuck_device_converges_only_at_its_own_conductance) {
  Lab lab(quiet_pcm(), verify(0.3, 12), 2);
  const Programmed stuck = lab.program(0, 5.0F, 12.0F);
  BOOST_TEST(!stuck.converged);
  BOOST_TEST(stuck.pulses == 13U);  // the first RESET, and one after each read
  BOOST_TEST(lab.program(1, 11.9F, 12.0F).converged);
}

/// Verify reads correct for the curve of each device: targets over the window, 300 devices each,
/// with the default variability and noise.
BOOST_AUTO_TEST_CASE(verified_amplitudes_adapt_to_each_device) {
  DeviceConfig config;
  config.model = device::ModelName::projected_pcm;
  config.common.conductance_max_us = 20.0;
  config.common.reset_mean_us = 1.1;
  for (const float target : {3.0F, 10.0F, 17.0F}) {
    Lab lab(config, verify(0.25, 200, 5), 300);
    std::size_t converged = 0;
    for (std::uint32_t i = 0; i < 300; ++i) converged += lab.program(i, target).converged ? 1 : 0;
    BOOST_TEST(converged >= 294U, "of 300 at " << target << " µS: " << converged);
  }
}

BOOST_AUTO_TEST_CASE(amplitudes_follow_the_nominal_curve) {
  const AmplitudeCurve curve(AmplitudeConfig{}, 0.1, false, true);
  const std::vector<float> nominal(AmplitudeCurve::trait_count, 0.0F);
  BOOST_TEST(std::fabs(curve.amplitude_ua(0.1F + 0.5F * 27.9F) - 220.0F) < 1e-3F);
  for (const float target : {1.0F, 5.0F, 14.0F, 25.0F}) {
    BOOST_TEST(std::fabs(curve.conductance_after_us(target, nominal, 0.0F) - target) < 1e-3F);
    const double part = (static_cast<double>(target) - 0.1) / 27.9;
    BOOST_TEST(std::fabs(static_cast<double>(curve.amplitude_ua(target)) - 220.0 -
                         30.0 * std::log((1.0 - part) / part)) < 1e-3);
  }
  BOOST_TEST(curve.amplitude_ua(100.0F) == 80.0F);
  BOOST_TEST(curve.amplitude_ua(0.0F) == 400.0F);
}

BOOST_AUTO_TEST_CASE(a_device_has_its_own_curve_and_noise) {
  const AmplitudeCurve curve(AmplitudeConfig{}, 0.1, true, true);
  const std::vector<float> own = {-3.0F, 20.0F, 6.0F};  // G_set 25, I_½ 240, w 36
  const auto amplitude_ua = static_cast<double>(curve.amplitude_ua(10.0F));
  const double left = 0.1 + 24.9 / (1.0 + std::exp((amplitude_ua - 240.0) / 36.0));
  BOOST_TEST(std::fabs(static_cast<double>(curve.conductance_after_us(10.0F, own, 0.0F)) - left) <
             1e-4);
  const double noisy = left + 1.5 * (0.04 * left + 0.2);
  BOOST_TEST(std::fabs(static_cast<double>(curve.conductance_after_us(10.0F, own, 1.5F)) - noisy) <
             1e-4);
  BOOST_TEST(curve.conductance_after_us(10.0F, own, -50.0F) == 0.1F);
}

/// n = 20,000 devices; k = 4.
BOOST_AUTO_TEST_CASE(curves_have_the_stated_variability) {
  const Stream spread(1, Purpose::device_spread);
  const double sigmas[] = {2.0, 15.0, 3.0};
  std::vector<testing::Sample> traits(3);
  std::vector<float> drawn(3);
  const AmplitudeCurve curve(AmplitudeConfig{}, 0.1, true, true);
  for (std::uint32_t i = 0; i < 20000; ++i) {
    curve.draw(spread, i, drawn);
    for (std::size_t k = 0; k < 3; ++k) traits[k].add(static_cast<double>(drawn[k]));
  }
  for (std::size_t k = 0; k < 3; ++k) {
    const double n = traits[k].n();
    BOOST_TEST(std::fabs(traits[k].mean()) < 4.0 * testing::mean_error(sigmas[k], n));
    BOOST_TEST(std::fabs(traits[k].deviation() - sigmas[k]) <
               4.0 * testing::deviation_error(sigmas[k], n));
  }
  AmplitudeCurve(AmplitudeConfig{}, 0.1, true, false).draw(spread, 5, drawn);
  BOOST_TEST(drawn == std::vector<float>(3, 0.0F), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(inconsistent_driver_limits_are_refused) {
  AmplitudeConfig limits;
  limits.amplitude_min_ua = 400.0;
  BOOST_CHECK_THROW(AmplitudeCurve(limits, 0.1, true, true), InputError);
  BOOST_CHECK_THROW(AmplitudeCurve(AmplitudeConfig{}, 28.0, true, true), InputError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
