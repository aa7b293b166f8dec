#pragma once

#include "base/base.hpp"
#include "crossbar/crossbar_kernels.hpp"

namespace imcsim::crossbar {

/// Digital-to-analog converters at the lines that are driven and analog-to-digital converters at
/// those that are read, one a differential line. Signed codes −(2^(b−1) − 1) … 2^(b−1) − 1.
struct ConverterConfig {
  std::int64_t dac_bits = 8;
  std::int64_t adc_bits = 8;
  double dac_full_scale = 1.0;
  double adc_full_scale_forward = 8.0;
  double adc_full_scale_backward = 2.0;
};
void describe(ConverterConfig& config, FieldList& fields);

/// The quantiser of `bits` bits whose largest code stands for `full_scale`; 0 bits: exact. Throws
/// InputError{key, …} for 1 bit: signed codes need two.
Quantiser make_quantiser(std::string_view key, std::int64_t bits, double full_scale);

}  // namespace imcsim::crossbar
