// Conversion of the nodes of an ONNX file to a graph: order, names, shapes, constants.
#include <fmt/format.h>

#include <algorithm>
#include <queue>
#include <set>

#include "base/error.hpp"
#include "network/graph/execute.hpp"
#include "network/graph/graph.hpp"
#include "network/graph/resolve.hpp"

namespace imcsim::network {
namespace {

constexpr std::int64_t newest_opset = 22;
/// Maximum numbers of elements and multiplications of constants computed at import.
constexpr std::size_t most_folded = std::size_t{1} << 24;
constexpr std::uint64_t most_folded_macs = std::uint64_t{1} << 28;

const std::map<std::string, Resolver>& operators() {
  static const std::map<std::string, Resolver> table = [] {
    std::map<std::string, Resolver> all;
    for (const auto& group : {product_operators(), pooling_operators(), elementwise_operators(),
                              shape_operators(), moving_operators()}) {
      for (const OperatorEntry& entry : group) all[entry.name] = entry.resolve;
    }
    return all;
  }();
  return table;
}

class Importer {
 public:
  Importer(const OnnxModel& model, const std::string& where, const ImportOptions& options)
      : model_(model), where_(where), options_(options) {}

  Graph run() {
    graph_.name = model_.name;
    graph_.opset = model_.opset;
    if (model_.opset < 1 || model_.opset > newest_opset) {
      throw InputError(where_, fmt::format("requires opset {}", model_.opset),
                       fmt::format("1 to {}", newest_opset));
    }
    for (const auto& [name, tensor] : model_.initializers) add_constant(name, tensor);
    for (const OnnxValue& input : model_.inputs) add_input(input);
    for (const std::size_t n : order()) add_node(model_.nodes[n]);
    add_outputs();
    drop_unread();
    return std::move(graph_);
  }

 private:
  std::string label(const OnnxNode& node) const {
    const std::string name =
        !node.name.empty() || node.outputs.empty() ? node.name : node.outputs.front();
    return fmt::format("{}: {}", where_, label_of(name, node.op_type));
  }

  std::size_t add_value(Value value, const std::string& origin) {
    const std::size_t count = element_count(value.dims);
    total_elements_ += std::min(count, most_elements + 1);
    if (count > most_elements || total_elements_ > most_elements_total) {
      throw InputError(
          origin, fmt::format("\"{}\" of {} is too large", value.name, dims_text(value.dims)),
          fmt::format("at most {} elements, and {} in total", most_elements, most_elements_total));
    }
    const auto [place, fresh] = names_.emplace(value.name, graph_.values.size());
    if (!fresh) {
      throw InputError(origin, fmt::format("\"{}\" is written twice", value.name),
                       "one node for each value");
    }
    graph_.values.push_back(std::move(value));
    return place->second;
  }

  void add_constant(const std::string& name, const std::shared_ptr<const Tensor>& tensor) {
    add_value({name, tensor->type, tensor->dims, tensor, absent}, where_);
  }

  /// An initializer may also be listed as an input.
  void add_input(const OnnxValue& input) {
    if (names_.contains(input.name)) return;
    const std::string origin = fmt::format("{}: input \"{}\"", where_, input.name);
    if (const auto bound = options_.bound.find(input.name); bound != options_.bound.end()) {
      if (bound->second->type != input.type) {
        throw InputError(origin, fmt::format("is given as {}", name_of(bound->second->type)),
                         name_of(input.type));
      }
      return add_constant(input.name, bound->second);
    }
    if (!is_real(input.type) && !is_whole(input.type)) {
      throw InputError(origin, fmt::format("is of {}", name_of(input.type)),
                       "a tensor of floats, integers or truth values");
    }
    graph_.inputs.push_back(
        add_value({input.name, input.type, input_dims(input, origin), {}, absent}, origin));
  }

  Dimensions input_dims(const OnnxValue& input, const std::string& origin) const {
    if (const auto own = options_.input_dims.find(input.name); own != options_.input_dims.end()) {
      return own->second;
    }
    if (!input.dims) throw InputError(origin, "has no shape", "the size of each dimension");
    Dimensions dims;
    for (std::size_t a = 0; a < input.dims->size(); ++a) {
      const std::int64_t size = (*input.dims)[a];
      if (size < 0 && a > 0) {
        throw InputError(origin, fmt::format("has no size for dimension {}", a + 1),
                         "fixed sizes except the first, which may be the number of samples");
      }
      dims.push_back(size < 0 ? 1 : size_of(size));
    }
    return dims;
  }

  /// Topological order of the nodes; independent nodes in the order of the file.
  std::vector<std::size_t> order() const {
    std::map<std::string, std::size_t> writer;
    for (std::size_t n = 0; n < model_.nodes.size(); ++n) {
      for (const std::string& name : model_.nodes[n].outputs) {
        if (!name.empty()) writer.emplace(name, n);
      }
    }
    std::vector<std::set<std::size_t>> readers(model_.nodes.size());
    std::vector<std::size_t> open(model_.nodes.size(), 0);
    for (std::size_t n = 0; n < model_.nodes.size(); ++n) {
      for (const std::string& name : model_.nodes[n].inputs) {
        if (name.empty() || names_.contains(name)) continue;
        const auto found = writer.find(name);
        if (found == writer.end()) {
          throw InputError(label(model_.nodes[n]),
                           fmt::format("reads \"{}\", which no node writes", name),
                           "an input, a weight or the output of a node");
        }
        if (readers[found->second].insert(n).second) ++open[n];
      }
    }
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t n = 0; n < open.size(); ++n) {
      if (open[n] == 0) ready.push(n);
    }
    std::vector<std::size_t> sorted;
    while (!ready.empty()) {
      const std::size_t n = ready.top();
      ready.pop();
      sorted.push_back(n);
      for (const std::size_t reader : readers[n]) {
        if (--open[reader] == 0) ready.push(reader);
      }
    }
    if (sorted.size() == open.size()) return sorted;
    const auto stuck = std::find_if(open.begin(), open.end(), [](std::size_t k) { return k > 0; });
    throw InputError(label(model_.nodes[static_cast<std::size_t>(stuck - open.begin())]),
                     "is part of a cycle or depends on one", "a graph without cycles");
  }

  Resolved resolve(const OnnxNode& node, const std::vector<std::size_t>& inputs) const {
    const std::string origin = label(node);
    const bool ours = node.domain.empty() || node.domain == "ai.onnx";
    const auto found = operators().find(node.op_type);
    if (!ours || found == operators().end()) {
      throw InputError(origin,
                       fmt::format("operator {}{} is not supported", ours ? "" : node.domain + ".",
                                   node.op_type),
                       suggest(node.op_type, covered_operators()));
    }
    std::vector<const Value*> values;
    values.reserve(inputs.size());
    for (const std::size_t v : inputs) {
      values.push_back(v == absent ? nullptr : &graph_.values[v]);
    }
    NodeContext context(node, model_.opset, std::move(values), origin);
    Resolved resolved = found->second(context);
    context.require_all_used();
    return resolved;
  }

  void add_node(const OnnxNode& node) {
    std::vector<std::size_t> inputs;
    for (const std::string& name : node.inputs) {
      const auto found = names_.find(name);
      if (!name.empty() && found == names_.end()) {
        throw InputError(label(node),
                         fmt::format("reads \"{}\", an output that is not supported", name),
                         "outputs used in inference");
      }
      inputs.push_back(name.empty() ? absent : found->second);
    }
    if (node.outputs.empty() || node.outputs.front().empty()) {
      throw InputError(label(node), "has no name for its first output",
                       "a name that other nodes read");
    }
    Resolved resolved = resolve(node, inputs);
    Node own{node.name.empty() ? node.outputs.front() : node.name,
             node.op_type,
             inputs,
             {},
             std::move(resolved.operation)};
    const bool all_constant = std::all_of(inputs.begin(), inputs.end(), [&](std::size_t v) {
      return v == absent || graph_.values[v].constant != nullptr;
    });
    for (std::size_t k = 0; k < resolved.outputs.size(); ++k) {
      const bool wanted = k < node.outputs.size() && !node.outputs[k].empty();
      if (!wanted) {
        own.outputs.push_back(absent);
        continue;
      }
      const auto& [type, dims] = resolved.outputs[k];
      check_declared(node, node.outputs[k], type, dims);
      own.outputs.push_back(
          add_value({node.outputs[k], type, dims, resolved.constant, absent}, label(node)));
    }
    if (resolved.constant) return count_created(node, *resolved.constant);
    if (all_constant && is_small(own)) return fold(own);
    for (const std::size_t v : own.outputs) {
      if (v != absent) graph_.values[v].producer = graph_.nodes.size();
    }
    graph_.nodes.push_back(std::move(own));
  }

  /// Counts the elements of a constant that is not stored in the file, as for computed constants.
  void count_created(const OnnxNode& node, const Tensor& constant) {
    if (node.op_type == "Constant") return;
    folded_ += constant.size();
    if (folded_ <= most_folded) return;
    throw InputError(label(node), fmt::format("creates constants of {} elements", folded_),
                     fmt::format("at most {} in total", most_folded));
  }

  bool is_small(const Node& node) const {
    std::size_t count = 0;
    for (const std::size_t v : node.outputs) {
      if (v != absent) count += element_count(graph_.values[v].dims);
    }
    return folded_ + count <= most_folded &&
           folded_macs_ + graph_.mac_count(node) <= most_folded_macs;
  }

  void fold(const Node& node) {
    std::vector<const Tensor*> inputs;
    for (const std::size_t v : node.inputs) {
      inputs.push_back(v == absent ? nullptr : graph_.values[v].constant.get());
    }
    std::vector<Tensor> outputs;
    for (const std::size_t v : node.outputs) {
      outputs.push_back(v == absent ? Tensor{}
                                    : Tensor(graph_.values[v].type, graph_.values[v].dims));
    }
    execute(node, inputs, outputs);
    folded_macs_ += graph_.mac_count(node);
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      if (node.outputs[k] == absent) continue;
      folded_ += outputs[k].size();
      graph_.values[node.outputs[k]].constant =
          std::make_shared<const Tensor>(std::move(outputs[k]));
    }
  }

  /// The declared type and shape of a value must agree with those computed from the inputs.
  void check_declared(const OnnxNode& node, const std::string& name, DataType type,
                      const Dimensions& dims) {
    if (declared_.empty()) {
      for (const auto* list : {&model_.declared, &model_.outputs}) {
        for (const OnnxValue& value : *list) declared_[value.name] = &value;
      }
    }
    const auto found = declared_.find(name);
    if (found == declared_.end()) return;
    const OnnxValue& declared = *found->second;
    bool agrees = declared.type == DataType::undefined || declared.type == type;
    if (declared.dims && options_.input_dims.empty()) {
      agrees = agrees && declared.dims->size() == dims.size();
      for (std::size_t a = 0; agrees && a < dims.size(); ++a) {
        const std::int64_t size = (*declared.dims)[a];
        agrees = size < 0 || size_of(size) == dims[a];
      }
    }
    if (agrees) return;
    std::string text;
    if (declared.dims) text = fmt::format(" {}", fmt::join(*declared.dims, "x"));
    throw InputError(label(node),
                     fmt::format("writes \"{}\" as {} {}", name, name_of(type), dims_text(dims)),
                     fmt::format("{}{}, as declared in the file", name_of(declared.type), text));
  }

  void add_outputs() {
    for (const OnnxValue& output : model_.outputs) {
      const auto found = names_.find(output.name);
      if (found == names_.end()) {
        throw InputError(fmt::format("{}: output \"{}\"", where_, output.name),
                         "has no node that writes it", "the output of a supported node");
      }
      graph_.outputs.push_back(found->second);
    }
    if (graph_.outputs.empty()) throw InputError(where_, "has no output", "at least one");
  }

  /// Removes nodes with unread outputs.
  void drop_unread() {
    std::vector<bool> read(graph_.values.size(), false);
    for (const std::size_t v : graph_.outputs) read[v] = true;
    std::vector<Node> kept;
    for (std::size_t n = graph_.nodes.size(); n-- > 0;) {
      Node& node = graph_.nodes[n];
      const bool wanted = std::any_of(node.outputs.begin(), node.outputs.end(),
                                      [&](std::size_t v) { return v != absent && read[v]; });
      if (!wanted) continue;
      for (const std::size_t v : node.inputs) {
        if (v != absent) read[v] = true;
      }
      kept.push_back(std::move(node));
    }
    std::reverse(kept.begin(), kept.end());
    graph_.nodes = std::move(kept);
    for (Value& value : graph_.values) value.producer = absent;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      for (const std::size_t v : graph_.nodes[n].outputs) {
        if (v != absent) graph_.values[v].producer = n;
      }
    }
  }

  const OnnxModel& model_;
  const std::string& where_;
  const ImportOptions& options_;
  Graph graph_;
  std::map<std::string, std::size_t> names_;
  std::map<std::string, const OnnxValue*> declared_;
  std::size_t total_elements_ = 0;
  std::size_t folded_ = 0;
  std::uint64_t folded_macs_ = 0;
};

}  // namespace

std::vector<std::string> covered_operators() {
  std::vector<std::string> names;
  for (const auto& [name, resolver] : operators()) names.push_back(name);
  return names;
}

Graph import_onnx(const OnnxModel& model, const std::string& where, const ImportOptions& options) {
  return Importer(model, where, options).run();
}

Graph import_onnx(std::span<const std::uint8_t> bytes, const std::string& where,
                  const ImportOptions& options) {
  return import_onnx(read_onnx(bytes, where), where, options);
}

}  // namespace imcsim::network
