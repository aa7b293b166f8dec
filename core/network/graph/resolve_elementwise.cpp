// Arithmetic, activations, softmax.
#include <fmt/format.h>

#include <limits>

#include "network/graph/resolve.hpp"

namespace imcsim::network {
namespace {

Arithmetic::Kind arithmetic_kind(const std::string& op_type) {
  if (op_type == "Sub") return Arithmetic::Kind::subtract;
  if (op_type == "Mul") return Arithmetic::Kind::multiply;
  if (op_type == "Div") return Arithmetic::Kind::divide;
  return Arithmetic::Kind::add;
}

/// Before opset 7, `axis` is the axis of the first operand for the first axis of the second.
Dimensions aligned_by_axis(NodeContext& node, const Dimensions& a, Dimensions b) {
  const bool broadcasts = node.whole("broadcast", 0) != 0;
  node.ignore("consumed_inputs");
  if (!broadcasts && a != b) {
    node.fail(fmt::format("shapes {} and {} are not compatible", dims_text(a), dims_text(b)),
              "equal shapes, or broadcast = 1");
  }
  if (!broadcasts || !node.has_attribute("axis")) {
    node.ignore("axis");
    return b;
  }
  const std::size_t first = node.axis(node.whole("axis", 0), a.size());
  if (first + b.size() > a.size()) {
    node.fail(fmt::format("shapes {} and {} from axis {} are not compatible", dims_text(a),
                          dims_text(b), first),
              "a second operand that ends within the first");
  }
  b.resize(a.size() - first, 1);
  return b;
}

Resolved resolve_arithmetic(NodeContext& node) {
  Arithmetic arithmetic;
  arithmetic.kind = arithmetic_kind(node.op_type());
  const bool many = node.op_type() == "Sum";
  if (!many && node.input_count() != 2) {
    node.fail(fmt::format("has {} inputs", node.input_count()), "two");
  }
  if (many) node.ignore("consumed_inputs");
  for (std::size_t i = 0; i < std::max<std::size_t>(1, node.input_count()); ++i) {
    const Value& value = node.in(i);
    if (value.type != node.in(0).type || value.type == DataType::boolean) {
      node.fail(fmt::format("inputs of {} and {}", name_of(node.in(0).type), name_of(value.type)),
                "numbers of the same type");
    }
    arithmetic.aligned.push_back(value.dims);
  }
  if (!many && node.opset() < 7) {
    arithmetic.aligned[1] = aligned_by_axis(node, arithmetic.aligned[0], arithmetic.aligned[1]);
  }
  const Dimensions out = broadcast(node, arithmetic.aligned);
  for (Dimensions& dims : arithmetic.aligned)
    dims.insert(dims.begin(), out.size() - dims.size(), 1);
  return {std::move(arithmetic), {{node.in(0).type, out}}, nullptr};
}

Resolved unary(NodeContext& node, Unary operation) {
  const Value& x = node.real_in(0);
  node.ignore("consumed_inputs");
  return {operation, {{x.type, x.dims}}, nullptr};
}

template <Unary::Kind kind>
Resolved resolve_plain(NodeContext& node) {
  Unary operation;
  operation.kind = kind;
  return unary(node, operation);
}

Resolved resolve_leaky(NodeContext& node) {
  Unary operation;
  operation.kind = Unary::Kind::leaky_relu;
  operation.a = node.real("alpha", 0.01F);
  return unary(node, operation);
}

/// A bound of Clip: an attribute before opset 11, an input from opset 11 on.
void read_bound(NodeContext& node, const char* name, std::size_t input, float& real,
                std::int64_t& whole) {
  if (node.opset() < 11) {
    real = node.real(name, real);
    return;
  }
  if (!node.has(input)) return;
  const Tensor& bound = node.constant_in(input);
  if (bound.size() != 1 || bound.type != node.in(0).type) {
    node.fail(fmt::format("{} of {} {}", name, name_of(bound.type), dims_text(bound.dims)),
              "one number of the input's type");
  }
  if (is_real(bound.type)) {
    real = bound.real[0];
  } else {
    whole = bound.whole[0];
  }
}

Resolved resolve_clip(NodeContext& node) {
  Unary clip;
  clip.kind = Unary::Kind::clip;
  clip.a = -std::numeric_limits<float>::infinity();
  clip.b = std::numeric_limits<float>::infinity();
  clip.whole_a = std::numeric_limits<std::int64_t>::min();
  clip.whole_b = std::numeric_limits<std::int64_t>::max();
  node.ignore("consumed_inputs");
  read_bound(node, "min", 1, clip.a, clip.whole_a);
  read_bound(node, "max", 2, clip.b, clip.whole_b);
  return {clip, {{node.in(0).type, node.in(0).dims}}, nullptr};
}

/// Before opset 13, softmax is over all axes from `axis` on.
Resolved resolve_softmax(NodeContext& node) {
  const Value& x = node.real_in(0);
  const bool one_axis = node.opset() >= 13;
  const std::int64_t given = node.whole("axis", one_axis ? -1 : 1);
  const std::size_t rank = x.dims.size();
  const bool behind = !one_axis && given == static_cast<std::int64_t>(rank);
  const std::size_t axis = behind ? rank : node.axis(given, rank);
  Softmax softmax;
  softmax.logarithm = node.op_type() == "LogSoftmax";
  for (std::size_t a = 0; a < rank; ++a) {
    std::size_t& part = a < axis                 ? softmax.outer
                        : (a > axis && one_axis) ? softmax.inner
                                                 : softmax.length;
    part *= x.dims[a];
  }
  return {softmax, {{x.type, x.dims}}, nullptr};
}

}  // namespace

std::vector<OperatorEntry> elementwise_operators() {
  return {{"Add", resolve_arithmetic},
          {"Sub", resolve_arithmetic},
          {"Mul", resolve_arithmetic},
          {"Div", resolve_arithmetic},
          {"Sum", resolve_arithmetic},
          {"Relu", resolve_plain<Unary::Kind::relu>},
          {"Sigmoid", resolve_plain<Unary::Kind::sigmoid>},
          {"Tanh", resolve_plain<Unary::Kind::tanh>},
          {"Exp", resolve_plain<Unary::Kind::exp>},
          {"Neg", resolve_plain<Unary::Kind::negate>},
          {"Abs", resolve_plain<Unary::Kind::absolute>},
          {"Sqrt", resolve_plain<Unary::Kind::root>},
          {"LeakyRelu", resolve_leaky},
          {"Clip", resolve_clip},
          {"Softmax", resolve_softmax},
          {"LogSoftmax", resolve_softmax}};
}

}  // namespace imcsim::network
