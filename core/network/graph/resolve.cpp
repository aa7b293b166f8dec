#include "network/graph/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"

namespace imcsim::network {

void NodeContext::fail(const std::string& what, const std::string& expected) const {
  throw InputError(where_, what, expected);
}

const Value& NodeContext::in(std::size_t i) const {
  if (!has(i)) {
    fail(fmt::format("has no input {}", i + 1), fmt::format("at least {} inputs", i + 1));
  }
  return *inputs_[i];
}

const Value& NodeContext::real_in(std::size_t i) const {
  const Value& value = in(i);
  if (!is_real(value.type)) {
    fail(fmt::format("input \"{}\" is {}", value.name, name_of(value.type)), "a float type");
  }
  return value;
}

const Tensor& NodeContext::constant_in(std::size_t i) const {
  const Value& value = in(i);
  if (!value.constant) {
    fail(fmt::format("input \"{}\" depends on the data", value.name),
         "a constant: all shapes must be known at import");
  }
  return *value.constant;
}

std::vector<std::int64_t> NodeContext::constant_wholes(std::size_t i) const {
  const Tensor& tensor = constant_in(i);
  if (is_real(tensor.type)) {
    fail(fmt::format("input \"{}\" is {}", in(i).name, name_of(tensor.type)), "whole numbers");
  }
  return tensor.whole;
}

const OnnxAttribute* NodeContext::find(const char* name) {
  for (std::size_t k = 0; k < node_.attributes.size(); ++k) {
    if (node_.attributes[k].name != name) continue;
    used_[k] = true;
    return &node_.attributes[k];
  }
  return nullptr;
}

bool NodeContext::has_attribute(const char* name) const {
  return std::any_of(node_.attributes.begin(), node_.attributes.end(),
                     [&](const OnnxAttribute& a) { return a.name == name; });
}

std::int64_t NodeContext::whole(const char* name, std::int64_t otherwise) {
  const OnnxAttribute* found = find(name);
  return found == nullptr ? otherwise : found->whole;
}

float NodeContext::real(const char* name, float otherwise) {
  const OnnxAttribute* found = find(name);
  return found == nullptr ? otherwise : found->real;
}

std::string NodeContext::text(const char* name, const char* otherwise) {
  const OnnxAttribute* found = find(name);
  return found == nullptr ? otherwise : found->text;
}

std::vector<std::int64_t> NodeContext::wholes(const char* name,
                                              const std::vector<std::int64_t>& otherwise) {
  const OnnxAttribute* found = find(name);
  return found == nullptr ? otherwise : found->wholes;
}

std::vector<float> NodeContext::reals(const char* name) {
  const OnnxAttribute* found = find(name);
  return found == nullptr ? std::vector<float>{} : found->reals;
}

std::shared_ptr<const Tensor> NodeContext::tensor(const char* name) {
  const OnnxAttribute* found = find(name);
  return found == nullptr ? nullptr : found->tensor;
}

std::size_t NodeContext::axis(std::int64_t given, std::size_t rank) const {
  const auto most = static_cast<std::int64_t>(rank);
  if (given < -most || given >= most) {
    fail(fmt::format("axis {} of a tensor of {} dimensions", given, rank),
         fmt::format("{} to {}", -most, most - 1));
  }
  return static_cast<std::size_t>(given < 0 ? given + most : given);
}

std::vector<std::size_t> NodeContext::axes(const std::vector<std::int64_t>& given,
                                           std::size_t rank) const {
  std::vector<std::size_t> list;
  for (const std::int64_t one : given) {
    const std::size_t found = axis(one, rank);
    if (std::find(list.begin(), list.end(), found) != list.end()) {
      fail(fmt::format("axis {} is repeated", one), "each axis once");
    }
    list.push_back(found);
  }
  return list;
}

void NodeContext::require_all_used() const {
  for (std::size_t k = 0; k < used_.size(); ++k) {
    if (!used_[k]) {
      fail(fmt::format("attribute \"{}\" is not supported", node_.attributes[k].name),
           fmt::format("{} without this attribute", node_.op_type));
    }
  }
}

Dimensions broadcast(const NodeContext& node, const std::vector<Dimensions>& shapes) {
  std::size_t rank = 0;
  for (const Dimensions& shape : shapes) rank = std::max(rank, shape.size());
  Dimensions common(rank, 1);
  for (const Dimensions& shape : shapes) {
    for (std::size_t a = 0; a < shape.size(); ++a) {
      std::size_t& size = common[rank - shape.size() + a];
      if (shape[a] == size || shape[a] == 1) continue;
      if (size != 1) {
        std::string all;
        for (const Dimensions& one : shapes) {
          all += (all.empty() ? "" : " and ") + dims_text(one);
        }
        node.fail(fmt::format("shapes {} are not compatible", all),
                  "equal sizes, or 1, along each axis from the last");
      }
      size = shape[a];
    }
  }
  return common;
}

std::vector<std::int64_t> strides_of(const Dimensions& dims) {
  std::vector<std::int64_t> strides(dims.size(), 1);
  for (std::size_t a = dims.size(); a-- > 1;) {
    strides[a - 1] = strides[a] * static_cast<std::int64_t>(dims[a]);
  }
  return strides;
}

std::string label_of(const std::string& name, const std::string& op_type) {
  return fmt::format("node \"{}\" ({})", name, op_type);
}

}  // namespace imcsim::network
