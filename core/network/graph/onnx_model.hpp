#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "network/graph/tensor.hpp"

namespace imcsim::network {

/// Content of an ONNX file, without interpretation.
struct OnnxAttribute {
  std::string name;
  float real = 0.0F;
  std::int64_t whole = 0;
  std::string text;
  std::shared_ptr<const Tensor> tensor;
  std::vector<float> reals;
  std::vector<std::int64_t> wholes;
  bool is_graph = false;
};

struct OnnxNode {
  std::string name, op_type, domain;
  std::vector<std::string> inputs, outputs;
  std::vector<OnnxAttribute> attributes;
};

/// Declared type and sizes of a value; −1: size not declared.
struct OnnxValue {
  std::string name;
  DataType type = DataType::undefined;
  std::optional<std::vector<std::int64_t>> dims;
};

struct OnnxModel {
  std::string name, producer;
  std::int64_t ir_version = 0;
  std::int64_t opset = 1;
  std::vector<OnnxNode> nodes;
  std::map<std::string, std::shared_ptr<const Tensor>> initializers;
  std::vector<OnnxValue> inputs, outputs, declared;
};

/// Reads a ModelProto: fields in packed and unpacked form, tensors as raw bytes or typed lists.
/// Unknown fields are skipped. Throws InputError{where, …}: truncated, damaged, no graph, data
/// in another file, a tensor whose bytes do not fit its dimensions.
/// Source: onnx/onnx.proto (Apache-2.0) of https://github.com/onnx/onnx.
OnnxModel read_onnx(std::span<const std::uint8_t> bytes, const std::string& where);

/// Reads a TensorProto without a model; `name` receives the name of the tensor. Throws as
/// `read_onnx`.
Tensor read_onnx_tensor(std::span<const std::uint8_t> bytes, const std::string& where,
                        std::string* name = nullptr);

}  // namespace imcsim::network
