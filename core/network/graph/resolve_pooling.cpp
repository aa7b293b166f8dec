// MaxPool, AveragePool, global pooling, and reductions.
#include <fmt/format.h>

#include "network/graph/resolve.hpp"

namespace imcsim::network {
namespace {

const Value& pooled_input(NodeContext& node, bool any_type) {
  const Value& x = any_type ? node.in(0) : node.real_in(0);
  if (x.dims.size() < 3 || x.dims.size() > 5) {
    node.fail(fmt::format("input {}", dims_text(x.dims)), "N x C x 1 to 3 spatial axes");
  }
  return x;
}

Resolved resolve_max_pool(NodeContext& node) {
  const Value& x = pooled_input(node, true);
  Pool pool;
  pool.kind = Pool::Kind::largest;
  pool.column_major = node.whole("storage_order", 0) != 0;
  pool.window =
      window_of(node, {x.dims.begin() + 2, x.dims.end()}, node.wholes("kernel_shape", {}), true);
  const Dimensions out = with_spatial(x.dims, pool.window);
  return {pool, {{x.type, out}, {DataType::int64, out}}, nullptr};
}

Resolved resolve_average_pool(NodeContext& node) {
  const Value& x = pooled_input(node, false);
  Pool pool;
  pool.kind = Pool::Kind::mean;
  pool.counts_padding = node.whole("count_include_pad", 0) != 0;
  pool.window =
      window_of(node, {x.dims.begin() + 2, x.dims.end()}, node.wholes("kernel_shape", {}), true);
  return {pool, {{x.type, with_spatial(x.dims, pool.window)}}, nullptr};
}

/// Pooling with a window as large as the image.
Resolved resolve_global(NodeContext& node) {
  const Value& x = pooled_input(node, false);
  Pool pool;
  pool.kind = node.op_type() == "GlobalMaxPool" ? Pool::Kind::largest : Pool::Kind::mean;
  for (std::size_t a = 2; a < x.dims.size(); ++a) {
    pool.window.in[3 - x.dims.size() + a] = x.dims[a];
  }
  pool.window.kernel = pool.window.in;
  return {pool, {{x.type, with_spatial(x.dims, pool.window)}}, nullptr};
}

Resolved resolve_reduce(NodeContext& node) {
  const Value& x = node.real_in(0);
  const bool keeps = node.whole("keepdims", 1) != 0;
  std::vector<std::int64_t> given = node.wholes("axes", {});
  if (node.has(1)) given = node.constant_wholes(1);
  const bool none_means_all = node.whole("noop_with_empty_axes", 0) == 0;
  Reduce reduce;
  reduce.kind = node.op_type() == "ReduceSum" ? Reduce::Kind::sum : Reduce::Kind::mean;
  reduce.is_reduced.assign(x.dims.size(), given.empty() && none_means_all);
  for (const std::size_t a : node.axes(given, x.dims.size())) reduce.is_reduced[a] = true;
  Dimensions out;
  for (std::size_t a = 0; a < x.dims.size(); ++a) {
    if (!reduce.is_reduced[a]) {
      out.push_back(x.dims[a]);
    } else if (keeps) {
      out.push_back(1);
    }
  }
  return {reduce, {{x.type, out}}, nullptr};
}

}  // namespace

std::vector<OperatorEntry> pooling_operators() {
  return {{"MaxPool", resolve_max_pool},         {"AveragePool", resolve_average_pool},
          {"GlobalAveragePool", resolve_global}, {"GlobalMaxPool", resolve_global},
          {"ReduceMean", resolve_reduce},        {"ReduceSum", resolve_reduce}};
}

}  // namespace imcsim::network
