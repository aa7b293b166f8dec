#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "fabric/routing.hpp"

namespace imcsim::fabric {

/// Traffic pattern. Coordinates are those of the core's number.
///  uniform         every core to every core, including itself, with equal probability
///  transpose       core y·w + x to core x·w + y, w² cores
///  complement      core c to core N−1−c
///  neighbour       core c to core c+1, the last to the first
///  tornado         core c to core c + ⌈N/2⌉ − 1 (half of the ring)
///  shuffle         core c to 2c mod (N−1), the last to itself
enum class TrafficPattern { uniform, transpose, complement, neighbour, tornado, shuffle };
std::span<const std::string_view> names_of(TrafficPattern);

/// Destination of a core's packets. Throws std::logic_error for uniform traffic, which has no
/// single destination; InputError if the pattern does not support this number of cores.
std::uint32_t destination_of(TrafficPattern pattern, std::size_t core, std::size_t cores);

/// Traffic from one core to others, in any unit (bytes per image, flits per cycle).
struct Flow {
  std::uint32_t from = 0;
  std::vector<std::uint32_t> to;
  double amount = 0.0;
};

/// Whether a flow to several cores is sent once along the union of its routes (each channel is
/// counted once), or once per destination.
enum class Cast { unicast, multicast };

/// Load of each channel, in the unit of the flows.
struct ChannelLoad {
  std::vector<double> load;  ///< per channel
  double hops = 0.0;         ///< Σ over channels of the load: amount × links traversed
  double highest = 0.0;
  std::size_t busiest = 0;  ///< first channel with the highest load
};

/// Load of given flows between cores; traffic of a core to itself uses no channel.
ChannelLoad channel_load(const Routing& routing, std::span<const Flow> flows, Cast cast);

/// Load of a pattern if each core sends 1.
ChannelLoad channel_load(const Routing& routing, TrafficPattern pattern);

/// Arcs of the tree that carries a packet from core `from` to all of `to`: the union of the routes,
/// each arc once, in an order from the root to the leaves.
std::vector<std::uint32_t> multicast_tree(const Routing& routing, std::size_t from,
                                          std::span<const std::uint32_t> to);

}  // namespace imcsim::fabric
