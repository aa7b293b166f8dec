#include "crossbar/crossbar.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace imcsim::crossbar {
namespace {

Matrix<std::uint32_t> variance_matrix(std::size_t rows, std::size_t columns) {
  return Matrix<std::uint32_t>({rows, variance_pairs(padded(columns))}, pack_variances(1.0F, 1.0F));
}

/// Stores one variance in its half of a packed row; the other half stays as it is.
void set_variance(Matrix<std::uint32_t>& packed, std::size_t row, std::size_t column, float value) {
  const std::size_t pairs = packed.shape(1);
  std::uint32_t& word = packed(row, column % pairs);
  const std::uint32_t both = pack_variances(value, value);
  word = column < pairs ? (word & 0xFFFF0000U) | (both & 0xFFFFU)
                        : (word & 0xFFFFU) | (both & 0xFFFF0000U);
}

}  // namespace

std::uint32_t pack_variances(float low, float high) {
  constexpr float smallest = 1.2e-38F;  // a subnormal factor would be slow
  // Variances in weight units are near 0.001, whose bfloat16 is 0x3A80: as much is to be expected
  // behind the upper half, so that half is rounded as if it stood there.
  constexpr std::uint32_t expected_low = 0x3A80U;
  const auto low_bits = __builtin_bit_cast(std::uint32_t, std::max(low, smallest));
  const auto high_bits = __builtin_bit_cast(std::uint32_t, std::max(high, smallest));
  const std::uint32_t low_half = (low_bits + 0x7FFFU + ((low_bits >> 16) & 1U)) >> 16;
  return ((high_bits + 0x8000U - expected_low) & 0xFFFF0000U) | low_half;
}

std::span<const std::string_view> names_of(Arbitration) {
  static constexpr std::array<std::string_view, 3> names = {"counter", "random", "all"};
  return names;
}

std::int32_t pulses_a_granularity(const ArrayConfig& config) {
  const bool all = config.arbitration == Arbitration::all;
  return all ? 1 : static_cast<std::int32_t>(config.devices_per_weight);
}

std::span<const std::string_view> names_of(RefreshRemainder) {
  static constexpr std::array<std::string_view, 2> names = {"drop", "accumulate"};
  return names;
}

void describe(ArrayConfig& c, FieldList& f) {
  constexpr std::string_view paper = "doi:10.3389/fnins.2020.00406";
  constexpr std::string_view assumed = "assumed; after doi:10.3389/fnins.2020.00406";
  constexpr double most_us = 1e4;
  f.group("Array");
  f.field("conductance-per-weight-us", c.conductance_per_weight_us, Unit::siemens_us,
          {1e-3, most_us}, "conductance difference that stands for a weight of 1", paper);
  f.field("devices-per-weight", c.devices_per_weight, Unit::none, {1.0, 64.0},
          "devices of each polarity that share a weight", "doi:10.1038/s41467-018-04933-y",
          Audience::everyone);
  f.field("arbitration", c.arbitration, Unit::none, {},
          "which of these gets a pulse: in turn by a global counter, a random one, or all",
          "doi:10.1038/s41467-018-04933-y");
  f.field("refresh-every", c.refresh_every, Unit::samples, {0.0, 1e9},
          "samples between refreshes of nearly full pairs; 0: never", paper, Audience::everyone);
  f.field("refresh-above-us", c.refresh_above_us, Unit::siemens_us, {0.0, most_us},
          "a pair is refreshed when one device is above this", assumed);
  f.field("refresh-difference-us", c.refresh_difference_us, Unit::siemens_us, {0.0, most_us},
          "… and the difference of the pair is below this", assumed);
  f.field("verify-margin-us", c.verify_margin_us, Unit::siemens_us, {0.0, most_us},
          "programming stops when a read is within this of the target", assumed);
  f.field("refresh-remainder", c.refresh_remainder, Unit::none, {},
          "what a refresh did not write is lost, or goes into chi", assumed);
  f.field("verify-most-pulses", c.verify_most_pulses, Unit::pulses, {0.0, 1e4},
          "programming gives up after this many SET pulses", assumed);
}

Crossbar::Crossbar(const CrossbarConfig& config, std::shared_ptr<const device::DeviceModel> model,
                   std::size_t rows, std::size_t columns, std::size_t backward_rows,
                   std::uint32_t id, std::uint32_t first_device, std::uint64_t seed,
                   const Execution& execution)
    : model_(std::move(model)),
      array_(config.array),
      rows_(rows),
      columns_(columns),
      backward_rows_(backward_rows),
      devices_(static_cast<std::size_t>(config.array.devices_per_weight)),
      id_(id),
      programming_(seed, Purpose::programming),
      verify_(seed, Purpose::verify_read),
      arbitration_(seed, Purpose::arbitration),
      kernels_(kernels(execution.isa)),
      numeric_kernels_(numeric::kernels(execution.isa)),
      dac_(make_quantiser("--dac-bits", config.converters.dac_bits,
                          config.converters.dac_full_scale)),
      adc_forward_(make_quantiser("--adc-bits", config.converters.adc_bits,
                                  config.converters.adc_full_scale_forward)),
      dac_unit_(make_quantiser("--dac-bits", config.converters.dac_bits, 1.0)),
      adc_backward_(make_quantiser("--adc-bits", config.converters.adc_bits,
                                   config.converters.adc_full_scale_backward)),
      plus_(rows * columns * devices_, first_device),
      minus_(rows * columns * devices_,
             first_device + static_cast<std::uint32_t>(rows * columns * devices_)),
      pulsed_(rows * columns, 0),
      weights_(padded_matrix<float>(rows, columns)),
      weights_transposed_(padded_matrix<float>(backward_rows > 0 ? columns : 0, backward_rows)),
      variances_(variance_matrix(rows, columns)),
      variances_transposed_(variance_matrix(backward_rows > 0 ? columns : 0, backward_rows)),
      crossing_holds_until_s_(rows * columns, 0.0),
      row_holds_until_s_(rows, 0.0),
      plus_us_(devices_),
      minus_us_(devices_),
      plus_noise_us_(devices_),
      minus_noise_us_(devices_) {
  restored(0.0);
}

void Crossbar::product(const Product& p, const DrivenLines& x, const Read& read, Scratch& scratch,
                       float* y) const noexcept {
  const std::size_t stride = p.weights.shape(1);
  kernels_.drive(padded(x.count), x.value.data(), p.scale, p.dac, scratch.driven.data());
  std::fill_n(y, stride, 0.0F);
  if (noisy_) {
    const std::size_t pairs = p.variances.shape(1);
    std::fill_n(scratch.variance.data(), 2 * pairs, 0.0F);
    kernels_.multiply_noisy(x.line.data(), scratch.driven.data(), x.count, p.weights.data(), stride,
                            p.variances.data(), pairs, y, scratch.variance.data());
    // What lies behind the last line is filling: no noise, so that it stays zero.
    std::fill(scratch.variance.begin() + static_cast<std::ptrdiff_t>(p.outputs),
              scratch.variance.begin() + static_cast<std::ptrdiff_t>(stride), 0.0F);
    const Stream noise = read.noise.of(2 * id_ + p.direction);
    numeric_kernels_.normals(noise.name(read.event), stride, scratch.noise.data());
  } else {
    kernels_.multiply(x.line.data(), scratch.driven.data(), x.count, p.weights.data(), stride, y);
  }
  scratch.counts.adc_saturated += kernels_.read_out(
      stride, y, noisy_ ? scratch.variance.data() : nullptr, scratch.noise.data(), p.adc);
}

void Crossbar::forward(const DrivenLines& x, const Read& read, Scratch& scratch,
                       float* y) const noexcept {
  product({weights_, variances_, dac_, adc_forward_, columns_, 1.0F, 0}, x, read, scratch, y);
  scratch.counts.forward_mvm += 1;
  scratch.counts.dac_conversions += rows_;
  scratch.counts.adc_conversions += columns_;
}

void Crossbar::backward(const DrivenLines& d, const Read& read, Scratch& scratch,
                        float* y) const noexcept {
  float scale = 0.0F;
  for (std::size_t l = 0; l < d.count; ++l) scale = std::max(scale, std::fabs(d.value[l]));
  if (scale == 0.0F) {
    std::fill_n(y, padded(backward_rows_), 0.0F);
    return;
  }
  product({weights_transposed_, variances_transposed_, dac_unit_, adc_backward_, backward_rows_,
           scale, 1},
          d, read, scratch, y);
  for (std::size_t i = 0; i < padded(backward_rows_); ++i) y[i] *= scale;
  scratch.counts.backward_mvm += 1;
  scratch.counts.dac_conversions += columns_;
  scratch.counts.adc_conversions += backward_rows_;
}

void Crossbar::bring_up_to(double t_s) {
  if (t_s < holds_until_s_) return;
  holds_until_s_ = std::numeric_limits<double>::infinity();
  for (std::size_t row = 0; row < rows_; ++row) {
    if (t_s >= row_holds_until_s_[row]) bring_row_up_to(row, t_s);
    holds_until_s_ = std::min(holds_until_s_, row_holds_until_s_[row]);
  }
}

void Crossbar::bring_row_up_to(std::size_t row, double t_s) {
  double until = std::numeric_limits<double>::infinity();
  for (std::size_t column = 0; column < columns_; ++column) {
    const std::size_t crossing = row * columns_ + column;
    if (t_s >= crossing_holds_until_s_[crossing]) derive(crossing, t_s);
    until = std::min(until, crossing_holds_until_s_[crossing]);
  }
  row_holds_until_s_[row] = until;
}

std::vector<StateArray> Crossbar::state(const std::string& prefix) {
  std::vector<StateArray> arrays;
  const auto both = [&](const std::string& name, auto member, bool digested) {
    arrays.push_back(
        {prefix + name + "_plus", array_view(plus_.*member, rows_, columns_ * devices_), digested});
    arrays.push_back({prefix + name + "_minus",
                      array_view(minus_.*member, rows_, columns_ * devices_), digested});
  };
  both("conductance_us", &device::DeviceArray::conductance_us, true);
  both("memory", &device::DeviceArray::memory, true);
  both("programmed_at_s", &device::DeviceArray::programmed_at_s, true);
  both("pulses", &device::DeviceArray::pulses, false);
  arrays.push_back({prefix + "pulsed", array_view(pulsed_, rows_, columns_), false});
  arrays.push_back({prefix + "selection", array_view(selection_, 1, 1), false});
  return arrays;
}

void Crossbar::restored(double t_s) {
  std::fill(crossing_holds_until_s_.begin(), crossing_holds_until_s_.end(), 0.0);
  std::fill(row_holds_until_s_.begin(), row_holds_until_s_.end(), 0.0);
  holds_until_s_ = 0.0;
  bring_up_to(t_s);
}

/// Weight and read variance of a crossing:
/// w = (ΣG⁺ − ΣG⁻)/(N·scale), σ² = (Σσ⁺² + Σσ⁻²)/(N·scale)².
void Crossbar::derive(std::size_t crossing, double t_s) {
  const std::size_t row = crossing / columns_;
  const std::size_t column = crossing % columns_;
  const std::size_t first = crossing * devices_;
  const double until = std::min(model_->staircase_us(plus_, first, t_s, plus_us_),
                                model_->staircase_us(minus_, first, t_s, minus_us_));
  crossing_holds_until_s_[crossing] = until;
  row_holds_until_s_[row] = std::min(row_holds_until_s_[row], until);
  holds_until_s_ = std::min(holds_until_s_, until);

  noisy_ = model_->read_noise_us(plus_us_, plus_noise_us_) &&
           model_->read_noise_us(minus_us_, minus_noise_us_);
  float difference = 0.0F;
  float noise = 0.0F;
  for (std::size_t n = 0; n < devices_; ++n) {
    difference += plus_us_[n] - minus_us_[n];
    noise += plus_noise_us_[n] * plus_noise_us_[n] + minus_noise_us_[n] * minus_noise_us_[n];
  }
  const float per_us =
      1.0F / static_cast<float>(array_.conductance_per_weight_us * static_cast<double>(devices_));
  const float weight = difference * per_us;
  const float variance = noise * (per_us * per_us);
  weights_(row, column) = weight;
  if (noisy_) set_variance(variances_, row, column, variance);
  if (row >= backward_rows_) return;
  weights_transposed_(column, row) = weight;
  if (noisy_) set_variance(variances_transposed_, column, row, variance);
}

}  // namespace imcsim::crossbar
