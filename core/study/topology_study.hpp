#pragma once

#include <optional>

#include "fabric/network_simulation.hpp"
#include "fabric/properties.hpp"
#include "fabric/routing.hpp"
#include "fabric/topology.hpp"
#include "fabric/traffic.hpp"
#include "numeric/execution.hpp"
#include "study/json.hpp"

namespace imcsim::study {

/// All parameters that determine the result of `imcsim topology`, except file contents.
struct TopologyStudyConfig {
  std::string topology = "mesh";  ///< names separated by commas
  fabric::TopologyConfig size;
  fabric::RoutingConfig routing;
  fabric::SimulationConfig simulation;  ///< except its rate and seed
  bool simulate = false;
  bool load_curve = false;
  Numbers injection_rates = {0.1};
  std::uint64_t seed = 1;
};
void describe(TopologyStudyConfig& config, FieldList& fields);

/// A network at one load: in closed form and, if configured, simulated.
struct LoadPoint {
  double rate = 0.0;  ///< flits per core and cycle
  double model_latency_cycles = 0.0;
  std::optional<fabric::SimulationResult> simulated;
};

/// Results for one topology.
struct TopologyReport {
  fabric::Topology topology;
  std::string routing;
  fabric::TopologyProperties properties;
  fabric::ChannelLoad load;  ///< if each core sends 1 flit per cycle
  std::uint32_t classes = 1;
  double mean_hops = 0.0;
  double zero_load_latency_cycles = 0.0;
  double ideal_saturation = 1.0;
  std::vector<LoadPoint> points;
  /// With --load-curve: the lowest rate found to saturate, and the highest found stable.
  std::optional<double> saturation, stable;
};

struct TopologyStudy {
  std::vector<TopologyReport> reports;
  std::uint64_t digest = 0;
};

/// Throws InputError for an invalid topology; RunError if a simulated network deadlocks.
TopologyStudy run_topology_study(const TopologyStudyConfig& config,
                                 const fabric::TopologyReader& read_file,
                                 const Execution& execution);

/// The JSON result of the command, without `execution` and `timing`. For a single topology,
/// its figures are the result; for several, they are in `topologies`.
Json topology_json(const TopologyStudyConfig& config, const TopologyStudy& study);

/// A drawing of all topologies of a study, side by side: routers and cores at their positions,
/// links colored by the higher load of their two directions. Throws InputError for too many links.
std::string topology_svg(const TopologyStudy& study);

}  // namespace imcsim::study
