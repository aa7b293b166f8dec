#include "compiler/placement.hpp"

#include <algorithm>

#include "fabric/placement.hpp"

namespace imcsim::compiler {
namespace {

constexpr std::uint32_t nowhere = ~std::uint32_t{0};

class Placer {
 public:
  Placer(std::size_t vertices, const std::vector<Edge>& edges, const fabric::Topology& topology)
      : edges_(edges), topology_(topology), neighbors_(vertices) {
    fabric::for_each_hops(topology, [&](std::size_t, const std::vector<std::uint32_t>& hops) {
      hops_.push_back(hops);
    });
    for (const Edge& edge : edges) {
      if (edge.from == edge.to) continue;
      neighbors_[edge.from].push_back({edge.to, edge.bytes});
      neighbors_[edge.to].push_back({edge.from, edge.bytes});
    }
  }

  Placed run(std::size_t steps) {
    Placed placed;
    const std::vector<std::uint32_t> order = fabric::pipeline_order(topology_);
    placed.core_of.assign(order.begin(),
                          order.begin() + static_cast<std::ptrdiff_t>(neighbors_.size()));
    if (is_direct(placed.core_of)) return placed;
    std::vector<std::uint32_t> found;
    if (search(order, steps, found)) return {found, PlacementMethod::exact_search};
    placed.method = PlacementMethod::improved;
    improve(placed.core_of, order, steps);
    return placed;
  }

 private:
  struct Neighbor {
    std::size_t vertex;
    double bytes;
  };

  std::uint32_t hops(std::uint32_t a, std::uint32_t b) const {
    return hops_[topology_.router_of_core[a]][topology_.router_of_core[b]];
  }

  bool is_direct(const std::vector<std::uint32_t>& core_of) const {
    return std::all_of(edges_.begin(), edges_.end(), [&](const Edge& edge) {
      return hops(core_of[edge.from], core_of[edge.to]) <= 1;
    });
  }

  /// Backtracking search: vertices in order, each on the first free core (in the fabric's order)
  /// that is one link away from all its neighbors placed so far.
  bool search(const std::vector<std::uint32_t>& order, std::size_t steps,
              std::vector<std::uint32_t>& found) const {
    const std::size_t vertices = neighbors_.size();
    std::vector<std::size_t> next(vertices, 0);
    std::vector<bool> taken(topology_.cores(), false);
    found.assign(vertices, nowhere);
    std::size_t v = 0;
    while (v < vertices) {
      if (found[v] != nowhere) {
        taken[found[v]] = false;
        found[v] = nowhere;
      }
      bool placed = false;
      while (next[v] < order.size() && !placed) {
        if (steps-- == 0) return false;
        const std::uint32_t core = order[next[v]++];
        placed = !taken[core] && fits(v, core, found);
        if (placed) found[v] = core;
      }
      if (placed) {
        taken[found[v]] = true;
        if (++v < vertices) next[v] = 0;
        continue;
      }
      if (v == 0) return false;
      next[v] = 0;
      --v;
    }
    return true;
  }

  bool fits(std::size_t v, std::uint32_t core, const std::vector<std::uint32_t>& found) const {
    for (const Neighbor& n : neighbors_[v]) {
      if (found[n.vertex] != nowhere && hops(core, found[n.vertex]) > 1) return false;
    }
    return true;
  }

  double cost_of(std::size_t v, std::uint32_t core,
                 const std::vector<std::uint32_t>& core_of) const {
    double cost = 0.0;
    for (const Neighbor& n : neighbors_[v]) cost += n.bytes * hops(core, core_of[n.vertex]);
    return cost;
  }

  /// Exchanges the vertices of two cores whenever this reduces Σ bytes × links.
  void improve(std::vector<std::uint32_t>& core_of, const std::vector<std::uint32_t>& order,
               std::size_t steps) const {
    std::vector<std::size_t> vertex_on(topology_.cores(), network::absent);
    for (std::size_t v = 0; v < core_of.size(); ++v) vertex_on[core_of[v]] = v;
    bool better = true;
    while (better) {
      better = false;
      for (std::size_t v = 0; v < core_of.size(); ++v) {
        for (const std::uint32_t core : order) {
          if (core == core_of[v]) continue;
          if (steps-- == 0) return;
          better = exchange(v, core, core_of, vertex_on) || better;
        }
      }
    }
  }

  bool exchange(std::size_t v, std::uint32_t core, std::vector<std::uint32_t>& core_of,
                std::vector<std::size_t>& vertex_on) const {
    const std::uint32_t own = core_of[v];
    const std::size_t other = vertex_on[core];
    double before = cost_of(v, own, core_of);
    if (other != network::absent) before += cost_of(other, core, core_of);
    core_of[v] = core;
    if (other != network::absent) core_of[other] = own;
    double after = cost_of(v, core, core_of);
    if (other != network::absent) after += cost_of(other, own, core_of);
    if (after < before) {
      vertex_on[core] = v;
      vertex_on[own] = other;
      return true;
    }
    core_of[v] = own;
    if (other != network::absent) core_of[other] = core;
    return false;
  }

  const std::vector<Edge>& edges_;
  const fabric::Topology& topology_;
  std::vector<std::vector<std::uint32_t>> hops_;
  std::vector<std::vector<Neighbor>> neighbors_;
};

}  // namespace

Placed place(std::size_t vertices, const std::vector<Edge>& edges, const fabric::Topology& topology,
             std::size_t steps) {
  return Placer(vertices, edges, topology).run(steps);
}

}  // namespace imcsim::compiler
