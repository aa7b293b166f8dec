#pragma once

#include <cstdint>

#include "fabric/traffic.hpp"

namespace imcsim::fabric {

/// The routers between the cores, in clock cycles and flits.
struct NetworkConfig {
  std::int64_t router_cycles = 4;     ///< head flit: route, virtual channel, switch, crossbar
  std::int64_t link_cycles = 0;       ///< 0: 1, or 2 where links are twice as long (torus, ring)
  std::int64_t interface_cycles = 3;  ///< between core and router, both ends together
  std::int64_t packet_flits = 1;
  std::int64_t virtual_channels = 8;
  std::int64_t buffer_flits = 8;  ///< a virtual channel
  bool deadlock_avoidance = true;
  std::int64_t flit_bytes = 8;  ///< width of a link; decides no time, only bytes
};
void describe(NetworkConfig& config, FieldList& fields);

/// Cycles of a link of this topology.
std::int64_t link_cycles_of(const Topology& topology, const NetworkConfig& config);

/// Latency of a packet in an empty network, in cycles:
///   T0 = H·(router + link) + router + interface + flits − 1,   H links on the way on average.
double zero_load_latency(double hops, const Topology& topology, const NetworkConfig& config);

/// What load does to latency, in closed form: each channel is a queue with one server and a fixed
/// service of one packet (M/D/1). With every core sending `rate` flits a cycle, a channel that
/// carries ρ = rate·load waits W = flits·ρ/(2(1−ρ)) cycles a packet, and a packet waits Σ W over
/// its channels. Good while ρ < 0.7; buffers and virtual channels are not in it.
class NetworkModel {
 public:
  /// `pattern`: who sends to whom; each core sends the same.
  NetworkModel(const Routing& routing, TrafficPattern pattern, const NetworkConfig& config);

  const ChannelLoad& load() const { return load_; }
  double mean_hops() const { return load_.hops / cores_; }
  double zero_load_cycles() const { return zero_load_cycles_; }

  /// Flits a core and cycle at which the busiest channel is full; at most 1, which a core's own
  /// connection carries.
  double ideal_saturation() const;

  /// Mean latency at `rate` flits a core and cycle; infinite from ideal_saturation() on.
  double latency_cycles(double rate) const;

  /// Mean and highest part of the channels' capacity that is used.
  double mean_utilisation(double rate) const;
  double highest_utilisation(double rate) const { return rate * load_.highest; }

 private:
  ChannelLoad load_;
  double cores_;
  double packet_flits_;
  double zero_load_cycles_;
};

}  // namespace imcsim::fabric
