#pragma once

#include <cstdint>
#include <vector>

#include "fabric/network_model.hpp"

namespace imcsim::fabric {

/// Configuration of one flit-level simulation.
struct SimulationConfig {
  NetworkConfig network;
  TrafficPattern pattern = TrafficPattern::uniform;
  double injection_rate = 0.1;  ///< flits per core and cycle
  std::int64_t warmup_cycles = 3000;
  std::int64_t measured_cycles = 10000;
  double latency_limit_cycles = 500.0;  ///< the network counts as saturated above this mean latency
  std::uint64_t seed = 1;
};
/// The fields of a run alone; fields of the network and the seed are described elsewhere.
void describe(SimulationConfig& config, FieldList& fields);

struct SimulationResult {
  /// From creation to last flit, for packets created in the measured cycles.
  double latency_cycles = 0.0;
  double latency_std_cycles = 0.0;
  double latency_99_cycles = 0.0;    ///< 99th percentile
  double network_cycles = 0.0;       ///< as latency_cycles, but from leaving the core's queue
  double mean_hops = 0.0;            ///< links traversed by these packets
  double accepted_rate = 0.0;        ///< delivered flits per core and cycle, in the measured cycles
  double highest_utilisation = 0.0;  ///< of the busiest channel, in the measured cycles
  double mean_utilisation = 0.0;
  bool saturated = false;     ///< latency above its limit or growing, or packets not delivered
  std::uint64_t packets = 0;  ///< measured packets
  std::uint64_t made_flits = 0;
  std::uint64_t delivered_flits = 0;
  std::uint64_t misdelivered_flits = 0;  ///< at a wrong core, twice or out of order; must be 0
  std::uint64_t flits_left = 0;          ///< in queues and buffers at the end
  std::uint64_t flit_hops = 0;           ///< flits times links, whole run
  std::uint64_t cycles = 0;
};

/// Simulates routers with input buffers, cycle by cycle. Each core creates packets at random
/// (Bernoulli, independent of all others) in its own queue. Routers have the four stages routing,
/// virtual-channel allocation, switch allocation, crossbar (fewer if `router_cycles` is smaller). A
/// virtual channel accepts the next packet when the last flit of the previous packet has left.
/// Credits return with the delay of a link. Both allocators are round-robin: the switch uses one
/// iteration of iSLIP (doi:10.1109/90.769767), which moves a pointer only if its grant is accepted.
/// (doi:10.1109/90.769767), which moves a pointer only where its grant was taken.
///
/// The run ends when all measured packets have arrived, or after another `measured_cycles` cycles.
/// Throws InputError if there are fewer virtual channels than routing classes; RunError if flits
/// are in the network and none has moved for 2000 cycles.
SimulationResult simulate_network(const Routing& routing, const SimulationConfig& config);

}  // namespace imcsim::fabric
