#pragma once

#include <cstdint>
#include <vector>

#include "fabric/topology.hpp"

namespace imcsim::fabric {

/// Cores in an order in which successive cores are close to each other; element i is the core of
/// pipeline stage i. Two-dimensional grids: boustrophedon (every other row reversed); hypercubes:
/// Gray code i ^ (i >> 1); all others: by number.
std::vector<std::uint32_t> pipeline_order(const Topology& topology);

}  // namespace imcsim::fabric
