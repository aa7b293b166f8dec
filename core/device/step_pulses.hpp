#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/describe.hpp"
#include "numeric/random.hpp"

namespace imcsim::device {

struct DeviceArray;
struct DeviceConfig;

/// Source of the parameters of models with pulse steps.
constexpr std::string_view step_source = "preset; form: doi:10.1109/AICAS51828.2021.9458494";

/// What devices of graded pulses, up and down, have in common. G₀ is the conductance of the
/// window at which the stated steps hold; sources that are normalised call it weight 0.
///
/// Each device has its own, where devices are spread (N: its own normal numbers):
///
///     G_max,i = G₀ + |G_max·(1 + σ_max·N) − G₀|      G_min,i = max(0, G₀ − |G₀ − G_min − σ_min·N|)
///     up_i    = |up + s·(g − 1 + r)|                 down_i  = |down + s·(g − 1 − r)|
///     s = max(up, down);   g = 1 + σ_g·N, or e^(σ_g·N);   r = σ_r·N
///
/// A pulse changes the hidden conductance by a mean and a deviation that the model tells, within
/// [G_min,i, G_max,i]; what is seen is that plus fresh write noise N(0, σ_w) with each pulse.
/// RESET: G ← N(G_reset, σ_reset), within the same limits; without write noise.
/// Source of the forms: a public simulator of analog training, doi:10.1109/AICAS51828.2021.9458494.
struct StepConfig {
  double up_us = 0.1;
  double down_us = 0.1;
  double origin = 0.5;
  double noise = 0.3;
  double write_noise_us = 0.0;
  double spread = 0.0;
  bool spread_lognormal = false;
  double asymmetry_std = 0.0;
  double min_std_us = 0.0;
};

/// The words of StepConfig's fields: keys are one namespace over all models.
struct StepKeys {
  std::string_view up_us, down_us, origin, noise, write_noise_us, spread, spread_lognormal,
      asymmetry_std, min_std_us;
};
void describe(StepConfig& config, FieldList& fields, const StepKeys& keys, Range origin);

/// The pulses of such devices, apart from the law of their steps. In the array,
/// `conductance_us` is what is seen and `memory` is 1 + its write noise: so the hidden
/// conductance is conductance_us − (memory − 1), and memory is 1 after RESET and exact programming.
class StepPulses {
 public:
  /// One device: its window, its mean steps at G₀.
  struct Device {
    float min_us, max_us, up_us, down_us;
  };
  /// What a pulse does: N(mean, deviation), both in µS; the mean is negative on the way down.
  struct Change {
    bool up;
    float mean_us, deviation_us;
  };
  /// Draws of `trait_normal` and places among a device's traits below this are those of
  /// StepPulses; above it they are a model's own.
  static constexpr std::size_t trait_count = 4;

  /// `own_traits`: numbers that the model keeps for each device behind those of StepPulses.
  StepPulses(const DeviceConfig& config, const StepConfig& step, double pulse_us,
             std::size_t own_traits);

  /// Draws the traits; the model's own are left at 0. Does nothing where devices are all alike.
  void prepare(DeviceArray& array, const Stream& spread) const;
  Device device(const DeviceArray& array, std::size_t place) const;
  std::span<float> own_traits(DeviceArray& array, std::size_t place) const;
  std::span<const float> own_traits(const DeviceArray& array, std::size_t place) const;
  bool spreads() const { return spreads_; }

  float hidden_us(const DeviceArray& array, std::size_t place) const;

  /// Gives a device whose hidden conductance is `hidden_us` one pulse at `t_s`.
  void pulse(DeviceArray& array, std::uint32_t place, const Device& device, float hidden_us,
             Change change, double t_s, const Stream& programming) const;
  void reset(DeviceArray& array, std::span<const std::uint32_t> places, double t_s,
             const Stream& programming) const;

  float noise() const { return noise_; }
  float origin_us() const { return origin_us_; }
  float lowest_us() const { return nominal_.min_us; }
  float highest_us() const { return nominal_.max_us; }

 private:
  Device nominal_;
  float origin_us_;
  float pulse_us_;  ///< mean change of a pulse, or 0: the model's own
  float noise_, write_noise_us_;
  float reset_mean_us_, reset_std_us_;
  float max_std_us_, min_std_us_, spread_, asymmetry_std_;
  bool lognormal_, programming_noise_, spreads_;
  std::size_t traits_;  ///< numbers a device, the model's own included
};

}  // namespace imcsim::device
