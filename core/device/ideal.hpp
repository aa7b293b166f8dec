#pragma once

#include "device/device.hpp"

namespace imcsim::device {

/// Exact increments, no noise, no drift, unlimited range: what a perfect device would do.
class IdealModel final : public DeviceModel {
 public:
  explicit IdealModel(double pulse_us) : pulse_us_(static_cast<float>(pulse_us)) {}

  void set(DeviceArray& array, Places places, double t_s, const Stream&) const override;
  void reset(DeviceArray& array, Places places, double t_s, const Stream&) const override;
  void conductance_us(const DeviceArray& array, std::size_t first, double t_s,
                      std::span<float> out_us) const override;
  double staircase_us(const DeviceArray& array, std::size_t first, double t_s,
                      std::span<float> out_us) const override;
  bool read_noise_us(std::span<const float>, std::span<float>) const override { return false; }
  float lowest_us() const override { return 0.0F; }

 private:
  float pulse_us_;
};

}  // namespace imcsim::device
