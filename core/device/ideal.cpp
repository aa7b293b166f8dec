#include "device/ideal.hpp"

#include <algorithm>

namespace imcsim::device {

void IdealModel::move(DeviceArray& array, Places places, double t_s, float change_us) const {
  for (const std::uint32_t place : places) {
    array.conductance_us[place] += change_us;
    array.programmed_at_s[place] = t_s;
    ++array.pulses[place];
  }
}

void IdealModel::set(DeviceArray& array, Places places, double t_s, const Stream&) const {
  move(array, places, t_s, pulse_us_);
}

void IdealModel::depress(DeviceArray& array, Places places, double t_s, const Stream&) const {
  move(array, places, t_s, -pulse_us_);
}

void IdealModel::reset(DeviceArray& array, Places places, double t_s, const Stream&) const {
  for (const std::uint32_t place : places) {
    array.conductance_us[place] = 0.0F;
    array.programmed_at_s[place] = t_s;
    ++array.pulses[place];
  }
}

void IdealModel::conductance_us(const DeviceArray& array, std::size_t first, double,
                                std::span<float> out_us) const {
  std::copy_n(array.conductance_us.begin() + static_cast<std::ptrdiff_t>(first), out_us.size(),
              out_us.begin());
}

double IdealModel::conductance_stepwise_us(const DeviceArray& array, std::size_t first, double t_s,
                                           std::span<float> out_us) const {
  conductance_us(array, first, t_s, out_us);
  return std::numeric_limits<double>::infinity();
}

}  // namespace imcsim::device
