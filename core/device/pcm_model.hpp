#pragma once

#include "device/device.hpp"

namespace imcsim::device {

/// Phase-change memory that accumulates SET pulses.
///
///     SET    P ← P·e^(−1/a);  G ← clip(G + N(m₁G + c₁ + A₁P, m₂G + c₂ + A₂P))
///     RESET  P ← 1;           G ← max(0.01 µS, N(G_reset, σ_reset))
///     drift  G(t) = G·((t − t_p)/T₀)^−ν from t_p + T₀ on; each pulse starts it anew
///     read   σ = m₃G + c₃
///
/// Source: doi:10.1063/1.5042408. Left out: spread between devices, temperature, the shape of
/// the pulse.
class PcmModel final : public DeviceModel {
 public:
  PcmModel(const DeviceConfig& config, double pulse_us);

  void set(DeviceArray& array, Places places, double t_s, const Stream& programming) const override;
  void reset(DeviceArray& array, Places places, double t_s,
             const Stream& programming) const override;
  void conductance_us(const DeviceArray& array, std::size_t first, double t_s,
                      std::span<float> out_us) const override;
  double staircase_us(const DeviceArray& array, std::size_t first, double t_s,
                      std::span<float> out_us) const override;
  bool read_noise_us(std::span<const float> conductance_us, std::span<float> out_us) const override;
  float lowest_us() const override { return reset_mean_us_; }

 private:
  bool read_noise_;
  bool programming_noise_;
  bool drift_;
  float pulse_us_;  ///< mean change of a pulse, or 0: the model's own
  float set_mean_slope_, set_mean_offset_us_, set_mean_memory_us_;
  float set_std_slope_, set_std_offset_us_, set_std_memory_us_;
  float memory_decay_;  ///< e^(−1/a)
  float read_noise_slope_, read_noise_offset_us_;
  float drift_exponent_;
  double reference_time_s_;
  float reset_mean_us_, reset_std_us_;
  float conductance_min_us_, conductance_max_us_;
  float step_;  ///< width of a drift step in ln(age)
};

}  // namespace imcsim::device
