#include "network/graph/graph_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"

namespace imcsim::network {
namespace {

constexpr std::size_t most_matrices = entities::layers.count;

const Tensor* constant_of(const Graph& graph, std::size_t value) {
  return value == absent ? nullptr : graph.values[value].constant.get();
}

void add_matrices(const Graph& graph, std::size_t n, std::vector<WeightMatrix>& all) {
  const Node& node = graph.nodes[n];
  const Tensor* const weights =
      node.inputs.size() > 1 ? constant_of(graph, node.inputs[1]) : nullptr;
  if (weights == nullptr || weights->size() == 0) return;
  const Dimensions& out = graph.values[node.outputs[0]].dims;
  if (const auto* conv = std::get_if<Convolution>(&node.operation)) {
    const std::size_t positions = out[0] * Window::product(conv->window.out);
    for (std::size_t g = 0; g < conv->groups; ++g) {
      all.push_back(
          {n, g, out[1] / conv->groups, positions, convolution_matrix(*conv, *weights, g)});
    }
  } else if (const auto* gemm = std::get_if<Gemm>(&node.operation)) {
    all.push_back({n, 0, out[1], out[0], product_matrix(*weights, gemm->transpose_b)});
  } else if (std::holds_alternative<MatMul>(node.operation) && weights->dims.size() <= 2) {
    const std::size_t columns = weights->dims.size() == 1 ? 1 : weights->dims[1];
    all.push_back({n, 0, columns, element_count(out) / columns, product_matrix(*weights, false)});
  }
}

std::size_t longest_side(const GraphNetwork& network) {
  std::size_t longest = 1;
  for (const WeightMatrix& m : network.matrices()) {
    longest = std::max({longest, m.rows(), m.columns});
  }
  return longest;
}

}  // namespace

std::uint64_t Graph::parameter_count() const {
  std::vector<bool> read(values.size(), false);
  for (const Node& node : nodes) {
    for (const std::size_t v : node.inputs) {
      if (v != absent) read[v] = true;
    }
  }
  std::uint64_t count = 0;
  for (std::size_t v = 0; v < values.size(); ++v) {
    if (read[v] && values[v].constant) count += values[v].constant->size();
  }
  return count;
}

std::uint64_t Graph::mac_count(const Node& node) const {
  const std::uint64_t elements = element_count(values[node.outputs[0]].dims);
  if (const auto* conv = std::get_if<Convolution>(&node.operation)) {
    return elements * values[node.inputs[1]].dims[1] * Window::product(conv->window.kernel);
  }
  if (const auto* gemm = std::get_if<Gemm>(&node.operation)) {
    return elements * values[node.inputs[0]].dims[gemm->transpose_a ? 0 : 1];
  }
  if (std::holds_alternative<MatMul>(node.operation)) {
    return elements * values[node.inputs[0]].dims.back();
  }
  return 0;
}

std::vector<WeightMatrix> weight_matrices(const Graph& graph) {
  std::vector<WeightMatrix> all;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) add_matrices(graph, n, all);
  return all;
}

GraphWorkspace::GraphWorkspace(const GraphNetwork& network)
    : values(network.graph().values.size()),
      product(longest_side(network)),
      scratch(longest_side(network)) {}

GraphNetwork::GraphNetwork(Graph graph)
    : graph_(std::move(graph)),
      matrices_(weight_matrices(graph_)),
      first_matrix_(graph_.nodes.size(), absent),
      last_reads_(graph_.nodes.size()) {
  for (std::size_t m = matrices_.size(); m-- > 0;) first_matrix_[matrices_[m].node] = m;
  std::vector<bool> needed(graph_.values.size(), false);
  for (const std::size_t v : graph_.outputs) needed[v] = true;
  for (std::size_t n = graph_.nodes.size(); n-- > 0;) {
    for (const auto* list : {&graph_.nodes[n].inputs, &graph_.nodes[n].outputs}) {
      for (const std::size_t v : *list) {
        if (v == absent || needed[v] || graph_.values[v].constant) continue;
        needed[v] = true;
        last_reads_[n].push_back(v);
      }
    }
  }
}

GraphNetwork::GraphNetwork(Graph graph, const Execution& execution)
    : GraphNetwork(std::move(graph)) {
  for (const WeightMatrix& m : matrices_) {
    layers_.push_back(std::make_unique<ExactLayer>(m.weights, m.columns, false, execution));
  }
}

GraphNetwork::GraphNetwork(Graph graph, const crossbar::CrossbarConfig& config, std::uint64_t seed,
                           const Execution& execution)
    : GraphNetwork(std::move(graph)) {
  if (matrices_.size() > most_matrices) {
    throw InputError(graph_.name, fmt::format("has {} weight matrices", matrices_.size()),
                     fmt::format("at most {}; each group of a convolution is one", most_matrices));
  }
  for (const WeightMatrix& m : matrices_) {
    if (m.positions <= events::most_positions) continue;
    throw InputError(
        graph_.name,
        fmt::format("\"{}\" has {} products per sample", graph_.nodes[m.node].name, m.positions),
        fmt::format("at most {}", events::most_positions));
  }
  const std::shared_ptr<const device::DeviceModel> model =
      device::make_model(config.device, config.pulse_us);
  const crossbar::TileSize tile = crossbar::parse_tile(config.array.tile, at_field("tile"));
  std::uint32_t first_device = 0;
  for (std::size_t m = 0; m < matrices_.size(); ++m) {
    const WeightMatrix& matrix = matrices_[m];
    crossbar::CrossbarConfig own = config;
    own.array.conductance_per_weight_us =
        whole_range_per_weight_us(*model, config.array.synapse, matrix.weights);
    auto layer = std::make_unique<CrossbarLayer>(own, model, matrix.rows(), matrix.columns, false,
                                                 tile, static_cast<std::uint32_t>(m), first_device,
                                                 seed, execution);
    first_device += static_cast<std::uint32_t>(layer->device_count());
    crossbars_.push_back(layer.get());
    layers_.push_back(std::move(layer));
  }
}

Tensor& GraphNetwork::input(GraphWorkspace& work, std::size_t k) const {
  const Value& value = graph_.values[graph_.inputs[k]];
  Tensor& tensor = work.values[graph_.inputs[k]];
  tensor.reshape(value.type, value.dims);
  return tensor;
}

const Tensor& GraphNetwork::output(const GraphWorkspace& work, std::size_t k) const {
  const std::size_t v = graph_.outputs[k];
  return graph_.values[v].constant ? *graph_.values[v].constant : work.values[v];
}

void GraphNetwork::run_product(std::size_t n, const Multiply& multiply, GraphWorkspace& work,
                               Tensor& y) const {
  const Operation& operation = graph_.nodes[n].operation;
  if (const auto* conv = std::get_if<Convolution>(&operation)) {
    execute_convolution(*conv, work.inputs_, y, multiply, work.product);
  } else if (const auto* gemm = std::get_if<Gemm>(&operation)) {
    execute_gemm(*gemm, work.inputs_, y, multiply, work.product);
  } else {
    const std::size_t columns = matrices_[first_matrix_[n]].columns;
    execute_matmul(*work.inputs_[0], y, columns, multiply, work.product);
  }
}

/// Makes the memory of values available after their last read.
void GraphNetwork::release_dead_values(std::size_t n, GraphWorkspace& work) const {
  for (const std::size_t v : last_reads_[n]) {
    if (work.values[v].real.capacity() == 0) continue;
    const bool is_input =
        std::find(graph_.inputs.begin(), graph_.inputs.end(), v) != graph_.inputs.end();
    if (!is_input) work.spare_.push_back(std::move(work.values[v].real));
  }
}

void GraphNetwork::take_inputs(const Node& node, GraphWorkspace& work) const {
  work.inputs_.clear();
  for (const std::size_t v : node.inputs) {
    if (v == absent) {
      work.inputs_.push_back(nullptr);
    } else {
      const auto& constant = graph_.values[v].constant;
      work.inputs_.push_back(constant ? constant.get() : &work.values[v]);
    }
  }
}

void GraphNetwork::take_outputs(const Node& node, GraphWorkspace& work) const {
  work.outputs_.resize(node.outputs.size());
  for (std::size_t k = 0; k < node.outputs.size(); ++k) {
    if (node.outputs[k] == absent) continue;
    const Value& value = graph_.values[node.outputs[k]];
    Tensor& tensor = work.outputs_[k];
    tensor = std::move(work.values[node.outputs[k]]);
    if (tensor.real.capacity() == 0 && !work.spare_.empty()) {
      tensor.real = std::move(work.spare_.back());
      work.spare_.pop_back();
    }
    tensor.reshape(value.type, value.dims);
  }
}

void GraphNetwork::run(std::size_t n, const crossbar::Read& read, GraphWorkspace& work) const {
  const Node& node = graph_.nodes[n];
  take_inputs(node, work);
  take_outputs(node, work);
  const std::size_t first = first_matrix_[n];
  if (first == absent) {
    execute(node, work.inputs_, work.outputs_);
  } else {
    const Multiply multiply = [&](std::size_t group, std::size_t position,
                                  const crossbar::DrivenLines& lines, float* z) {
      const std::size_t m = first + group;
      layers_[m]->forward(
          lines, {read.noise, events::product(read.event, matrices_[m].positions, position)},
          work.scratch, z);
    };
    run_product(n, multiply, work, work.outputs_[0]);
  }
  for (std::size_t k = 0; k < node.outputs.size(); ++k) {
    if (node.outputs[k] != absent) work.values[node.outputs[k]] = std::move(work.outputs_[k]);
  }
  release_dead_values(n, work);
}

void GraphNetwork::forward(const crossbar::Read& read, GraphWorkspace& work) const {
  for (std::size_t n = 0; n < graph_.nodes.size(); ++n) run(n, read, work);
}

std::vector<std::vector<crossbar::DrivenLines>> GraphNetwork::product_inputs(
    std::size_t n, std::span<const std::size_t> positions, GraphWorkspace& work) const {
  std::vector<std::vector<crossbar::DrivenLines>> inputs;
  for (std::size_t m = first_matrix_[n]; m < matrices_.size() && matrices_[m].node == n; ++m) {
    inputs.emplace_back();
  }
  take_inputs(graph_.nodes[n], work);
  const Value& value = graph_.values[graph_.nodes[n].outputs[0]];
  Tensor unused(value.type, value.dims);
  // The positions of the products of a matrix are ascending.
  const Multiply keep = [&](std::size_t group, std::size_t position,
                            const crossbar::DrivenLines& lines, float*) {
    std::vector<crossbar::DrivenLines>& own = inputs[group];
    if (own.size() == positions.size() || positions[own.size()] != position) return;
    crossbar::DrivenLines kept(matrices_[first_matrix_[n] + group].rows());
    for (std::size_t l = 0; l < lines.count; ++l) kept.push(lines.line[l], lines.value[l], true);
    kept.fill_up();
    own.push_back(std::move(kept));
  };
  run_product(n, keep, work, unused);
  return inputs;
}

}  // namespace imcsim::network
