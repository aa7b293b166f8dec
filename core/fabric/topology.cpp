#include "fabric/topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::fabric {
namespace {

constexpr auto kinds = std::to_array<TopologyKind>({
    {"mesh", "Grid with links between neighbors in row and column", "textbook", make_mesh},
    {"torus", "Grid whose rows and columns are rings", "textbook", make_torus},
    {"cmesh", "Mesh of routers with several cores each (see concentration)", "textbook",
     make_cmesh},
    {"hypercube", "Links between cores whose numbers differ in one bit", "textbook",
     make_hypercube},
    {"ring", "Ring of cores", "textbook", make_ring},
    {"tree", "Binary tree of routers with the cores as leaves", "textbook", make_tree},
    {"bus", "Shared medium that carries one flit per cycle", "textbook", make_bus},
    {"fully-connected", "Link between any two cores", "textbook", make_fully_connected},
    {"5pp-derived",
     "pathpower:5, derived from abstracts: links span 1 to 5 steps in pipeline order",
     "derived from the abstracts of arXiv:1906.03474 and doi:10.1109/TC.2021.3073255; no edge list "
     "was available; probability that it equals the published graph edge for edge: 10-15 %; that "
     "ResNets embed with the published lowest channel load: 95 %",
     make_5pp_derived},
    {"pathpower", "Links between cores whose numbers differ by 1 to K", "power of a path",
     make_path_power},
    {"mesh-skip2", "Mesh with additional links to the second neighbor in row and column",
     "416 channels at 8 x 8, near the link count of doi:10.1038/s41928-023-01010-1; may be a "
     "coincidence",
     make_mesh_skip2},
});

const TopologyKind* find_kind(std::string_view name) {
  const auto* found = std::find_if(kinds.begin(), kinds.end(),
                                   [&](const TopologyKind& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : found;
}

}  // namespace

void describe(TopologyConfig& c, FieldList& f) {
  f.field("cores", c.cores, Unit::none, {2.0, 2048.0},
          "Number of cores (topology file: as stated in the file)");
  f.field("columns", c.columns, Unit::none, {0.0, 4096.0},
          "Columns of a grid (0: as square as possible)");
  f.field("concentration", c.concentration, Unit::none, {1.0, 64.0},
          "Cores per router of a concentrated mesh", "PUMA and ISAAC: 4 tiles a router");
}

std::span<const TopologyKind> topology_kinds() { return kinds; }

std::uint32_t Topology::find_arc(std::size_t from, std::size_t to) const {
  const auto first = arcs.begin() + static_cast<std::ptrdiff_t>(first_arc[from]);
  const auto last = arcs.begin() + static_cast<std::ptrdiff_t>(first_arc[from + 1]);
  const auto found = std::lower_bound(
      first, last, to, [](const Arc& arc, std::size_t wanted) { return arc.to < wanted; });
  if (found == last || found->to != to) return no_arc;
  return static_cast<std::uint32_t>(found - arcs.begin());
}

void finish(Topology& topology, const std::vector<RouterPair>& links) {
  std::vector<Arc>& arcs = topology.arcs;
  arcs.clear();
  for (const auto& [a, b] : links) {
    arcs.push_back({a, b, 0});
    arcs.push_back({b, a, 0});
  }
  const auto key = [](const Arc& arc) { return (std::uint64_t{arc.from} << 32) | arc.to; };
  std::sort(arcs.begin(), arcs.end(), [&](const Arc& a, const Arc& b) { return key(a) < key(b); });
  const auto same = [&](const Arc& a, const Arc& b) { return key(a) == key(b); };
  arcs.erase(std::unique(arcs.begin(), arcs.end(), same), arcs.end());
  topology.first_arc.assign(topology.routers + 1, 0);
  for (const Arc& arc : arcs) ++topology.first_arc[arc.from + 1];
  for (std::size_t r = 0; r < topology.routers; ++r) {
    topology.first_arc[r + 1] += topology.first_arc[r];
  }
  topology.channels = topology.shared ? 1 : arcs.size();
  for (std::size_t a = 0; a < arcs.size() && !topology.shared; ++a) {
    arcs[a].channel = static_cast<std::uint32_t>(a);
  }
  if (topology.order.empty()) {
    for (std::size_t r = 0; r < topology.routers; ++r) topology.order.push_back(r);
  }
}

Topology make_topology(const std::string& name, const TopologyConfig& config,
                       const TopologyReader& read_file, const Where& where) {
  const std::size_t colon = std::min(name.find(':'), name.size());
  const std::string_view kind_name = std::string_view(name).substr(0, colon);
  const std::string_view argument =
      colon < name.size() ? std::string_view(name).substr(colon + 1) : std::string_view{};
  if (const TopologyKind* kind = find_kind(kind_name)) {
    if (!argument.empty() && kind->make != make_path_power) {
      throw InputError(where, fmt::format("{} takes no argument \":{}\"", kind_name, argument),
                       fmt::format("{} without an argument", kind_name));
    }
    Topology topology = kind->make(config, argument);
    topology.name = name;
    return topology;
  }
  std::string text;
  if (read_file && read_file(name, text)) return parse_topology(text, name);
  std::vector<std::string> known;
  known.reserve(std::size(kinds));
  for (const TopologyKind& kind : kinds) known.emplace_back(kind.name);
  throw InputError(where, fmt::format("unknown topology \"{}\"", name),
                   "a file of links; " + suggest(name, known));
}

std::vector<Place> on_circle(std::size_t count) {
  std::vector<Place> places;
  const double radius = count < 2 ? 0.0 : static_cast<double>(count) / 6.283185307179586;
  for (std::size_t i = 0; i < count; ++i) {
    float sine = 0.0F;
    float cosine = 0.0F;
    const std::uint64_t turn = (std::uint64_t{i} << 32) / count;
    numeric::sincos_turn(static_cast<std::uint32_t>(turn), sine, cosine);
    places.push_back({radius * static_cast<double>(sine), -radius * static_cast<double>(cosine)});
  }
  return places;
}

}  // namespace imcsim::fabric
