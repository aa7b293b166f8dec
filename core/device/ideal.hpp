#pragma once

#include "device/device.hpp"

namespace imcsim::device {

/// Ideal device: exact increments, no noise, no drift, unlimited range.
class IdealModel final : public DeviceModel {
 public:
  IdealModel(const DeviceConfig& config, double pulse_us)
      : pulse_us_(static_cast<float>(pulse_us)),
        highest_us_(static_cast<float>(config.common.conductance_max_us)) {}

  void set(DeviceArray& array, Places places, double t_s, const Stream&) const override;
  void reset(DeviceArray& array, Places places, double t_s, const Stream&) const override;
  bool depresses() const override { return true; }
  void depress(DeviceArray& array, Places places, double t_s, const Stream&) const override;
  bool has_target_pulses() const override { return true; }
  void conductance_us(const DeviceArray& array, std::size_t first, double t_s,
                      std::span<float> out_us) const override;
  double conductance_stepwise_us(const DeviceArray& array, std::size_t first, double t_s,
                                 std::span<float> out_us) const override;
  bool read_noise_us(const DeviceArray&, std::size_t, double, std::span<const float>,
                     std::span<float>) const override {
    return false;
  }
  float lowest_us() const override { return 0.0F; }
  /// Range for scaling weights, as in other devices. Pulses are not limited by it.
  float highest_us() const override { return highest_us_; }

 private:
  void move(DeviceArray& array, Places places, double t_s, float change_us) const;

  float pulse_us_;
  float highest_us_;
};

}  // namespace imcsim::device
