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

/// One direction of a link between routers. A channel carries one flit per cycle: each arc has its
/// own, except that all arcs of a bus share one.
struct Arc {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint32_t channel = 0;
};

/// Routers as points of a grid: number = Σ coordinate[d] · Π sizes[< d]. Empty sizes: not a grid.
struct Grid {
  std::vector<std::uint32_t> sizes;
  bool wraps = false;              ///< the last point of a line is linked to its first
  std::uint32_t longest_step = 1;  ///< largest number of points spanned by a link
};

/// Position of a router in drawings, in units of the distance between neighbors; y points down.
struct Place {
  double x = 0.0;
  double y = 0.0;
};

/// Cores, their routers, and the links between routers. Arcs are sorted by (from, to); the arcs of
/// router r are arcs[first_arc[r]] … arcs[first_arc[r + 1] - 1].
struct Topology {
  std::string name;
  std::size_t routers = 0;
  std::vector<std::uint32_t> router_of_core;
  std::vector<Arc> arcs;
  std::vector<std::size_t> first_arc;
  std::size_t channels = 0;
  bool shared = false;  ///< all arcs share one medium
  Grid grid;
  int link_cycles = 1;  ///< a folded torus has links of twice the length
  std::vector<Place> places;
  /// Number of each router that determines its side in the bisection by number.
  std::vector<std::size_t> order;

  std::size_t cores() const { return router_of_core.size(); }
  /// Number of undirected links; a bus counts as one.
  std::size_t links() const { return shared ? 1 : arcs.size() / 2; }
  std::span<const Arc> arcs_of(std::size_t router) const {
    return std::span(arcs).subspan(first_arc[router], first_arc[router + 1] - first_arc[router]);
  }
  /// Number of the arc between two routers, or `no_arc`.
  std::uint32_t find_arc(std::size_t from, std::size_t to) const;
  static constexpr std::uint32_t no_arc = 0xFFFFFFFFU;
};

/// Parameters of the built-in topologies.
struct TopologyConfig {
  std::int64_t cores = 64;
  std::int64_t columns = 0;        ///< of a grid; 0: as square as possible, with columns ≥ rows
  std::int64_t concentration = 4;  ///< cores per router of a cmesh
};
void describe(TopologyConfig& config, FieldList& fields);

using RouterPair = std::pair<std::uint32_t, std::uint32_t>;

/// Sorts the links (given in either direction; duplicates are dropped) and fills `arcs`,
/// `first_arc`, `channels`, and `order` if it is empty.
void finish(Topology& topology, const std::vector<RouterPair>& links);

/// A built-in kind of topology. `make` receives the text after the colon of the name.
struct TopologyKind {
  std::string_view name;
  std::string_view summary;
  std::string_view source;  ///< source of the definition, and its reliability
  Topology (*make)(const TopologyConfig& config, std::string_view argument);
};

/// All built-in kinds.
std::span<const TopologyKind> topology_kinds();

/// Reads the file of a topology; false if there is no such file.
using TopologyReader = std::function<bool(const std::string& name, std::string& text)>;

/// The topology with a name: a built-in kind (`mesh`, `pathpower:3`) or a file found by
/// `read_file`. Throws InputError{where, …} for unknown names (with the nearest known ones) and for
/// invalid sizes.
Topology make_topology(const std::string& name, const TopologyConfig& config,
                       const TopologyReader& read_file, const Where& where);

/// Parses a topology, one statement per line; `#` starts a comment:
///  cores N      number of cores, 0 … N-1; before any link
///  A B          a link between cores A and B, one channel in each direction
///  at A X Y     position of core A in drawings (optional; default: on a circle)
/// Throws InputError{name:line, …}; also if a core cannot be reached.
Topology parse_topology(std::string_view text, const std::string& name);

/// True if every core can be reached from every other core (all links are bidirectional).
bool is_connected(const Topology& topology);

/// Number of links from `router` to every other router (Boost.Graph, breadth-first search).
std::vector<std::uint32_t> hops_from(const Topology& topology, std::size_t router);

/// The same for every router, in ascending order: body(router, hops).
using HopsBody = std::function<void(std::size_t, const std::vector<std::uint32_t>&)>;
void for_each_hops(const Topology& topology, const HopsBody& body);

// Builders of the built-in kinds. All throw InputError for an unsupported number of cores.
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

/// Positions on a circle with unit distance between neighbors, the first at the top.
std::vector<Place> on_circle(std::size_t count);

}  // namespace imcsim::fabric
