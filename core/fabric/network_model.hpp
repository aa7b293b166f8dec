#pragma once

#include <cstdint>

#include "fabric/traffic.hpp"

namespace imcsim::fabric {

/// The network between the cores, in clock cycles and flits.
struct NetworkConfig {
  /// Head flit: routing, virtual-channel allocation, switch allocation, crossbar.
  std::int64_t router_cycles = 4;
  std::int64_t link_cycles = 0;       ///< 0: 1, or 2 where links are twice as long (torus, ring)
  std::int64_t interface_cycles = 3;  ///< between core and router, sum of both ends
  std::int64_t packet_flits = 1;
  std::int64_t virtual_channels = 8;
  std::int64_t buffer_flits = 8;  ///< per virtual channel
  bool deadlock_avoidance = true;
  std::int64_t flit_bytes = 8;  ///< width of a link; affects bytes only, not time
};
void describe(NetworkConfig& config, FieldList& fields);

/// Latency of a link of this topology, in cycles.
std::int64_t link_cycles_of(const Topology& topology, const NetworkConfig& config);

/// Latency of a packet in an empty network, in cycles:
///  T0 = H·(router + link) + router + interface + flits − 1,   H: mean number of links.
double zero_load_latency(double hops, const Topology& topology, const NetworkConfig& config);

/// Latency as a function of load, in closed form: each channel is a queue with one server and a
/// fixed service time of one packet (M/D/1). If every core sends `rate` flits per cycle, a channel
/// with utilization ρ = rate·load delays a packet by W = flits·ρ/(2(1−ρ)) cycles, and the delay of
/// a packet is Σ W over its channels. Valid for ρ < 0.7; buffers and virtual channels are not
/// modeled.
class NetworkModel {
 public:
  /// `pattern` determines the destinations; all cores send at the same rate.
  NetworkModel(const Routing& routing, TrafficPattern pattern, const NetworkConfig& config);

  const ChannelLoad& load() const { return load_; }
  double mean_hops() const { return load_.hops / cores_; }
  double zero_load_cycles() const { return zero_load_cycles_; }

  /// Rate at which the busiest channel is full, in flits per core and cycle; at most 1, the limit
  /// of a core's own connection.
  double ideal_saturation() const;

  /// Mean latency at `rate` flits per core and cycle; infinite from ideal_saturation() on.
  double latency_cycles(double rate) const;

  /// Mean and highest utilization of the channels.
  double mean_utilisation(double rate) const;
  double highest_utilisation(double rate) const { return rate * load_.highest; }

 private:
  ChannelLoad load_;
  double cores_;
  double packet_flits_;
  double zero_load_cycles_;
};

}  // namespace imcsim::fabric
