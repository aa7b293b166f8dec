// Forward and backward products of a crossbar: converters, encoding, devices, noise.
#include <algorithm>
#include <cmath>

#include "crossbar/crossbar.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::crossbar {
namespace {

float largest_of(std::span<const float> values) {
  float most = 0.0F;
  for (const float value : values) most = std::max(most, std::fabs(value));
  return most;
}

/// `q` with another full scale; for a full scale of 0 the quantizer is off.
Quantizer with_range(const Quantizer& q, float full_scale) {
  if (q.max_code == 0.0F || full_scale == 0.0F) return {};
  return {q.max_code / full_scale, full_scale / q.max_code, q.max_code};
}

}  // namespace

/// Applies noise, gain, offset and nonlinearity of the inputs to `scratch.driven`.
void Crossbar::apply_dac_errors(const Product& p, const DrivenLines& x, const Read& read,
                                Scratch& scratch) const noexcept {
  float* const driven = scratch.driven.data();
  if (p.dac_bank.noise_std() > 0.0F) {
    // Drawn for all lines, so that the noise of a line does not depend on other driven lines.
    const Stream noise = read.noise.of(entities::input_noise(id_, p.direction));
    const std::size_t lines = p.direction == 0 ? rows_ : columns_;
    numeric_kernels_.normals(noise.name(read.event), padded(lines), scratch.noise.data());
    const float deviation = p.dac_bank.noise_std() * p.dac_full_scale;
    for (std::size_t l = 0; l < x.count; ++l) driven[l] += deviation * scratch.noise[x.line[l]];
  }
  if (p.dac_bank.has_errors()) {
    for (std::size_t l = 0; l < x.count; ++l) {
      driven[l] = p.dac_bank.with_errors(x.line[l], driven[l], p.dac_full_scale);
    }
  }
  if (!current_voltage_.ohmic()) {
    for (std::size_t l = 0; l < x.count; ++l) {
      driven[l] =
          p.dac_full_scale * current_voltage_.relative_current(driven[l] / p.dac_full_scale);
    }
  }
}

/// One read of the bitlines: y ← quantized(Σ x·w + noise). `part` is the number of the read within
/// the product.
void Crossbar::read_once(const Product& p, const DrivenLines& x, const float* driven,
                         const Read& read, std::uint32_t part, Scratch& scratch,
                         float* y) const noexcept {
  const std::size_t stride = p.weights.shape(1);
  std::fill_n(y, stride, 0.0F);
  const bool noisy = noisy_ || p.adc_bank.noise_std() > 0.0F;
  if (noisy_) {
    const std::size_t pairs = p.variances.shape(1);
    std::fill_n(scratch.variance.data(), 2 * pairs, 0.0F);
    kernels_.multiply_noisy(x.line.data(), driven, x.count, p.weights.data(), stride,
                            p.variances.data(), pairs, y, scratch.variance.data());
  } else {
    kernels_.multiply(x.line.data(), driven, x.count, p.weights.data(), stride, y);
    if (noisy) std::fill_n(scratch.variance.data(), stride, 0.0F);
  }
  const bool ranged = config_.converters.adc_range == OutputRange::largest;
  const float full_scale = ranged ? largest_of({y, p.outputs}) : p.adc_full_scale;
  if (p.adc_bank.has_errors()) {
    for (std::size_t j = 0; j < p.outputs; ++j) y[j] = p.adc_bank.with_errors(j, y[j], full_scale);
  }
  if (noisy) {
    if (p.adc_bank.noise_std() > 0.0F) {
      const float own = p.adc_bank.noise_std() * full_scale;
      for (std::size_t j = 0; j < p.outputs; ++j) scratch.variance[j] += own * own;
    }
    // Padding after the last line gets no noise, so that it stays zero.
    std::fill(scratch.variance.begin() + static_cast<std::ptrdiff_t>(p.outputs),
              scratch.variance.begin() + static_cast<std::ptrdiff_t>(stride), 0.0F);
    const Stream noise = read.noise.of(entities::product_noise(id_, p.direction, part));
    numeric_kernels_.normals(noise.name(read.event), stride, scratch.noise.data());
  }
  const float* variance = noisy ? scratch.variance.data() : nullptr;
  if (ranged) {
    kernels_.read_out(stride, y, variance, scratch.noise.data(), {});
    variance = nullptr;
  }
  const Quantizer adc = ranged ? with_range(p.adc, largest_of({y, p.outputs})) : p.adc;
  scratch.counts.adc_saturated += kernels_.read_out(stride, y, variance, scratch.noise.data(), adc);
}

/// Each bit of the input codes drives its lines with ± full voltage or zero; the output codes are
/// shifted and added.
void Crossbar::bit_serial(const Product& p, const DrivenLines& x, const Read& read,
                          Scratch& scratch, float* y) const noexcept {
  const std::size_t stride = p.weights.shape(1);
  std::fill_n(y, stride, 0.0F);
  const auto bits = static_cast<std::uint32_t>(config_.converters.dac_bits - 1);
  const std::size_t filled = padded(x.count + 1);
  for (std::uint32_t bit = 0; bit < bits; ++bit) {
    for (std::size_t l = 0; l < filled; ++l) {
      const float code = numeric::round_even(scratch.driven[l] * p.dac.inverse_lsb);
      const auto magnitude = static_cast<std::uint32_t>(std::fabs(code));
      const float one = ((magnitude >> bit) & 1U) != 0 ? p.dac_full_scale : 0.0F;
      scratch.bits[l] = l < x.count ? std::copysign(one, code) : 0.0F;
    }
    read_once(p, x, scratch.bits.data(), read, bit + 1, scratch, scratch.part.data());
    const float significance = static_cast<float>(1U << bit) / p.dac.max_code;
    for (std::size_t j = 0; j < stride; ++j) y[j] += significance * scratch.part[j];
  }
}

void Crossbar::product(const Product& p, const DrivenLines& x, const Read& read, Scratch& scratch,
                       float* y) const noexcept {
  scratch.counts.dac_saturated +=
      kernels_.drive(padded(x.count), x.value.data(), p.scale, p.dac, scratch.driven.data());
  if (config_.converters.encoding == Encoding::bit_serial) {
    return bit_serial(p, x, read, scratch, y);
  }
  apply_dac_errors(p, x, read, scratch);
  read_once(p, x, scratch.driven.data(), read, 0, scratch, y);
}

/// Parameters of the forward product for these inputs and this output converter.
Crossbar::Product Crossbar::forward_product(const DrivenLines& x, const Quantizer& adc) const {
  const bool scaled = config_.converters.input_scale == InputScale::largest;
  const float scale = scaled ? largest_of({x.value.data(), x.count}) : 1.0F;
  const auto full_scale = static_cast<float>(config_.converters.dac_full_scale);
  return {weights_,
          variances_,
          scaled ? dac_unit_ : dac_,
          adc,
          dac_rows_,
          adc_columns_,
          scaled ? 1.0F : full_scale,
          adc_full_scale_forward_,
          columns_,
          scale > 0.0F ? scale : 1.0F,
          0};
}

void Crossbar::forward(const DrivenLines& x, const Read& read, Scratch& scratch,
                       float* y) const noexcept {
  forward_through(adc_forward_, x, read, scratch, y);
}

void Crossbar::measure(const DrivenLines& x, const Read& read, Scratch& scratch,
                       float* y) const noexcept {
  constexpr float no_limit = 4194304.0F;  // whole numbers up to twice this are exact
  Quantizer adc = adc_forward_;
  if (adc.max_code > 0.0F) adc.max_code = no_limit;
  forward_through(adc, x, read, scratch, y);
}

void Crossbar::currents(const DrivenLines& x, const Read& read, Scratch& scratch,
                        float* y) const noexcept {
  forward_through(Quantizer{}, x, read, scratch, y);
}

void Crossbar::driven(const DrivenLines& x, std::span<float> values) const noexcept {
  const Product p = forward_product(x, adc_forward_);
  for (std::size_t l = 0; l < x.count; ++l) {
    const float value = x.value[l] / p.scale;
    const float code =
        std::clamp(numeric::round_even(value * p.dac.inverse_lsb), -p.dac.max_code, p.dac.max_code);
    values[l] = p.scale * (p.dac.max_code > 0.0F ? code * p.dac.lsb : value);
  }
}

float Crossbar::input_step(const DrivenLines& x) const {
  const Product p = forward_product(x, adc_forward_);
  return p.scale * p.dac.lsb;
}

float Crossbar::output_step(const DrivenLines& x) const {
  const Product p = forward_product(x, adc_forward_);
  const bool ranged = config_.converters.adc_range == OutputRange::largest;
  return ranged ? 0.0F : p.scale * p.adc.lsb;
}

void Crossbar::forward_through(const Quantizer& adc, const DrivenLines& x, const Read& read,
                               Scratch& scratch, float* y) const noexcept {
  const Product p = forward_product(x, adc);
  product(p, x, read, scratch, y);
  if (p.scale != 1.0F) {
    for (std::size_t j = 0; j < padded(columns_); ++j) y[j] *= p.scale;
  }
  const std::uint64_t reads = config_.converters.encoding == Encoding::bit_serial
                                  ? static_cast<std::uint64_t>(config_.converters.dac_bits - 1)
                                  : 1;
  scratch.counts.forward_mvm += 1;
  scratch.counts.dac_conversions += reads * rows_;
  scratch.counts.adc_conversions += reads * columns_;
  scratch.counts.cells_read += reads * rows_ * columns_ * devices_;
  scratch.counts.crossbar_mac += std::uint64_t{rows_} * columns_;
}

void Crossbar::backward(const DrivenLines& d, const Read& read, Scratch& scratch,
                        float* y) const noexcept {
  const float scale = largest_of({d.value.data(), d.count});
  if (scale == 0.0F) {
    std::fill_n(y, padded(backward_rows_), 0.0F);
    return;
  }
  product({weights_transposed_, variances_transposed_, dac_unit_, adc_backward_, dac_columns_,
           adc_rows_, 1.0F, static_cast<float>(config_.converters.adc_full_scale_backward),
           backward_rows_, scale, 1},
          d, read, scratch, y);
  for (std::size_t i = 0; i < padded(backward_rows_); ++i) y[i] *= scale;
  const std::uint64_t reads = config_.converters.encoding == Encoding::bit_serial
                                  ? static_cast<std::uint64_t>(config_.converters.dac_bits - 1)
                                  : 1;
  scratch.counts.backward_mvm += 1;
  scratch.counts.dac_conversions += reads * columns_;
  scratch.counts.adc_conversions += reads * backward_rows_;
  scratch.counts.cells_read += reads * backward_rows_ * columns_ * devices_;
  scratch.counts.crossbar_mac += std::uint64_t{backward_rows_} * columns_;
}

void Crossbar::calibrate(std::span<const DrivenLines> inputs, const Read& read, Scratch& scratch) {
  const double quantile = config_.converters.adc_range_quantile;
  if (quantile == 0.0 || config_.converters.adc_bits == 0 || inputs.empty()) return;
  const OperationCounts before = scratch.counts;
  const Quantizer exact;
  std::vector<float> seen;
  AlignedVector<float> y(weights_.shape(1));
  const bool serial = config_.converters.encoding == Encoding::bit_serial;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    product(forward_product(inputs[k], exact), inputs[k], {read.noise, read.event + k}, scratch,
            y.data());
    for (std::size_t j = 0; j < columns_; ++j) {
      // Of a bit-serial product, only the last read (the most significant bit) is used.
      seen.push_back(std::fabs(serial ? scratch.part[j] : y[j]));
    }
  }
  const auto at = static_cast<std::size_t>(quantile * static_cast<double>(seen.size() - 1));
  std::nth_element(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(at), seen.end());
  scratch.counts = before;
  adc_full_scale_forward_ = std::max(seen[at], 1e-6F);
  adc_forward_ = make_quantizer("adc-bits", config_.converters.adc_bits,
                                static_cast<double>(adc_full_scale_forward_));
}

}  // namespace imcsim::crossbar
