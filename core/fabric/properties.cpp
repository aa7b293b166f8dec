#include "fabric/properties.hpp"

#include <algorithm>

namespace imcsim::fabric {
namespace {

/// Number of links between routers with `side` set and routers without.
std::size_t cut(const Topology& topology, const std::vector<bool>& side) {
  std::size_t crossing = 0;
  for (const Arc& arc : topology.arcs) {
    if (arc.from < arc.to && side[arc.from] != side[arc.to]) ++crossing;
  }
  return topology.shared ? std::min<std::size_t>(crossing, 1) : crossing;
}

std::size_t bisection_of(const Topology& topology) {
  const std::size_t routers = topology.routers;
  std::vector<bool> side(routers);
  std::size_t last = 0;
  for (const std::size_t place : topology.order) last = std::max(last, place);
  for (std::size_t r = 0; r < routers; ++r) side[r] = topology.order[r] >= (last + 1) / 2;
  std::size_t fewest = cut(topology, side);
  std::size_t stride = 1;
  for (const std::uint32_t size : topology.grid.sizes) {
    if (size % 2 == 0) {
      for (std::size_t r = 0; r < routers; ++r) side[r] = r / stride % size >= size / 2;
      fewest = std::min(fewest, cut(topology, side));
    }
    stride *= size;
  }
  return fewest;
}

}  // namespace

TopologyProperties measure(const Topology& topology) {
  TopologyProperties p;
  p.links = topology.links();
  p.channels = topology.channels;
  p.bisection = bisection_of(topology);
  p.degree_min = topology.arcs.size();
  std::vector<bool> has_core(topology.routers);
  for (const std::uint32_t router : topology.router_of_core) has_core[router] = true;
  std::size_t ends = 0;
  std::uint64_t sum = 0;
  for (std::size_t r = 0; r < topology.routers; ++r) {
    const std::size_t arcs = topology.arcs_of(r).size();
    const std::size_t degree = topology.shared ? std::min<std::size_t>(arcs, 1) : arcs;
    p.degree_min = std::min(p.degree_min, degree);
    p.degree_max = std::max(p.degree_max, degree);
  }
  for_each_hops(topology, [&](std::size_t from, const std::vector<std::uint32_t>& hops) {
    if (!has_core[from]) return;
    ++ends;
    for (std::size_t to = 0; to < topology.routers; ++to) {
      if (!has_core[to]) continue;
      sum += hops[to];
      p.diameter = std::max<std::size_t>(p.diameter, hops[to]);
    }
  });
  const auto n = static_cast<double>(ends);
  p.mean_distance_with_self = static_cast<double>(sum) / (n * n);
  p.mean_distance = ends > 1 ? static_cast<double>(sum) / (n * (n - 1.0)) : 0.0;
  return p;
}

}  // namespace imcsim::fabric
