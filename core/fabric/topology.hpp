#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/describe.hpp"

namespace imcsim::fabric {

/// One direction of a link between routers. `channel` is what carries one flit a cycle: each arc
/// has its own, but all arcs of a bus share one.
struct Arc {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint32_t channel = 0;
};

/// Routers as points of a grid: number = Σ coordinate[d] · Π sizes[< d]. Empty sizes: no grid.
struct Grid {
  std::vector<std::uint32_t> sizes;
  bool wraps = false;              ///< the last point of a line is linked to its first
  std::uint32_t longest_step = 1;  ///< links span up to this many points of a line
};

/// Where a router is drawn, in units of the distance between neighbours, y downwards.
struct Place {
  double x = 0.0;
  double y = 0.0;
};

/// Cores and the routers that they are attached to, with the links between routers. Arcs are sorted
/// by (from, to); those of router r are arcs[first_arc[r]] … arcs[first_arc[r + 1] - 1].
struct Topology {
  std::string name;
  std::size_t routers = 0;
  std::vector<std::uint32_t> router_of_core;
  std::vector<Arc> arcs;
  std::vector<std::size_t> first_arc;
  std::size_t channels = 0;
  bool shared = false;  ///< all arcs are one medium
  Grid grid;
  int link_cycles = 1;  ///< a folded torus has links of twice the length
  std::vector<Place> places;
  /// One number a router by which it falls on a side of the index bisection.
  std::vector<std::size_t> order;

  std::size_t cores() const { return router_of_core.size(); }
  /// Undirected links: a bus is one.
  std::size_t links() const { return shared ? 1 : arcs.size() / 2; }
  std::span<const Arc> arcs_of(std::size_t router) const {
    return std::span(arcs).subspan(first_arc[router], first_arc[router + 1] - first_arc[router]);
  }
  /// Number of the arc between two routers, or `no_arc`.
  std::uint32_t find_arc(std::size_t from, std::size_t to) const;
  static constexpr std::uint32_t no_arc = 0xFFFFFFFFU;
};

/// What a topology is made from.
struct TopologyConfig {
  std::int64_t cores = 64;
  std::int64_t columns = 0;        ///< of a grid; 0: as square as it can be, wider than high
  std::int64_t concentration = 4;  ///< cores a router of a cmesh
};
void describe(TopologyConfig& config, FieldList& fields);

using RouterPair = std::pair<std::uint32_t, std::uint32_t>;

/// Sorts the links (each is given once, in either direction; doubles are dropped) and fills
/// `arcs`, `first_arc`, `channels`, and `order` where that is empty.
void finish(Topology& topology, const std::vector<RouterPair>& links);

/// A kind of topology that is built in. `make` gets what stands behind the colon of its name.
struct TopologyKind {
  std::string_view name;
  std::string_view summary;
  std::string_view source;  ///< where its definition is from, and how sure that is
  Topology (*make)(const TopologyConfig& config, std::string_view argument);
};

/// The closed list of them.
std::span<const TopologyKind> topology_kinds();

/// Text of a file that names a topology; false where there is no such file.
using TopologyReader = std::function<bool(const std::string& name, std::string& text)>;

/// The topology of a name: a built-in kind (`mesh`, `pathpower:3`) or a file that `read_file`
/// finds. Throws InputError{where, …}: unknown names bring neighbours; sizes that do not go
/// together.
Topology make_topology(const std::string& name, const TopologyConfig& config,
                       const TopologyReader& read_file, const Where& where);

/// A topology from text, one statement a line; `#` starts a comment:
///   cores N      how many cores there are, 0 … N-1; before any link
///   A B          a link between cores A and B, one channel in each direction
///   at A X Y     where core A is drawn (optional; a circle otherwise)
/// Throws InputError{name:line, …}; also where a core cannot be reached.
Topology parse_topology(std::string_view text, const std::string& name);

/// True where every core can be reached from every other (every link goes both ways).
bool is_connected(const Topology& topology);

/// Links on the way from `router` to every other (Boost.Graph, breadth first).
std::vector<std::uint32_t> hops_from(const Topology& topology, std::size_t router);

/// The same for every router, in order of their numbers: body(router, hops).
using HopsBody = std::function<void(std::size_t, const std::vector<std::uint32_t>&)>;
void for_each_hops(const Topology& topology, const HopsBody& body);

// The builders, for the list. All throw InputError where the number of cores does not fit.
Topology make_mesh(const TopologyConfig& config, std::string_view argument);
Topology make_torus(const TopologyConfig& config, std::string_view argument);
Topology make_cmesh(const TopologyConfig& config, std::string_view argument);
Topology make_mesh_skip2(const TopologyConfig& config, std::string_view argument);
Topology make_hypercube(const TopologyConfig& config, std::string_view argument);
Topology make_ring(const TopologyConfig& config, std::string_view argument);
Topology make_tree(const TopologyConfig& config, std::string_view argument);
Topology make_bus(const TopologyConfig& config, std::string_view argument);
Topology make_fully_connected(const TopologyConfig& config, std::string_view argument);
Topology make_path_power(const TopologyConfig& config, std::string_view argument);
Topology make_5pp_derived(const TopologyConfig& config, std::string_view argument);

/// Places on a circle on which neighbours are one unit apart, the first at the top.
std::vector<Place> on_circle(std::size_t count);

}  // namespace imcsim::fabric
