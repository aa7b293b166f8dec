#pragma once

#include <cstddef>
#include <cstdint>

#include "numeric/isa.hpp"
#include "numeric/philox.hpp"

namespace imcsim::numeric {

/// Loops over plain arrays, compiled for each instruction set. `padded` is a multiple of 16; arrays
/// are aligned to 64 bytes.
struct Kernels {
  /// out[0 … padded): standard normal numbers of `name`; `out` has room for the next multiple of
  /// 64. Group g of 64 entries uses blocks 16g … 16g+15: words 0 and 1 of block b give entries b
  /// and 16+b, words 2 and 3 give entries 32+b and 48+b.
  void (*normals)(const PhiloxName& name, std::size_t padded, float* out) noexcept;

  /// values[i] = 1 / (1 + e^−values[i]), tanh, max(0, ·).
  void (*sigmoid)(std::size_t padded, float* values) noexcept;
  void (*tanh)(std::size_t padded, float* values) noexcept;
  void (*relu)(std::size_t padded, float* values) noexcept;
};

const Kernels& kernels(Isa isa);

}  // namespace imcsim::numeric
