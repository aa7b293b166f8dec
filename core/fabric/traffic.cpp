#include "fabric/traffic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/error.hpp"

namespace imcsim::fabric {
namespace {

void sum_up(ChannelLoad& load) {
  for (std::size_t c = 0; c < load.load.size(); ++c) {
    load.hops += load.load[c];
    if (load.load[c] > load.highest) {
      load.highest = load.load[c];
      load.busiest = c;
    }
  }
}

std::uint32_t transposed(std::size_t core, std::size_t cores) {
  std::size_t side = 1;
  while (side * side < cores) ++side;
  if (side * side != cores) {
    throw InputError(at_field("traffic"),
                     fmt::format("transpose needs a square number of cores, not {}", cores),
                     "4, 9, 16, 25, … cores");
  }
  return static_cast<std::uint32_t>(core % side * side + core / side);
}

/// Load if every core sends 1, spread evenly over all cores: one pass over the tree of each
/// destination.
ChannelLoad uniform_load(const Routing& routing) {
  const Topology& topology = routing.topology();
  ChannelLoad result;
  result.load.assign(topology.channels, 0.0);
  std::vector<double> cores_at(topology.routers, 0.0);
  for (const std::uint32_t router : topology.router_of_core) cores_at[router] += 1.0;
  std::vector<double> through(topology.routers);
  const double cores = static_cast<double>(topology.cores());
  for (std::size_t to = 0; to < topology.routers; ++to) {
    if (cores_at[to] == 0.0) continue;
    through = cores_at;
    for (const std::uint32_t at : routing.towards(to)) {
      if (at == to) continue;
      const Arc& arc = topology.arcs[routing.next(at, to)];
      through[arc.to] += through[at];
      result.load[arc.channel] += through[at] * cores_at[to];
    }
  }
  for (double& load : result.load) load /= cores;
  sum_up(result);
  return result;
}

}  // namespace

std::span<const std::string_view> names_of(TrafficPattern) {
  static constexpr std::array<std::string_view, 6> names = {"uniform",   "transpose", "complement",
                                                            "neighbour", "tornado",   "shuffle"};
  return names;
}

std::uint32_t destination_of(TrafficPattern pattern, std::size_t core, std::size_t cores) {
  switch (pattern) {
    case TrafficPattern::transpose: return transposed(core, cores);
    case TrafficPattern::complement: return static_cast<std::uint32_t>(cores - 1 - core);
    case TrafficPattern::neighbour: return static_cast<std::uint32_t>((core + 1) % cores);
    case TrafficPattern::tornado:
      return static_cast<std::uint32_t>((core + (cores + 1) / 2 - 1) % cores);
    case TrafficPattern::shuffle:
      return static_cast<std::uint32_t>(core + 1 == cores ? core : 2 * core % (cores - 1));
    case TrafficPattern::uniform: break;
  }
  throw std::logic_error("uniform traffic has no single destination");
}

ChannelLoad channel_load(const Routing& routing, std::span<const Flow> flows, Cast cast) {
  const Topology& topology = routing.topology();
  ChannelLoad result;
  result.load.assign(topology.channels, 0.0);
  std::vector<std::uint32_t> used;
  for (const Flow& flow : flows) {
    used.clear();
    const std::uint32_t from = topology.router_of_core[flow.from];
    for (const std::uint32_t to : flow.to) {
      for (const std::uint32_t arc : routing.route(from, topology.router_of_core[to])) {
        used.push_back(topology.arcs[arc].channel);
      }
    }
    if (cast == Cast::multicast) {
      std::sort(used.begin(), used.end());
      used.erase(std::unique(used.begin(), used.end()), used.end());
    }
    for (const std::uint32_t channel : used) result.load[channel] += flow.amount;
  }
  sum_up(result);
  return result;
}

ChannelLoad channel_load(const Routing& routing, TrafficPattern pattern) {
  if (pattern == TrafficPattern::uniform) return uniform_load(routing);
  const std::size_t cores = routing.topology().cores();
  std::vector<Flow> flows;
  for (std::size_t c = 0; c < cores; ++c) {
    flows.push_back({static_cast<std::uint32_t>(c), {destination_of(pattern, c, cores)}, 1.0});
  }
  return channel_load(routing, flows, Cast::unicast);
}

std::vector<std::uint32_t> multicast_tree(const Routing& routing, std::size_t from,
                                          std::span<const std::uint32_t> to) {
  const Topology& topology = routing.topology();
  std::vector<std::uint32_t> tree;
  for (const std::uint32_t core : to) {
    for (const std::uint32_t arc :
         routing.route(topology.router_of_core[from], topology.router_of_core[core])) {
      if (std::find(tree.begin(), tree.end(), arc) == tree.end()) tree.push_back(arc);
    }
  }
  return tree;
}

}  // namespace imcsim::fabric
