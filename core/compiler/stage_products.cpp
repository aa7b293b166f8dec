// Operations of a stage on several pixels: convolution, pooling, and operations on the whole
// sample.
#include <algorithm>
#include <limits>

#include "compiler/stage_values.hpp"
#include "numeric/events.hpp"

namespace imcsim::compiler {
namespace {

/// Input position under the kernel along an axis; positions in the padding wrap around or exceed
/// the input size, and the callers skip them.
std::size_t under(const network::Window& w, std::size_t axis, std::size_t out, std::size_t k) {
  return out * w.stride[axis] + k * w.dilation[axis] - w.before[axis];
}

}  // namespace

network::Multiply StageValues::multiply_of(std::size_t n) {
  const std::size_t first = network_.first_matrix(n);
  return [this, first](std::size_t group, std::size_t position, const crossbar::DrivenLines& lines,
                       float* z) {
    const std::size_t m = first + group;
    const std::uint64_t event =
        events::product(read_.event, network_.matrices()[m].positions, position);
    network_.layer(m).forward(lines, {read_.noise, event}, work_->scratch, z);
  };
}

/// The pixels under the kernel, for one group of channels, as crossbar input lines.
void StageValues::gather(LocalNode& node, std::size_t group, std::size_t channels, std::size_t y,
                         std::size_t x) {
  const network::Window& w =
      std::get<network::Convolution>(graph_.nodes[node.node].operation).window;
  crossbar::DrivenLines& lines = work_->product.lines;
  lines.count = 0;
  std::size_t row = 0;
  for (std::size_t ky = 0; ky < w.kernel[1]; ++ky) {
    const std::size_t line = under(w, 1, y, ky);
    for (std::size_t kx = 0; kx < w.kernel[2]; ++kx, row += channels) {
      const std::size_t column = under(w, 2, x, kx);
      if (line >= w.in[1] || column >= w.in[2]) continue;
      const float* const in = pixel(node.sources[0], line, column) + group * channels;
      for (std::size_t c = 0; c < channels; ++c) lines.push(row + c, in[c], in[c] != 0.0F);
    }
  }
  lines.fill_up();
}

void StageValues::convolve(LocalNode& node, std::size_t y, std::size_t x) {
  const auto& conv = std::get<network::Convolution>(graph_.nodes[node.node].operation);
  const std::size_t first = network_.first_matrix(node.node);
  const std::size_t channels = node.sources[0].grid.channels / conv.groups;
  const std::size_t outputs = node.grid.channels / conv.groups;
  const network::Tensor* const bias = node.sources.size() > 2 ? node.sources[2].constant : nullptr;
  const std::size_t position = y * node.grid.columns + x;
  float* const z = work_->product.z.data();
  for (std::size_t g = 0; g < conv.groups; ++g) {
    gather(node, g, channels, y, x);
    const std::uint64_t event =
        events::product(read_.event, network_.matrices()[first + g].positions, position);
    network_.layer(first + g).forward(work_->product.lines, {read_.noise, event}, work_->scratch,
                                      z);
    for (std::size_t m = 0; m < outputs; ++m) {
      node.out[g * outputs + m] = z[m] + (bias == nullptr ? 0.0F : bias->real[g * outputs + m]);
    }
  }
}

void StageValues::pool(LocalNode& node, std::size_t y, std::size_t x) {
  const auto& pool = std::get<network::Pool>(graph_.nodes[node.node].operation);
  const network::Window& w = pool.window;
  const bool mean = pool.kind == network::Pool::Kind::mean;
  std::fill(node.out.begin(), node.out.end(), mean ? 0.0F : std::numeric_limits<float>::lowest());
  std::size_t inside = 0;
  std::size_t pixels = 0;
  for (std::size_t ky = 0; ky < w.kernel[1]; ++ky) {
    const std::size_t padded_row = y * w.stride[1] + ky * w.dilation[1];
    for (std::size_t kx = 0; kx < w.kernel[2]; ++kx) {
      const std::size_t padded_column = x * w.stride[2] + kx * w.dilation[2];
      inside += padded_row < w.in[1] + w.before[1] + w.after[1] &&
                        padded_column < w.in[2] + w.before[2] + w.after[2]
                    ? 1U
                    : 0U;
      const std::size_t line = under(w, 1, y, ky);
      const std::size_t column = under(w, 2, x, kx);
      if (line >= w.in[1] || column >= w.in[2]) continue;
      const float* const in = pixel(node.sources[0], line, column);
      for (std::size_t c = 0; c < node.grid.channels; ++c) {
        float& out = node.out[c];
        if (mean) {
          out += in[c];
        } else if (pixels == 0 || in[c] > out) {
          out = in[c];
        }
      }
      ++pixels;
    }
  }
  if (!mean) return;
  const auto share =
      static_cast<float>(std::max<std::size_t>(1, pool.counts_padding ? inside : pixels));
  for (float& out : node.out) out /= share;
}

void StageValues::run_whole(LocalNode& node) {
  std::vector<const network::Tensor*> inputs;
  for (std::size_t k = 0; k < node.sources.size(); ++k) {
    Source& source = node.sources[k];
    if (source.from != From::object && source.from != From::node) {
      inputs.push_back(source.constant);
      continue;
    }
    const PixelGrid& grid = source.grid;
    for (std::size_t p = 0; p < grid.pixels(); ++p) {
      const float* const in = pixel(source, p / grid.columns, p % grid.columns);
      for (std::size_t c = 0; c < grid.channels; ++c) {
        node.inputs[k].real[c * grid.pixels() + p] = in[c];
      }
    }
    inputs.push_back(&node.inputs[k]);
  }
  const network::Operation& operation = node.local.operation;
  if (network_.first_matrix(node.node) == network::absent) {
    network::execute(node.local, inputs, {&node.result, 1});
  } else if (const auto* conv = std::get_if<network::Convolution>(&operation)) {
    network::execute_convolution(*conv, inputs, node.result, multiply_of(node.node),
                                 work_->product);
  } else if (const auto* gemm = std::get_if<network::Gemm>(&operation)) {
    network::execute_gemm(*gemm, inputs, node.result, multiply_of(node.node), work_->product);
  } else {
    const std::size_t columns = network_.matrices()[network_.first_matrix(node.node)].columns;
    network::execute_matmul(*inputs[0], node.result, columns, multiply_of(node.node),
                            work_->product);
  }
  for (std::size_t c = 0; c < node.grid.channels; ++c) {
    for (std::size_t p = 0; p < node.grid.pixels(); ++p) {
      node.out[p * node.grid.channels + c] = node.result.real[c * node.grid.pixels() + p];
    }
  }
}

}  // namespace imcsim::compiler
