#include "compiler/model_shapes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"

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

  /// Square window with symmetric padding; batch normalization is part of the affine unit.
  std::size_t convolution(std::size_t x, std::size_t channels, std::size_t kernel,
                          std::size_t stride) {
    return convolution(x, channels, kernel, stride, kernel / 2);
  }
  std::size_t convolution(std::size_t x, std::size_t channels, std::size_t kernel,
                          std::size_t stride, std::size_t padding) {
    const Dimensions in = dims(x);
    network::Convolution conv;
    conv.window = window(in, kernel, stride, padding);
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

  /// Every second pixel, additional channels filled with zeros: shortcut A.
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

  std::size_t flatten(std::size_t x) {
    std::size_t size = 1;
    for (const std::size_t extent : dims(x)) size *= extent;
    return add_node("Flatten", network::Copy{}, {x}, {1, size});
  }

  std::size_t dense(std::size_t x, std::size_t outputs) {
    const std::size_t weights = add_weights({outputs, dims(x)[1]});
    network::Gemm gemm;
    gemm.transpose_b = true;
    return add_node("Gemm", gemm, {x, weights, network::absent}, {1, outputs});
  }

  Graph graph_with_output(std::size_t scores) {
    graph_.outputs.push_back(scores);
    return std::move(graph_);
  }

  Graph graph_with_classifier(std::size_t x, std::size_t classes) {
    return graph_with_output(
        dense(flatten(pool(x, network::Pool::Kind::mean, dims(x)[2], 1, 0)), classes));
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

Graph perceptron() {
  ShapeBuilder b;
  return b.graph_with_output(b.dense(b.relu(b.dense(b.input({1, 784}), 250)), 10));
}

Graph lenet() {
  ShapeBuilder b;
  const auto halved = [&](std::size_t x) { return b.pool(x, network::Pool::Kind::mean, 2, 2, 0); };
  std::size_t x = halved(b.relu(b.convolution(b.input({1, 1, 28, 28}), 6, 5, 1)));
  x = halved(b.relu(b.convolution(x, 16, 5, 1, 0)));
  x = b.relu(b.dense(b.flatten(x), 120));
  return b.graph_with_output(b.dense(b.relu(b.dense(x, 84)), 10));
}

/// ResNet for small images: three groups of n blocks with 16, 32, 64 channels.
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
  return b.graph_with_classifier(x, 10);
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
  return b.graph_with_classifier(x, 1000);
}

constexpr std::string_view residual = "He et al., doi:10.1109/CVPR.2016.90";

constexpr std::array<ModelShape, 6> shapes = {{
    {"mlp", "Perceptron 784-250-10 for 28 x 28 digits", "doi:10.3389/fnins.2020.00406", perceptron},
    {"lenet-5", "Two convolutions and three dense layers for 28 x 28 digits",
     "LeCun et al., doi:10.1109/5.726791", lenet},
    {"resnet-20", "Input 3 x 32 x 32, shortcuts of type A", residual,
     [] { return small_resnet(3); }},
    {"resnet-32", "Input 3 x 32 x 32, shortcuts of type A", residual,
     [] { return small_resnet(5); }},
    {"resnet-18", "Input 3 x 224 x 224", residual,
     [] {
       return large_resnet({2, 2, 2, 2}, false);
     }},
    {"resnet-50", "Input 3 x 224 x 224", residual,
     [] {
       return large_resnet({3, 4, 6, 3}, true);
     }},
}};

}  // namespace

std::span<const ModelShape> model_shapes() { return shapes; }

std::vector<std::string> model_shape_names() {
  std::vector<std::string> names;
  names.reserve(shapes.size());
  for (const ModelShape& shape : shapes) names.emplace_back(shape.name);
  return names;
}

Graph model_shape(std::string_view name, const Where& where) {
  const auto* found = std::find_if(shapes.begin(), shapes.end(),
                                   [&](const ModelShape& shape) { return shape.name == name; });
  if (found != shapes.end()) return found->make();
  throw InputError(where, fmt::format("unknown network \"{}\"", name),
                   suggest(name, model_shape_names()));
}

}  // namespace imcsim::compiler
