#include "fabric/network_model.hpp"

#include <algorithm>
#include <limits>

namespace imcsim::fabric {

void describe(NetworkConfig& c, FieldList& f) {
  constexpr std::string_view booksim =
      "BookSim2's input-queued router, doi:10.1109/ISPASS.2013.6557149";
  f.field("router-cycles", c.router_cycles, Unit::none, {1.0, 64.0},
          "Router latency of a head flit, in cycles", booksim);
  f.field("link-cycles", c.link_cycles, Unit::none, {0.0, 64.0},
          "Link latency, in cycles (0: 2 on a folded torus or ring, 1 elsewhere)", booksim);
  f.field("interface-cycles", c.interface_cycles, Unit::none, {3.0, 64.0},
          "Latency between cores and routers at source and destination together, in cycles",
          booksim);
  f.field("packet-flits", c.packet_flits, Unit::none, {1.0, 4096.0}, "Flits per packet");
  f.field("virtual-channels", c.virtual_channels, Unit::none, {1.0, 64.0},
          "Virtual channels per link, divided among the deadlock-avoidance classes", booksim);
  f.field("buffer-flits", c.buffer_flits, Unit::none, {1.0, 1024.0},
          "Buffer size of a virtual channel, in flits", booksim);
  f.field("deadlock-avoidance", c.deadlock_avoidance, Unit::none, {},
          "Separate virtual channels for each class (off: rings can deadlock)",
          "doi:10.1109/TC.1987.1676939");
  f.field("flit-bytes", c.flit_bytes, Unit::none, {1.0, 4096.0},
          "Flit size, in bytes (data per link and cycle)");
}

std::int64_t link_cycles_of(const Topology& topology, const NetworkConfig& config) {
  return config.link_cycles > 0 ? config.link_cycles : topology.link_cycles;
}

double zero_load_latency(double hops, const Topology& topology, const NetworkConfig& config) {
  const auto router = static_cast<double>(config.router_cycles);
  const auto link = static_cast<double>(link_cycles_of(topology, config));
  return hops * (router + link) + router + static_cast<double>(config.interface_cycles) +
         static_cast<double>(config.packet_flits) - 1.0;
}

NetworkModel::NetworkModel(const Routing& routing, TrafficPattern pattern,
                           const NetworkConfig& config)
    : load_(channel_load(routing, pattern)),
      cores_(static_cast<double>(routing.topology().cores())),
      packet_flits_(static_cast<double>(config.packet_flits)),
      zero_load_cycles_(zero_load_latency(load_.hops / cores_, routing.topology(), config)) {}

double NetworkModel::ideal_saturation() const {
  return load_.highest > 1.0 ? 1.0 / load_.highest : 1.0;
}

double NetworkModel::latency_cycles(double rate) const {
  if (rate >= ideal_saturation()) return std::numeric_limits<double>::infinity();
  double waits = 0.0;
  for (const double load : load_.load) {
    const double busy = rate * load;
    waits += load * packet_flits_ * busy / (2.0 * (1.0 - busy));
  }
  return zero_load_cycles_ + waits / cores_;
}

double NetworkModel::mean_utilisation(double rate) const {
  const auto channels = static_cast<double>(std::max<std::size_t>(load_.load.size(), 1));
  return rate * load_.hops / channels;
}

}  // namespace imcsim::fabric
