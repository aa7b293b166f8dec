#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace imcsim::crossbar {

/// Where one device stands: number `device` of the N of a polarity at a crossing.
struct DeviceSite {
  std::size_t row = 0;
  std::size_t column = 0;
  bool minus = false;
  std::size_t device = 0;
};

/// What a hand does to one device: a SET or RESET pulse; breaking it, so that it shows the lowest
/// or highest conductance from then on whatever it is given; mending what a hand broke.
enum class Intervention { set, reset, stuck_low, stuck_high, repair };
std::span<const std::string_view> names_of(Intervention);

/// All that is to be known of one device at one time.
struct DeviceReading {
  float programmed_us = 0.0F;           ///< as of its last programming, at 300 K
  float now_us = 0.0F;                  ///< as products see it, before read noise
  float read_noise_us = 0.0F;           ///< standard deviation of one read
  float memory = 0.0F;                  ///< what it remembers of its pulses (see DeviceArray)
  std::uint32_t pulses = 0;             ///< programming pulses so far
  double programmed_at_s = 0.0;         ///< simulated time of the last
  std::optional<float> drift_exponent;  ///< where each device has its own
  bool broken = false;
};

}  // namespace imcsim::crossbar
