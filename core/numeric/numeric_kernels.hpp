#pragma once

#include <cstddef>
#include <cstdint>

#include "numeric/isa.hpp"
#include "numeric/philox.hpp"

namespace imcsim::numeric {

/// Loops over plain arrays, compiled for each instruction set. Counts are multiples of 16 where
/// `padded` stands; arrays are 64-byte aligned.
struct Kernels {
  /// out[0 … padded): standard normal numbers of `name`, which needs room for the next multiple
  /// of 64. Group g of 64 takes blocks 16g … 16g+15: of block b, words 0 and 1 give entries b and
  /// 16+b, words 2 and 3 give 32+b and 48+b.
  void (*normals)(const PhiloxName& name, std::size_t padded, float* out) noexcept;

  /// values[i] = 1 / (1 + e^−values[i]), tanh, max(0, ·).
  void (*sigmoid)(std::size_t padded, float* values) noexcept;
  void (*tanh)(std::size_t padded, float* values) noexcept;
  void (*relu)(std::size_t padded, float* values) noexcept;
};

const Kernels& kernels(Isa isa);

}  // namespace imcsim::numeric
