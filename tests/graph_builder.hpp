// Graphs for tests, built node by node, like those imported from ONNX files.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "network/network.hpp"
#include "study/infer_onnx.hpp"

namespace imcsim::testing {

/// Builds a graph; the dimensions of every value are given.
class GraphBuilder {
 public:
  explicit GraphBuilder(network::Dimensions input) {
    graph_.name = "test";
    last_ = add("input", std::move(input));
    graph_.inputs = {last_};
  }

  std::size_t node(network::Operation operation, std::vector<std::size_t> inputs,
                   network::Dimensions out) {
    const std::size_t n = graph_.nodes.size();
    last_ = add("v" + std::to_string(n), std::move(out));
    graph_.values[last_].producer = n;
    graph_.nodes.push_back({"n" + std::to_string(n), "", std::move(inputs), {last_}, {}});
    graph_.nodes.back().operation = std::move(operation);
    return last_;
  }

  /// Uniform in −0.5 … 0.5.
  std::size_t constant(network::Dimensions dims, float add_to = 0.0F) {
    std::vector<float> values(network::element_count(dims));
    for (float& value : values) {
      value = Stream(7, Purpose::task_data, 0).uniform(draw_++, 0) - 0.5F + add_to;
    }
    return given(std::move(dims), std::move(values));
  }

  /// A constant of these elements.
  std::size_t given(network::Dimensions dims, std::vector<float> values) {
    network::Tensor tensor(network::DataType::float32, dims);
    std::copy(values.begin(), values.end(), tensor.real.begin());
    const std::size_t v = add("c" + std::to_string(graph_.values.size()), std::move(dims));
    graph_.values[v].constant = std::make_shared<const network::Tensor>(std::move(tensor));
    return v;
  }

  std::size_t convolution(std::size_t x, std::size_t from, std::size_t to, std::size_t side,
                          std::size_t stride) {
    network::Convolution conv;
    conv.window.in = {1, side, side};
    conv.window.out = {1, side / stride, side / stride};
    conv.window.kernel = {1, 3, 3};
    conv.window.stride = {1, stride, stride};
    conv.window.before = conv.window.after = {0, 1, 1};
    return node(conv, {x, constant({to, from, 3, 3}), constant({to})},
                {1, to, side / stride, side / stride});
  }

  std::size_t normalized(std::size_t x, std::size_t channels, std::size_t side) {
    const std::vector<std::size_t> inputs = {x, constant({channels}, 1.0F), constant({channels}),
                                             constant({channels}), constant({channels}, 1.0F)};
    const std::size_t y = node(network::ChannelNormalization{}, inputs, {1, channels, side, side});
    return node(network::Unary{}, {y}, {1, channels, side, side});
  }

  std::size_t sum(std::size_t a, std::size_t b, const network::Dimensions& dims) {
    network::Arithmetic add;
    add.aligned = {dims, dims};
    return node(add, {a, b}, dims);
  }

  network::Graph done() {
    graph_.outputs = {last_};
    return std::move(graph_);
  }

 private:
  std::size_t add(std::string name, network::Dimensions dims) {
    network::Value value;
    value.name = std::move(name);
    value.dims = std::move(dims);
    graph_.values.push_back(std::move(value));
    return graph_.values.size() - 1;
  }

  network::Graph graph_;
  std::size_t last_ = 0;
  std::uint64_t draw_ = 0;
};

}  // namespace imcsim::testing
