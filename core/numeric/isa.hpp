#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace imcsim {

/// Instruction sets for which the kernels are compiled. WebAssembly has only baseline (128-bit
/// SIMD).
enum class Isa { baseline, avx2, avx512 };

std::span<const std::string_view> names_of(Isa);

/// True where this processor, and this build, can run `isa`.
bool is_supported(Isa isa);

/// The widest supported instruction set.
Isa best_isa();

/// The kernel table compiled for `isa`.
template <class Table>
const Table& pick(Isa isa, const Table& baseline, const Table& avx2, const Table& avx512) {
  if (isa == Isa::avx512) return avx512;
  return isa == Isa::avx2 ? avx2 : baseline;
}

}  // namespace imcsim
