#include "crossbar/converter.hpp"

namespace imcsim::crossbar {

void describe(ConverterConfig& c, FieldList& f) {
  constexpr std::string_view source = "doi:10.3389/fnins.2020.00406; range assumed";
  f.group("Converters");
  f.field("dac-bits", c.dac_bits, Unit::bits, {0.0, 16.0},
          "resolution of the input converters; 0: exact", "doi:10.3389/fnins.2020.00406",
          Audience::everyone);
  f.field("adc-bits", c.adc_bits, Unit::bits, {0.0, 16.0},
          "resolution of the output converters; 0: exact", "doi:10.3389/fnins.2020.00406",
          Audience::everyone);
  f.field("dac-full-scale", c.dac_full_scale, Unit::none, {1e-6, 1e6},
          "largest activation a forward input converter can drive", source);
  f.field("adc-full-scale-forward", c.adc_full_scale_forward, Unit::weight, {1e-6, 1e6},
          "largest output of a forward product", source);
  f.field("adc-full-scale-backward", c.adc_full_scale_backward, Unit::weight, {1e-6, 1e6},
          "largest output of a transposed product, for errors scaled to 1", source);
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

}  // namespace imcsim::crossbar
