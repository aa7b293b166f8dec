// Connectivity and distances of a topology, computed with Boost.Graph.
#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <limits>

#include "fabric/topology.hpp"

namespace imcsim::fabric {
namespace {

using Graph =
    boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                       boost::no_property, std::uint32_t, std::uint32_t>;

constexpr std::uint32_t unreached = std::numeric_limits<std::uint32_t>::max();

Graph graph_of(const Topology& topology) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
  edges.reserve(topology.arcs.size());
  for (const Arc& arc : topology.arcs) edges.emplace_back(arc.from, arc.to);
  return {boost::edges_are_sorted, edges.begin(), edges.end(),
          static_cast<std::uint32_t>(topology.routers)};
}

void count_hops(const Graph& graph, std::size_t router, std::vector<std::uint32_t>& hops) {
  std::fill(hops.begin(), hops.end(), unreached);
  hops[router] = 0;
  const auto index = boost::get(boost::vertex_index, graph);
  const auto distance = boost::make_iterator_property_map(hops.begin(), index);
  const auto recorder = boost::record_distances(distance, boost::on_tree_edge());
  boost::breadth_first_search(graph, static_cast<std::uint32_t>(router),
                              boost::visitor(boost::make_bfs_visitor(recorder)));
}

}  // namespace

std::vector<std::uint32_t> hops_from(const Topology& topology, std::size_t router) {
  std::vector<std::uint32_t> hops(topology.routers);
  count_hops(graph_of(topology), router, hops);
  return hops;
}

void for_each_hops(const Topology& topology, const HopsBody& body) {
  const Graph graph = graph_of(topology);
  std::vector<std::uint32_t> hops(topology.routers);
  for (std::size_t router = 0; router < topology.routers; ++router) {
    count_hops(graph, router, hops);
    body(router, hops);
  }
}

bool is_connected(const Topology& topology) {
  const std::vector<std::uint32_t> hops = hops_from(topology, 0);
  return std::none_of(hops.begin(), hops.end(), [](std::uint32_t hop) { return hop == unreached; });
}

}  // namespace imcsim::fabric
