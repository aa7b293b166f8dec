#pragma once

#include "compiler/program.hpp"

namespace imcsim::compiler {

/// Assigns cores to `vertices` that communicate: core_of[v] is the core of vertex v. First the
/// fabric's own order is tried. If some edges span several links, an exact search looks for a
/// placement with single links only, in at most `steps` steps. If it fails, pairwise exchanges
/// reduce Σ bytes × links, in at most `steps` steps.
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
