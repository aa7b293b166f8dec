// ONNX files of small networks with random weights.
// Fields: onnx/onnx.proto of https://github.com/onnx/onnx.
#pragma once

#include <fmt/format.h>

#include <protozero/pbf_writer.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

namespace imcsim::golden {

/// Builder of a graph; the functions for nodes and weights return their names.
class OnnxWriter {
 public:
  using Sizes = std::vector<std::int64_t>;
  using Attributes = std::vector<std::pair<std::string, Sizes>>;

  OnnxWriter(const Sizes& input, std::uint64_t seed) : draws_(seed), graph_(bytes_) {
    add_value(11, "input", input);
  }

  /// An initializer, uniform in `middle` ± `scale`.
  std::string weights(const Sizes& sizes, float scale, float middle = 0.0F) {
    std::size_t count = 1;
    for (const std::int64_t size : sizes) count *= static_cast<std::size_t>(size);
    std::vector<float> values(count);
    for (float& value : values) value = middle + draws_(scale);
    const std::string name = fmt::format("weights{}", ++weights_);
    protozero::pbf_writer tensor(graph_, 5);
    for (const std::int64_t size : sizes) tensor.add_int64(1, size);
    tensor.add_int32(2, float_elements);
    tensor.add_string(8, name);
    tensor.add_bytes(9, reinterpret_cast<const char*>(values.data()), count * sizeof(float));
    return name;
  }

  /// `lists` are attributes of several numbers, `numbers` of one.
  std::string node(const std::string& type, const std::vector<std::string>& inputs,
                   const Attributes& lists = {}, const Attributes& numbers = {}) {
    const std::string name = fmt::format("{}{}", type, ++nodes_);
    protozero::pbf_writer node(graph_, 1);
    for (const std::string& input : inputs) node.add_string(1, input);
    node.add_string(2, name);
    node.add_string(3, name);
    node.add_string(4, type);
    for (const auto& [key, values] : lists) {
      protozero::pbf_writer attribute(node, 5);
      attribute.add_string(1, key);
      for (const std::int64_t value : values) attribute.add_int64(8, value);
      attribute.add_enum(20, ints_type);
    }
    for (const auto& [key, values] : numbers) {
      protozero::pbf_writer attribute(node, 5);
      attribute.add_string(1, key);
      attribute.add_int64(3, values.front());
      attribute.add_enum(20, int_type);
    }
    return name;
  }

  /// Convolution of a square kernel with its bias.
  std::string convolution(const std::string& x, std::int64_t from, std::int64_t to,
                          std::int64_t kernel, std::int64_t stride) {
    const std::int64_t pad = kernel / 2;
    return node("Conv", {x, weights({to, from, kernel, kernel}, 0.4F), weights({to}, 0.1F)},
                {{"kernel_shape", {kernel, kernel}},
                 {"strides", {stride, stride}},
                 {"pads", {pad, pad, pad, pad}}});
  }

  /// BatchNormalization with statistics of its own, then ReLU.
  std::string normalized(const std::string& x, std::int64_t channels) {
    const std::string y =
        node("BatchNormalization", {x, weights({channels}, 0.5F, 1.0F), weights({channels}, 0.2F),
                                    weights({channels}, 0.2F), weights({channels}, 0.3F, 1.0F)});
    return node("Relu", {y});
  }

  /// The file, with the value `output` of these sizes as its result.
  std::string done(const std::string& output, const Sizes& sizes) {
    add_value(12, output, sizes);
    graph_.add_string(2, "golden");
    std::string file;
    protozero::pbf_writer model(file);
    model.add_int64(1, ir_version);
    model.add_message(7, bytes_);
    protozero::pbf_writer import(model, 8);
    import.add_string(1, "");
    import.add_int64(2, opset);
    import.commit();
    return file;
  }

 private:
  static constexpr std::int64_t ir_version = 7;
  static constexpr std::int64_t opset = 13;
  static constexpr std::int32_t float_elements = 1;
  static constexpr std::int32_t int_type = 2;
  static constexpr std::int32_t ints_type = 7;

  void add_value(protozero::pbf_tag_type tag, const std::string& name, const Sizes& sizes) {
    protozero::pbf_writer value(graph_, tag);
    value.add_string(1, name);
    protozero::pbf_writer type(value, 2);
    protozero::pbf_writer tensor(type, 1);
    tensor.add_int32(1, float_elements);
    protozero::pbf_writer shape(tensor, 2);
    for (const std::int64_t size : sizes) {
      protozero::pbf_writer dim(shape, 1);
      dim.add_int64(1, size);
    }
  }

  testing::Draws draws_;
  std::string bytes_;
  protozero::pbf_writer graph_;
  int weights_ = 0;
  int nodes_ = 0;
};

/// Two residual blocks over one channel of 14 × 14 pixels, the second with a stride and a product
/// in its shortcut; pooling, a mean over all pixels, a fully connected layer, softmax.
inline std::string residual_onnx() {
  OnnxWriter w({1, 1, 14, 14}, 5);
  const std::string stem = w.normalized(w.convolution("input", 1, 4, 3, 2), 4);
  const std::string a = w.normalized(w.convolution(stem, 4, 4, 3, 1), 4);
  std::string x = w.node("Relu", {w.node("Add", {w.convolution(a, 4, 4, 3, 1), stem})});
  const std::string b = w.normalized(w.convolution(x, 4, 6, 3, 2), 6);
  const std::string shortcut = w.convolution(x, 4, 6, 1, 2);
  x = w.node("Relu", {w.node("Add", {w.convolution(b, 6, 6, 3, 1), shortcut})});
  x = w.node("MaxPool", {x}, {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}});
  x = w.node("Flatten", {w.node("GlobalAveragePool", {x})});
  x = w.node("Gemm", {x, w.weights({6, 10}, 0.8F), w.weights({10}, 0.2F)});
  return w.done(w.node("Softmax", {x}), {1, 10});
}

/// Branches that are joined, grouped convolution, mean pooling, a product without bias, over three
/// channels of 32 × 32 pixels.
inline std::string branched_onnx() {
  OnnxWriter w({1, 3, 32, 32}, 6);
  std::string x = w.node("Relu", {w.convolution("input", 3, 4, 5, 4)});
  const std::string grouped = w.node(
      "Conv", {x, w.weights({4, 2, 3, 3}, 0.4F)},
      {{"kernel_shape", {3, 3}}, {"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}}, {{"group", {2}}});
  const std::string pooled =
      w.node("AveragePool", {x}, {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}});
  x = w.node("Concat", {w.node("Sigmoid", {grouped}), w.node("Tanh", {pooled})}, {},
             {{"axis", {1}}});
  x = w.node("Flatten", {x});
  return w.done(w.node("MatMul", {x, w.weights({128, 10}, 0.3F)}), {1, 10});
}

}  // namespace imcsim::golden
