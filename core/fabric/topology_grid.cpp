// Topologies whose routers are points of a grid.
#include <fmt/format.h>

#include "base/error.hpp"
#include "fabric/topology.hpp"

namespace imcsim::fabric {
namespace {

/// Numbers of columns and rows for `count` routers.
std::vector<std::uint32_t> plane(std::size_t count, std::int64_t columns) {
  if (columns > 0) {
    const auto wide = static_cast<std::size_t>(columns);
    if (count % wide != 0) {
      throw InputError(at_field("columns"),
                       fmt::format("{} routers cannot be divided into rows of {}", count, wide),
                       "a divisor of the number of routers");
    }
    return {static_cast<std::uint32_t>(wide), static_cast<std::uint32_t>(count / wide)};
  }
  std::size_t rows = 1;
  for (std::size_t d = 1; d * d <= count; ++d) {
    if (count % d == 0) rows = d;
  }
  return {static_cast<std::uint32_t>(count / rows), static_cast<std::uint32_t>(rows)};
}

/// Links every router to the next `longest_step` routers along each dimension.
std::vector<RouterPair> grid_links(const Grid& grid, std::size_t routers) {
  std::vector<RouterPair> links;
  std::size_t stride = 1;
  for (const std::uint32_t size : grid.sizes) {
    for (std::size_t r = 0; r < routers; ++r) {
      const std::size_t at = r / stride % size;
      for (std::size_t step = 1; step <= grid.longest_step; ++step) {
        const bool inside = at + step < size;
        if (!inside && !(grid.wraps && size > 2)) continue;
        const std::size_t to = inside ? r + step * stride : r - (size - step) * stride;
        links.emplace_back(static_cast<std::uint32_t>(r), static_cast<std::uint32_t>(to));
      }
    }
    stride *= size;
  }
  return links;
}

Topology make_grid(std::size_t cores, std::size_t concentration, Grid grid) {
  Topology topology;
  topology.routers = cores / concentration;
  topology.grid = std::move(grid);
  for (std::size_t c = 0; c < cores; ++c) {
    topology.router_of_core.push_back(static_cast<std::uint32_t>(c / concentration));
  }
  for (std::size_t r = 0; r < topology.routers && topology.grid.sizes.size() == 2; ++r) {
    const std::size_t columns = topology.grid.sizes[0];
    const std::size_t row = r / columns;
    topology.places.push_back({static_cast<double>(r % columns), static_cast<double>(row)});
  }
  finish(topology, grid_links(topology.grid, topology.routers));
  return topology;
}

Topology make_plane(const TopologyConfig& config, bool wraps, std::uint32_t longest_step) {
  const auto cores = static_cast<std::size_t>(config.cores);
  return make_grid(cores, 1, {plane(cores, config.columns), wraps, longest_step});
}

}  // namespace

Topology make_mesh(const TopologyConfig& config, std::string_view /*argument*/) {
  return make_plane(config, false, 1);
}

Topology make_torus(const TopologyConfig& config, std::string_view /*argument*/) {
  Topology topology = make_plane(config, true, 1);
  topology.link_cycles = 2;
  return topology;
}

Topology make_mesh_skip2(const TopologyConfig& config, std::string_view /*argument*/) {
  return make_plane(config, false, 2);
}

Topology make_cmesh(const TopologyConfig& config, std::string_view /*argument*/) {
  const auto cores = static_cast<std::size_t>(config.cores);
  const auto each = static_cast<std::size_t>(config.concentration);
  if (cores % each != 0 || cores == each) {
    throw InputError(
        at_field("cores"),
        fmt::format("{} cores cannot be divided into groups of {} per router", cores, each),
        "a multiple of concentration, at least two routers");
  }
  return make_grid(cores, each, {plane(cores / each, config.columns), false, 1});
}

Topology make_ring(const TopologyConfig& config, std::string_view /*argument*/) {
  const auto cores = static_cast<std::size_t>(config.cores);
  Topology topology = make_grid(cores, 1, {{static_cast<std::uint32_t>(cores)}, true, 1});
  topology.places = on_circle(cores);
  topology.link_cycles = 2;
  return topology;
}

/// One dimension of size 2 per bit. In drawings, even bits are columns and odd bits are rows; the
/// halves of a higher bit are slightly farther apart.
Topology make_hypercube(const TopologyConfig& config, std::string_view /*argument*/) {
  const auto cores = static_cast<std::size_t>(config.cores);
  std::uint32_t bits = 0;
  while ((std::size_t{1} << bits) < cores) ++bits;
  if ((std::size_t{1} << bits) != cores) {
    throw InputError(at_field("cores"), fmt::format("{} is not a power of two", cores),
                     "2, 4, 8, 16, … for a hypercube");
  }
  Topology topology = make_grid(cores, 1, {std::vector<std::uint32_t>(bits, 2U), false, 1});
  topology.places.assign(cores, {});
  double step = 1.0;
  for (std::uint32_t b = 0; b < bits; ++b) {
    for (std::size_t r = 0; r < cores; ++r) {
      if ((r >> b & 1U) == 0) continue;
      (b % 2 == 0 ? topology.places[r].x : topology.places[r].y) += step;
    }
    if (b % 2 != 0) step = 2.0 * step + 0.3;
  }
  return topology;
}

}  // namespace imcsim::fabric
