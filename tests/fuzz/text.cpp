// Small languages: netlists, topologies, queries, networks, times; the first byte selects the
// parser.
#include "fabric/topology.hpp"
#include "fuzz.hpp"
#include "network/architecture.hpp"
#include "study/device_study.hpp"
#include "tasks/netlist.hpp"
#include "tasks/query_parser.hpp"

namespace imcsim::fuzz {
namespace {

void read_netlist(std::string_view text) {
  const tasks::Netlist netlist = tasks::parse_netlist(text, "x.v");
  require(netlist.outputs.size() == netlist.output_names.size(), "one name per output");
  const std::vector<std::uint64_t> inputs(netlist.inputs.size(), 0x5555555555555555U);
  require(netlist.evaluate(inputs).size() == netlist.signals(), "all signals");
}

void read_topology(std::string_view text) {
  const fabric::Topology topology = fabric::parse_topology(text, "x.txt");
  require(fabric::is_connected(topology), "a connected topology");
  require(topology.first_arc.size() == topology.routers + 1, "arcs of each router");
}

}  // namespace

void run(Bytes bytes) {
  const std::size_t kind = take_number(bytes) % 5;
  const std::string_view text = text_of(bytes);
  switch (kind) {
    case 0: return read_netlist(text);
    case 1: return read_topology(text);
    case 2: tasks::parse_query(text, "query"); return;
    case 3: network::parse_architecture(std::string(text), "--network"); return;
    default: study::parse_times(std::string(text), "--times");
  }
}

}  // namespace imcsim::fuzz
