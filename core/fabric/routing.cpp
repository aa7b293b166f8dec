#include "fabric/routing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"

namespace imcsim::fabric {
namespace {

constexpr std::uint32_t none = Topology::no_arc;

/// One dimension of a grid: `size` points that are `stride` router numbers apart.
struct Dimension {
  std::size_t size = 1;
  std::size_t stride = 1;

  std::size_t coordinate(std::size_t router) const { return router / stride % size; }
};

std::vector<Dimension> dimensions_of(const Grid& grid) {
  std::vector<Dimension> dimensions;
  std::size_t stride = 1;
  for (const std::uint32_t size : grid.sizes) {
    dimensions.push_back({size, stride});
    stride *= size;
  }
  return dimensions;
}

/// Whether the route from coordinate `at` to `to` goes upward.
bool goes_up(const Grid& grid, std::size_t size, std::size_t at, std::size_t to, RingTies ties) {
  if (!grid.wraps) return to > at;
  const std::size_t up = (to + size - at) % size;
  const std::size_t down = size - up;
  if (up == down) return ties == RingTies::positive || at % 2 == 0;
  return up < down;
}

/// Next router after `at` on the route to `to`, in the first dimension in which they differ.
std::size_t next_in_grid(const Grid& grid, const std::vector<Dimension>& dimensions, std::size_t at,
                         std::size_t to, RingTies ties) {
  for (const Dimension& dimension : dimensions) {
    const std::size_t here = dimension.coordinate(at);
    const std::size_t there = dimension.coordinate(to);
    if (here == there) continue;
    const bool up = goes_up(grid, dimension.size, here, there, ties);
    const std::size_t size = dimension.size;
    const std::size_t far = up ? (there + size - here) % size : (here + size - there) % size;
    const std::size_t step = std::min<std::size_t>(far, grid.longest_step);
    const std::size_t next = up ? (here + step) % size : (here + size - step) % size;
    return at - here * dimension.stride + next * dimension.stride;
  }
  return at;
}

}  // namespace

std::span<const std::string_view> names_of(RoutingKind) {
  static constexpr std::array<std::string_view, 4> names = {"auto", "dimension-order",
                                                            "shortest-path", "balanced"};
  return names;
}

std::span<const std::string_view> names_of(RingTies) {
  static constexpr std::array<std::string_view, 2> names = {"balanced", "positive"};
  return names;
}

void describe(RoutingConfig& c, FieldList& f) {
  f.field("routing", c.kind, Unit::none, {},
          "Routing algorithm (auto: dimension-order on grids, shortest-path elsewhere)");
  f.field("ring-ties", c.ties, Unit::none, {},
          "Direction to the opposite router of a ring: alternating, or always positive");
}

Routing::Routing(const Topology& topology, const RoutingConfig& config)
    : topology_(&topology), kind_(config.kind) {
  const bool is_grid = !topology.grid.sizes.empty();
  if (kind_ == RoutingKind::automatic) {
    kind_ = is_grid ? RoutingKind::dimension_order : RoutingKind::shortest_path;
  }
  if (kind_ == RoutingKind::dimension_order && !is_grid) {
    throw InputError(at_field("routing"), fmt::format("{} has no dimensions", topology.name),
                     "auto, shortest-path or balanced");
  }
  next_.assign(topology.routers * topology.routers, none);
  stage_.assign(topology.arcs.size(), 0);
  rank_.assign(topology.arcs.size(), 0);
  if (kind_ == RoutingKind::dimension_order) {
    route_by_dimension(config.ties);
  } else {
    route_by_distance(kind_ == RoutingKind::balanced);
  }
  classes_ = count_classes();
}

void Routing::route_by_dimension(RingTies ties) {
  const Grid& grid = topology_->grid;
  const std::vector<Dimension> dimensions = dimensions_of(grid);
  const std::size_t routers = topology_->routers;
  for (std::size_t at = 0; at < routers; ++at) {
    for (std::size_t to = 0; to < routers; ++to) {
      if (at == to) continue;
      const std::size_t next = next_in_grid(grid, dimensions, at, to, ties);
      next_[at * routers + to] = topology_->find_arc(at, next);
    }
  }
  for (std::size_t a = 0; a < topology_->arcs.size(); ++a) {
    const Arc& arc = topology_->arcs[a];
    for (std::size_t d = 0; d < dimensions.size(); ++d) {
      const std::size_t from = dimensions[d].coordinate(arc.from);
      const std::size_t to = dimensions[d].coordinate(arc.to);
      if (from == to) continue;
      const std::size_t size = dimensions[d].size;
      const bool wraps = from + grid.longest_step < to || to + grid.longest_step < from;
      const bool up = (to > from) != wraps;
      stage_[a] = static_cast<std::uint32_t>(d);
      rank_[a] = static_cast<std::uint32_t>(up ? from : size - 1 - from);
    }
  }
}

/// Ranks: first arcs to higher router numbers, in order of the numbers, then arcs to lower numbers.
/// With these ranks, a tree and a path need only one class, because their routes never turn upward
/// again.
void Routing::route_by_distance(bool balanced) {
  const std::size_t routers = topology_->routers;
  std::vector<std::uint32_t> nearer;
  for_each_hops(*topology_, [&](std::size_t to, const std::vector<std::uint32_t>& hops) {
    for (std::size_t at = 0; at < routers; ++at) {
      if (at == to) continue;
      nearer.clear();
      for (std::size_t a = topology_->first_arc[at]; a < topology_->first_arc[at + 1]; ++a) {
        if (hops[topology_->arcs[a].to] + 1 == hops[at]) {
          nearer.push_back(static_cast<std::uint32_t>(a));
          if (!balanced) break;
        }
      }
      next_[at * routers + to] = nearer[balanced ? (at + to) % nearer.size() : 0];
    }
  });
  for (std::size_t a = 0; a < topology_->arcs.size(); ++a) {
    const Arc& arc = topology_->arcs[a];
    rank_[a] =
        arc.to > arc.from ? arc.from : static_cast<std::uint32_t>(2 * routers - 1 - arc.from);
  }
}

std::vector<std::uint32_t> Routing::route(std::size_t from, std::size_t to) const {
  std::vector<std::uint32_t> arcs;
  for (std::size_t at = from; at != to; at = topology_->arcs[arcs.back()].to) {
    arcs.push_back(next(at, to));
  }
  return arcs;
}

std::vector<std::uint32_t> Routing::towards(std::size_t to) const {
  const std::size_t routers = topology_->routers;
  std::vector<std::uint32_t> senders(routers,
                                     0);  // senders through a router that are not yet in the order
  for (std::size_t at = 0; at < routers; ++at) {
    if (at != to) ++senders[topology_->arcs[next(at, to)].to];
  }
  std::vector<std::uint32_t> order;
  order.reserve(routers);
  for (std::size_t at = 0; at < routers; ++at) {
    if (senders[at] == 0) order.push_back(static_cast<std::uint32_t>(at));
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i] == to) continue;
    const std::uint32_t after = topology_->arcs[next(order[i], to)].to;
    if (--senders[after] == 0) order.push_back(after);
  }
  return order;
}

std::uint32_t Routing::count_classes() const {
  const std::size_t routers = topology_->routers;
  std::uint32_t most = 0;
  std::vector<std::uint32_t> highest(routers);  // class on the arc toward `to` that leaves a router
  for (std::size_t to = 0; to < routers; ++to) {
    std::fill(highest.begin(), highest.end(), 0U);
    for (const std::uint32_t at : towards(to)) {
      if (at == to) continue;
      const std::uint32_t arc = next(at, to);
      most = std::max(most, highest[at]);
      const std::uint32_t after = topology_->arcs[arc].to;
      if (after == to) continue;
      const std::uint32_t then = next_class(arc, highest[at], next(after, to));
      highest[after] = std::max(highest[after], then);
    }
  }
  return most + 1;
}

}  // namespace imcsim::fabric
