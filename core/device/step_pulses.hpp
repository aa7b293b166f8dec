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

/// Parameters of all models with graded pulses up and down. The step sizes are those at the
/// conductance G₀, which corresponds to weight 0 in sources with normalized weights.
///
/// With device-to-device variability each device i has (N: independent normal numbers):
///
///     G_max,i = G₀ + |G_max·(1 + σ_max·N) − G₀|      G_min,i = max(0, G₀ − |G₀ − G_min − σ_min·N|)
///     up_i    = |up + s·(g − 1 + r)|                 down_i  = |down + s·(g − 1 − r)|
///     s = max(up, down);   g = 1 + σ_g·N, or e^(σ_g·N);   r = σ_r·N
///
/// A pulse changes the hidden conductance by N(mean, deviation) of the model, within
/// [G_min,i, G_max,i]. Reads measure the hidden conductance plus write noise N(0, σ_w), which is
/// drawn at each pulse. RESET: G ← N(G_reset, σ_reset), within the same limits, without write
/// noise. Source: a public simulator of analog training, doi:10.1109/AICAS51828.2021.9458494.
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

/// Keys of the fields of StepConfig: they differ between models, because all models share one list
/// of options.
struct StepKeys {
  std::string_view up_us, down_us, origin, noise, write_noise_us, spread, spread_lognormal,
      asymmetry_std, min_std_us;
};
void describe(StepConfig& config, FieldList& fields, const StepKeys& keys, Range origin);

/// Pulses of devices with StepConfig, without the dependence of the step on the conductance. In the
/// array, `conductance_us` includes the write noise and `memory` is 1 + the write noise: the hidden
/// conductance is conductance_us − (memory − 1), and memory is 1 after RESET and exact programming.
class StepPulses {
 public:
  /// Window and mean steps at G₀ of one device.
  struct Device {
    float min_us, max_us, up_us, down_us;
  };
  /// Change by a pulse: N(mean, deviation), both in µS; the mean of a depression pulse is negative.
  struct Change {
    bool up;
    float mean_us, deviation_us;
  };
  /// Number of traits of StepPulses. Traits and indices of `trait_normal` from this number on
  /// belong to the model.
  static constexpr std::size_t trait_count = 4;

  /// `own_traits`: number of additional traits of the model for each device.
  StepPulses(const DeviceConfig& config, const StepConfig& step, double pulse_us,
             std::size_t own_traits);

  /// Draws the traits of StepPulses; those of the model are 0. Does nothing without
  /// device-to-device variability.
  void prepare(DeviceArray& array, const Stream& spread) const;
  Device device(const DeviceArray& array, std::size_t place) const;
  std::span<float> own_traits(DeviceArray& array, std::size_t place) const;
  std::span<const float> own_traits(const DeviceArray& array, std::size_t place) const;
  bool has_variability() const { return has_variability_; }

  float hidden_us(const DeviceArray& array, std::size_t place) const;

  /// Applies one pulse at `t_s` to a device with the hidden conductance `hidden_us`.
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
  float pulse_us_;  ///< mean change of a pulse [µS]; 0: by the model
  float noise_, write_noise_us_;
  float reset_mean_us_, reset_std_us_;
  float max_std_us_, min_std_us_, spread_, asymmetry_std_;
  bool lognormal_, programming_noise_, has_variability_;
  std::size_t traits_;  ///< traits per device, including those of the model
};

}  // namespace imcsim::device
