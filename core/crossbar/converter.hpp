#pragma once

#include "base/describe.hpp"
#include "crossbar/crossbar_kernels.hpp"
#include "numeric/random.hpp"

namespace imcsim::crossbar {

/// How a number gets onto a line: as a voltage (the device's current–voltage curve bends it), as
/// the duration of one (it does not), or bit by bit, each bit a product of its own, added up
/// digitally.
enum class Encoding { amplitude, pulse_width, bit_serial };
std::span<const std::string_view> names_of(Encoding);

/// What the inputs of a forward product are divided by before conversion, and its outputs
/// multiplied with: nothing, or the largest input, so that any activation fits its converter.
enum class InputScale { fixed, largest };
std::span<const std::string_view> names_of(InputScale);

/// Full scale of the output converters: as configured or calibrated, or the largest output of each
/// read of an array (a range that is set anew a product, as instruments with block floating point
/// do). Then nothing saturates.
enum class OutputRange { fixed, largest };
std::span<const std::string_view> names_of(OutputRange);

/// Digital-to-analog converters at the lines that are driven and analog-to-digital converters at
/// those that are read, one a differential line. Signed codes −(2^(b−1) − 1) … 2^(b−1) − 1.
/// Offsets, gains and noise are fractions of the full scale. A line whose input is zero is grounded
/// and has none of them; nor have the single bits of bit-serial inputs.
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

/// The quantiser of `bits` bits whose largest code stands for `full_scale`; 0 bits: exact. Throws
/// InputError{key, …} for 1 bit: signed codes need two.
Quantiser make_quantiser(std::string_view key, std::int64_t bits, double full_scale);

/// The converters of one side of an array for one direction: what each adds to an ideal one. Gain
/// and offset of a converter are drawn once.
class ConverterBank {
 public:
  ConverterBank() = default;
  ConverterBank(double offset_std, double gain_std, double noise_std, std::size_t lines,
                const Stream& spread);

  bool spreads() const { return !gain_.empty(); }
  float noise_std() const { return noise_std_; }

  /// value ← value·(1 + gain) + offset·full_scale, for line `line`.
  float bent(std::size_t line, float value, float full_scale) const {
    return value * gain_[line] + offset_[line] * full_scale;
  }

 private:
  std::vector<float> gain_, offset_;
  float noise_std_ = 0.0F;
};

/// What a device's current–voltage curve makes of an input x = V/V_read:
/// sinh(x·V_read/V₀)/sinh(V_read/V₀), 1 at full scale; V₀ = 0: Ohm's law.
/// Source: Ielmini and Zhang 2007, doi:10.1063/1.2773688.
class CurrentVoltage {
 public:
  explicit CurrentVoltage(const ConverterConfig& config);
  bool ohmic() const { return ratio_ == 0.0F; }
  float bent(float x) const;

 private:
  float ratio_;  ///< V_read/V₀, or 0
  float inverse_sinh_ = 0.0F;
};

}  // namespace imcsim::crossbar
