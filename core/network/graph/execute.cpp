// Execution of one node, at import and in the forward pass, except products with weights on
// devices.
#include "network/graph/execute.hpp"

#include <algorithm>

namespace imcsim::network {
namespace {

using Inputs = std::span<const Tensor* const>;

/// Products with matrices from tensors.
Multiply plain_multiply(const std::vector<Matrix<float>>& matrices) {
  return [&matrices](std::size_t group, std::size_t, const crossbar::DrivenLines& lines, float* z) {
    const Matrix<float>& w = matrices[group];
    const std::size_t stride = w.shape(1);
    std::fill_n(z, stride, 0.0F);
    for (std::size_t l = 0; l < lines.count; ++l) {
      const float* const row = w.data() + lines.line[l] * stride;
      for (std::size_t j = 0; j < stride; ++j) z[j] += lines.value[l] * row[j];
    }
  };
}

ProductScratch scratch_for(const Matrix<float>& matrix) {
  return ProductScratch(std::max(matrix.shape(0), matrix.shape(1)));
}

void run_convolution(const Convolution& conv, Inputs inputs, Tensor& y) {
  std::vector<Matrix<float>> matrices;
  for (std::size_t g = 0; g < conv.groups; ++g) {
    matrices.push_back(convolution_matrix(conv, *inputs[1], g));
  }
  ProductScratch scratch = scratch_for(matrices[0]);
  execute_convolution(conv, inputs, y, plain_multiply(matrices), scratch);
}

void run_gemm(const Gemm& gemm, Inputs inputs, Tensor& y) {
  const std::vector<Matrix<float>> matrices = {product_matrix(*inputs[1], gemm.transpose_b)};
  ProductScratch scratch = scratch_for(matrices[0]);
  execute_gemm(gemm, inputs, y, plain_multiply(matrices), scratch);
}

/// Slice `index` of a tensor whose axes, except the last `rest`, are broadcast to `common`.
Tensor slice_of(const Tensor& x, const Dimensions& common, std::size_t index, std::size_t rest) {
  const std::size_t leading = x.dims.size() - rest;
  std::size_t place = 0;
  std::size_t stride = 1;
  for (std::size_t a = 0; a < common.size(); ++a) {
    const std::size_t axis = common.size() - 1 - a;
    const std::size_t at = index % common[axis];
    index /= common[axis];
    if (a >= leading) continue;
    const std::size_t size = x.dims[leading - 1 - a];
    if (size > 1) place += at * stride;
    stride *= size;
  }
  Tensor part(x.type, {x.dims.begin() + static_cast<std::ptrdiff_t>(leading), x.dims.end()});
  std::copy_n(x.real.data() + place * part.real.size(), part.real.size(), part.real.data());
  return part;
}

void run_matmul(const Tensor& a, const Tensor& b, Tensor& y) {
  const std::size_t own_a = a.dims.size() > 1 ? 1 : 0;
  const std::size_t own_b = b.dims.size() > 1 ? 1 : 0;
  const Dimensions common(y.dims.begin(),
                          y.dims.end() - static_cast<std::ptrdiff_t>(own_a + own_b));
  const std::size_t rows = own_a == 0 ? 1 : a.dims[a.dims.size() - 2];
  const std::size_t columns = own_b == 0 ? 1 : b.dims.back();
  for (std::size_t k = 0; k < element_count(common); ++k) {
    const Tensor left = slice_of(a, common, k, own_a + 1);
    const std::vector<Matrix<float>> matrices = {
        product_matrix(slice_of(b, common, k, own_b + 1), false)};
    ProductScratch scratch = scratch_for(matrices[0]);
    Tensor part(y.type, {rows, columns});
    execute_matmul(left, part, columns, plain_multiply(matrices), scratch);
    std::copy(part.real.begin(), part.real.end(),
              y.real.begin() + static_cast<std::ptrdiff_t>(k * rows * columns));
  }
}

/// One overload per operation.
struct Runner {
  Inputs in;
  std::span<Tensor> out;
  const Node& node;

  void operator()(const Copy&) const {
    out[0].real = in[0]->real;
    out[0].whole = in[0]->whole;
    if (out.size() < 2 || node.outputs[1] == absent) return;
    std::fill(out[1].real.begin(), out[1].real.end(), 1.0F);  // mask of Dropout
    std::fill(out[1].whole.begin(), out[1].whole.end(), 1);
  }
  void operator()(const Convolution& o) const { run_convolution(o, in, out[0]); }
  void operator()(const Gemm& o) const { run_gemm(o, in, out[0]); }
  void operator()(const MatMul&) const { run_matmul(*in[0], *in[1], out[0]); }
  void operator()(const Pool& o) const {
    const bool has_indices = out.size() > 1 && node.outputs[1] != absent;
    execute_pool(o, *in[0], out[0], has_indices ? &out[1] : nullptr);
  }
  void operator()(const ChannelNormalization& o) const { execute_normalization(o, in, out[0]); }
  void operator()(const Arithmetic& o) const { execute_arithmetic(o, in, out[0]); }
  void operator()(const Unary& o) const { execute_unary(o, *in[0], out[0]); }
  void operator()(const Softmax& o) const { execute_softmax(o, *in[0], out[0]); }
  void operator()(const Rearrange& o) const { execute_rearrange(o, *in[0], out[0]); }
  void operator()(const Concat& o) const { execute_concat(o, in, out[0]); }
  void operator()(const Reduce& o) const { execute_reduce(o, *in[0], out[0]); }
  void operator()(const Cast&) const { execute_cast(*in[0], out[0]); }
};

}  // namespace

void execute(const Node& node, Inputs inputs, std::span<Tensor> outputs) {
  std::visit(Runner{inputs, outputs, node}, node.operation);
}

}  // namespace imcsim::network
