#pragma once

#include "device/device.hpp"

namespace imcsim::device {

/// Conductance in reads of most models: drift by a power law of age, read noise linear in the
/// conductance, thermal activation.
///
///     G(t, T) = G·((t − t_p)/t₀)^−ν · exp(−E_a/k_B·(1/T − 1/300 K))
///     σ = m·G + c
///
/// Before t_p + t₀ the factor of drift is 1. ν is common to all devices, or one value per device if
/// the array holds exponents. Sources: doi:10.1063/1.5042408 (drift, noise); activation as in
/// Ielmini and Zhang 2007, doi:10.1063/1.2773688.
class PowerLaw {
 public:
  /// Start of drift: at the age t₀ (waits), or at once, with t₀ added to the age (shifted, as in
  /// doi:10.1038/s41467-020-16108-9).
  enum class Onset { waits, shifted };

  explicit PowerLaw(const DeviceConfig& config, Onset onset = Onset::waits);

  /// Draws an exponent |N(ν, σ_ν)| for each device if σ_ν > 0.
  void prepare(DeviceArray& array, const Stream& spread) const;

  void conductance_us(const DeviceArray& array, std::size_t first, double t_s,
                      std::span<float> out_us) const;
  double conductance_stepwise_us(const DeviceArray& array, std::size_t first, double t_s,
                                 std::span<float> out_us) const;
  bool read_noise_us(std::span<const float> conductance_us, std::span<float> out_us) const;

  /// (t − t_p)/t₀, plus 1 for a shifted onset.
  double age(const DeviceArray& array, std::size_t place, double t_s) const {
    return (t_s - array.programmed_at_s[place]) / reference_time_s_ +
           (onset_ == Onset::shifted ? 1.0 : 0.0);
  }
  double drift_age(double since_s) const {
    return since_s / reference_time_s_ + (onset_ == Onset::shifted ? 1.0 : 0.0);
  }
  double reference_time_s() const { return reference_time_s_; }
  bool drifts() const { return drift_; }

 private:
  Onset onset_;
  bool read_noise_, drift_;
  float read_noise_slope_, read_noise_offset_us_;
  float drift_exponent_, drift_exponent_std_;
  double reference_time_s_;
  float step_;     ///< width of a drift step in ln(age), for the common exponent
  float thermal_;  ///< conductance factor for the ambient temperature
};

/// exp(−E_a/k_B·(1/T − 1/300 K)); exactly 1 at 300 K.
float thermal_factor(double activation_energy_ev, double temperature_k);

inline constexpr double reference_temperature_k = 300.0;

/// Standard normal number `index` among the draws for the traits of a device.
float trait_normal(const Stream& spread, std::uint32_t entity, std::uint32_t index);

}  // namespace imcsim::device
