#include "compiler/partition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"

namespace imcsim::compiler {
namespace {

using network::absent;

class Partitioner {
 public:
  Partitioner(const network::Graph& graph, const std::string& where)
      : graph_(graph), where_(where), stage_of_(graph.nodes.size(), absent) {}

  Pipeline run() {
    check();
    for (const std::size_t n : nodes_by_depth()) assign_node(n);
    for (const std::size_t output : graph_.outputs) {
      if (stage_of_value(output) == absent) open(graph_.values[output].producer);
    }
    for (std::size_t s = 0; s < pipeline_.stages.size(); ++s) finish(s);
    for (const std::size_t output : graph_.outputs) {
      pipeline_.outputs.push_back(stage_of_value(output));
    }
    return std::move(pipeline_);
  }

 private:
  void check() const {
    for (const std::size_t input : graph_.inputs) {
      const network::Dimensions& dims = graph_.values[input].dims;
      if (dims.empty() || dims[0] != 1) {
        throw InputError(where_,
                         fmt::format("input \"{}\" has the shape {}", graph_.values[input].name,
                                     network::dims_text(dims)),
                         "one sample at a time: a first dimension of 1");
      }
    }
    for (const std::size_t output : graph_.outputs) {
      if (graph_.values[output].producer == absent) {
        throw InputError(where_,
                         fmt::format("no node writes output \"{}\"", graph_.values[output].name),
                         "at least one node");
      }
    }
  }

  /// Nodes sorted by the number of products on the longest path up to and including them; nodes of
  /// equal depth keep their order.
  std::vector<std::size_t> nodes_by_depth() const {
    std::vector<std::size_t> depth(graph_.nodes.size(), 0);
    std::vector<std::size_t> order(graph_.nodes.size());
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      order[n] = n;
      for (const std::size_t input : graph_.nodes[n].inputs) {
        if (!is_variable(input) || graph_.values[input].producer == absent) continue;
        depth[n] = std::max(depth[n], depth[graph_.values[input].producer]);
      }
      depth[n] += is_product(graph_.nodes[n]) ? 1 : 0;
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return depth[a] < depth[b]; });
    return order;
  }

  bool is_variable(std::size_t value) const {
    return value != absent && graph_.values[value].constant == nullptr;
  }

  /// Whether a node is a product with constant weights.
  bool is_product(const network::Node& node) const {
    const bool kind = std::holds_alternative<network::Convolution>(node.operation) ||
                      std::holds_alternative<network::Gemm>(node.operation) ||
                      std::holds_alternative<network::MatMul>(node.operation);
    return kind && node.inputs.size() > 1 && node.inputs[1] != absent &&
           graph_.values[node.inputs[1]].constant != nullptr;
  }

  /// Whether a node is executed by the reading stage: it reads single pixels, or writes a single
  /// pixel.
  bool is_view(const network::Node& node) const {
    const PixelGrid out = grid_of(graph_.values[node.outputs[0]]);
    if (std::holds_alternative<network::Rearrange>(node.operation) ||
        std::holds_alternative<network::Copy>(node.operation)) {
      return true;
    }
    if (std::holds_alternative<network::Reduce>(node.operation)) return out.pixels() == 1;
    const auto* pool = std::get_if<network::Pool>(&node.operation);
    if (pool == nullptr) return false;
    return out.pixels() == 1 || network::Window::product(pool->window.kernel) == 1;
  }

  /// Stage that writes a value; absent for inputs and for values computed by the reading stage.
  std::size_t stage_of_value(std::size_t value) const {
    const std::size_t node = graph_.values[value].producer;
    return node == absent ? absent : stage_of_[node];
  }

  /// The latest stage among the direct inputs of a node; absent: none.
  std::size_t latest_stage(const network::Node& node) const {
    std::size_t latest = absent;
    for (const std::size_t input : node.inputs) {
      if (!is_variable(input)) continue;
      const std::size_t stage = stage_of_value(input);
      if (stage != absent && (latest == absent || stage > latest)) latest = stage;
    }
    return latest;
  }

  /// The latest stage that a value depends on, including dependencies through views.
  std::size_t latest_source(std::size_t value) const {
    const std::size_t node = graph_.values[value].producer;
    if (node == absent) return absent;
    if (stage_of_[node] != absent) return stage_of_[node];
    std::size_t latest = absent;
    for (const std::size_t input : graph_.nodes[node].inputs) {
      if (!is_variable(input)) continue;
      const std::size_t stage = latest_source(input);
      if (stage != absent && (latest == absent || stage > latest)) latest = stage;
    }
    return latest;
  }

  void assign_node(std::size_t n) {
    const network::Node& node = graph_.nodes[n];
    if (is_product(node)) return open(n);
    const std::size_t latest = latest_stage(node);
    if (is_pixelwise(graph_, node)) {
      // Depends on network inputs only: executed by the reading stage.
      if (latest == absent) return;
      const bool fits = pipeline_.stages[latest].grid.same_plane(grid_of(value_of(n)));
      if (fits && !reads_later(node, latest)) return join(n, latest);
    }
    if (is_view(node)) return;
    open(n);
  }

  /// Whether an input of the node depends on a later stage than `stage`.
  bool reads_later(const network::Node& node, std::size_t stage) const {
    for (const std::size_t input : node.inputs) {
      if (!is_variable(input)) continue;
      const std::size_t behind = latest_source(input);
      if (behind != absent && behind > stage) return true;
    }
    return false;
  }

  const network::Value& value_of(std::size_t n) const {
    return graph_.values[graph_.nodes[n].outputs[0]];
  }

  void open(std::size_t n) {
    Stage stage;
    const network::Node& node = graph_.nodes[n];
    stage.name = node.name.empty() ? fmt::format("{}_{}", node.op_type, n) : node.name;
    stage.grid = grid_of(value_of(n));
    if (is_product(node)) stage.product = n;
    pipeline_.stages.push_back(std::move(stage));
    join(n, pipeline_.stages.size() - 1);
  }

  void join(std::size_t n, std::size_t stage) {
    stage_of_[n] = stage;
    add_views(n, stage);
    pipeline_.stages[stage].nodes.push_back(n);
  }

  /// Adds the views between the node and earlier stages to the node's stage.
  void add_views(std::size_t n, std::size_t stage) {
    for (const std::size_t input : graph_.nodes[n].inputs) {
      if (!is_variable(input)) continue;
      const std::size_t before = graph_.values[input].producer;
      if (before == absent || stage_of_[before] != absent) continue;
      std::vector<std::size_t>& nodes = pipeline_.stages[stage].nodes;
      if (std::find(nodes.begin(), nodes.end(), before) != nodes.end()) continue;
      add_views(before, stage);
      nodes.push_back(before);
    }
  }

  bool is_inside(const Stage& stage, std::size_t value) const {
    const std::size_t node = graph_.values[value].producer;
    return node != absent &&
           std::find(stage.nodes.begin(), stage.nodes.end(), node) != stage.nodes.end();
  }

  /// Determines the outputs and inputs of a stage, and the pixels read by each iteration.
  void finish(std::size_t s) {
    Stage& stage = pipeline_.stages[s];
    std::sort(stage.nodes.begin(), stage.nodes.end());
    std::set<std::size_t> written;
    for (const std::size_t n : stage.nodes) {
      if (stage_of_[n] == s) written.insert(graph_.nodes[n].outputs[0]);
    }
    for (const std::size_t output : graph_.outputs) {
      if (written.count(output) != 0) stage.outputs.push_back(output);
    }
    for (std::size_t other = 0; other < pipeline_.stages.size(); ++other) {
      if (other == s) continue;
      for (const std::size_t n : pipeline_.stages[other].nodes) {
        for (const std::size_t input : graph_.nodes[n].inputs) {
          if (input == absent || written.count(input) == 0) continue;
          if (!is_inside(pipeline_.stages[other], input)) add_output(stage, input);
        }
      }
    }
    find_inputs(stage);
    find_accesses(stage);
  }

  static void add_output(Stage& stage, std::size_t value) {
    if (std::find(stage.outputs.begin(), stage.outputs.end(), value) == stage.outputs.end()) {
      stage.outputs.push_back(value);
    }
  }

  void find_inputs(Stage& stage) const {
    std::set<std::size_t> before_product;
    if (stage.product != absent) gather(stage, stage.product, before_product);
    for (const std::size_t n : stage.nodes) {
      for (const std::size_t input : graph_.nodes[n].inputs) {
        if (!is_variable(input) || is_inside(stage, input)) continue;
        const auto same = [&](const StageInput& other) { return other.value == input; };
        if (std::any_of(stage.inputs.begin(), stage.inputs.end(), same)) continue;
        StageInput in;
        in.value = input;
        in.producer = stage_of_value(input);
        in.grid = grid_of(graph_.values[input]);
        in.reaches_product = stage.product == absent || before_product.count(input) != 0;
        in.accumulates = is_averaged(stage, input);
        stage.inputs.push_back(std::move(in));
      }
    }
  }

  /// Whether each output channel is the sum or mean of all pixels of that channel.
  static bool sums_all_pixels(const network::Node& node, std::size_t rank) {
    if (const auto* reduce = std::get_if<network::Reduce>(&node.operation)) {
      return reduce->is_reduced == std::vector<bool>{false, false, true, true};
    }
    const auto* pool = std::get_if<network::Pool>(&node.operation);
    constexpr network::Window::Sizes none = {0, 0, 0};
    return pool != nullptr && pool->kind == network::Pool::Kind::mean && rank == 4 &&
           pool->window.kernel == pool->window.in && pool->window.before == none &&
           pool->window.after == none;
  }

  /// Whether a stage uses only the mean of a value over all pixels.
  bool is_averaged(const Stage& stage, std::size_t value) const {
    for (const std::size_t n : stage.nodes) {
      const network::Node& node = graph_.nodes[n];
      if (std::find(node.inputs.begin(), node.inputs.end(), value) == node.inputs.end()) continue;
      if (!sums_all_pixels(node, graph_.values[value].dims.size())) return false;
    }
    return grid_of(graph_.values[value]).pixels() > 1;
  }

  /// Collects the values of the stage that its product depends on.
  void gather(const Stage& stage, std::size_t n, std::set<std::size_t>& values) const {
    for (const std::size_t input : graph_.nodes[n].inputs) {
      if (!is_variable(input)) continue;
      values.insert(input);
      if (is_inside(stage, input)) gather(stage, graph_.values[input].producer, values);
    }
  }

  void find_accesses(Stage& stage) const {
    const std::size_t iterations = stage.iterations();
    for (StageInput& in : stage.inputs) {
      in.needed.assign(iterations, 0);
      in.kept_from.assign(iterations, static_cast<std::uint32_t>(in.grid.pixels()));
    }
    std::vector<std::pair<bool, Region>> regions(graph_.values.size());
    for (std::size_t i = 0; i < iterations; ++i) {
      for (const std::size_t n : stage.nodes) {
        for (const std::size_t input : graph_.nodes[n].inputs) {
          if (input != absent) regions[input].first = false;
        }
        regions[graph_.nodes[n].outputs[0]].first = false;
      }
      const std::size_t y = i / stage.grid.columns;
      const std::size_t x = i % stage.grid.columns;
      for (const std::size_t output : stage.outputs) regions[output] = {true, {y, x, y, x}};
      for (auto n = stage.nodes.rbegin(); n != stage.nodes.rend(); ++n) {
        read_back(graph_.nodes[*n], regions);
      }
      for (StageInput& in : stage.inputs) note(in, i, regions[in.value]);
    }
    for (StageInput& in : stage.inputs) {
      for (std::size_t i = 1; i < iterations; ++i) {
        in.needed[i] = std::max(in.needed[i], in.needed[i - 1]);
      }
      for (std::size_t i = iterations - 1; i-- > 0;) {
        in.kept_from[i] = std::min(in.kept_from[i], in.kept_from[i + 1]);
      }
    }
  }

  void read_back(const network::Node& node, std::vector<std::pair<bool, Region>>& regions) const {
    const auto& written = regions[node.outputs[0]];
    if (!written.first) return;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      if (!is_variable(node.inputs[k])) continue;
      const Region read = read_region(graph_, node, k, written.second);
      auto& known = regions[node.inputs[k]];
      known = {true, known.first ? united(known.second, read) : read};
    }
  }

  static void note(StageInput& in, std::size_t i, const std::pair<bool, Region>& read) {
    if (!read.first) return;
    const Region& r = read.second;
    in.needed[i] = static_cast<std::uint32_t>(r.y1 * in.grid.columns + r.x1 + 1);
    in.kept_from[i] = static_cast<std::uint32_t>(r.y0 * in.grid.columns + r.x0);
  }

  const network::Graph& graph_;
  const std::string& where_;
  std::vector<std::size_t> stage_of_;
  Pipeline pipeline_;
};

}  // namespace

std::size_t StageInput::window() const {
  std::size_t most = 0;
  for (std::size_t i = 0; i < needed.size(); ++i) {
    if (needed[i] > kept_from[i]) most = std::max<std::size_t>(most, needed[i] - kept_from[i]);
  }
  return most;
}

Pipeline partition(const network::Graph& graph, const std::string& where) {
  return Partitioner(graph, where).run();
}

}  // namespace imcsim::compiler
