#include "compiler/model_shapes.hpp"

#include <fmt/format.h>

namespace imcsim::compiler {
namespace {

using network::Dimensions;
using network::Graph;

class ShapeBuilder {
 public:
  std::size_t input(const Dimensions& dims) {
    const std::size_t value = add_value("input", dims);
    graph_.inputs.push_back(value);
    return value;
  }

  /// Square window with padding in the middle; batch normalisation is part of the affine unit.
  std::size_t convolution(std::size_t x, std::size_t channels, std::size_t kernel,
                          std::size_t stride) {
    const Dimensions in = dims(x);
    network::Convolution conv;
    conv.window = window(in, kernel, stride, kernel / 2);
    const std::size_t weights = add_weights({channels, in[1], kernel, kernel});
    const Dimensions out = {1, channels, conv.window.out[1], conv.window.out[2]};
    return add_node("Conv", conv, {x, weights, network::absent}, out);
  }

  std::size_t pool(std::size_t x, network::Pool::Kind kind, std::size_t kernel, std::size_t stride,
                   std::size_t padding) {
    network::Pool pool;
    pool.kind = kind;
    pool.window = window(dims(x), kernel, stride, padding);
    const Dimensions out = {1, dims(x)[1], pool.window.out[1], pool.window.out[2]};
    return add_node(kind == network::Pool::Kind::mean ? "AveragePool" : "MaxPool", pool, {x}, out);
  }

  std::size_t relu(std::size_t x) { return add_node("Relu", network::Unary{}, {x}, dims(x)); }

  std::size_t sum(std::size_t a, std::size_t b) {
    network::Arithmetic add;
    add.aligned = {dims(a), dims(b)};
    return add_node("Add", add, {a, b}, dims(a));
  }

  /// Every second pixel, channels filled up with zeros: shortcut A.
  std::size_t shortcut(std::size_t x, std::size_t channels) {
    const std::size_t thin = pool(x, network::Pool::Kind::largest, 1, 2, 0);
    const Dimensions in = dims(thin);
    network::Rearrange padding;
    const std::size_t before = (channels - in[1]) / 2;
    padding.offset.resize(4);
    padding.offset[0] = {0};
    for (std::size_t c = 0; c < channels; ++c) {
      const bool inside = c >= before && c - before < in[1];
      padding.offset[1].push_back(inside ? static_cast<std::int64_t>((c - before) * in[2] * in[3])
                                         : -1);
    }
    for (std::size_t y = 0; y < in[2]; ++y) {
      padding.offset[2].push_back(static_cast<std::int64_t>(y * in[3]));
    }
    for (std::size_t column = 0; column < in[3]; ++column) {
      padding.offset[3].push_back(static_cast<std::int64_t>(column));
    }
    return add_node("Pad", padding, {thin}, {1, channels, in[2], in[3]});
  }

  Graph classified(std::size_t x, std::size_t classes) {
    const std::size_t mean = pool(x, network::Pool::Kind::mean, dims(x)[2], 1, 0);
    const std::size_t flat = add_node("Flatten", network::Copy{}, {mean}, {1, dims(x)[1]});
    const std::size_t weights = add_weights({classes, dims(x)[1]});
    network::Gemm gemm;
    gemm.transpose_b = true;
    const std::size_t scores =
        add_node("Gemm", gemm, {flat, weights, network::absent}, {1, classes});
    graph_.outputs.push_back(scores);
    return std::move(graph_);
  }

  const Dimensions& dims(std::size_t value) const { return graph_.values[value].dims; }

 private:
  static network::Window window(const Dimensions& in, std::size_t kernel, std::size_t stride,
                                std::size_t padding) {
    network::Window w;
    w.in = {1, in[2], in[3]};
    w.kernel = {1, kernel, kernel};
    w.stride = {1, stride, stride};
    w.before = w.after = {0, padding, padding};
    for (const std::size_t axis : {std::size_t{1}, std::size_t{2}}) {
      w.out[axis] = (w.in[axis] + 2 * padding - kernel) / stride + 1;
    }
    return w;
  }

  std::size_t add_value(const std::string& name, const Dimensions& dims) {
    network::Value value;
    value.name = name;
    value.dims = dims;
    graph_.values.push_back(std::move(value));
    return graph_.values.size() - 1;
  }

  std::size_t add_weights(const Dimensions& dims) {
    const std::size_t value = add_value(fmt::format("weights{}", graph_.values.size()), dims);
    auto tensor = std::make_shared<network::Tensor>();
    tensor->dims = dims;
    graph_.values[value].constant = std::move(tensor);
    return value;
  }

  std::size_t add_node(const std::string& op_type, network::Operation operation,
                       std::vector<std::size_t> inputs, const Dimensions& dims) {
    const std::size_t n = graph_.nodes.size();
    const std::string name = fmt::format("{}_{}", op_type, n);
    const std::size_t value = add_value(name, dims);
    graph_.values[value].producer = n;
    graph_.nodes.push_back({name, op_type, std::move(inputs), {value}, std::move(operation)});
    return value;
  }

  Graph graph_;
};

/// ResNet for small pictures: three groups of n blocks, 16, 32, 64 channels.
Graph small_resnet(std::size_t blocks) {
  ShapeBuilder b;
  std::size_t x = b.relu(b.convolution(b.input({1, 3, 32, 32}), 16, 3, 1));
  for (std::size_t group = 0; group < 3; ++group) {
    const std::size_t channels = std::size_t{16} << group;
    for (std::size_t block = 0; block < blocks; ++block) {
      const std::size_t stride = group > 0 && block == 0 ? 2 : 1;
      const std::size_t y =
          b.convolution(b.relu(b.convolution(x, channels, 3, stride)), channels, 3, 1);
      x = b.relu(b.sum(y, stride == 2 ? b.shortcut(x, channels) : x));
    }
  }
  return b.classified(x, 10);
}

/// ResNet for 224 × 224: basic blocks, or bottlenecks of three convolutions.
Graph large_resnet(const std::vector<std::size_t>& blocks, bool bottleneck) {
  ShapeBuilder b;
  std::size_t x = b.relu(b.convolution(b.input({1, 3, 224, 224}), 64, 7, 2));
  x = b.pool(x, network::Pool::Kind::largest, 3, 2, 1);
  for (std::size_t group = 0; group < blocks.size(); ++group) {
    const std::size_t inner = std::size_t{64} << group;
    const std::size_t channels = bottleneck ? 4 * inner : inner;
    for (std::size_t block = 0; block < blocks[group]; ++block) {
      const std::size_t stride = group > 0 && block == 0 ? 2 : 1;
      std::size_t y = x;
      if (bottleneck) {
        y = b.relu(b.convolution(y, inner, 1, 1));
        y = b.relu(b.convolution(y, inner, 3, stride));
        y = b.convolution(y, channels, 1, 1);
      } else {
        y = b.relu(b.convolution(y, inner, 3, stride));
        y = b.convolution(y, inner, 3, 1);
      }
      const bool projected = b.dims(x) != b.dims(y);
      x = b.relu(b.sum(y, projected ? b.convolution(x, channels, 1, stride) : x));
    }
  }
  return b.classified(x, 1000);
}

}  // namespace

std::vector<std::string> model_shape_names() {
  return {"resnet-20", "resnet-32", "resnet-18", "resnet-50"};
}

Graph model_shape(std::string_view name, const std::string& where) {
  if (name == "resnet-20") return small_resnet(3);
  if (name == "resnet-32") return small_resnet(5);
  if (name == "resnet-18") return large_resnet({2, 2, 2, 2}, false);
  if (name == "resnet-50") return large_resnet({3, 4, 6, 3}, true);
  throw InputError(where, fmt::format("there is no network \"{}\"", name),
                   suggest(name, model_shape_names()));
}

}  // namespace imcsim::compiler
