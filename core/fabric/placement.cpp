#include "fabric/placement.hpp"

namespace imcsim::fabric {
namespace {

/// Router i of a boustrophedon order in a plane, or of a Gray code in a hypercube.
std::size_t router_at(const Grid& grid, std::size_t i) {
  if (grid.sizes.size() == 2) {
    const std::size_t columns = grid.sizes[0];
    const std::size_t row = i / columns;
    const std::size_t column = i % columns;
    return row * columns + (row % 2 == 0 ? column : columns - 1 - column);
  }
  return grid.sizes.size() > 2 ? i ^ (i >> 1) : i;
}

}  // namespace

std::vector<std::uint32_t> pipeline_order(const Topology& topology) {
  std::vector<std::uint32_t> order;
  const std::size_t each =
      topology.cores() / (topology.grid.sizes.empty() ? topology.cores() : topology.routers);
  for (std::size_t i = 0; i < topology.cores(); ++i) {
    const std::size_t router = router_at(topology.grid, i / each);
    order.push_back(static_cast<std::uint32_t>(router * each + i % each));
  }
  return order;
}

}  // namespace imcsim::fabric
