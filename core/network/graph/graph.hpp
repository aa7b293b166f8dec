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

/// Value on an edge of a graph.
struct Value {
  std::string name;
  DataType type = DataType::float32;
  Dimensions dims;
  std::shared_ptr<const Tensor> constant;  ///< weights, and results of constants
  std::size_t producer = absent;           ///< node that writes the value
};

struct Node {
  std::string name;
  std::string op_type;               ///< name of the operator in ONNX
  std::vector<std::size_t> inputs;   ///< values; `absent` for an unused optional input
  std::vector<std::size_t> outputs;  ///< values; `absent` for an unused output
  Operation operation;
};

/// Network with any topology and known sizes of all values. Each node reads only inputs, constants
/// and outputs of earlier nodes; nodes with constant inputs only are computed at import.
struct Graph {
  std::string name;
  std::int64_t opset = 0;
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::vector<std::size_t> inputs, outputs;  ///< values

  /// Number of elements of the constants that nodes read.
  std::uint64_t parameter_count() const;
  /// Multiply-accumulates in the matrix product of a node; 0 for other nodes.
  std::uint64_t mac_count(const Node& node) const;
};

/// Values that the file does not define, or that replace those in the file.
struct ImportOptions {
  std::map<std::string, Dimensions> input_dims;  ///< sizes of inputs; replace the declared sizes
  std::map<std::string, std::shared_ptr<const Tensor>> bound;  ///< inputs that become constants
};

/// Converts an ONNX file to a graph: opsets 1 … 22 of the operators listed by `covered_operators`.
/// A first dimension without a number is 1 (one sample). Throws InputError{where: node …}:
/// unsupported operator, attribute or type, incompatible shapes, a shape that differs from its
/// declaration in the file, cycles, values without a producer, sizes beyond most_elements. Source:
/// docs/Operators.md and docs/Changelog.md (Apache-2.0) of https://github.com/onnx/onnx.
Graph import_onnx(std::span<const std::uint8_t> bytes, const std::string& where,
                  const ImportOptions& options = {});
Graph import_onnx(const OnnxModel& model, const std::string& where,
                  const ImportOptions& options = {});

/// Names of the operators that can be imported.
std::vector<std::string> covered_operators();

/// Label of a node in messages: `node "conv1" (Conv)`.
std::string label_of(const std::string& name, const std::string& op_type);

}  // namespace imcsim::network
