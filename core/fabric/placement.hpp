#pragma once

#include <cstdint>
#include <vector>

#include "fabric/topology.hpp"

namespace imcsim::fabric {

/// Cores in an order in which one that follows another is near it: the place of the i-th stage of a
/// pipeline. Planes are gone through like a snake, every other row backwards; hypercubes by the
/// Gray code i ^ (i >> 1); all others by number.
std::vector<std::uint32_t> pipeline_order(const Topology& topology);

}  // namespace imcsim::fabric
