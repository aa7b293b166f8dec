#include "device/amplitude.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "device/power_law.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::device {

void describe(AmplitudeConfig& c, FieldList& f) {
  constexpr std::string_view assumed = "assumed; limits after doi:10.1038/s41467-020-16108-9";
  constexpr Range current{0.0, 1e4};
  constexpr Range conductance{0.0, 1000.0};
  f.group("Amplitude programming");
  f.field("set-conductance-us", c.set_conductance_us, Unit::siemens_us, {1e-3, 1000.0},
          "Conductance of the fully crystalline state, after a pulse of small amplitude", assumed);
  f.field("set-conductance-std-us", c.set_conductance_std_us, Unit::siemens_us, conductance,
          "Device-to-device standard deviation of set-conductance-us", assumed);
  f.field("half-amplitude-ua", c.half_amplitude_ua, Unit::microamperes, current,
          "Amplitude for a conductance halfway between reset-mean-us and set-conductance-us",
          assumed);
  f.field("half-amplitude-std-ua", c.half_amplitude_std_ua, Unit::microamperes, current,
          "Device-to-device standard deviation of half-amplitude-ua", assumed);
  f.field("amplitude-width-ua", c.amplitude_width_ua, Unit::microamperes, {1e-3, 1e4},
          "Width w of the programming curve 1/(1 + exp((amplitude - half-amplitude-ua)/w))",
          assumed);
  f.field("amplitude-width-std-ua", c.amplitude_width_std_ua, Unit::microamperes, current,
          "Device-to-device standard deviation of amplitude-width-ua", assumed);
  f.field("amplitude-min-ua", c.amplitude_min_ua, Unit::microamperes, current,
          "Smallest amplitude of the driver", "doi:10.1038/s41467-020-16108-9, Methods");
  f.field("amplitude-max-ua", c.amplitude_max_ua, Unit::microamperes, current,
          "Largest amplitude of the driver", "doi:10.1038/s41467-020-16108-9, Methods");
  f.field("write-noise-slope", c.write_noise_slope, Unit::none, {0.0, 1.0},
          "Write noise, standard deviation: slope over conductance, per µS", assumed);
  f.field("write-noise-offset-us", c.write_noise_offset_us, Unit::siemens_us, conductance,
          "Write noise, standard deviation: constant part", assumed);
}

AmplitudeCurve::AmplitudeCurve(const AmplitudeConfig& c, double lowest_us, bool programming_noise,
                               bool device_spread)
    : programming_noise_(programming_noise),
      device_spread_(device_spread),
      lowest_us_(static_cast<float>(lowest_us)),
      set_us_(static_cast<float>(c.set_conductance_us)),
      set_std_us_(static_cast<float>(c.set_conductance_std_us)),
      half_ua_(static_cast<float>(c.half_amplitude_ua)),
      half_std_ua_(static_cast<float>(c.half_amplitude_std_ua)),
      width_ua_(static_cast<float>(c.amplitude_width_ua)),
      width_std_ua_(static_cast<float>(c.amplitude_width_std_ua)),
      min_ua_(static_cast<float>(c.amplitude_min_ua)),
      max_ua_(static_cast<float>(c.amplitude_max_ua)),
      noise_slope_(static_cast<float>(c.write_noise_slope)),
      noise_offset_us_(static_cast<float>(c.write_noise_offset_us)) {
  if (c.amplitude_min_ua >= c.amplitude_max_ua) {
    throw InputError(at_field("amplitude-min-ua"), "is not below amplitude-max-ua",
                     "less than amplitude-max-ua");
  }
  if (c.set_conductance_us <= lowest_us) {
    throw InputError(at_field("set-conductance-us"), "is not above the lowest conductance",
                     "more than reset-mean-us");
  }
}

void AmplitudeCurve::draw(const Stream& spread, std::uint32_t entity, std::span<float> out) const {
  const float size = device_spread_ ? 1.0F : 0.0F;
  out[0] = size * set_std_us_ * trait_normal(spread, entity, 2);
  out[1] = size * half_std_ua_ * trait_normal(spread, entity, 3);
  out[2] = size * width_std_ua_ * trait_normal(spread, entity, 4);
}

float AmplitudeCurve::amplitude_ua(float target_us) const {
  const float span = set_us_ - lowest_us_;
  const float part = std::clamp((target_us - lowest_us_) / span, 1e-6F, 1.0F - 1e-6F);
  return std::clamp(half_ua_ + width_ua_ * numeric::log((1.0F - part) / part), min_ua_, max_ua_);
}

float AmplitudeCurve::conductance_after_us(float target_us, std::span<const float> traits,
                                           float noise) const {
  const float set_us = std::max(lowest_us_, set_us_ + traits[0]);
  const float width = std::max(0.1F * width_ua_, width_ua_ + traits[2]);
  const float exponent = (amplitude_ua(target_us) - half_ua_ - traits[1]) / width;
  const float g = lowest_us_ + (set_us - lowest_us_) * numeric::sigmoid(-exponent);
  if (!programming_noise_) return g;
  return std::max(lowest_us_, g + (noise_slope_ * g + noise_offset_us_) * noise);
}

}  // namespace imcsim::device
