#pragma once

#include "compiler/program.hpp"

namespace imcsim::compiler {

/// Cores for `vertices` that send to one another: places[v] is the core of vertex v. First the
/// fabric's own order is tried; where it leaves way over several links, an exact search for an
/// embedding without any, of at most `steps` steps; then exchanges of neighbours that shorten
/// Σ bytes × links, of as many steps.
struct Edge {
  std::size_t from = 0, to = 0;
  double bytes = 0.0;
};
struct Placed {
  std::vector<std::uint32_t> core_of;
  PlacementMethod method = PlacementMethod::natural_order;
};
Placed place(std::size_t vertices, const std::vector<Edge>& edges, const fabric::Topology& topology,
             std::size_t steps);

}  // namespace imcsim::compiler
