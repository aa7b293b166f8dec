// Rows of random numbers, and activation functions: plain loops over branch-free functions.
#include "numeric/numeric_kernels.hpp"

#include "numeric/float_math.hpp"
#include "numeric/simd.hpp"

namespace imcsim::IMCSIM_ISA {
namespace {

IMCSIM_INLINE void normal_rows(const std::uint32_t* __restrict radius,
                               const std::uint32_t* __restrict turn, float* __restrict first,
                               float* __restrict second) {
  for (std::size_t b = 0; b < 16; ++b) {
    numeric::box_muller(radius[b], turn[b], first[b], second[b]);
  }
}

void normals(const numeric::PhiloxName& name, std::size_t padded, float* out) noexcept {
  for (std::size_t first = 0; first < padded; first += 64) {
    numeric::PhiloxBlocks blocks;
    numeric::philox(name, static_cast<std::uint32_t>(first / 4), blocks.word);
    float* rows = out + first;
    normal_rows(blocks.word[0], blocks.word[1], rows, rows + 16);
    if (padded - first <= 32) break;
    normal_rows(blocks.word[2], blocks.word[3], rows + 32, rows + 48);
  }
}

void sigmoid(std::size_t padded, float* values) noexcept {
  for (std::size_t i = 0; i < padded; ++i) values[i] = numeric::sigmoid(values[i]);
}

void tanh(std::size_t padded, float* values) noexcept {
  for (std::size_t i = 0; i < padded; ++i) values[i] = numeric::tanh(values[i]);
}

void relu(std::size_t padded, float* values) noexcept {
  for (std::size_t i = 0; i < padded; ++i) values[i] = values[i] > 0.0F ? values[i] : 0.0F;
}

}  // namespace

extern const numeric::Kernels numeric_kernels;
const numeric::Kernels numeric_kernels = {normals, sigmoid, tanh, relu};

}  // namespace imcsim::IMCSIM_ISA
