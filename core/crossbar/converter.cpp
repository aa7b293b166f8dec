#include "crossbar/converter.hpp"

#include <fmt/format.h>

#include <array>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::crossbar {

std::span<const std::string_view> names_of(Encoding) {
  static constexpr std::array<std::string_view, 3> names = {"amplitude", "pulse-width",
                                                            "bit-serial"};
  return names;
}

std::span<const std::string_view> names_of(InputScale) {
  static constexpr std::array<std::string_view, 2> names = {"fixed", "largest"};
  return names;
}

std::span<const std::string_view> names_of(OutputRange) {
  static constexpr std::array<std::string_view, 2> names = {"fixed", "largest"};
  return names;
}

void describe(ConverterConfig& c, FieldList& f) {
  constexpr std::string_view paper = "doi:10.3389/fnins.2020.00406";
  constexpr std::string_view source = "doi:10.3389/fnins.2020.00406; range assumed";
  constexpr std::string_view choice = "set by the experiment; 0: ideal converters";
  constexpr Range part{0.0, 1.0};
  f.group("Converters");
  f.field("dac-bits", c.dac_bits, Unit::bits, {0.0, 16.0},
          "Resolution of the input converters (0: exact)", paper);
  f.field("adc-bits", c.adc_bits, Unit::bits, {0.0, 16.0},
          "Resolution of the output converters (0: exact)", paper);
  f.field("dac-full-scale", c.dac_full_scale, Unit::none, {1e-6, 1e6},
          "Largest activation that a forward input converter can drive", source);
  f.field("adc-full-scale-forward", c.adc_full_scale_forward, Unit::weight, {1e-6, 1e6},
          "Full scale of the forward output converters", source);
  f.field("adc-full-scale-backward", c.adc_full_scale_backward, Unit::weight, {1e-6, 1e6},
          "Full scale of the backward output converters, for errors scaled to 1", source);
  f.field("adc-range-quantile", c.adc_range_quantile, Unit::fraction, part,
          "Calibrate the forward full scale to this quantile of outputs (0: no calibration)",
          "doi:10.1038/s41467-020-16108-9, Methods");
  f.field("adc-range", c.adc_range, Unit::none, {},
          "Output full scale: fixed, or the largest output of each read",
          "bound management of analog training simulators");
  f.field("input-scale", c.input_scale, Unit::none, {},
          "Forward inputs: unscaled, or divided by the largest input",
          "noise management of analog training simulators");
  f.field("encoding", c.encoding, Unit::none, {},
          "Input encoding: voltage amplitude, pulse width, or one bit at a time",
          "doi:10.1038/s41565-020-0655-z");
  f.field("read-voltage-v", c.read_voltage_v, Unit::volts, {1e-3, 10.0},
          "Read voltage of a full-scale input", "doi:10.1038/s41928-018-0054-8");
  f.field("nonlinearity-voltage-v", c.nonlinearity_voltage_v, Unit::volts, {0.0, 10.0},
          "V0 of the device current sinh(V/V0) for amplitude encoding (0: Ohm's law)",
          "doi:10.1063/1.2773688");
  f.field("dac-offset-std", c.dac_offset_std, Unit::fraction, part,
          "Standard deviation of the offset of input converters, relative to full scale", choice);
  f.field("dac-gain-std", c.dac_gain_std, Unit::fraction, part,
          "Standard deviation of the gain of input converters", choice);
  f.field("dac-noise-std", c.dac_noise_std, Unit::fraction, part,
          "Standard deviation of the noise of an input conversion, relative to full scale", choice);
  f.field("adc-offset-std", c.adc_offset_std, Unit::fraction, part,
          "Standard deviation of the offset of output converters, relative to full scale", choice);
  f.field("adc-gain-std", c.adc_gain_std, Unit::fraction, part,
          "Standard deviation of the gain of output converters", choice);
  f.field("adc-noise-std", c.adc_noise_std, Unit::fraction, part,
          "Standard deviation of the noise of an output conversion, relative to full scale",
          choice);
}

Quantizer make_quantizer(std::string_view key, std::int64_t bits, double full_scale) {
  if (bits == 0) return {};
  if (bits == 1) {
    throw InputError(at_field(key), "a 1-bit converter has only the code 0",
                     "0 (exact), or 2 to 16");
  }
  const auto max_code = static_cast<double>((std::int64_t{1} << (bits - 1)) - 1);
  return {static_cast<float>(max_code / full_scale), static_cast<float>(full_scale / max_code),
          static_cast<float>(max_code)};
}

ConverterBank::ConverterBank(double offset_std, double gain_std, double noise_std,
                             std::size_t lines, const Stream& spread)
    : noise_std_(static_cast<float>(noise_std)) {
  if (offset_std == 0.0 && gain_std == 0.0) return;
  for (std::size_t line = 0; line < lines; ++line) {
    gain_.push_back(1.0F + static_cast<float>(gain_std) *
                               spread.normal(events::converter_spread(line, 0)));
    offset_.push_back(static_cast<float>(offset_std) *
                      spread.normal(events::converter_spread(line, 1)));
  }
}

CurrentVoltage::CurrentVoltage(const ConverterConfig& config)
    : ratio_(config.encoding == Encoding::amplitude && config.nonlinearity_voltage_v > 0.0
                 ? static_cast<float>(config.read_voltage_v / config.nonlinearity_voltage_v)
                 : 0.0F) {
  if (ratio_ > 20.0F) {
    throw InputError(at_field("nonlinearity-voltage-v"),
                     fmt::format("{} V is too low for a read voltage of {} V",
                                 config.nonlinearity_voltage_v, config.read_voltage_v),
                     "at least read-voltage-v/20, or 0");
  }
  if (!ohmic()) inverse_sinh_ = 2.0F / (numeric::exp(ratio_) - numeric::exp(-ratio_));
}

float CurrentVoltage::relative_current(float x) const {
  const float v = x * ratio_;
  return 0.5F * (numeric::exp(v) - numeric::exp(-v)) * inverse_sinh_;
}

}  // namespace imcsim::crossbar
