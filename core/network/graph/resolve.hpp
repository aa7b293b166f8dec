#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "network/graph/graph.hpp"

namespace imcsim::network {

/// What a resolver finds out about a node.
struct Resolved {
  Operation operation;
  std::vector<std::pair<DataType, Dimensions>> outputs;
  std::shared_ptr<const Tensor> constant;  ///< instead of an operation: what the node writes
};

/// A node with its inputs, as a resolver sees it. Every question that has no good answer throws
/// InputError with the node, what is wrong and what would be right.
class NodeContext {
 public:
  NodeContext(const OnnxNode& node, std::int64_t opset, std::vector<const Value*> inputs,
              std::string where)
      : node_(node),
        opset_(opset),
        inputs_(std::move(inputs)),
        where_(std::move(where)),
        used_(node.attributes.size(), false) {}

  std::int64_t opset() const { return opset_; }
  const std::string& op_type() const { return node_.op_type; }
  std::size_t input_count() const { return inputs_.size(); }
  std::size_t output_count() const { return node_.outputs.size(); }
  bool has_output(std::size_t i) const {
    return i < node_.outputs.size() && !node_.outputs[i].empty();
  }
  bool has(std::size_t i) const { return i < inputs_.size() && inputs_[i] != nullptr; }
  const Value& in(std::size_t i) const;
  /// The same, of a float type.
  const Value& real_in(std::size_t i) const;
  /// Numbers of an input that must be known at import: sizes, axes.
  std::vector<std::int64_t> constant_wholes(std::size_t i) const;
  const Tensor& constant_in(std::size_t i) const;

  bool has_attribute(const char* name) const;
  std::int64_t whole(const char* name, std::int64_t otherwise);
  float real(const char* name, float otherwise);
  std::string text(const char* name, const char* otherwise);
  std::vector<std::int64_t> wholes(const char* name, const std::vector<std::int64_t>& otherwise);
  std::shared_ptr<const Tensor> tensor(const char* name);
  std::vector<float> reals(const char* name);
  void ignore(const char* name) { find(name); }

  /// An axis counted from either end, below `rank`.
  std::size_t axis(std::int64_t given, std::size_t rank) const;
  /// The same of several, each once.
  std::vector<std::size_t> axes(const std::vector<std::int64_t>& given, std::size_t rank) const;

  /// Attributes that no resolver asked for are not covered.
  void require_all_used() const;

  [[noreturn]] void fail(const std::string& what, const std::string& expected) const;

 private:
  const OnnxAttribute* find(const char* name);

  const OnnxNode& node_;
  std::int64_t opset_;
  std::vector<const Value*> inputs_;
  std::string where_;
  std::vector<bool> used_;
};

using Resolver = Resolved (*)(NodeContext&);
struct OperatorEntry {
  const char* name;
  Resolver resolve;
};

/// Operators of a kind, each group in its own file.
std::vector<OperatorEntry> product_operators();
std::vector<OperatorEntry> pooling_operators();
std::vector<OperatorEntry> elementwise_operators();
std::vector<OperatorEntry> shape_operators();
std::vector<OperatorEntry> moving_operators();

/// Sizes to which all of `shapes` broadcast (NumPy's rule).
Dimensions broadcast(const NodeContext& node, const std::vector<Dimensions>& shapes);

/// The walking window over `spatial` axes with this kernel, from strides, dilations, pads, auto_pad
/// and ceil_mode of the node.
Window window_of(NodeContext& node, const Dimensions& spatial,
                 const std::vector<std::int64_t>& kernel, bool pools);
/// `dims` with the spatial axes behind the second replaced by those of the window's output.
Dimensions with_spatial(const Dimensions& dims, const Window& window);

/// Distance in elements between neighbours along each axis.
std::vector<std::int64_t> strides_of(const Dimensions& dims);

}  // namespace imcsim::network
