// Reshape, Flatten, Squeeze and other changes of shape; Shape, Constant, Cast.
#include <fmt/format.h>

#include <algorithm>

#include "network/graph/resolve.hpp"

namespace imcsim::network {
namespace {

Resolved copy_as(const Value& x, Dimensions dims) {
  return {Copy{}, {{x.type, std::move(dims)}}, nullptr};
}

Resolved constant_of(Tensor tensor) {
  Resolved resolved;
  resolved.outputs = {{tensor.type, tensor.dims}};
  resolved.constant = std::make_shared<const Tensor>(std::move(tensor));
  return resolved;
}

Resolved resolve_identity(NodeContext& node) { return copy_as(node.in(0), node.in(0).dims); }

/// In inference no element is dropped, and the mask is true.
Resolved resolve_dropout(NodeContext& node) {
  const Value& x = node.real_in(0);
  for (const char* name : {"ratio", "seed", "consumed_inputs"}) node.ignore(name);
  const bool trains = (node.opset() < 7 && node.whole("is_test", 0) == 0) ||
                      (node.has(2) && node.constant_wholes(2) != std::vector<std::int64_t>{0});
  if (trains) node.fail("is in training mode", "inference");
  const DataType mask = node.opset() < 10 ? x.type : DataType::boolean;
  return {Copy{}, {{x.type, x.dims}, {mask, x.dims}}, nullptr};
}

Resolved resolve_flatten(NodeContext& node) {
  const Value& x = node.in(0);
  const std::int64_t given = node.whole("axis", 1);
  const bool behind = given == static_cast<std::int64_t>(x.dims.size());
  const std::size_t axis = behind ? x.dims.size() : node.axis(given, x.dims.size());
  Dimensions out(2, 1);
  for (std::size_t a = 0; a < x.dims.size(); ++a) out[a < axis ? 0 : 1] *= x.dims[a];
  return copy_as(x, out);
}

Resolved resolve_reshape(NodeContext& node) {
  const Value& x = node.in(0);
  const std::vector<std::int64_t> wanted =
      node.opset() < 5 ? node.wholes("shape", {}) : node.constant_wholes(1);
  node.ignore("consumed_inputs");
  const bool zero_copies = node.whole("allowzero", 0) == 0;
  const auto refuse = [&] {
    node.fail(
        fmt::format("{} cannot take the shape [{}]", dims_text(x.dims), fmt::join(wanted, ", ")),
        "a shape with the same number of elements");
  };
  Dimensions out;
  std::size_t open = absent;
  std::size_t known = 1;
  for (std::size_t a = 0; a < wanted.size(); ++a) {
    if (wanted[a] < -1 || (wanted[a] == -1 && open != absent)) refuse();
    if (wanted[a] == 0 && zero_copies && a >= x.dims.size()) refuse();
    const auto size =
        wanted[a] == 0 && zero_copies ? x.dims[a] : size_of(std::max<std::int64_t>(wanted[a], 1));
    out.push_back(wanted[a] == 0 && !zero_copies ? 0 : size);
    if (wanted[a] == -1) {
      open = a;
    } else {
      known = element_count({known, out.back()});
    }
  }
  const std::size_t count = element_count(x.dims);
  if (open != absent) {
    if (known == 0 || count % known != 0) refuse();
    out[open] = count / known;
  }
  if (element_count(out) != count) refuse();
  return copy_as(x, out);
}

std::vector<std::int64_t> axes_of(NodeContext& node) {
  if (node.opset() < 13) return node.wholes("axes", {});
  return node.has(1) ? node.constant_wholes(1) : std::vector<std::int64_t>{};
}

Resolved resolve_squeeze(NodeContext& node) {
  const Value& x = node.in(0);
  const std::vector<std::size_t> axes = node.axes(axes_of(node), x.dims.size());
  Dimensions out;
  for (std::size_t a = 0; a < x.dims.size(); ++a) {
    const bool named = std::find(axes.begin(), axes.end(), a) != axes.end();
    if (named && x.dims[a] != 1) {
      node.fail(fmt::format("axis {} of {} is not 1", a, dims_text(x.dims)), "axes of size 1");
    }
    if (!named && (x.dims[a] != 1 || !axes.empty())) out.push_back(x.dims[a]);
  }
  return copy_as(x, out);
}

Resolved resolve_unsqueeze(NodeContext& node) {
  const Value& x = node.in(0);
  const std::vector<std::int64_t> given = axes_of(node);
  const std::vector<std::size_t> axes = node.axes(given, x.dims.size() + given.size());
  Dimensions out;
  std::size_t from = 0;
  for (std::size_t a = 0; a < x.dims.size() + axes.size(); ++a) {
    const bool named = std::find(axes.begin(), axes.end(), a) != axes.end();
    out.push_back(named ? 1 : x.dims[from++]);
  }
  return copy_as(x, out);
}

Resolved resolve_shape(NodeContext& node) {
  const Dimensions& dims = node.in(0).dims;
  const auto rank = static_cast<std::int64_t>(dims.size());
  const auto bound = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const std::int64_t first = bound(node.whole("start", 0));
  const std::int64_t last = bound(node.whole("end", rank));
  Tensor shape(DataType::int64,
               {static_cast<std::size_t>(std::max<std::int64_t>(last - first, 0))});
  for (std::size_t i = 0; i < shape.whole.size(); ++i) {
    shape.whole[i] = static_cast<std::int64_t>(dims[static_cast<std::size_t>(first) + i]);
  }
  return constant_of(std::move(shape));
}

Resolved resolve_constant(NodeContext& node) {
  if (const auto tensor = node.tensor("value")) return constant_of(*tensor);
  if (node.has_attribute("value_float")) {
    Tensor tensor(DataType::float32, {});
    tensor.real[0] = node.real("value_float", 0.0F);
    return constant_of(std::move(tensor));
  }
  if (node.has_attribute("value_int")) {
    Tensor tensor(DataType::int64, {});
    tensor.whole[0] = node.whole("value_int", 0);
    return constant_of(std::move(tensor));
  }
  if (node.has_attribute("value_floats")) {
    const std::vector<float> given = node.reals("value_floats");
    Tensor tensor(DataType::float32, {given.size()});
    std::copy(given.begin(), given.end(), tensor.real.begin());
    return constant_of(std::move(tensor));
  }
  if (node.has_attribute("value_ints")) {
    const std::vector<std::int64_t> given = node.wholes("value_ints", {});
    Tensor tensor(DataType::int64, {given.size()});
    tensor.whole = given;
    return constant_of(std::move(tensor));
  }
  node.fail("has no supported value", "a tensor, numbers or a number");
}

Resolved resolve_constant_of_shape(NodeContext& node) {
  Dimensions dims;
  for (const std::int64_t d : node.constant_wholes(0)) {
    if (d < 0) node.fail(fmt::format("dimension of {}", d), "0 or more");
    dims.push_back(size_of(d));
  }
  if (element_count(dims) > most_elements / 4) {
    node.fail(fmt::format("constant of {}", dims_text(dims)),
              fmt::format("at most {} elements", most_elements / 4));
  }
  const auto value = node.tensor("value");
  if (value && value->size() != 1) node.fail("value with several numbers", "one number");
  Tensor tensor(value ? value->type : DataType::float32, dims);
  for (float& x : tensor.real) x = value ? value->real[0] : 0.0F;
  for (std::int64_t& x : tensor.whole) x = value->whole[0];
  return constant_of(std::move(tensor));
}

Resolved resolve_cast(NodeContext& node) {
  const auto to = static_cast<DataType>(node.whole("to", 0));
  if (!is_real(to) && !is_whole(to)) {
    node.fail(fmt::format("conversion to {}", name_of(to)), "floats, integers or truth values");
  }
  return {Cast{}, {{to, node.in(0).dims}}, nullptr};
}

}  // namespace

std::vector<OperatorEntry> shape_operators() {
  return {{"Identity", resolve_identity},
          {"Dropout", resolve_dropout},
          {"Flatten", resolve_flatten},
          {"Reshape", resolve_reshape},
          {"Squeeze", resolve_squeeze},
          {"Unsqueeze", resolve_unsqueeze},
          {"Shape", resolve_shape},
          {"Constant", resolve_constant},
          {"ConstantOfShape", resolve_constant_of_shape},
          {"Cast", resolve_cast}};
}

}  // namespace imcsim::network
