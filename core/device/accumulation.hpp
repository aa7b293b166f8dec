#pragma once

#include "device/device.hpp"

namespace imcsim::device {

/// Accumulating pulses of phase-change memory, used by pcm, pcm-inference and projected-pcm:
///
///     SET    P ← P·e^(−1/a);  G ← clip(G + s·N(m₁G + c₁ + A₁P, m₂G + c₂ + A₂P))
///     RESET  P ← 1;           G ← max(0.01 µS, N(G_reset, σ_reset))
///
/// s is 1, or a factor of each device with device-to-device variability. G in µS.
/// Source: doi:10.1063/1.5042408.
class Accumulation {
 public:
  Accumulation(const DeviceConfig& config, double pulse_us);

  void prepare(DeviceArray& array, const Stream& spread) const;
  void set(DeviceArray& array, Places places, double t_s, const Stream& programming) const;
  void reset(DeviceArray& array, Places places, double t_s, const Stream& programming) const;

  float lowest_us() const { return reset_mean_us_; }
  float highest_us() const { return conductance_max_us_; }

 private:
  bool has_variability() const { return set_spread_ > 0.0F || max_std_ > 0.0F; }

  bool programming_noise_;
  float pulse_us_;  ///< mean change of a pulse [µS]; 0: by the model
  float set_mean_slope_, set_mean_offset_us_, set_mean_memory_us_;
  float set_std_slope_, set_std_offset_us_, set_std_memory_us_;
  float memory_decay_;  ///< e^(−1/a)
  float set_spread_;
  float reset_mean_us_, reset_std_us_;
  float conductance_min_us_, conductance_max_us_, max_std_;
};

}  // namespace imcsim::device
