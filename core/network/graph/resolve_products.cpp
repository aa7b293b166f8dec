// Conv, Gemm, MatMul, BatchNormalization.
#include <fmt/format.h>

#include <algorithm>

#include "network/graph/resolve.hpp"

namespace imcsim::network {
namespace {

/// Maximum of kernels, strides, dilations and pads, which prevents overflow.
constexpr std::int64_t largest_size = 32767;

/// One number per axis, in `low` … largest_size; `otherwise` for missing leading axes.
Window::Sizes sizes_of(const NodeContext& node, const char* name,
                       const std::vector<std::int64_t>& given, std::size_t rank, std::int64_t low,
                       std::size_t otherwise) {
  if (given.size() != rank) {
    node.fail(fmt::format("{} has {} numbers", name, given.size()),
              fmt::format("{}, one per spatial axis", rank));
  }
  Window::Sizes sizes{otherwise, otherwise, otherwise};
  for (std::size_t a = 0; a < rank; ++a) {
    if (given[a] < low || given[a] > largest_size) {
      node.fail(fmt::format("{} of {}", name, given[a]),
                fmt::format("{} to {}", low, largest_size));
    }
    sizes[3 - rank + a] = static_cast<std::size_t>(given[a]);
  }
  return sizes;
}

void set_same_padding(Window& w, std::size_t a, bool upper) {
  w.out[a] = (w.in[a] + w.stride[a] - 1) / w.stride[a];
  const std::size_t reach = (w.out[a] - 1) * w.stride[a] + (w.kernel[a] - 1) * w.dilation[a] + 1;
  const std::size_t total = reach > w.in[a] ? reach - w.in[a] : 0;
  w.before[a] = upper ? total / 2 : total - total / 2;
  w.after[a] = total - w.before[a];
}

void set_output_size(const NodeContext& node, Window& w, std::size_t a, bool ceil) {
  const std::size_t reach = (w.kernel[a] - 1) * w.dilation[a] + 1;
  const std::size_t room = w.in[a] + w.before[a] + w.after[a];
  if (reach > room) {
    node.fail(fmt::format("kernel of extent {} on {} with padding", reach, room),
              "a kernel that is not larger than its input");
  }
  w.out[a] = (room - reach + (ceil ? w.stride[a] - 1 : 0)) / w.stride[a] + 1;
  // Excludes a last window that is entirely in the padding after the input.
  if (ceil && (w.out[a] - 1) * w.stride[a] >= w.in[a] + w.before[a]) --w.out[a];
}

Resolved resolve_conv(NodeContext& node) {
  const Value& x = node.real_in(0);
  const Value& w = node.real_in(1);
  const std::size_t rank = x.dims.size();
  if (rank < 3 || rank > 5 || w.dims.size() != rank) {
    node.fail(fmt::format("input {} with weights {}", dims_text(x.dims), dims_text(w.dims)),
              "N x C x 1 to 3 spatial axes, and weights with the same number of axes");
  }
  const std::int64_t groups = node.whole("group", 1);
  if (groups < 1 || static_cast<std::size_t>(groups) > x.dims[1] ||
      w.dims[1] * static_cast<std::size_t>(groups) != x.dims[1] ||
      w.dims[0] % static_cast<std::size_t>(groups) != 0) {
    node.fail(fmt::format("input {} with weights {} in {} groups", dims_text(x.dims),
                          dims_text(w.dims), groups),
              "weights of M x C/groups x kernel, M a multiple of groups");
  }
  std::vector<std::int64_t> kernel;
  for (std::size_t a = 2; a < rank; ++a) kernel.push_back(static_cast<std::int64_t>(w.dims[a]));
  if (node.wholes("kernel_shape", kernel) != kernel) {
    node.fail(fmt::format("kernel_shape differs from weights {}", dims_text(w.dims)),
              "the kernel of the weights");
  }
  if (node.has(2) && node.real_in(2).dims != Dimensions{w.dims[0]}) {
    node.fail(fmt::format("bias of {}", dims_text(node.in(2).dims)),
              fmt::format("{}, one per channel", w.dims[0]));
  }
  Convolution conv;
  conv.groups = static_cast<std::size_t>(groups);
  conv.window = window_of(node, {x.dims.begin() + 2, x.dims.end()}, kernel, false);
  Dimensions out = with_spatial(x.dims, conv.window);
  out[1] = w.dims[0];
  return {conv, {{x.type, out}}, nullptr};
}

void require_broadcast_to(const NodeContext& node, const Dimensions& from, const Dimensions& to) {
  if (from.size() <= to.size() && broadcast(node, {from, to}) == to) return;
  node.fail(fmt::format("C of {} for a product of {}", dims_text(from), dims_text(to)),
            "a C that broadcasts to the product");
}

Resolved resolve_gemm(NodeContext& node) {
  const Value& a = node.real_in(0);
  const Value& b = node.real_in(1);
  Gemm gemm;
  gemm.alpha = node.real("alpha", 1.0F);
  gemm.beta = node.real("beta", 1.0F);
  gemm.transpose_a = node.whole("transA", 0) != 0;
  gemm.transpose_b = node.whole("transB", 0) != 0;
  node.ignore("broadcast");
  if (a.dims.size() != 2 || b.dims.size() != 2 ||
      a.dims[gemm.transpose_a ? 0 : 1] != b.dims[gemm.transpose_b ? 1 : 0]) {
    node.fail(
        fmt::format("{}{} times {}{}", dims_text(a.dims), gemm.transpose_a ? " transposed" : "",
                    dims_text(b.dims), gemm.transpose_b ? " transposed" : ""),
        "two matrices; the columns of the first match the rows of the second");
  }
  const Dimensions out = {a.dims[gemm.transpose_a ? 1 : 0], b.dims[gemm.transpose_b ? 0 : 1]};
  if (node.has(2)) require_broadcast_to(node, node.real_in(2).dims, out);
  return {gemm, {{a.type, out}}, nullptr};
}

Resolved resolve_matmul(NodeContext& node) {
  const Value& a = node.real_in(0);
  const Value& b = node.real_in(1);
  const auto refuse = [&] {
    node.fail(fmt::format("{} times {}", dims_text(a.dims), dims_text(b.dims)),
              "the columns of the first match the rows of the second");
  };
  if (a.dims.empty() || b.dims.empty()) refuse();
  Dimensions left = a.dims;
  Dimensions right = b.dims;
  if (left.size() == 1) left.insert(left.begin(), 1);
  if (right.size() == 1) right.push_back(1);
  if (left.back() != right[right.size() - 2]) refuse();
  Dimensions out =
      broadcast(node, {{left.begin(), left.end() - 2}, {right.begin(), right.end() - 2}});
  if (a.dims.size() > 1) out.push_back(left[left.size() - 2]);
  if (b.dims.size() > 1) out.push_back(right.back());
  return {MatMul{}, {{a.type, out}}, nullptr};
}

Resolved resolve_normalization(NodeContext& node) {
  const Value& x = node.real_in(0);
  node.ignore("momentum");
  node.ignore("consumed_inputs");
  const bool trains =
      node.whole("training_mode", 0) != 0 || (node.opset() < 7 && node.whole("is_test", 0) == 0);
  if (trains) node.fail("is in training mode", "fixed statistics");
  if (node.whole("spatial", 1) != 1) node.fail("spatial = 0", "statistics per channel");
  if (x.dims.size() < 2) node.fail(fmt::format("input {}", dims_text(x.dims)), "N x C x …");
  for (std::size_t i = 1; i < 5; ++i) {
    if (node.real_in(i).dims != Dimensions{x.dims[1]}) {
      node.fail(fmt::format("\"{}\" of {} for input {}", node.in(i).name,
                            dims_text(node.in(i).dims), dims_text(x.dims)),
                fmt::format("{}, one per channel", x.dims[1]));
    }
  }
  return {ChannelNormalization{node.real("epsilon", 1e-5F)}, {{x.type, x.dims}}, nullptr};
}

}  // namespace

Window window_of(NodeContext& node, const Dimensions& spatial,
                 const std::vector<std::int64_t>& kernel, bool pools) {
  const std::size_t rank = spatial.size();
  const std::vector<std::int64_t> ones(rank, 1);
  Window w;
  std::copy(spatial.begin(), spatial.end(), w.in.end() - static_cast<std::ptrdiff_t>(rank));
  w.kernel = sizes_of(node, "kernel_shape", kernel, rank, 1, 1);
  w.stride = sizes_of(node, "strides", node.wholes("strides", ones), rank, 1, 1);
  w.dilation = sizes_of(node, "dilations", node.wholes("dilations", ones), rank, 1, 1);
  std::vector<std::int64_t> pads = node.wholes("pads", std::vector<std::int64_t>(2 * rank, 0));
  if (pads.size() != 2 * rank) {
    node.fail(fmt::format("pads has {} numbers", pads.size()), fmt::format("{}", 2 * rank));
  }
  const auto half = pads.begin() + static_cast<std::ptrdiff_t>(rank);
  w.before = sizes_of(node, "pads", {pads.begin(), half}, rank, 0, 0);
  w.after = sizes_of(node, "pads", {half, pads.end()}, rank, 0, 0);
  const std::string automatic = node.text("auto_pad", "NOTSET");
  const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  if (!same && automatic != "NOTSET" && automatic != "VALID") {
    node.fail(fmt::format("auto_pad \"{}\"", automatic), "NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  }
  if (automatic == "VALID") w.before = w.after = {0, 0, 0};
  const bool ceil = pools && node.whole("ceil_mode", 0) != 0;
  for (std::size_t a = 0; a < 3; ++a) {
    if (w.in[a] == 0) node.fail("empty input", "at least one element along each axis");
    if (same) {
      set_same_padding(w, a, automatic == "SAME_UPPER");
    } else {
      set_output_size(node, w, a, ceil);
    }
  }
  return w;
}

Dimensions with_spatial(const Dimensions& dims, const Window& window) {
  Dimensions out = dims;
  for (std::size_t a = 2; a < dims.size(); ++a) out[a] = window.out[3 - dims.size() + a];
  return out;
}

std::vector<OperatorEntry> product_operators() {
  return {{"Conv", resolve_conv},
          {"Gemm", resolve_gemm},
          {"MatMul", resolve_matmul},
          {"BatchNormalization", resolve_normalization}};
}

}  // namespace imcsim::network
