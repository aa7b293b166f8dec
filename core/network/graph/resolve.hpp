#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "network/graph/graph.hpp"

namespace imcsim::network {

/// Result of a resolver for a node.
struct Resolved {
  Operation operation;
  std::vector<std::pair<DataType, Dimensions>> outputs;
  std::shared_ptr<const Tensor> constant;  ///< output of the node, instead of an operation
};

/// A node with its inputs, for resolvers. All functions throw InputError for missing or invalid
/// inputs and attributes.
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
  /// Input `i`, which must have a float type.
  const Value& real_in(std::size_t i) const;
  /// Numbers of a constant input, such as sizes or axes.
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

  /// Axis below `rank`; negative numbers count from the end.
  std::size_t axis(std::int64_t given, std::size_t rank) const;
  /// Several axes, each at most once.
  std::vector<std::size_t> axes(const std::vector<std::int64_t>& given, std::size_t rank) const;

  /// Throws InputError if the resolver did not use an attribute: it is unsupported.
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

/// Operators by group; each group is in its own file.
std::vector<OperatorEntry> product_operators();
std::vector<OperatorEntry> pooling_operators();
std::vector<OperatorEntry> elementwise_operators();
std::vector<OperatorEntry> shape_operators();
std::vector<OperatorEntry> moving_operators();

/// Sizes to which all of `shapes` broadcast (NumPy's rule).
Dimensions broadcast(const NodeContext& node, const std::vector<Dimensions>& shapes);

/// Sliding window over `spatial` axes with this kernel, from strides, dilations, pads, auto_pad and
/// ceil_mode of the node.
Window window_of(NodeContext& node, const Dimensions& spatial,
                 const std::vector<std::int64_t>& kernel, bool pools);
/// `dims` with the axes after the second replaced by those of the output of the window.
Dimensions with_spatial(const Dimensions& dims, const Window& window);

/// Distance of adjacent elements along each axis, in elements.
std::vector<std::int64_t> strides_of(const Dimensions& dims);

}  // namespace imcsim::network
