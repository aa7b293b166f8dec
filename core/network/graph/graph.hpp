#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "network/graph/onnx_model.hpp"
#include "network/graph/operations.hpp"
#include "network/graph/tensor.hpp"

namespace imcsim::network {

constexpr std::size_t absent = ~std::size_t{0};

/// What flows along the edges of a graph.
struct Value {
  std::string name;
  DataType type = DataType::float32;
  Dimensions dims;
  std::shared_ptr<const Tensor> constant;  ///< a weight, or what followed from constants alone
  std::size_t producer = absent;           ///< the node that writes it
};

struct Node {
  std::string name;
  std::string op_type;               ///< as ONNX calls it
  std::vector<std::size_t> inputs;   ///< values; `absent` for an optional one left out
  std::vector<std::size_t> outputs;  ///< values; `absent` for an unused output
  Operation operation;
};

/// A network of any shape, with the size of every value known. Nodes stand in an order in which
/// each reads only what stands before it; what follows from constants is computed and gone.
struct Graph {
  std::string name;
  std::int64_t opset = 0;
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::vector<std::size_t> inputs, outputs;  ///< values

  /// Elements of the constants that nodes read.
  std::uint64_t parameter_count() const;
  /// Multiplications of a node's matrix products; 0 for all that are none.
  std::uint64_t mac_count(const Node& node) const;
};

/// What the file leaves open, or what shall be otherwise.
struct ImportOptions {
  std::map<std::string, Dimensions> input_dims;  ///< sizes of inputs, instead of those declared
  std::map<std::string, std::shared_ptr<const Tensor>> bound;  ///< inputs that become constants
};

/// From an ONNX file to a graph: opsets 1 … 22 of the operators listed by `covered_operators`.
/// A first dimension without a number is 1 (one sample). Throws InputError{where: node …}:
/// an operator, attribute or type that is not covered, shapes that do not fit, a shape that the
/// file declares otherwise, cycles, values without a producer, sizes beyond most_elements. Source:
/// docs/Operators.md and docs/Changelog.md (Apache-2.0) of https://github.com/onnx/onnx.
Graph import_onnx(std::span<const std::uint8_t> bytes, const std::string& where,
                  const ImportOptions& options = {});
Graph import_onnx(const OnnxModel& model, const std::string& where,
                  const ImportOptions& options = {});

/// Names of the operators that can be imported.
std::vector<std::string> covered_operators();

/// How a person would call a node: `node "conv1" (Conv)`.
std::string label_of(const std::string& name, const std::string& op_type);

}  // namespace imcsim::network
