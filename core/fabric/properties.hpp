#pragma once

#include <cstddef>

#include "fabric/topology.hpp"

namespace imcsim::fabric {

/// Figures of the graph. Distances are links between routers that have cores, along shortest
/// paths.
struct TopologyProperties {
  std::size_t degree_min = 0;  ///< links a router has; a bus is one
  std::size_t degree_max = 0;
  std::size_t diameter = 0;
  double mean_distance = 0.0;            ///< between two different routers
  double mean_distance_with_self = 0.0;  ///< between any two, itself included
  std::size_t links = 0;                 ///< undirected
  std::size_t channels = 0;              ///< one a direction; a bus has one
  std::size_t bisection = 0;  ///< fewest links over a cut through the middle: by number, or across
                              ///< an even dimension of a grid
};

TopologyProperties measure(const Topology& topology);

}  // namespace imcsim::fabric
