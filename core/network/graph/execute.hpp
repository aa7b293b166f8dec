#pragma once

#include <functional>
#include <span>

#include "crossbar/crossbar.hpp"
#include "network/graph/graph.hpp"

namespace imcsim::network {

/// Computes the outputs of a node from its inputs. `outputs` have the type and shape of the values;
/// absent outputs are unchanged. Order of summation: ascending indices; in convolutions the kernel
/// (depth, row, column), then channels, as in the rows of a crossbar; a bias is added last.
void execute(const Node& node, std::span<const Tensor* const> inputs, std::span<Tensor> outputs);

/// z ← Wᵀ·lines for block `group` of the weights of a node; `position` is the number of the product
/// of a block. `z` has padded(outputs) entries.
using Multiply = std::function<void(std::size_t group, std::size_t position,
                                    const crossbar::DrivenLines& lines, float* z)>;

/// Buffers for products with matrices of at most `most` rows and columns.
struct ProductScratch {
  explicit ProductScratch(std::size_t most) : lines(most), z(padded(most)) {}
  crossbar::DrivenLines lines;
  AlignedVector<float> z;
};

/// A convolution or product; `multiply` computes the products with the weights.
void execute_convolution(const Convolution& conv, std::span<const Tensor* const> inputs, Tensor& y,
                         const Multiply& multiply, ProductScratch& scratch);
void execute_gemm(const Gemm& gemm, std::span<const Tensor* const> inputs, Tensor& y,
                  const Multiply& multiply, ProductScratch& scratch);
/// For a second factor with at most two dimensions.
void execute_matmul(const Tensor& a, Tensor& y, std::size_t columns, const Multiply& multiply,
                    ProductScratch& scratch);

/// Weights M × C/groups × kernel of a group of a convolution as matrix [kernel·channels of the
/// group × padded(outputs of the group)]; row k·channels + c.
Matrix<float> convolution_matrix(const Convolution& conv, const Tensor& weights, std::size_t group);
/// B as [rows × padded(columns)], transposed if `transposed`; a vector is one column.
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
void execute_normalization(const ChannelNormalization& normalization,
                           std::span<const Tensor* const> inputs, Tensor& y);

/// y[i] ← f(x[i]), and y[i] ← y[i] ∘ x[i]; x and y may be the same array.
void apply(const Unary& unary, const float* x, float* y, std::size_t count);
void apply(Arithmetic::Kind kind, const float* x, float* y, std::size_t count);

/// Scale and offset of each channel of a normalization.
struct ChannelAffine {
  std::vector<float> scale, offset;
};
ChannelAffine channel_affine(const ChannelNormalization& normalization,
                             std::span<const Tensor* const> inputs);

/// Value in an integer type: its lowest bits.
std::int64_t wrapped(DataType type, std::int64_t value);

}  // namespace imcsim::network
