#pragma once

#include <cstdint>
#include <vector>

#include "fabric/network_model.hpp"

namespace imcsim::fabric {

/// One run of the flit-level simulation.
struct SimulationConfig {
  NetworkConfig network;
  TrafficPattern pattern = TrafficPattern::uniform;
  double injection_rate = 0.1;  ///< flits a core and cycle
  std::int64_t warmup_cycles = 3000;
  std::int64_t measured_cycles = 10000;
  double latency_limit_cycles = 500.0;  ///< mean latency beyond which a network is saturated
  std::uint64_t seed = 1;
};
/// The fields of a run alone; the network's and the seed are described by their owners.
void describe(SimulationConfig& config, FieldList& fields);

struct SimulationResult {
  double latency_cycles = 0.0;  ///< packets made in the measured cycles: making to last flit
  double latency_std_cycles = 0.0;
  double latency_99_cycles = 0.0;    ///< 99 of 100 packets take no longer
  double network_cycles = 0.0;       ///< the same from leaving the core's queue on
  double mean_hops = 0.0;            ///< links that these packets took
  double accepted_rate = 0.0;        ///< flits delivered a core and cycle, while measured
  double highest_utilisation = 0.0;  ///< of the busiest channel, while measured
  double mean_utilisation = 0.0;
  bool saturated = false;     ///< latency beyond its limit or growing, or packets left over
  std::uint64_t packets = 0;  ///< measured
  std::uint64_t made_flits = 0;
  std::uint64_t delivered_flits = 0;
  std::uint64_t misdelivered_flits = 0;  ///< at a wrong core, twice or out of order: none
  std::uint64_t flits_left = 0;          ///< in queues and buffers at the end
  std::uint64_t flit_hops = 0;           ///< flits times links, whole run
  std::uint64_t cycles = 0;
};

/// Simulates routers with input buffers, cycle by cycle: a core makes packets at random (Bernoulli,
/// independent of all others) into a queue of its own; routers work in the four steps route,
/// virtual channel, switch, crossbar (fewer where `router_cycles` says so); a virtual channel takes
/// another packet when the last flit of the former has left; credits return with the same delay as
/// a link. Both allocators are round-robin: the switch is one iteration of iSLIP
/// (doi:10.1109/90.769767), which moves a pointer only where its grant was taken.
///
/// The run ends when all measured packets have arrived, or when as many cycles again have passed
/// as were asked for. Throws InputError where the virtual channels are fewer than the classes of
/// the routing; RunError where flits wait in the network and none has moved for 2000 cycles.
SimulationResult simulate_network(const Routing& routing, const SimulationConfig& config);

}  // namespace imcsim::fabric
