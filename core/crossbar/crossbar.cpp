#include "crossbar/crossbar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "crossbar/wires.hpp"
#include "numeric/events.hpp"

namespace imcsim::crossbar {
namespace {

Matrix<std::uint32_t> variance_matrix(std::size_t rows, std::size_t columns) {
  return Matrix<std::uint32_t>({rows, variance_pairs(padded(columns))}, pack_variances(1.0F, 1.0F));
}

/// Stores one variance in its half of a packed word; the other half is unchanged.
void set_variance(Matrix<std::uint32_t>& packed, std::size_t row, std::size_t column, float value) {
  const std::size_t pairs = packed.shape(1);
  std::uint32_t& word = packed(row, column % pairs);
  const std::uint32_t both = pack_variances(value, value);
  word = column < pairs ? (word & 0xFFFF0000U) | (both & 0xFFFFU)
                        : (word & 0xFFFFU) | (both & 0xFFFF0000U);
}

/// Stream of one of the four converter banks of a crossbar.
Stream bank_stream(std::uint64_t seed, std::uint32_t id, std::uint32_t bank) {
  return {seed, Purpose::converter_spread, entities::converter_bank(id, bank)};
}

/// Number of crossings. Throws InputError if a device has no entity.
std::size_t checked_crossings(const ArrayConfig& config, std::size_t rows, std::size_t columns,
                              std::uint32_t first_device) {
  require_devices(first_device, devices_of_matrix(config, rows, columns));
  return rows * columns;
}

}  // namespace

std::uint32_t pack_variances(float low, float high) {
  constexpr float smallest = 1.2e-38F;  // avoids slow subnormal factors
  // Variances in weight units are near 0.001, which is 0x3A80 as bfloat16. The upper half is
  // rounded for this value in the lower half.
  constexpr std::uint32_t expected_low = 0x3A80U;
  const auto low_bits = __builtin_bit_cast(std::uint32_t, std::max(low, smallest));
  const auto high_bits = __builtin_bit_cast(std::uint32_t, std::max(high, smallest));
  const std::uint32_t low_half = (low_bits + 0x7FFFU + ((low_bits >> 16) & 1U)) >> 16;
  return ((high_bits + 0x8000U - expected_low) & 0xFFFF0000U) | low_half;
}

void describe(CrossbarConfig& config, FieldList& fields) {
  describe(config.device, fields);
  describe(config.array, fields);
  describe(config.programming, fields);
  describe(config.converters, fields);
  describe(config.faults, fields);
}

double weight_range_us(const device::DeviceModel& model, Synapse synapse) {
  const auto range = static_cast<double>(model.highest_us() - model.lowest_us());
  return synapse == Synapse::single ? 0.5 * range : range;
}

Crossbar::Crossbar(const CrossbarConfig& config, std::shared_ptr<const device::DeviceModel> model,
                   std::size_t rows, std::size_t columns, std::size_t backward_rows,
                   std::uint32_t id, std::uint32_t first_device, std::uint64_t seed,
                   const Execution& execution)
    : model_(std::move(model)),
      config_(config),
      rows_(rows),
      columns_(columns),
      backward_rows_(backward_rows),
      devices_(static_cast<std::size_t>(config.array.devices_per_weight)),
      id_(entities::arrays(id)),
      programming_(seed, Purpose::programming),
      verify_(seed, Purpose::verify_read),
      arbitration_(seed, Purpose::arbitration),
      slow_noise_(seed, Purpose::slow_noise),
      kernels_(kernels(execution.isa)),
      numeric_kernels_(numeric::kernels(execution.isa)),
      dac_(
          make_quantizer("dac-bits", config.converters.dac_bits, config.converters.dac_full_scale)),
      adc_forward_(make_quantizer("adc-bits", config.converters.adc_bits,
                                  config.converters.adc_full_scale_forward)),
      dac_unit_(make_quantizer("dac-bits", config.converters.dac_bits, 1.0)),
      adc_backward_(make_quantizer("adc-bits", config.converters.adc_bits,
                                   config.converters.adc_full_scale_backward)),
      adc_full_scale_forward_(static_cast<float>(config.converters.adc_full_scale_forward)),
      dac_rows_(config.converters.dac_offset_std, config.converters.dac_gain_std,
                config.converters.dac_noise_std, rows, bank_stream(seed, id, 0)),
      adc_columns_(config.converters.adc_offset_std, config.converters.adc_gain_std,
                   config.converters.adc_noise_std, columns, bank_stream(seed, id, 1)),
      dac_columns_(config.converters.dac_offset_std, config.converters.dac_gain_std,
                   config.converters.dac_noise_std, columns, bank_stream(seed, id, 2)),
      adc_rows_(config.converters.adc_offset_std, config.converters.adc_gain_std,
                config.converters.adc_noise_std, backward_rows, bank_stream(seed, id, 3)),
      current_voltage_(config.converters),
      faults_(config.faults, rows, columns, id, seed),
      programmer_(config.device, config.pulse_us, config.programming, model_, programming_,
                  verify_),
      significance_(significances(config.array)),
      reference_us_(0.5F * (model_->lowest_us() + model_->highest_us())),
      plus_(checked_crossings(config.array, rows, columns, first_device) * devices_, first_device),
      minus_(config.array.synapse == Synapse::single ? 0 : rows * columns * devices_,
             first_device + static_cast<std::uint32_t>(rows * columns * devices_)),
      pulsed_(rows * columns, 0),
      weights_(padded_matrix<float>(rows, columns)),
      weights_transposed_(padded_matrix<float>(backward_rows > 0 ? columns : 0, backward_rows)),
      variances_(variance_matrix(rows, columns)),
      variances_transposed_(variance_matrix(backward_rows > 0 ? columns : 0, backward_rows)),
      crossing_holds_until_s_(rows * columns, 0.0),
      row_holds_until_s_(rows, 0.0) {
  if (config.converters.encoding == Encoding::bit_serial && config.converters.dac_bits < 2) {
    throw InputError(at_field("encoding"), "bit-serial inputs need an input resolution",
                     "dac-bits from 2 to 16");
  }
  if (config.converters.encoding == Encoding::bit_serial &&
      !entities::product_parts.holds(static_cast<std::uint64_t>(config.converters.dac_bits - 1))) {
    throw InputError(at_field("dac-bits"),
                     fmt::format("{} bits of bit-serial inputs", config.converters.dac_bits),
                     fmt::format("at most {}", entities::product_parts.count));
  }
  for (Derived* derived : {&derived_plus_, &derived_minus_}) {
    derived->us.resize(devices_);
    derived->noise_us.resize(devices_);
    derived->slow_us.resize(devices_);
  }
  prepare_devices(seed);
  rebuild_derived(0.0);
}

void Crossbar::prepare_devices(std::uint64_t seed) {
  const Stream spread(seed, Purpose::device_spread);
  model_->prepare(plus_, spread);
  model_->prepare(minus_, spread);
  if (config_.array.wire_resistance_ohm > 0.0) {
    attenuation_plus_ = Matrix<float>({rows_, padded(columns_)}, 1.0F);
    attenuation_minus_ = attenuation_plus_;
  }
}

void Crossbar::advance_to(double t_s) {
  if (t_s < holds_until_s_) return;
  holds_until_s_ = std::numeric_limits<double>::infinity();
  for (std::size_t row = 0; row < rows_; ++row) {
    if (t_s >= row_holds_until_s_[row]) advance_row_to(row, t_s);
    holds_until_s_ = std::min(holds_until_s_, row_holds_until_s_[row]);
  }
}

void Crossbar::advance_row_to(std::size_t row, double t_s) {
  double until = std::numeric_limits<double>::infinity();
  for (std::size_t column = 0; column < columns_; ++column) {
    const std::size_t crossing = row * columns_ + column;
    if (t_s >= crossing_holds_until_s_[crossing]) derive(crossing, t_s);
    until = std::min(until, crossing_holds_until_s_[crossing]);
  }
  row_holds_until_s_[row] = until;
}

void Crossbar::observe(double t_s, std::uint64_t observation) {
  observation_ = observation;
  rebuild_derived(t_s);
}

std::vector<StateArray> Crossbar::state(const std::string& prefix) {
  std::vector<StateArray> arrays;
  const auto both = [&](const std::string& name, auto member, bool digested) {
    for (device::DeviceArray* array : {&plus_, &minus_}) {
      auto& values = array->*member;
      if (values.empty()) continue;
      arrays.push_back({prefix + name + (array == &plus_ ? "_plus" : "_minus"),
                        array_view(values, rows_, columns_ * devices_), digested});
    }
  };
  both("conductance_us", &device::DeviceArray::conductance_us, true);
  both("memory", &device::DeviceArray::memory, true);
  both("programmed_at_s", &device::DeviceArray::programmed_at_s, true);
  both("drift_exponent", &device::DeviceArray::drift_exponent, true);
  both("pulses", &device::DeviceArray::pulses, false);
  arrays.push_back({prefix + "pulsed", array_view(pulsed_, rows_, columns_), false});
  arrays.push_back({prefix + "selection", array_view(selection_, 1, selection_.size()), false});
  if (attenuation_plus_.size() > 0) {
    arrays.push_back({prefix + "attenuation_plus", array_view(attenuation_plus_, columns_), false});
    arrays.push_back(
        {prefix + "attenuation_minus", array_view(attenuation_minus_, columns_), false});
  }
  return arrays;
}

void Crossbar::rebuild_derived(double t_s) {
  std::fill(crossing_holds_until_s_.begin(), crossing_holds_until_s_.end(), 0.0);
  std::fill(row_holds_until_s_.begin(), row_holds_until_s_.end(), 0.0);
  holds_until_s_ = 0.0;
  advance_to(t_s);
}

std::optional<float> Crossbar::stuck_us(const device::DeviceArray& array, std::size_t place) const {
  if (!faults_.any()) return {};
  const std::size_t crossing = place / devices_;
  const std::size_t column = crossing % columns_;
  return faults_.stuck_us(*model_, array, place, crossing / columns_,
                          &array == &plus_ ? column : columns_ + column);
}

/// Conductance and noise of the N devices of a polarity, including faults and 1/f noise. Returns
/// the time until which they are constant [s].
double Crossbar::derive_polarity(const device::DeviceArray& array, std::size_t crossing,
                                 std::size_t line, double t_s, Derived& derived) {
  const std::size_t first = crossing * devices_;
  double until = model_->conductance_stepwise_us(array, first, t_s, derived.us);
  const bool slow = model_->slow_noise_us(array, first, t_s, derived.us, derived.slow_us);
  const bool held = config_.array.slow_noise == SlowNoise::held;
  if (slow && held) {
    for (std::size_t n = 0; n < devices_; ++n) {
      const Stream own = slow_noise_.of(array.entity(first + n));
      const float draw = own.normal(events::slow_noise(observation_, array.pulses[first + n]));
      derived.us[n] = std::max(0.0F, derived.us[n] + derived.slow_us[n] * draw);
    }
  }
  noisy_ = model_->read_noise_us(array, first, t_s, derived.us, derived.noise_us);
  if (!noisy_) std::fill(derived.noise_us.begin(), derived.noise_us.end(), 0.0F);
  if (slow && !held) {
    for (std::size_t n = 0; n < devices_; ++n) {
      const float white_us = derived.noise_us[n];
      const float slow_us = derived.slow_us[n];
      derived.noise_us[n] = std::sqrt(white_us * white_us + slow_us * slow_us);
    }
    noisy_ = true;
  }
  if (!faults_.any()) return until;
  for (std::size_t n = 0; n < devices_; ++n) {
    const std::optional<float> stuck =
        faults_.stuck_us(*model_, array, first + n, crossing / columns_, line);
    if (!stuck) continue;
    derived.us[n] = *stuck;
    float* const noise_us = &derived.noise_us[n];
    if (noisy_) model_->read_noise_us(array, first + n, t_s, {&derived.us[n], 1}, {noise_us, 1});
    if (*stuck == 0.0F) *noise_us = 0.0F;
  }
  return until;
}

/// Weight and read variance of a crossing:
/// w = Σ fₙ·(a⁺G⁺ₙ − a⁻G⁻ₙ)/scale, σ² = Σ fₙ²·(a⁺²σ⁺ₙ² + a⁻²σ⁻ₙ²)/scale², with the
/// attenuation a by wires.
void Crossbar::derive(std::size_t crossing, double t_s) {
  const std::size_t row = crossing / columns_;
  const std::size_t column = crossing % columns_;
  double until = derive_polarity(plus_, crossing, column, t_s, derived_plus_);
  if (minus_.size() > 0) {
    until =
        std::min(until, derive_polarity(minus_, crossing, columns_ + column, t_s, derived_minus_));
  } else {
    std::fill(derived_minus_.us.begin(), derived_minus_.us.end(), reference_us_);
  }
  crossing_holds_until_s_[crossing] = until;
  row_holds_until_s_[row] = std::min(row_holds_until_s_[row], until);
  holds_until_s_ = std::min(holds_until_s_, until);

  const bool alike = config_.array.significance_base == 1.0;
  const bool wired = attenuation_plus_.size() > 0;
  const float plus_part = wired ? attenuation_plus_(row, column) : 1.0F;
  const float minus_part = wired ? attenuation_minus_(row, column) : 1.0F;
  float difference = 0.0F;
  float noise = 0.0F;
  for (std::size_t n = 0; n < devices_; ++n) {
    const float f = alike ? 1.0F : significance_[n];
    const float plus_noise = f * plus_part * derived_plus_.noise_us[n];
    const float minus_noise = f * minus_part * derived_minus_.noise_us[n];
    difference += f * (plus_part * derived_plus_.us[n] - minus_part * derived_minus_.us[n]);
    noise += plus_noise * plus_noise + minus_noise * minus_noise;
  }
  const double shares = alike ? static_cast<double>(devices_) : 1.0;
  const float per_us = 1.0F / static_cast<float>(config_.array.conductance_per_weight_us * shares);
  const float weight = difference * per_us;
  const float variance = noise * (per_us * per_us);
  weights_(row, column) = weight;
  if (noisy_) set_variance(variances_, row, column, variance);
  if (row >= backward_rows_) return;
  weights_transposed_(column, row) = weight;
  if (noisy_) set_variance(variances_transposed_, column, row, variance);
}

/// Sum of the conductances of the N devices at each crossing [µS].
Matrix<float> Crossbar::total_conductance_us(const device::DeviceArray& array, double t_s) const {
  Matrix<float> total = padded_matrix<float>(rows_, columns_);
  std::vector<float> us(devices_);
  for (std::size_t crossing = 0; crossing < rows_ * columns_; ++crossing) {
    model_->conductance_us(array, crossing * devices_, t_s, us);
    float sum = 0.0F;
    for (std::size_t n = 0; n < devices_; ++n) {
      sum += stuck_us(array, crossing * devices_ + n).value_or(us[n]);
    }
    total(crossing / columns_, crossing % columns_) = sum;
  }
  return total;
}

void Crossbar::update_wire_attenuation(double t_s) {
  if (config_.array.wire_resistance_ohm == 0.0) return;
  const LineResistance wire{config_.array.wire_resistance_ohm, config_.array.wire_resistance_ohm};
  const auto update = [&](const Matrix<float>& total_us, Matrix<float>& factor) {
    attenuation(total_us, columns_, wire, factor);
    if (config_.array.wire_model == WireModel::fast) return;
    const Matrix<double> exact_us =
        effective_conductance_us(NodalCrossbar(total_us, columns_, wire));
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t j = 0; j < columns_; ++j) {
        if (total_us(i, j) > 0.0F) {
          factor(i, j) = static_cast<float>(exact_us(i, j) / static_cast<double>(total_us(i, j)));
        }
      }
    }
  };
  update(total_conductance_us(plus_, t_s), attenuation_plus_);
  if (minus_.size() > 0) {
    update(total_conductance_us(minus_, t_s), attenuation_minus_);
  } else {
    const float reference = reference_us_ * static_cast<float>(devices_);
    update(Matrix<float>({rows_, padded(columns_)}, reference), attenuation_minus_);
  }
  rebuild_derived(t_s);
}

}  // namespace imcsim::crossbar
