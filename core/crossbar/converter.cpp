#include "crossbar/converter.hpp"

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
  constexpr std::string_view choice = "choice of the experiment; 0: ideal converters";
  constexpr Range part{0.0, 1.0};
  f.group("Converters");
  f.field("dac-bits", c.dac_bits, Unit::bits, {0.0, 16.0},
          "resolution of the input converters; 0: exact", paper, Audience::everyone);
  f.field("adc-bits", c.adc_bits, Unit::bits, {0.0, 16.0},
          "resolution of the output converters; 0: exact", paper, Audience::everyone);
  f.field("dac-full-scale", c.dac_full_scale, Unit::none, {1e-6, 1e6},
          "largest activation a forward input converter can drive", source);
  f.field("adc-full-scale-forward", c.adc_full_scale_forward, Unit::weight, {1e-6, 1e6},
          "largest output of a forward product", source);
  f.field("adc-full-scale-backward", c.adc_full_scale_backward, Unit::weight, {1e-6, 1e6},
          "largest output of a transposed product, for errors scaled to 1", source);
  f.field("adc-range-quantile", c.adc_range_quantile, Unit::fraction, part,
          "calibrates the forward range on data: this part of the outputs fits; 0: as given",
          "doi:10.1038/s41467-020-16108-9, Methods");
  f.field("adc-range", c.adc_range, Unit::none, {},
          "full scale of the outputs: as given or calibrated, or the largest of each read",
          "bound management of public simulators");
  f.field("input-scale", c.input_scale, Unit::none, {},
          "forward inputs as they are, or divided by the largest (for activations beyond 1)",
          "noise management of public simulators");
  f.field("encoding", c.encoding, Unit::none, {},
          "an input is a voltage, a duration, or bits one after the other",
          "doi:10.1038/s41565-020-0655-z", Audience::everyone);
  f.field("read-voltage-v", c.read_voltage_v, Unit::volts, {1e-3, 10.0},
          "voltage of a full-scale input", "doi:10.1038/s41928-018-0054-8");
  f.field("nonlinearity-voltage-v", c.nonlinearity_voltage_v, Unit::volts, {0.0, 10.0},
          "V0 of the devices' current ~ sinh(V/V0) where inputs are voltages; 0: Ohm's law",
          "doi:10.1063/1.2773688");
  f.field("dac-offset-std", c.dac_offset_std, Unit::fraction, part,
          "deviation of the offset between input converters, of full scale", choice);
  f.field("dac-gain-std", c.dac_gain_std, Unit::fraction, part,
          "deviation of the gain between input converters", choice);
  f.field("dac-noise-std", c.dac_noise_std, Unit::fraction, part,
          "noise of each input conversion, of full scale", choice);
  f.field("adc-offset-std", c.adc_offset_std, Unit::fraction, part,
          "deviation of the offset between output converters, of full scale", choice);
  f.field("adc-gain-std", c.adc_gain_std, Unit::fraction, part,
          "deviation of the gain between output converters", choice);
  f.field("adc-noise-std", c.adc_noise_std, Unit::fraction, part,
          "noise of each output conversion, of full scale", choice);
}

Quantiser make_quantiser(std::string_view key, std::int64_t bits, double full_scale) {
  if (bits == 0) return {};
  if (bits == 1) {
    throw InputError(std::string(key), "1 bit has no code but 0", "0 (exact), or 2 … 16");
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
    throw InputError("nonlinearity-voltage-v", "is far below the read voltage",
                     "at least a twentieth of read-voltage-v, or 0");
  }
  if (!ohmic()) inverse_sinh_ = 2.0F / (numeric::exp(ratio_) - numeric::exp(-ratio_));
}

float CurrentVoltage::bent(float x) const {
  const float v = x * ratio_;
  return 0.5F * (numeric::exp(v) - numeric::exp(-v)) * inverse_sinh_;
}

}  // namespace imcsim::crossbar
