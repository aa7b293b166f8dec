#pragma once

#include <array>
#include <cstdint>
#include <variant>
#include <vector>

#include "network/graph/tensor.hpp"

namespace imcsim::network {

// Operations of nodes, with attributes, defaults and differences between opsets resolved. Shapes
// are those of the values that a node reads and writes.

/// A sliding window over up to three spatial axes, the last axes of a tensor; missing leading axes
/// have size 1. Output o of an axis reads inputs o·stride − before + k·dilation, k < kernel.
struct Window {
  using Sizes = std::array<std::size_t, 3>;
  Sizes in{1, 1, 1}, out{1, 1, 1}, kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1};
  Sizes before{0, 0, 0}, after{0, 0, 0};  ///< padding

  static std::size_t product(const Sizes& s) { return s[0] * s[1] * s[2]; }
};

/// The same elements, with another shape.
struct Copy {};

/// Y[n, m, o] = Σ X[n, c, o·stride − before + k·dilation] · W[m, c, k] + B[m], in `groups` blocks
/// of channels. Inputs X, W and optionally B.
struct Convolution {
  Window window;
  std::size_t groups = 1;
};

/// Y = alpha·A′·B′ + beta·C; ′: transposed according to the flags. Inputs A, B and optionally C.
struct Gemm {
  float alpha = 1.0F, beta = 1.0F;
  bool transpose_a = false, transpose_b = false;
};

/// Products of the last two axes, broadcast over the others, as NumPy's matmul.
struct MatMul {};

/// Largest or mean value under the window. The mean includes padding if `counts_padding`. Optional
/// second output with Kind::largest: index in the tensor, row- or column-major within an image.
struct Pool {
  enum class Kind { largest, mean };
  Window window;
  Kind kind = Kind::largest;
  bool counts_padding = false;
  bool column_major = false;
};

/// (x − mean)·scale/√(variance + epsilon) + bias for each channel (axis 1), computed as scale and
/// offset of a channel. Inputs X, scale, bias, mean, variance.
struct ChannelNormalization {
  float epsilon = 1e-5F;
};

/// Elementwise over all inputs, from left to right, broadcast to the output. `aligned`: sizes of
/// each input, extended to the rank of the output.
struct Arithmetic {
  enum class Kind { add, subtract, multiply, divide };
  Kind kind = Kind::add;
  std::vector<Dimensions> aligned;
};

/// f(x). `a`: slope of leaky_relu; `a`, `b`: lowest and highest value of clip.
struct Unary {
  enum class Kind { relu, sigmoid, tanh, leaky_relu, clip, exp, negate, absolute, root };
  Kind kind = Kind::relu;
  float a = 0.0F, b = 0.0F;
  std::int64_t whole_a = 0, whole_b = 0;  ///< limits of clip for integers
};

/// exp(x)/Σ exp(x), or its logarithm, over `length` elements at a distance of `inner`.
struct Softmax {
  std::size_t outer = 1, length = 1, inner = 1;
  bool logarithm = false;
};

/// Y[i₀, i₁, …] = X[Σ offset[a][i_a]], or `fill` if one of the offsets is −1: Transpose, Slice,
/// Pad, Gather.
struct Rearrange {
  std::vector<std::vector<std::int64_t>> offset;
  double fill = 0.0;
};

/// Concatenation of the inputs along an axis.
struct Concat {
  std::size_t axis = 0;
};

/// Sum or mean over the axes in `is_reduced`, which has one entry per axis of the input.
struct Reduce {
  enum class Kind { sum, mean };
  Kind kind = Kind::mean;
  std::vector<bool> is_reduced;
};

/// Conversion to the type of the output.
struct Cast {};

using Operation = std::variant<Copy, Convolution, Gemm, MatMul, Pool, ChannelNormalization,
                               Arithmetic, Unary, Softmax, Rearrange, Concat, Reduce, Cast>;

}  // namespace imcsim::network
