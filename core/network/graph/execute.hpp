#pragma once

#include <functional>
#include <span>

#include "crossbar/crossbar.hpp"
#include "network/graph/graph.hpp"

namespace imcsim::network {

/// What a node writes, from what it reads; `outputs` have the type and shape of the values, those
/// of absent outputs are left alone. Sums run over ascending indices, from zero; those of
/// convolutions over the kernel first (depth, row, column), then over channels, as the rows of a
/// crossbar do; a bias is added last.
void execute(const Node& node, std::span<const Tensor* const> inputs, std::span<Tensor> outputs);

/// z ← Wᵀ·lines for block `group` of a node's weights; `position` counts the products of one block.
/// `z` has padded(outputs) entries.
using Multiply = std::function<void(std::size_t group, std::size_t position,
                                    const crossbar::DrivenLines& lines, float* z)>;

/// Working memory of products whose matrices have no longer side than `most`.
struct ProductScratch {
  explicit ProductScratch(std::size_t most) : lines(most), z(padded(most)) {}
  crossbar::DrivenLines lines;
  AlignedVector<float> z;
};

/// A convolution or product whose weights another object computes with.
void execute_convolution(const Convolution& conv, std::span<const Tensor* const> inputs, Tensor& y,
                         const Multiply& multiply, ProductScratch& scratch);
void execute_gemm(const Gemm& gemm, std::span<const Tensor* const> inputs, Tensor& y,
                  const Multiply& multiply, ProductScratch& scratch);
/// Of a second factor with at most two dimensions.
void execute_matmul(const Tensor& a, Tensor& y, std::size_t columns, const Multiply& multiply,
                    ProductScratch& scratch);

/// [kernel·channels of a group × padded(outputs of a group)] of convolution weights
/// M × C/groups × kernel; row k·channels + c.
Matrix<float> convolution_matrix(const Convolution& conv, const Tensor& weights, std::size_t group);
/// B as [rows × padded(columns)], transposed where the product says so; a vector is one column.
Matrix<float> product_matrix(const Tensor& b, bool transposed);

/// The other operations.
void execute_pool(const Pool& pool, const Tensor& x, Tensor& y, Tensor* indices);
void execute_reduce(const Reduce& reduce, const Tensor& x, Tensor& y);
void execute_rearrange(const Rearrange& rearrange, const Tensor& x, Tensor& y);
void execute_concat(const Concat& concat, std::span<const Tensor* const> inputs, Tensor& y);
void execute_cast(const Tensor& x, Tensor& y);
void execute_arithmetic(const Arithmetic& arithmetic, std::span<const Tensor* const> inputs,
                        Tensor& y);
void execute_unary(const Unary& unary, const Tensor& x, Tensor& y);
void execute_softmax(const Softmax& softmax, const Tensor& x, Tensor& y);
void execute_normalisation(const ChannelNormalisation& normalisation,
                           std::span<const Tensor* const> inputs, Tensor& y);

/// y[i] ← f(x[i]), and y[i] ← y[i] ∘ x[i]; x and y may be the same.
void apply(const Unary& unary, const float* x, float* y, std::size_t count);
void apply(Arithmetic::Kind kind, const float* x, float* y, std::size_t count);

/// A normalisation as scale and offset of each channel.
struct ChannelAffine {
  std::vector<float> scale, offset;
};
ChannelAffine channel_affine(const ChannelNormalisation& normalisation,
                             std::span<const Tensor* const> inputs);

/// The value as a type of whole numbers holds it: the lowest bits.
std::int64_t wrapped(DataType type, std::int64_t value);

}  // namespace imcsim::network
