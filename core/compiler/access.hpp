#pragma once

#include <cstddef>
#include <optional>

#include "network/network.hpp"

namespace imcsim::compiler {

/// A value seen as pixels that travel one after the other, row by row, all channels of a pixel
/// together. 1 × C × H × W has H × W pixels of C channels; everything else is one pixel.
struct PixelGrid {
  std::size_t rows = 1, columns = 1, channels = 1;

  std::size_t pixels() const { return rows * columns; }
  bool same_plane(const PixelGrid& other) const {
    return rows == other.rows && columns == other.columns;
  }
};
PixelGrid grid_of(const network::Value& value);

/// Pixels y0 … y1, x0 … x1, the last ones included.
struct Region {
  std::size_t y0 = 0, x0 = 0, y1 = 0, x1 = 0;
};
Region whole(const PixelGrid& grid);
/// The smallest region that holds both.
Region united(const Region& a, const Region& b);

/// Which pixels of its `input`-th input a node reads to write these of its first output: the access
/// relation of the polyhedral compiler, arXiv:2003.04293, in closed form. Operations that mix
/// places read the whole.
Region read_region(const network::Graph& graph, const network::Node& node, std::size_t input,
                   const Region& written);

/// True where a rearrangement of a picture takes whole pixels from other places, or chooses among
/// their channels.
bool moves_pixels(const network::Rearrange& rearrange, const PixelGrid& in);

/// True where each pixel of the output follows from the same pixel of every input.
bool is_pixelwise(const network::Graph& graph, const network::Node& node);

}  // namespace imcsim::compiler
