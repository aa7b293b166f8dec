#pragma once

#include <cstddef>
#include <optional>

#include "network/network.hpp"

namespace imcsim::compiler {

/// A value as a grid of pixels, transferred row by row, all channels of a pixel together. 1 × C × H
/// × W has H × W pixels of C channels; any other shape is a single pixel.
struct PixelGrid {
  std::size_t rows = 1, columns = 1, channels = 1;

  std::size_t pixels() const { return rows * columns; }
  bool same_plane(const PixelGrid& other) const {
    return rows == other.rows && columns == other.columns;
  }
};
PixelGrid grid_of(const network::Value& value);

/// Pixels from (y0, x0) to (y1, x1), inclusive.
struct Region {
  std::size_t y0 = 0, x0 = 0, y1 = 0, x1 = 0;
};
Region whole(const PixelGrid& grid);
/// The smallest region that contains both.
Region united(const Region& a, const Region& b);

/// Pixels of a node's `input`-th input that are read to write the `written` pixels of its first
/// output: the access relation of the polyhedral compiler, arXiv:2003.04293, in closed form.
/// Operations without spatial locality read the whole input.
Region read_region(const network::Graph& graph, const network::Node& node, std::size_t input,
                   const Region& written);

/// True if a rearrangement of an image copies whole pixels from other positions, or selects
/// channels.
bool moves_pixels(const network::Rearrange& rearrange, const PixelGrid& in);

/// True if each pixel of the output depends only on the same pixel of every input.
bool is_pixelwise(const network::Graph& graph, const network::Node& node);

}  // namespace imcsim::compiler
