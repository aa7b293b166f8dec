// Products, updates and conversions of one crossbar.
//
// A product adds the scaled rows of the driven lines to the column sums, in ascending order, four
// lines at a time: the sum of a column is (((y + x₀w₀) + x₁w₁) + x₂w₂) + … for every register
// width.
#include "crossbar/crossbar_kernels.hpp"

#include "numeric/float_math.hpp"
#include "numeric/simd.hpp"

namespace imcsim::IMCSIM_ISA {
namespace {

IMCSIM_INLINE void add_four_rows(const std::uint32_t* line, const float* x,
                                 const float* __restrict w, std::size_t stride,
                                 float* __restrict y) {
  const float* w0 = w + line[0] * stride;
  const float* w1 = w + line[1] * stride;
  const float* w2 = w + line[2] * stride;
  const float* w3 = w + line[3] * stride;
  for (std::size_t j = 0; j < stride; j += lanes) {
    VectorF sum = at(y, j);
    sum += x[0] * at(w0, j);
    sum += x[1] * at(w1, j);
    sum += x[2] * at(w2, j);
    sum += x[3] * at(w3, j);
    at(y, j) = sum;
  }
}

IMCSIM_INLINE void add_four_variances(const std::uint32_t* line, const float* x,
                                      const std::uint32_t* __restrict v, std::size_t pairs,
                                      float* __restrict s) {
  const std::uint32_t* v0 = v + line[0] * pairs;
  const std::uint32_t* v1 = v + line[1] * pairs;
  const std::uint32_t* v2 = v + line[2] * pairs;
  const std::uint32_t* v3 = v + line[3] * pairs;
  const float q0 = x[0] * x[0];
  const float q1 = x[1] * x[1];
  const float q2 = x[2] * x[2];
  const float q3 = x[3] * x[3];
  float* __restrict high = s + pairs;
  for (std::size_t k = 0; k < pairs; k += lanes) {
    VectorF low_sum = at(s, k);
    VectorF high_sum = at(high, k);
    low_sum += q0 * reinterpret_cast<VectorF>(at(v0, k) << 16);
    high_sum += q0 * reinterpret_cast<VectorF>(at(v0, k));
    low_sum += q1 * reinterpret_cast<VectorF>(at(v1, k) << 16);
    high_sum += q1 * reinterpret_cast<VectorF>(at(v1, k));
    low_sum += q2 * reinterpret_cast<VectorF>(at(v2, k) << 16);
    high_sum += q2 * reinterpret_cast<VectorF>(at(v2, k));
    low_sum += q3 * reinterpret_cast<VectorF>(at(v3, k) << 16);
    high_sum += q3 * reinterpret_cast<VectorF>(at(v3, k));
    at(s, k) = low_sum;
    at(high, k) = high_sum;
  }
}

/// The sums of sixteen columns stay in registers over all lines; the order of summation is the
/// same.
constexpr std::size_t narrow = 16;
constexpr std::size_t narrow_vectors = narrow / lanes;

IMCSIM_INLINE void multiply_narrow(const std::uint32_t* line, const float* x, std::size_t count,
                                   const float* w, float* y) {
  VectorF sum[narrow_vectors];
  for (std::size_t k = 0; k < narrow_vectors; ++k) sum[k] = at(y, k * lanes);
  for (std::size_t l = 0; l < count; ++l) {
    const float* row = w + line[l] * narrow;
    for (std::size_t k = 0; k < narrow_vectors; ++k) sum[k] += x[l] * at(row, k * lanes);
  }
  for (std::size_t k = 0; k < narrow_vectors; ++k) at(y, k * lanes) = sum[k];
}

IMCSIM_INLINE void add_variances_narrow(const std::uint32_t* line, const float* x,
                                        std::size_t count, const std::uint32_t* v, float* s) {
  VectorF sum[narrow_vectors];
  for (std::size_t k = 0; k < narrow_vectors; ++k) sum[k] = at(s, k * lanes);
  for (std::size_t l = 0; l < count; ++l) {
    const std::uint32_t* row = v + line[l] * narrow;
    const float q = x[l] * x[l];
    for (std::size_t k = 0; k < narrow_vectors; ++k) {
      sum[k] += q * reinterpret_cast<VectorF>(at(row, k * lanes) << 16);
    }
  }
  for (std::size_t k = 0; k < narrow_vectors; ++k) at(s, k * lanes) = sum[k];
}

void multiply(const std::uint32_t* line, const float* x, std::size_t count, const float* w,
              std::size_t stride, float* y) noexcept {
  if (stride == narrow) return multiply_narrow(line, x, count, w, y);
  for (std::size_t l = 0; l < count; l += 4) add_four_rows(line + l, x + l, w, stride, y);
}

void multiply_noisy(const std::uint32_t* line, const float* x, std::size_t count, const float* w,
                    std::size_t stride, const std::uint32_t* v, std::size_t pairs, float* y,
                    float* s) noexcept {
  if (stride == narrow) {
    multiply_narrow(line, x, count, w, y);
    add_variances_narrow(line, x, count, v, s);
    return;
  }
  for (std::size_t l = 0; l < count; l += 4) {
    add_four_rows(line + l, x + l, w, stride, y);
    add_four_variances(line + l, x + l, v, pairs, s);
  }
}

void subtract_outer(const std::uint32_t* line, const float* x, std::size_t count, float* m,
                    std::size_t stride, const float* g) noexcept {
  for (std::size_t l = 0; l < count; ++l) {
    float* row = m + line[l] * stride;
    for (std::size_t j = 0; j < stride; j += lanes) at(row, j) -= x[l] * at(g, j);
  }
}

void accumulate_outer(const std::uint32_t* line, const float* x, std::size_t count, float* m,
                      std::size_t stride, const float* g, std::uint32_t* overflow) noexcept {
  for (std::size_t l = 0; l < count; ++l) {
    float* row = m + line[l] * stride;
    VectorU bits = {};
    for (std::size_t j = 0; j < stride; j += lanes) {
      const VectorF value = at(row, j) - x[l] * at(g, j);
      at(row, j) = value;
      bits |= reinterpret_cast<VectorU>(value);
    }
    overflow[l] = any_bit(bits) & 0x40000000U;
  }
}

std::uint32_t advance(std::size_t stride, float rate, float momentum, float* __restrict v,
                      float* __restrict m) noexcept {
  VectorU bits = {};
  for (std::size_t j = 0; j < stride; j += lanes) {
    const VectorF value = at(m, j) + rate * at(v, j);
    at(m, j) = value;
    at(v, j) = momentum * at(v, j);
    bits |= reinterpret_cast<VectorU>(value);
  }
  return any_bit(bits) & 0x40000000U;
}

/// values[j] ← quantized(values[j]); returns the number of saturated values.
IMCSIM_INLINE std::size_t quantize(std::size_t count, float* __restrict values,
                                   const crossbar::Quantizer& q) {
  if (q.max_code == 0.0F) return 0;
  const std::int32_t largest = numeric::bits_of(q.max_code);
  std::int32_t saturated = 0;
  for (std::size_t j = 0; j < count; ++j) {
    const float code = numeric::round_even(
        numeric::clamp(values[j] * q.inverse_lsb, -2.0F * q.max_code, 2.0F * q.max_code));
    saturated += (numeric::bits_of(code) & 0x7FFFFFFF) > largest ? 1 : 0;
    values[j] = numeric::clamp(code, -q.max_code, q.max_code) * q.lsb;
  }
  return static_cast<std::size_t>(saturated);
}

std::size_t read_out(std::size_t stride, float* __restrict y, const float* __restrict s,
                     const float* __restrict noise, const crossbar::Quantizer& adc) noexcept {
  if (s != nullptr) {
    for (std::size_t j = 0; j < stride; ++j) y[j] += __builtin_sqrtf(s[j]) * noise[j];
  }
  const crossbar::Quantizer q = adc;
  return quantize(stride, y, q);
}

std::size_t drive(std::size_t padded, const float* __restrict x, float scale,
                  const crossbar::Quantizer& dac, float* __restrict driven) noexcept {
  const crossbar::Quantizer q = dac;
  for (std::size_t i = 0; i < padded; ++i) driven[i] = x[i] / scale;
  return quantize(padded, driven, q);
}

}  // namespace

extern const crossbar::Kernels crossbar_kernels;
const crossbar::Kernels crossbar_kernels = {
    multiply, multiply_noisy, subtract_outer, accumulate_outer, advance, read_out, drive};

}  // namespace imcsim::IMCSIM_ISA
