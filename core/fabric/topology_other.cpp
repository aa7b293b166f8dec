// Topologies that are not grids: tree, bus, fully connected, powers of a path.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "fabric/topology.hpp"

namespace imcsim::fabric {
namespace {

/// Limit on the number of arcs, for memory and drawings.
constexpr std::size_t most_arcs = std::size_t{1} << 18;

Topology one_core_per_router(std::size_t cores) {
  Topology topology;
  topology.routers = cores;
  for (std::size_t c = 0; c < cores; ++c) {
    topology.router_of_core.push_back(static_cast<std::uint32_t>(c));
  }
  return topology;
}

std::vector<RouterPair> within(std::size_t cores, std::size_t reach) {
  if (2 * cores * std::min(reach, cores) > 2 * most_arcs) {
    throw InputError(at_field("cores"), fmt::format("{} cores need too many links", cores),
                     "at most 512 for fully-connected");
  }
  std::vector<RouterPair> links;
  for (std::size_t i = 0; i < cores; ++i) {
    for (std::size_t j = i + 1; j < cores && j - i <= reach; ++j) {
      links.emplace_back(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j));
    }
  }
  return links;
}

Topology path_power(std::size_t cores, std::size_t reach) {
  Topology topology = one_core_per_router(cores);
  for (std::size_t c = 0; c < cores; ++c) {
    const std::size_t column = c / reach;
    topology.places.push_back({1.25 * static_cast<double>(column), static_cast<double>(c % reach)});
  }
  finish(topology, within(cores, reach));
  return topology;
}

/// Adds the levels of a binary tree above the present routers, up to one root.
void build_tree(Topology& topology, std::vector<RouterPair>& links) {
  std::vector<std::uint32_t> level(topology.routers);
  for (std::size_t i = 0; i < level.size(); ++i) level[i] = static_cast<std::uint32_t>(i);
  double height = 0.0;
  double step = 1.2;
  while (level.size() > 1) {
    height -= step;
    step *= 1.3;
    std::vector<std::uint32_t> above;
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
      const auto parent = static_cast<std::uint32_t>(topology.routers++);
      const std::uint32_t left = level[i];
      const std::uint32_t right = level[i + 1];
      links.emplace_back(left, parent);
      links.emplace_back(right, parent);
      topology.places.push_back(
          {0.5 * (topology.places[left].x + topology.places[right].x), height});
      topology.order.push_back(topology.order[left]);
      above.push_back(parent);
    }
    if (level.size() % 2 != 0) above.push_back(level.back());
    level = std::move(above);
  }
}

}  // namespace

Topology make_tree(const TopologyConfig& config, std::string_view /*argument*/) {
  Topology topology = one_core_per_router(static_cast<std::size_t>(config.cores));
  for (std::size_t c = 0; c < topology.cores(); ++c) {
    topology.places.push_back({static_cast<double>(c), 0.0});
    topology.order.push_back(c);
  }
  std::vector<RouterPair> links;
  build_tree(topology, links);
  finish(topology, links);
  return topology;
}

Topology make_bus(const TopologyConfig& config, std::string_view /*argument*/) {
  Topology topology = one_core_per_router(static_cast<std::size_t>(config.cores));
  topology.shared = true;
  for (std::size_t c = 0; c < topology.cores(); ++c) {
    topology.places.push_back({0.5 * static_cast<double>(c), c % 2 == 0 ? -1.0 : 1.0});
  }
  finish(topology, within(topology.cores(), topology.cores()));
  return topology;
}

Topology make_fully_connected(const TopologyConfig& config, std::string_view /*argument*/) {
  Topology topology = one_core_per_router(static_cast<std::size_t>(config.cores));
  topology.places = on_circle(topology.cores());
  finish(topology, within(topology.cores(), topology.cores()));
  return topology;
}

Topology make_path_power(const TopologyConfig& config, std::string_view argument) {
  std::size_t reach = 0;
  const auto [end, error] =
      std::from_chars(argument.data(), argument.data() + argument.size(), reach);
  if (error != std::errc{} || end != argument.data() + argument.size() || reach < 1 ||
      reach > 512) {
    throw InputError(at_field("topology"),
                     fmt::format("\"pathpower:{}\" has no valid reach", argument),
                     "pathpower:K with K from 1 to 512");
  }
  return path_power(static_cast<std::size_t>(config.cores), reach);
}

Topology make_5pp_derived(const TopologyConfig& config, std::string_view /*argument*/) {
  return path_power(static_cast<std::size_t>(config.cores), 5);
}

}  // namespace imcsim::fabric
