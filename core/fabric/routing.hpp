#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "fabric/topology.hpp"

namespace imcsim::fabric {

/// How a packet finds its way.
///   automatic         dimension-order on grids, shortest-path elsewhere
///   dimension_order   the first coordinate is put right, then the next (X then Y; a hypercube's
///                     lowest bit first); rings are gone round the shorter way
///   shortest_path     of all next routers on shortest paths that with the lowest number
///   balanced          of all next routers on shortest paths another one for each router and
///   destination
enum class RoutingKind { automatic, dimension_order, shortest_path, balanced };
std::span<const std::string_view> names_of(RoutingKind);

/// Which way round a ring to the router just opposite: always upwards, or from odd coordinates
/// downwards, so that both directions carry the same under uniform traffic.
enum class RingTies { balanced, positive };
std::span<const std::string_view> names_of(RingTies);

struct RoutingConfig {
  RoutingKind kind = RoutingKind::automatic;
  RingTies ties = RingTies::balanced;
};
void describe(RoutingConfig& config, FieldList& fields);

/// Routes between all routers of a topology. The next arc follows from the present router and the
/// destination alone, so that all routes to a destination are a tree.
///
/// Freedom from deadlock: arcs have a stage (the dimension) and a rank within it. A packet starts
/// in class 0 of each stage and goes to the next class when it takes an arc whose rank is not
/// above the last one's (on a torus: where it passes from a ring's last router to its first, the
/// dateline). With virtual channels of their own for each class, (stage, class, rank) grows along
/// every route, and no circle of packets can wait for one another (Dally and Seitz 1987,
/// doi:10.1109/TC.1987.1676939).
class Routing {
 public:
  /// Throws InputError where the topology is no grid and dimension order is asked for.
  Routing(const Topology& topology, const RoutingConfig& config);

  const Topology& topology() const { return *topology_; }
  RoutingKind kind() const { return kind_; }

  /// Arc that a packet for router `to` takes at router `at`; `Topology::no_arc` where it is there.
  std::uint32_t next(std::size_t at, std::size_t to) const {
    return next_[at * topology_->routers + to];
  }

  /// Class of a packet on `arc` that had `last_class` on `last` (`no_arc`: it comes from a core).
  std::uint32_t next_class(std::uint32_t last, std::uint32_t last_class, std::uint32_t arc) const {
    if (last == Topology::no_arc || stage_[arc] != stage_[last]) return 0;
    return last_class + (rank_[arc] > rank_[last] ? 0U : 1U);
  }

  std::uint32_t stage(std::uint32_t arc) const { return stage_[arc]; }
  std::uint32_t rank(std::uint32_t arc) const { return rank_[arc]; }

  /// Classes that some route needs: virtual channels must be at least as many.
  std::uint32_t classes() const { return classes_; }

  /// Arcs from router to router, in order.
  std::vector<std::uint32_t> route(std::size_t from, std::size_t to) const;

  /// Routers in an order in which each stands behind all that send through it to `to`, so that one
  /// pass sums what all routes to `to` carry.
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
