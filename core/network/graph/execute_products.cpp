// Convolutions and matrix products: inputs of the rows, outputs of the columns.
#include <algorithm>

#include "network/graph/execute.hpp"

namespace imcsim::network {
namespace {

/// Collects the pixels under the kernel, for one group of channels, as lines.
void gather_patch(const Window& w, const float* x, std::size_t channels, std::size_t position,
                  crossbar::DrivenLines& lines) {
  const std::size_t top[3] = {position / (w.out[1] * w.out[2]) * w.stride[0],
                              position / w.out[2] % w.out[1] * w.stride[1],
                              position % w.out[2] * w.stride[2]};
  const std::size_t plane = Window::product(w.in);
  lines.count = 0;
  std::size_t row = 0;
  for (std::size_t kz = 0; kz < w.kernel[0]; ++kz) {
    const std::size_t z = top[0] + kz * w.dilation[0] - w.before[0];  // outside: wraps, is skipped
    for (std::size_t ky = 0; ky < w.kernel[1]; ++ky) {
      const std::size_t line = top[1] + ky * w.dilation[1] - w.before[1];
      for (std::size_t kx = 0; kx < w.kernel[2]; ++kx, row += channels) {
        const std::size_t column = top[2] + kx * w.dilation[2] - w.before[2];
        if (z >= w.in[0] || line >= w.in[1] || column >= w.in[2]) continue;
        const float* const pixel = x + (z * w.in[1] + line) * w.in[2] + column;
        for (std::size_t c = 0; c < channels; ++c) {
          const float value = pixel[c * plane];
          lines.push(row + c, value, value != 0.0F);
        }
      }
    }
  }
  lines.fill_up();
}

/// C, broadcast to the output of the product: element for row r, column j.
class Broadcast2 {
 public:
  explicit Broadcast2(const Tensor* c) : c_(c) {
    if (c == nullptr) return;
    const std::size_t rank = c->dims.size();
    const std::size_t columns = rank > 0 ? c->dims[rank - 1] : 1;
    column_ = columns > 1 ? 1 : 0;
    row_ = rank > 1 && c->dims[rank - 2] > 1 ? columns : 0;
  }
  float at(std::size_t r, std::size_t j) const { return c_->real[r * row_ + j * column_]; }

 private:
  const Tensor* c_;
  std::size_t row_ = 0, column_ = 0;
};

}  // namespace

void execute_convolution(const Convolution& conv, std::span<const Tensor* const> inputs, Tensor& y,
                         const Multiply& multiply, ProductScratch& scratch) {
  const Tensor& x = *inputs[0];
  const Tensor* const bias = inputs.size() > 2 ? inputs[2] : nullptr;
  const std::size_t plane_in = Window::product(conv.window.in);
  const std::size_t plane_out = Window::product(conv.window.out);
  const std::size_t channels = x.dims[1] / conv.groups;
  const std::size_t outputs = y.dims[1] / conv.groups;
  for (std::size_t n = 0; n < x.dims[0]; ++n) {
    for (std::size_t g = 0; g < conv.groups; ++g) {
      const float* const from = x.real.data() + (n * conv.groups + g) * channels * plane_in;
      float* const to = y.real.data() + (n * conv.groups + g) * outputs * plane_out;
      for (std::size_t p = 0; p < plane_out; ++p) {
        gather_patch(conv.window, from, channels, p, scratch.lines);
        multiply(g, n * plane_out + p, scratch.lines, scratch.z.data());
        for (std::size_t m = 0; m < outputs; ++m) {
          const float b = bias == nullptr ? 0.0F : bias->real[g * outputs + m];
          to[m * plane_out + p] = scratch.z[m] + b;
        }
      }
    }
  }
}

void execute_gemm(const Gemm& gemm, std::span<const Tensor* const> inputs, Tensor& y,
                  const Multiply& multiply, ProductScratch& scratch) {
  const Tensor& a = *inputs[0];
  const Tensor* const c = inputs.size() > 2 ? inputs[2] : nullptr;
  const Broadcast2 addend(c);
  const std::size_t rows = y.dims[0];
  const std::size_t columns = y.dims[1];
  const std::size_t length = a.dims[gemm.transpose_a ? 0 : 1];
  for (std::size_t r = 0; r < rows; ++r) {
    scratch.lines.count = 0;
    for (std::size_t i = 0; i < length; ++i) {
      const float value = a.real[gemm.transpose_a ? i * rows + r : r * length + i];
      scratch.lines.push(i, value, value != 0.0F);
    }
    scratch.lines.fill_up();
    multiply(0, r, scratch.lines, scratch.z.data());
    for (std::size_t j = 0; j < columns; ++j) {
      const float product = gemm.alpha * scratch.z[j];
      y.real[r * columns + j] = c == nullptr ? product : product + gemm.beta * addend.at(r, j);
    }
  }
}

void execute_matmul(const Tensor& a, Tensor& y, std::size_t columns, const Multiply& multiply,
                    ProductScratch& scratch) {
  const std::size_t length = a.dims.back();
  if (length == 0) return std::fill(y.real.begin(), y.real.end(), 0.0F);
  for (std::size_t r = 0; r < a.real.size() / length; ++r) {
    scratch.lines.gather({a.real.data() + r * length, length});
    multiply(0, r, scratch.lines, scratch.z.data());
    std::copy_n(scratch.z.data(), columns, y.real.data() + r * columns);
  }
}

Matrix<float> convolution_matrix(const Convolution& conv, const Tensor& weights,
                                 std::size_t group) {
  const std::size_t outputs = weights.dims[0] / conv.groups;
  const std::size_t channels = weights.dims[1];
  const std::size_t kernel = Window::product(conv.window.kernel);
  Matrix<float> matrix = padded_matrix<float>(kernel * channels, outputs);
  for (std::size_t m = 0; m < outputs; ++m) {
    for (std::size_t c = 0; c < channels; ++c) {
      const float* const from =
          weights.real.data() + ((group * outputs + m) * channels + c) * kernel;
      for (std::size_t k = 0; k < kernel; ++k) matrix(k * channels + c, m) = from[k];
    }
  }
  return matrix;
}

Matrix<float> product_matrix(const Tensor& b, bool transposed) {
  const std::size_t rows = b.dims[transposed ? 1 : 0];
  const std::size_t columns = b.dims.size() == 1 ? 1 : b.dims[transposed ? 0 : 1];
  Matrix<float> matrix = padded_matrix<float>(rows, columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      matrix(i, j) = b.real[transposed ? j * rows + i : i * columns + j];
    }
  }
  return matrix;
}

}  // namespace imcsim::network
