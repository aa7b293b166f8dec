#pragma once

#include <cstddef>
#include <cstdint>

#include "numeric/isa.hpp"

namespace imcsim::crossbar {

/// A uniform quantiser: code = clamp(round_even(x / lsb), ±max_code), value = code · lsb.
struct Quantiser {
  float inverse_lsb = 0.0F;
  float lsb = 0.0F;
  float max_code = 0.0F;  ///< 0: off, values pass as they are
};

/// Two variances in 32 bits: word k of a row holds those of columns k and k + pairs. The lower half
/// is a bfloat16, rounded. The whole word, read as a float, is the other: its upper half is chosen
/// for what usually stands in the lower, so that the second costs no instruction. Both are right
/// to 2⁻⁷ (0.4 % of a deviation), without bias.
constexpr std::size_t variance_pairs(std::size_t stride) { return (stride / 2 + 15) / 16 * 16; }
std::uint32_t pack_variances(float low, float high);

/// The loops in which the time goes. Matrices are row-major with rows of `stride` entries, a
/// multiple of 16; `stride` is also the length of the vectors.
struct Kernels {
  /// y[j] += Σₗ x[l]·w[line[l]][j], lines ascending.
  void (*multiply)(const std::uint32_t* line, const float* x, std::size_t count, const float* w,
                   std::size_t stride, float* y) noexcept;

  /// The same, and s[j] += Σₗ x[l]²·v[line[l]][j] with the variances v in packed pairs (see
  /// pack_variances); `s` has 2·pairs entries.
  void (*multiply_noisy)(const std::uint32_t* line, const float* x, std::size_t count,
                         const float* w, std::size_t stride, const std::uint32_t* v,
                         std::size_t pairs, float* y, float* s) noexcept;

  /// m[line[l]][j] −= x[l]·g[j]; returns nothing, keeps nothing.
  void (*subtract_outer)(const std::uint32_t* line, const float* x, std::size_t count, float* m,
                         std::size_t stride, const float* g) noexcept;

  /// The same; overflow[l] ≠ 0 where an entry of the line reached |m| ≥ 2 (bit 30 of a float is
  /// set exactly from 2 on, so that the test costs one OR).
  void (*accumulate_outer)(const std::uint32_t* line, const float* x, std::size_t count, float* m,
                           std::size_t stride, const float* g, std::uint32_t* overflow) noexcept;

  /// m[j] += rate·v[j], then v[j] ← momentum·v[j]. Not 0 where an entry reached |m| ≥ 2.
  std::uint32_t (*advance)(std::size_t stride, float rate, float momentum, float* v,
                           float* m) noexcept;

  /// y[j] ← quantised(y[j] + √s[j]·noise[j]); without noise where `s` is null. Returns how
  /// many saturated.
  std::size_t (*read_out)(std::size_t stride, float* y, const float* s, const float* noise,
                          const Quantiser& adc) noexcept;

  /// driven[i] ← quantised(x[i] / scale) for i < padded. Returns how many saturated.
  std::size_t (*drive)(std::size_t padded, const float* x, float scale, const Quantiser& dac,
                       float* driven) noexcept;
};

const Kernels& kernels(Isa isa);

}  // namespace imcsim::crossbar
