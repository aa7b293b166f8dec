#include "compiler/access.hpp"

#include <algorithm>

#include "fabric/traffic.hpp"

namespace imcsim::compiler {
namespace {

bool is_variable(const network::Graph& graph, std::size_t value) {
  return value != network::absent && graph.values[value].constant == nullptr;
}

/// First and last input pixel of a window for outputs o0 … o1 along the axis; padding is excluded.
void window_axis(const network::Window& w, std::size_t axis, std::size_t o0, std::size_t o1,
                 std::size_t& i0, std::size_t& i1) {
  const std::size_t first = o0 * w.stride[axis];
  i0 = first > w.before[axis] ? first - w.before[axis] : 0;
  const std::size_t end = o1 * w.stride[axis] + (w.kernel[axis] - 1) * w.dilation[axis];
  i1 = std::min(end > w.before[axis] ? end - w.before[axis] : 0, w.in[axis] - 1);
  i0 = std::min(i0, i1);
}

Region window_region(const network::Window& window, const Region& written) {
  Region read;
  window_axis(window, 1, written.y0, written.y1, read.y0, read.y1);
  window_axis(window, 2, written.x0, written.x1, read.x0, read.x1);
  return read;
}

/// Coordinates read by a rearrangement along an axis, in units of `step`. False if the offsets are
/// not coordinates of this axis; i0 = i1 = 0 if only fill values are read.
bool axis_region(const std::vector<std::int64_t>& offsets, std::size_t step, std::size_t size,
                 std::size_t o0, std::size_t o1, std::size_t& i0, std::size_t& i1) {
  i0 = size;
  i1 = 0;
  for (std::size_t o = 0; o < offsets.size(); ++o) {
    if (offsets[o] < 0) continue;
    const auto offset = static_cast<std::size_t>(offsets[o]);
    if (offset % step != 0 || offset / step >= size) return false;
    if (o < o0 || o > o1) continue;
    i0 = std::min(i0, offset / step);
    i1 = std::max(i1, offset / step);
  }
  if (i0 > i1) i0 = i1 = 0;
  return true;
}

Region rearranged_region(const network::Rearrange& rearrange, const PixelGrid& in,
                         const Region& written) {
  if (!moves_pixels(rearrange, in)) return whole(in);
  Region read;
  axis_region(rearrange.offset[2], in.columns, in.rows, written.y0, written.y1, read.y0, read.y1);
  axis_region(rearrange.offset[3], 1, in.columns, written.x0, written.x1, read.x0, read.x1);
  return read;
}

}  // namespace

PixelGrid grid_of(const network::Value& value) {
  const network::Dimensions& dims = value.dims;
  if (dims.size() == 4 && dims[0] == 1) return {dims[2], dims[3], dims[1]};
  return {1, 1, network::element_count(dims)};
}

Region whole(const PixelGrid& grid) { return {0, 0, grid.rows - 1, grid.columns - 1}; }

Region united(const Region& a, const Region& b) {
  return {std::min(a.y0, b.y0), std::min(a.x0, b.x0), std::max(a.y1, b.y1), std::max(a.x1, b.x1)};
}

bool moves_pixels(const network::Rearrange& rearrange, const PixelGrid& in) {
  if (rearrange.offset.size() != 4 || rearrange.offset[0].size() != 1) return false;
  const std::size_t plane = in.pixels();
  for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
    for (const std::int64_t offset : rearrange.offset[axis]) {
      if (offset > 0 && static_cast<std::size_t>(offset) % plane != 0) return false;
    }
  }
  std::size_t first = 0;
  std::size_t last = 0;
  return axis_region(rearrange.offset[2], in.columns, in.rows, 0, 0, first, last) &&
         axis_region(rearrange.offset[3], 1, in.columns, 0, 0, first, last);
}

bool is_pixelwise(const network::Graph& graph, const network::Node& node) {
  const auto& operation = node.operation;
  const PixelGrid out = grid_of(graph.values[node.outputs[0]]);
  const auto* concat = std::get_if<network::Concat>(&operation);
  const auto* softmax = std::get_if<network::Softmax>(&operation);
  const bool of_kind = std::holds_alternative<network::ChannelNormalization>(operation) ||
                       std::holds_alternative<network::Arithmetic>(operation) ||
                       std::holds_alternative<network::Unary>(operation) ||
                       std::holds_alternative<network::Cast>(operation) ||
                       std::holds_alternative<network::Copy>(operation) ||
                       (concat != nullptr && concat->axis == 1) ||
                       (softmax != nullptr && softmax->inner == out.pixels());
  if (!of_kind && out.pixels() > 1) return false;
  for (const std::size_t input : node.inputs) {
    if (!is_variable(graph, input)) continue;
    if (!grid_of(graph.values[input]).same_plane(out)) return false;
  }
  return true;
}

Region read_region(const network::Graph& graph, const network::Node& node, std::size_t input,
                   const Region& written) {
  const PixelGrid in = grid_of(graph.values[node.inputs[input]]);
  if (is_pixelwise(graph, node)) return written;
  const PixelGrid out = grid_of(graph.values[node.outputs[0]]);
  const network::Dimensions& dims = graph.values[node.inputs[input]].dims;
  const bool picture = dims.size() == 4 && dims[0] == 1;
  if (const auto* conv = std::get_if<network::Convolution>(&node.operation);
      conv && picture && input == 0) {
    return window_region(conv->window, written);
  }
  if (const auto* pool = std::get_if<network::Pool>(&node.operation); pool && picture) {
    return window_region(pool->window, written);
  }
  if (const auto* moved = std::get_if<network::Rearrange>(&node.operation); moved && picture) {
    return rearranged_region(*moved, in, written);
  }
  // A factor common to all pixels, combined with a value that is read pixel by pixel.
  if (std::holds_alternative<network::Arithmetic>(node.operation) && in.same_plane(out)) {
    return written;
  }
  return whole(in);
}

}  // namespace imcsim::compiler
