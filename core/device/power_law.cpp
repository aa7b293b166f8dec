#include "device/power_law.hpp"

#include <cmath>
#include <limits>

#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::device {
namespace {

constexpr float smallest_exponent = 1e-6F;

float step_of(float exponent) {
  return static_cast<float>(1.999 * drift_step_tolerance / static_cast<double>(exponent));
}

}  // namespace

float thermal_factor(double activation_energy_ev, double temperature_k) {
  constexpr double boltzmann_ev_per_k = 8.617333e-5;
  if (temperature_k == reference_temperature_k) return 1.0F;
  return numeric::exp(static_cast<float>(-activation_energy_ev / boltzmann_ev_per_k *
                                         (1.0 / temperature_k - 1.0 / reference_temperature_k)));
}

float trait_normal(const Stream& spread, std::uint32_t entity, std::uint32_t index) {
  return spread.of(entity).normal(events::traits(index));
}

PowerLaw::PowerLaw(const DeviceConfig& config, Onset onset)
    : onset_(onset),
      read_noise_(config.read_noise),
      drift_(config.drift && (config.common.drift_exponent > 1e-6 ||
                              config.common.drift_exponent_std > 0.0 || onset == Onset::shifted)),
      read_noise_slope_(static_cast<float>(config.common.read_noise_slope)),
      read_noise_offset_us_(static_cast<float>(config.common.read_noise_offset_us)),
      drift_exponent_(static_cast<float>(config.common.drift_exponent)),
      drift_exponent_std_(
          config.device_spread ? static_cast<float>(config.common.drift_exponent_std) : 0.0F),
      reference_time_s_(config.common.drift_reference_time.seconds),
      step_(config.common.drift_exponent > 1e-6
                ? static_cast<float>(1.999 * drift_step_tolerance / config.common.drift_exponent)
                : 1.0F),
      thermal_(thermal_factor(config.common.activation_energy_ev, config.temperature_k)) {}

void PowerLaw::prepare(DeviceArray& array, const Stream& spread) const {
  if (drift_exponent_std_ == 0.0F) return;
  constexpr std::uint32_t exponent_draw = 15;
  array.drift_exponent.resize(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    const std::uint32_t entity = array.entity(i);
    array.drift_exponent[i] = std::fabs(
        drift_exponent_ + drift_exponent_std_ * trait_normal(spread, entity, exponent_draw));
  }
}

void PowerLaw::conductance_us(const DeviceArray& array, std::size_t first, double t_s,
                              std::span<float> out_us) const {
  for (std::size_t i = 0; i < out_us.size(); ++i) {
    const double ratio = age(array, first + i, t_s);
    out_us[i] = array.conductance_us[first + i];
    if (drift_ && ratio > 1.0) {
      const float exponent =
          array.drift_exponent.empty() ? drift_exponent_ : array.drift_exponent[first + i];
      out_us[i] *= numeric::exp(-exponent * numeric::log(static_cast<float>(ratio)));
    }
    if (thermal_ != 1.0F) out_us[i] *= thermal_;
  }
}

double PowerLaw::conductance_stepwise_us(const DeviceArray& array, std::size_t first, double t_s,
                                         std::span<float> out_us) const {
  double until = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < out_us.size(); ++i) {
    out_us[i] = array.conductance_us[first + i];
    if (thermal_ != 1.0F) out_us[i] *= thermal_;
    const bool own = !array.drift_exponent.empty();
    const float exponent = own ? array.drift_exponent[first + i] : drift_exponent_;
    if (!drift_ || exponent < smallest_exponent) continue;
    const float step_width = own ? step_of(exponent) : step_;
    const double ratio = age(array, first + i, t_s);
    float next_log_age = 0.0F;
    if (ratio > 1.0) {
      const float log_age = numeric::log(static_cast<float>(ratio));
      const auto step = static_cast<float>(static_cast<std::int32_t>(log_age / step_width));
      out_us[i] *= numeric::exp(-exponent * step_width * (step + 0.5F));
      next_log_age = step_width * (step + 1.0F);
    }
    // Slightly early, so that rounding in the logarithm does not delay a step.
    const double next_age = static_cast<double>(numeric::exp(next_log_age)) * (1.0 - 1e-5) -
                            (onset_ == Onset::shifted ? 1.0 : 0.0);
    until = std::min(until, array.programmed_at_s[first + i] + reference_time_s_ * next_age);
  }
  return until;
}

bool PowerLaw::read_noise_us(std::span<const float> conductance_us, std::span<float> out_us) const {
  if (!read_noise_) return false;
  for (std::size_t i = 0; i < out_us.size(); ++i) {
    out_us[i] = read_noise_slope_ * conductance_us[i] + read_noise_offset_us_;
  }
  return true;
}

}  // namespace imcsim::device
