#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace imcsim::crossbar {

/// Position of a device: number `device` of the N devices of a polarity at a crossing.
struct DeviceSite {
  std::size_t row = 0;
  std::size_t column = 0;
  bool minus = false;
  std::size_t device = 0;
};

/// Interventions at one device: a SET or RESET pulse; a stuck-at fault at the lowest or highest
/// conductance; or the removal of such a fault.
enum class Intervention { set, reset, stuck_low, stuck_high, repair };
std::span<const std::string_view> names_of(Intervention);

/// State of one device at one time.
struct DeviceReading {
  float programmed_us = 0.0F;           ///< after its last programming, at 300 K
  float now_us = 0.0F;                  ///< used by products, without read noise
  float read_noise_us = 0.0F;           ///< standard deviation of one read
  float memory = 0.0F;                  ///< pulse history (see DeviceArray)
  std::uint32_t pulses = 0;             ///< programming pulses so far
  double programmed_at_s = 0.0;         ///< simulated time of the last pulse
  std::optional<float> drift_exponent;  ///< if each device has its own
  bool broken = false;
};

}  // namespace imcsim::crossbar
