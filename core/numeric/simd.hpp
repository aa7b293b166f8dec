// What a *_kernels.cpp file needs: each is compiled once for each instruction set, into a
// namespace of its own, and holds code of internal linkage only (else the linker might take an
// AVX-512 copy of an inline function for the baseline path).
#pragma once

#include <cstddef>
#include <cstdint>

#if !defined(IMCSIM_ISA) || !defined(IMCSIM_VECTOR_BYTES)
#error "kernel files are compiled by imcsim_add_kernels() in CMakeLists.txt"
#endif

#define IMCSIM_INLINE static inline __attribute__((always_inline))

namespace imcsim::IMCSIM_ISA {

/// One register of floats. Its width is a matter of speed: kernels work element by element, or
/// in sixteen written-out lanes, so that every width gives the same bits.
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

/// OR of all lanes, by halves.
IMCSIM_INLINE std::uint32_t any_bit(VectorU v) {
  using Vector128 = std::uint64_t __attribute__((vector_size(16)));
  Vector128 parts[IMCSIM_VECTOR_BYTES / 16];
  __builtin_memcpy(parts, &v, sizeof(v));
  for (std::size_t i = 1; i < IMCSIM_VECTOR_BYTES / 16; ++i) parts[0] |= parts[i];
  const std::uint64_t both = parts[0][0] | parts[0][1];
  return static_cast<std::uint32_t>(both | (both >> 32));
}

}  // namespace imcsim::IMCSIM_ISA
