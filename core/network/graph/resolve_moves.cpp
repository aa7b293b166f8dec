// Rearrangement of elements: Transpose, Slice, Pad, Gather, Expand, Concat.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "network/graph/resolve.hpp"

namespace imcsim::network {
namespace {

using Offsets = std::vector<std::int64_t>;

Dimensions sizes_of(const Rearrange& r) {
  Dimensions dims;
  for (const Offsets& axis : r.offset) dims.push_back(axis.size());
  return dims;
}

/// Maximum length of an axis, because a table of offsets is stored for each axis.
constexpr std::int64_t longest_axis = std::int64_t{1} << 22;

void require_short(const NodeContext& node, std::int64_t size) {
  if (size <= longest_axis) return;
  node.fail(fmt::format("axis of size {}", size), fmt::format("at most {}", longest_axis));
}

/// Identity: offsets 0, stride, 2·stride, … along each axis.
Rearrange identity(const NodeContext& node, const Dimensions& dims) {
  Rearrange r;
  for (const std::size_t size : dims) require_short(node, static_cast<std::int64_t>(size));
  const std::vector<std::int64_t> strides = strides_of(dims);
  for (std::size_t a = 0; a < dims.size(); ++a) {
    Offsets axis(dims[a]);
    for (std::size_t i = 0; i < dims[a]; ++i) axis[i] = static_cast<std::int64_t>(i) * strides[a];
    r.offset.push_back(std::move(axis));
  }
  return r;
}

Resolved rearranged(const Value& x, Rearrange r) {
  Dimensions out = sizes_of(r);
  return {std::move(r), {{x.type, std::move(out)}}, nullptr};
}

Resolved resolve_transpose(NodeContext& node) {
  const Value& x = node.in(0);
  std::vector<std::int64_t> reversed(x.dims.size());
  std::iota(reversed.rbegin(), reversed.rend(), std::int64_t{0});
  const std::vector<std::size_t> order = node.axes(node.wholes("perm", reversed), x.dims.size());
  if (order.size() != x.dims.size()) {
    node.fail(fmt::format("order of {} axes for {}", order.size(), dims_text(x.dims)),
              "each axis once");
  }
  const Rearrange before = identity(node, x.dims);
  Rearrange r;
  for (const std::size_t a : order) r.offset.push_back(before.offset[a]);
  return rearranged(x, std::move(r));
}

/// Indices in the slice start:end:step of an axis of `size`, as in NumPy.
std::vector<std::size_t> slice_indices(std::int64_t start, std::int64_t end, std::int64_t step,
                                       std::int64_t size) {
  const std::int64_t low = step > 0 ? 0 : -1;
  const std::int64_t high = step > 0 ? size : size - 1;
  const auto bound = [&](std::int64_t at) {
    return std::clamp(at < 0 ? std::max(at, -size - 1) + size : at, low, high);
  };
  std::vector<std::size_t> places;
  const std::int64_t last = bound(end);
  std::int64_t at = bound(start);
  while (step > 0 ? at < last : at > last) {
    places.push_back(static_cast<std::size_t>(at));
    if (step > size || step < -size) break;
    at += step;
  }
  return places;
}

Resolved resolve_slice(NodeContext& node) {
  const Value& x = node.in(0);
  const bool by_input = node.opset() >= 10;
  const auto read = [&](const char* name, std::size_t input,
                        const std::vector<std::int64_t>& otherwise) {
    if (!by_input) return node.wholes(name, otherwise);
    return node.has(input) ? node.constant_wholes(input) : otherwise;
  };
  const std::vector<std::int64_t> starts = read("starts", 1, {});
  const std::vector<std::int64_t> ends = read("ends", 2, {});
  std::vector<std::int64_t> all(starts.size());
  std::iota(all.begin(), all.end(), std::int64_t{0});
  const std::vector<std::int64_t> named = read("axes", 3, all);
  const std::vector<std::int64_t> ones(starts.size(), 1);
  const std::vector<std::int64_t> steps = by_input ? read("steps", 4, ones) : ones;
  if (ends.size() != starts.size() || named.size() != starts.size() ||
      steps.size() != starts.size()) {
    node.fail(fmt::format("{} starts, {} ends, {} axes, {} steps", starts.size(), ends.size(),
                          named.size(), steps.size()),
              "the same number of each");
  }
  const std::vector<std::size_t> axes = node.axes(named, x.dims.size());
  Rearrange r = identity(node, x.dims);
  for (std::size_t k = 0; k < axes.size(); ++k) {
    if (steps[k] == 0) node.fail("step of 0", "a step other than 0");
    const Offsets before = r.offset[axes[k]];
    Offsets& after = r.offset[axes[k]];
    after.clear();
    for (const std::size_t at :
         slice_indices(starts[k], ends[k], steps[k], static_cast<std::int64_t>(before.size()))) {
      after.push_back(before[at]);
    }
  }
  return rearranged(x, std::move(r));
}

/// Index of the element at `at` of an axis of `size` with padding; −1: fill value.
std::int64_t padded_index(const std::string& mode, std::int64_t at, std::int64_t size) {
  if (at >= 0 && at < size) return at;
  if (mode == "constant" || size == 0) return -1;
  if (mode == "edge") return std::clamp<std::int64_t>(at, 0, size - 1);
  if (size == 1) return 0;
  const std::int64_t period = 2 * (size - 1);
  const std::int64_t turned = ((at % period) + period) % period;
  return turned < size ? turned : period - turned;
}

double fill_of(NodeContext& node) {
  if (node.opset() < 11) return static_cast<double>(node.real("value", 0.0F));
  if (!node.has(2)) return 0.0;
  const Tensor& value = node.constant_in(2);
  if (value.size() != 1) node.fail("value with several numbers", "one number");
  return is_real(value.type) ? static_cast<double>(value.real[0])
                             : static_cast<double>(value.whole[0]);
}

Resolved resolve_pad(NodeContext& node) {
  const Value& x = node.in(0);
  const std::size_t rank = x.dims.size();
  const std::string mode = node.text("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect") {
    node.fail(fmt::format("mode \"{}\"", mode), "constant, edge or reflect");
  }
  const char* const attribute = node.has_attribute("paddings") ? "paddings" : "pads";
  const std::vector<std::int64_t> pads =
      node.opset() < 11 ? node.wholes(attribute, {}) : node.constant_wholes(1);
  std::vector<std::int64_t> named(rank);
  std::iota(named.begin(), named.end(), std::int64_t{0});
  if (node.has(3)) named = node.constant_wholes(3);
  const std::vector<std::size_t> axes = node.axes(named, rank);
  if (pads.size() != 2 * axes.size()) {
    node.fail(fmt::format("{} pads for {} axes", pads.size(), axes.size()), "two per axis");
  }
  Rearrange r = identity(node, x.dims);
  r.fill = fill_of(node);
  for (std::size_t k = 0; k < axes.size(); ++k) {
    const Offsets before = r.offset[axes[k]];
    const auto size = static_cast<std::int64_t>(before.size());
    const std::int64_t first = -pads[k];
    const std::int64_t added = pads[axes.size() + k];
    if (std::max({first, -first, added, -added}) > longest_axis || size + added < first) {
      node.fail(fmt::format("pads {} and {} at axis {} of {}", pads[k], added, axes[k],
                            dims_text(x.dims)),
                fmt::format("0 to {} elements along an axis", longest_axis));
    }
    require_short(node, size + added - first);
    Offsets& after = r.offset[axes[k]];
    after.clear();
    for (std::int64_t at = first; at < size + added; ++at) {
      const std::int64_t source = padded_index(mode, at, size);
      after.push_back(source < 0 ? -1 : before[static_cast<std::size_t>(source)]);
    }
  }
  return rearranged(x, std::move(r));
}

Resolved resolve_gather(NodeContext& node) {
  const Value& x = node.in(0);
  const std::size_t axis = node.axis(node.whole("axis", 0), x.dims.size());
  const Tensor& indices = node.constant_in(1);
  Rearrange r = identity(node, x.dims);
  const Offsets before = r.offset[axis];
  Offsets& after = r.offset[axis];
  after.clear();
  require_short(node, static_cast<std::int64_t>(indices.size()));
  for (const std::int64_t index : node.constant_wholes(1)) {
    after.push_back(before[node.axis(index, before.size())]);
  }
  Dimensions out = x.dims;
  const auto place = out.erase(out.begin() + static_cast<std::ptrdiff_t>(axis));
  out.insert(place, indices.dims.begin(), indices.dims.end());
  return {std::move(r), {{x.type, out}}, nullptr};
}

Resolved resolve_expand(NodeContext& node) {
  const Value& x = node.in(0);
  Dimensions wanted;
  for (const std::int64_t d : node.constant_wholes(1)) {
    if (d < 1) node.fail(fmt::format("dimension of {}", d), "1 or more");
    require_short(node, d);
    wanted.push_back(static_cast<std::size_t>(d));
  }
  const Dimensions out = broadcast(node, {x.dims, wanted});
  Dimensions from = x.dims;
  from.insert(from.begin(), out.size() - from.size(), 1);
  Rearrange r = identity(node, from);
  for (std::size_t a = 0; a < out.size(); ++a) {
    if (from[a] != out[a]) r.offset[a].assign(out[a], 0);
  }
  return rearranged(x, std::move(r));
}

Resolved resolve_concat(NodeContext& node) {
  Dimensions out = node.in(0).dims;
  Concat concat;
  concat.axis = node.axis(node.whole("axis", 1), out.size());
  for (std::size_t i = 1; i < node.input_count(); ++i) {
    const Value& other = node.in(i);
    Dimensions dims = other.dims;
    const bool same_rank = dims.size() == out.size();
    if (same_rank) dims[concat.axis] = out[concat.axis];
    if (!same_rank || dims != out || other.type != node.in(0).type) {
      node.fail(fmt::format("{} {} concatenated with {} {} along axis {}", name_of(other.type),
                            dims_text(other.dims), name_of(node.in(0).type),
                            dims_text(node.in(0).dims), concat.axis),
                "equal types and sizes along all other axes");
    }
    out[concat.axis] += other.dims[concat.axis];
  }
  return {concat, {{node.in(0).type, out}}, nullptr};
}

}  // namespace

std::vector<OperatorEntry> moving_operators() {
  return {{"Transpose", resolve_transpose}, {"Slice", resolve_slice},   {"Pad", resolve_pad},
          {"Gather", resolve_gather},       {"Expand", resolve_expand}, {"Concat", resolve_concat}};
}

}  // namespace imcsim::network
