// Definitions for *_kernels.cpp files. Each of these files is compiled once for each instruction
// set, into its own namespace, and holds only code with internal linkage: otherwise the linker
// could use an AVX-512 copy of an inline function in the baseline path.
#pragma once

#include <cstddef>
#include <cstdint>

#if !defined(IMCSIM_ISA) || !defined(IMCSIM_VECTOR_BYTES)
#error "kernel files are compiled by imcsim_add_kernels() in CMakeLists.txt"
#endif

#define IMCSIM_INLINE static inline __attribute__((always_inline))

namespace imcsim::IMCSIM_ISA {

/// Floats per register. The width affects only speed: kernels work element by element, or in
/// sixteen explicit lanes, so that every width gives the same bits.
constexpr std::size_t lanes = IMCSIM_VECTOR_BYTES / sizeof(float);
using VectorF = float __attribute__((vector_size(IMCSIM_VECTOR_BYTES), may_alias));
using VectorU = std::uint32_t __attribute__((vector_size(IMCSIM_VECTOR_BYTES), may_alias));

IMCSIM_INLINE VectorF& at(float* p, std::size_t j) { return *reinterpret_cast<VectorF*>(p + j); }
IMCSIM_INLINE const VectorF& at(const float* p, std::size_t j) {
  return *reinterpret_cast<const VectorF*>(p + j);
}
IMCSIM_INLINE const VectorU& at(const std::uint32_t* p, std::size_t j) {
  return *reinterpret_cast<const VectorU*>(p + j);
}

/// Bitwise OR of all lanes.
IMCSIM_INLINE std::uint32_t any_bit(VectorU v) {
  using Vector128 = std::uint64_t __attribute__((vector_size(16)));
  Vector128 parts[IMCSIM_VECTOR_BYTES / 16];
  __builtin_memcpy(parts, &v, sizeof(v));
  for (std::size_t i = 1; i < IMCSIM_VECTOR_BYTES / 16; ++i) parts[0] |= parts[i];
  const std::uint64_t both = parts[0][0] | parts[0][1];
  return static_cast<std::uint32_t>(both | (both >> 32));
}

}  // namespace imcsim::IMCSIM_ISA
