#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "fabric/topology.hpp"

namespace imcsim::fabric {

/// Routing algorithm.
///  automatic         dimension-order on grids, shortest-path elsewhere
///  dimension_order   one coordinate after the other (X then Y; lowest bit of a hypercube first);
///                    rings in the shorter direction
///  shortest_path     the next router with the lowest number on any shortest path
///  balanced          next routers on shortest paths, selected by router and destination so that
///                    the load is spread
enum class RoutingKind { automatic, dimension_order, shortest_path, balanced };
std::span<const std::string_view> names_of(RoutingKind);

/// Direction on a ring to the opposite router: always upward, or downward from odd coordinates, so
/// that both directions carry the same load under uniform traffic.
enum class RingTies { balanced, positive };
std::span<const std::string_view> names_of(RingTies);

struct RoutingConfig {
  RoutingKind kind = RoutingKind::automatic;
  RingTies ties = RingTies::balanced;
};
void describe(RoutingConfig& config, FieldList& fields);

/// Routes between all routers of a topology. The next arc depends only on the present router and
/// the destination, so that all routes to a destination form a tree.
///
/// Deadlock avoidance: each arc has a stage (the dimension) and a rank within the stage. A packet
/// starts in class 0 of each stage and enters the next class when it takes an arc whose rank is not
/// above the rank of the last arc (on a torus: at the dateline, from a ring's last router to its
/// first). With separate virtual channels for each class, (stage, class, rank) increases along
/// every route, so that no cycle of waiting packets can form (Dally and Seitz 1987,
/// doi:10.1109/TC.1987.1676939).
class Routing {
 public:
  /// Throws InputError for dimension-order routing on a topology that is not a grid.
  Routing(const Topology& topology, const RoutingConfig& config);

  const Topology& topology() const { return *topology_; }
  RoutingKind kind() const { return kind_; }

  /// Arc taken at router `at` by a packet for router `to`; `Topology::no_arc` at the destination.
  std::uint32_t next(std::size_t at, std::size_t to) const {
    return next_[at * topology_->routers + to];
  }

  /// Class of a packet on `arc` after `last_class` on `last` (`no_arc`: the packet comes from a
  /// core).
  std::uint32_t next_class(std::uint32_t last, std::uint32_t last_class, std::uint32_t arc) const {
    if (last == Topology::no_arc || stage_[arc] != stage_[last]) return 0;
    return last_class + (rank_[arc] > rank_[last] ? 0U : 1U);
  }

  std::uint32_t stage(std::uint32_t arc) const { return stage_[arc]; }
  std::uint32_t rank(std::uint32_t arc) const { return rank_[arc]; }

  /// Number of classes used by the routes: the minimum number of virtual channels.
  std::uint32_t classes() const { return classes_; }

  /// Arcs of the route between two routers, in order.
  std::vector<std::uint32_t> route(std::size_t from, std::size_t to) const;

  /// Routers in an order in which each router comes after all routers that send to `to` through it,
  /// so that one pass over the order sums the load of all routes to `to`.
  std::vector<std::uint32_t> towards(std::size_t to) const;

 private:
  void route_by_dimension(RingTies ties);
  void route_by_distance(bool balanced);
  std::uint32_t count_classes() const;

  const Topology* topology_;
  RoutingKind kind_;
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> stage_, rank_;
  std::uint32_t classes_ = 1;
};

}  // namespace imcsim::fabric
