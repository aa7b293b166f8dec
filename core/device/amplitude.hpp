#pragma once

#include <span>

#include "base/describe.hpp"
#include "numeric/random.hpp"

namespace imcsim::device {

/// Conductance after a melt-quench pulse of amplitude I, independent of the previous state:
///
///     G(I) = G_low + (G_set − G_low)/(1 + exp((I − I_½)/w)) + N(0, m·G + c)
///
/// Each device has its own G_set, I_½ and w. The amplitude for a target conductance follows from
/// the nominal curve, within the limits of the driver. The form of the curve and its variability
/// are assumed, not taken from the published curve (Joshi et al. 2020,
/// doi:10.1038/s41467-020-16108-9). The limits of the amplitude are from that paper.
struct AmplitudeConfig {
  double set_conductance_us = 28.0;
  double set_conductance_std_us = 2.0;
  double half_amplitude_ua = 220.0;
  double half_amplitude_std_ua = 15.0;
  double amplitude_width_ua = 30.0;
  double amplitude_width_std_ua = 3.0;
  double amplitude_min_ua = 80.0;
  double amplitude_max_ua = 400.0;
  double write_noise_slope = 0.04;
  double write_noise_offset_us = 0.2;
};
void describe(AmplitudeConfig& config, FieldList& fields);

class AmplitudeCurve {
 public:
  static constexpr std::size_t trait_count = 3;

  AmplitudeCurve(const AmplitudeConfig& config, double lowest_us, bool programming_noise,
                 bool device_spread);

  /// The three traits of a device: deviations of G_set, I_½ and w, in µS and µA.
  void draw(const Stream& spread, std::uint32_t entity, std::span<float> out) const;

  /// Conductance of a device with these traits after a pulse with the amplitude for `target_us`;
  /// `noise` is a standard normal number.
  float conductance_after_us(float target_us, std::span<const float> traits, float noise) const;

  /// Amplitude on the nominal curve for a conductance, within the limits of the driver [µA].
  float amplitude_ua(float target_us) const;

 private:
  bool programming_noise_, device_spread_;
  float lowest_us_, set_us_, set_std_us_, half_ua_, half_std_ua_, width_ua_, width_std_ua_;
  float min_ua_, max_ua_, noise_slope_, noise_offset_us_;
};

}  // namespace imcsim::device
