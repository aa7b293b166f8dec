#pragma once

#include <cstddef>
#include <cstdint>

#include "numeric/isa.hpp"

namespace imcsim::crossbar {

/// Uniform quantizer: code = clamp(round_even(x / lsb), ±max_code), value = code · lsb.
struct Quantizer {
  float inverse_lsb = 0.0F;
  float lsb = 0.0F;
  float max_code = 0.0F;  ///< 0: off, values are unchanged
};

/// Two variances in 32 bits: word k of a row holds those of columns k and k + pairs. The lower half
/// is the first as bfloat16, rounded. The whole word as a float is the second: its upper half is
/// rounded for the usual content of the lower half, so that unpacking needs no instruction. The
/// error of both is at most 2⁻⁷ (0.4 % of a standard deviation), without bias.
constexpr std::size_t variance_pairs(std::size_t stride) { return (stride / 2 + 15) / 16 * 16; }
std::uint32_t pack_variances(float low, float high);

/// Loops with most of the run time. Matrices are row-major with rows of `stride` entries, a
/// multiple of 16; `stride` is also the length of vectors.
struct Kernels {
  /// y[j] += Σₗ x[l]·w[line[l]][j], lines ascending.
  void (*multiply)(const std::uint32_t* line, const float* x, std::size_t count, const float* w,
                   std::size_t stride, float* y) noexcept;

  /// `multiply`, and s[j] += Σₗ x[l]²·v[line[l]][j] with the variances v in packed pairs (see
  /// pack_variances); `s` has 2·pairs entries.
  void (*multiply_noisy)(const std::uint32_t* line, const float* x, std::size_t count,
                         const float* w, std::size_t stride, const std::uint32_t* v,
                         std::size_t pairs, float* y, float* s) noexcept;

  /// m[line[l]][j] −= x[l]·g[j].
  void (*subtract_outer)(const std::uint32_t* line, const float* x, std::size_t count, float* m,
                         std::size_t stride, const float* g) noexcept;

  /// `subtract_outer`; overflow[l] ≠ 0 if an entry of the line has |m| ≥ 2 (bit 30 of a float is
  /// set exactly for these values, so that the test needs one OR).
  void (*accumulate_outer)(const std::uint32_t* line, const float* x, std::size_t count, float* m,
                           std::size_t stride, const float* g, std::uint32_t* overflow) noexcept;

  /// m[j] += rate·v[j], then v[j] ← momentum·v[j]. Returns a value ≠ 0 if an entry has |m| ≥ 2.
  std::uint32_t (*advance)(std::size_t stride, float rate, float momentum, float* v,
                           float* m) noexcept;

  /// y[j] ← quantized(y[j] + √s[j]·noise[j]); without noise if `s` is null. Returns the number of
  /// saturated values.
  std::size_t (*read_out)(std::size_t stride, float* y, const float* s, const float* noise,
                          const Quantizer& adc) noexcept;

  /// driven[i] ← quantized(x[i] / scale) for i < padded. Returns the number of saturated values.
  std::size_t (*drive)(std::size_t padded, const float* x, float scale, const Quantizer& dac,
                       float* driven) noexcept;
};

const Kernels& kernels(Isa isa);

}  // namespace imcsim::crossbar
