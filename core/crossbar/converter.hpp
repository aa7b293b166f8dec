#pragma once

#include "base/describe.hpp"
#include "crossbar/crossbar_kernels.hpp"
#include "numeric/random.hpp"

namespace imcsim::crossbar {

/// Encoding of an input: as the amplitude of a voltage (subject to the nonlinear current–voltage
/// curve of the device), as the duration of a voltage pulse (not subject to it), or bit by bit,
/// with one read per bit and a digital sum.
enum class Encoding { amplitude, pulse_width, bit_serial };
std::span<const std::string_view> names_of(Encoding);

/// Scale that divides the inputs of a forward product before conversion and multiplies the outputs:
/// 1, or the largest input, so that no input saturates its converter.
enum class InputScale { fixed, largest };
std::span<const std::string_view> names_of(InputScale);

/// Full scale of the output converters: as configured or calibrated, or the largest output of each
/// read of an array (as in block floating point). With the latter no output saturates.
enum class OutputRange { fixed, largest };
std::span<const std::string_view> names_of(OutputRange);

/// Digital-to-analog converters at the input lines and analog-to-digital converters at the output
/// lines, one per differential line. Signed codes −(2^(b−1) − 1) … 2^(b−1) − 1. Offsets and
/// noise are relative to the full scale, gain errors to the value. Lines with zero input are
/// grounded and have no such errors, nor have the bits of bit-serial inputs.
struct ConverterConfig {
  std::int64_t dac_bits = 8;
  std::int64_t adc_bits = 8;
  double dac_full_scale = 1.0;
  double adc_full_scale_forward = 8.0;
  double adc_full_scale_backward = 2.0;
  double adc_range_quantile = 0.0;
  OutputRange adc_range = OutputRange::fixed;
  InputScale input_scale = InputScale::fixed;
  Encoding encoding = Encoding::amplitude;
  double read_voltage_v = 0.2;
  double nonlinearity_voltage_v = 0.0;
  double dac_offset_std = 0.0;
  double dac_gain_std = 0.0;
  double dac_noise_std = 0.0;
  double adc_offset_std = 0.0;
  double adc_gain_std = 0.0;
  double adc_noise_std = 0.0;
};
void describe(ConverterConfig& config, FieldList& fields);

/// Quantizer with `bits` bits whose largest code represents `full_scale`; 0 bits: exact. Throws
/// InputError{key, …} for 1 bit, because signed codes need two.
Quantizer make_quantizer(std::string_view key, std::int64_t bits, double full_scale);

/// Errors of the converters on one side of an array in one direction. Gain and offset of each
/// converter are drawn once.
class ConverterBank {
 public:
  ConverterBank() = default;
  ConverterBank(double offset_std, double gain_std, double noise_std, std::size_t lines,
                const Stream& spread);

  bool has_errors() const { return !gain_.empty(); }
  float noise_std() const { return noise_std_; }

  /// value·(1 + gain error) + offset·full_scale of the converter of line `line`.
  float with_errors(std::size_t line, float value, float full_scale) const {
    return value * gain_[line] + offset_[line] * full_scale;
  }

 private:
  std::vector<float> gain_, offset_;
  float noise_std_ = 0.0F;
};

/// Current–voltage curve of a device: relative current for an input x = V/V_read,
/// sinh(x·V_read/V₀)/sinh(V_read/V₀), which is 1 at full scale; V₀ = 0: Ohm's law.
/// Source: Ielmini and Zhang 2007, doi:10.1063/1.2773688.
class CurrentVoltage {
 public:
  explicit CurrentVoltage(const ConverterConfig& config);
  bool ohmic() const { return ratio_ == 0.0F; }
  float relative_current(float x) const;

 private:
  float ratio_;  ///< V_read/V₀, or 0
  float inverse_sinh_ = 0.0F;
};

}  // namespace imcsim::crossbar
