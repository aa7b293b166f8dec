#pragma once

#include <cstddef>

#include "fabric/topology.hpp"

namespace imcsim::fabric {

/// Graph properties. Distances are numbers of links between routers with cores, along shortest
/// paths.
struct TopologyProperties {
  std::size_t degree_min = 0;  ///< links per router; a bus counts as one link
  std::size_t degree_max = 0;
  std::size_t diameter = 0;
  double mean_distance = 0.0;            ///< between two different routers
  double mean_distance_with_self = 0.0;  ///< between any two routers, including a router and itself
  std::size_t links = 0;                 ///< undirected
  std::size_t channels = 0;              ///< one per direction; a bus has one
  std::size_t bisection = 0;  ///< smallest number of links cut by a bisection: by router number, or
                              ///< across an even dimension of a grid
};

TopologyProperties measure(const Topology& topology);

}  // namespace imcsim::fabric
