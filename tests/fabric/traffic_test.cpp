// Routes, their deadlock freedom, and channel loads.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>

#include "base/error.hpp"
#include "fabric/placement.hpp"
#include "fabric/routing.hpp"
#include "fabric/topology.hpp"
#include "fabric/traffic.hpp"

namespace imcsim::fabric {
BOOST_AUTO_TEST_SUITE(routing_and_traffic)

namespace {

Topology topology_of(const std::string& name, std::int64_t cores, std::int64_t columns = 0) {
  TopologyConfig config;
  config.cores = cores;
  config.columns = columns;
  return make_topology(name, config, {}, "test");
}

const char* const every_name[] = {"mesh",        "torus",       "cmesh",     "hypercube",
                                  "ring",        "tree",        "bus",       "fully-connected",
                                  "pathpower:3", "5pp-derived", "mesh-skip2"};

struct Case {
  std::string name;
  RoutingKind kind;
};

std::vector<Case> every_routing() {
  std::vector<Case> cases;
  for (const char* name : every_name) {
    for (const RoutingKind kind :
         {RoutingKind::automatic, RoutingKind::shortest_path, RoutingKind::balanced}) {
      cases.push_back({name, kind});
    }
  }
  return cases;
}

/// Traffic between the layers of a ResNet with 6n+2 layers for 32 x 32 images, per image, with one
/// core per layer and one byte per value: each convolution to the next, and the input of a block to
/// its second convolution.
std::vector<Flow> resnet_flows(int blocks, const std::vector<std::uint32_t>& core) {
  std::vector<Flow> flows;
  const double bytes[] = {16384.0, 8192.0, 4096.0};
  double input = bytes[0];  // of the next layer: the first convolution's output
  std::size_t layer = 0;
  for (const double output : bytes) {
    for (int block = 0; block < blocks; ++block) {
      flows.push_back({core[layer], {core[layer + 1], core[layer + 2]}, input});
      flows.push_back({core[layer + 1], {core[layer + 2]}, output});
      input = output;
      layer += 2;
    }
  }
  flows.push_back({core[layer], {core[layer + 1]}, input});
  return flows;
}

struct LoadRow {
  const char* name;
  std::int64_t cores, columns;
  bool snake;
  int blocks;
  double unicast, multicast, highest_unicast, highest_multicast;
};

// Byte-hops and the highest load of a channel, from an independent program.
constexpr LoadRow load_table[] = {
    {"5pp-derived", 32, 0, true, 5, 458752, 458752, 16384, 16384},
    {"mesh", 32, 8, true, 5, 614400, 458752, 32768, 0},
    {"torus", 32, 8, true, 5, 614400, 458752, 32768, 0},
    {"hypercube", 32, 0, true, 5, 614400, 458752, 32768, 0},
    {"cmesh", 32, 0, true, 5, 139264, 139264, 32768, 0},
    {"tree", 32, 0, true, 5, 1941504, 1785856, 32768, 0},
    {"bus", 32, 0, true, 5, 458752, 303104, 458752, 303104},
    {"mesh", 32, 8, false, 5, 958464, 831488, 32768, 0},
    {"5pp-derived", 20, 0, true, 3, 286720, 286720, 16384, 16384},
    {"mesh", 25, 5, true, 3, 385024, 307200, 32768, 0},
    {"torus", 25, 5, true, 3, 385024, 307200, 32768, 0},
    {"hypercube", 32, 0, true, 3, 385024, 286720, 32768, 0},
    {"cmesh", 20, 0, true, 3, 81920, 81920, 32768, 0},
    {"tree", 32, 0, true, 3, 1187840, 1089536, 32768, 0},
    {"bus", 20, 0, true, 3, 286720, 188416, 286720, 188416},
    {"mesh", 25, 5, false, 3, 557056, 425984, 32768, 0},
};

}  // namespace

BOOST_AUTO_TEST_CASE(every_route_is_a_shortest_path) {
  for (const Case& c : every_routing()) {
    const Topology topology = topology_of(c.name, 16);
    const Routing routing(topology, {c.kind, RingTies::balanced});
    for (std::size_t from = 0; from < topology.routers; ++from) {
      const std::vector<std::uint32_t> hops = hops_from(topology, from);
      for (std::size_t to = 0; to < topology.routers; ++to) {
        const std::vector<std::uint32_t> route = routing.route(from, to);
        BOOST_REQUIRE_EQUAL(route.size(), hops[to]);
        std::size_t at = from;
        for (const std::uint32_t arc : route) {
          BOOST_REQUIRE_EQUAL(topology.arcs[arc].from, at);
          at = topology.arcs[arc].to;
        }
        BOOST_REQUIRE_EQUAL(at, to);
      }
    }
  }
}

// (stage, class, rank) increases along each route, so that no cycle of waiting packets can form.
BOOST_AUTO_TEST_CASE(no_routing_can_deadlock) {
  for (const Case& c : every_routing()) {
    const Topology topology = topology_of(c.name, 64);
    const Routing routing(topology, {c.kind, RingTies::balanced});
    std::uint32_t most = 0;
    for (std::size_t from = 0; from < topology.routers; ++from) {
      for (std::size_t to = 0; to < topology.routers; ++to) {
        std::uint32_t last = Topology::no_arc;
        std::uint32_t of = 0;
        for (const std::uint32_t arc : routing.route(from, to)) {
          const std::uint32_t then = routing.next_class(last, of, arc);
          if (last != Topology::no_arc) {
            const auto before = std::make_tuple(routing.stage(last), of, routing.rank(last));
            const auto after = std::make_tuple(routing.stage(arc), then, routing.rank(arc));
            BOOST_REQUIRE(before < after);
          }
          last = arc;
          of = then;
          most = std::max(most, of);
        }
      }
    }
    BOOST_TEST(most + 1 == routing.classes(), c.name);
  }
  BOOST_TEST(Routing(topology_of("torus", 64), {}).classes() == 2U);
  BOOST_TEST(Routing(topology_of("mesh", 64), {}).classes() == 1U);
}

BOOST_AUTO_TEST_CASE(dimension_order_goes_x_then_y_and_the_lowest_bit_first) {
  const Topology mesh = topology_of("mesh", 16);
  std::vector<std::uint32_t> passed;
  for (const std::uint32_t arc : Routing(mesh, {}).route(0, 10))
    passed.push_back(mesh.arcs[arc].to);
  BOOST_TEST((passed == std::vector<std::uint32_t>{1, 2, 6, 10}));
  const Topology cube = topology_of("hypercube", 16);
  passed.clear();
  for (const std::uint32_t arc : Routing(cube, {}).route(0, 13))
    passed.push_back(cube.arcs[arc].to);
  BOOST_TEST((passed == std::vector<std::uint32_t>{1, 5, 13}));
  const Topology torus = topology_of("torus", 64);
  BOOST_TEST(torus.arcs[Routing(torus, {}).next(0, 7)].to == 7U);
  const Routing upwards(torus, {RoutingKind::automatic, RingTies::positive});
  BOOST_TEST(torus.arcs[upwards.next(1, 5)].to == 2U);
  BOOST_TEST(torus.arcs[Routing(torus, {}).next(1, 5)].to == 0U);
}

// Dally and Towles, Principles and Practices of Interconnection Networks (2004), chapter 3.
BOOST_AUTO_TEST_CASE(uniform_load_has_its_closed_form) {
  const auto highest = [](const char* name, std::int64_t cores) {
    const Topology topology = topology_of(name, cores);
    return channel_load(Routing(topology, {}), TrafficPattern::uniform).highest;
  };
  BOOST_TEST(highest("mesh", 64) == 8.0 / 4.0);
  BOOST_TEST(highest("mesh", 256) == 16.0 / 4.0);
  BOOST_TEST(highest("torus", 64) == 8.0 / 8.0);
  BOOST_TEST(highest("torus", 256) == 16.0 / 8.0);
  BOOST_TEST(highest("hypercube", 64) == 0.5);
  BOOST_TEST(highest("cmesh", 64) == 4.0 * 4.0 / 4.0);
  BOOST_TEST(highest("bus", 64) == 63.0);
  const Topology mesh = topology_of("mesh", 64);
  BOOST_TEST(channel_load(Routing(mesh, {}), TrafficPattern::transpose).highest == 7.0);
}

BOOST_AUTO_TEST_CASE(uniform_load_is_that_of_all_its_flows) {
  for (const char* name : every_name) {
    const Topology topology = topology_of(name, 16);
    const Routing routing(topology, {});
    std::vector<Flow> flows;
    for (std::uint32_t from = 0; from < 16; ++from) {
      for (std::uint32_t to = 0; to < 16; ++to) flows.push_back({from, {to}, 1.0 / 16.0});
    }
    const ChannelLoad sum = channel_load(routing, flows, Cast::unicast);
    const ChannelLoad load = channel_load(routing, TrafficPattern::uniform);
    BOOST_REQUIRE_EQUAL(sum.load.size(), load.load.size());
    for (std::size_t c = 0; c < load.load.size(); ++c) BOOST_TEST(load.load[c] == sum.load[c]);
  }
}

BOOST_AUTO_TEST_CASE(residual_networks_load_channels_as_in_the_table) {
  for (const LoadRow& row : load_table) {
    const Topology topology = topology_of(row.name, row.cores, row.columns);
    const Routing routing(topology, {RoutingKind::automatic, RingTies::positive});
    std::vector<std::uint32_t> order = pipeline_order(topology);
    for (std::uint32_t i = 0; i < order.size() && !row.snake; ++i) order[i] = i;
    const std::vector<Flow> flows = resnet_flows(row.blocks, order);
    const ChannelLoad unicast = channel_load(routing, flows, Cast::unicast);
    const ChannelLoad multicast = channel_load(routing, flows, Cast::multicast);
    BOOST_TEST_CONTEXT(row.name << ", " << row.cores << " cores, " << row.blocks << " blocks") {
      BOOST_TEST(unicast.hops == row.unicast);
      BOOST_TEST(multicast.hops == row.multicast);
      BOOST_TEST(unicast.highest == row.highest_unicast);
      if (row.highest_multicast > 0.0) BOOST_TEST(multicast.highest == row.highest_multicast);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_multicast_tree_reaches_all_and_takes_each_link_once) {
  for (const char* name : {"mesh", "torus", "hypercube", "tree", "5pp-derived"}) {
    const Topology topology = topology_of(name, 16);
    const Routing routing(topology, {});
    const std::vector<std::uint32_t> to = {3, 7, 12, 15};
    std::set<std::uint32_t> reached = {topology.router_of_core[5]};
    std::set<std::uint32_t> used;
    for (const std::uint32_t arc : multicast_tree(routing, 5, to)) {
      BOOST_TEST(used.insert(arc).second);
      BOOST_TEST(reached.count(topology.arcs[arc].from) == 1U);
      reached.insert(topology.arcs[arc].to);
    }
    for (const std::uint32_t core : to)
      BOOST_TEST(reached.count(topology.router_of_core[core]) == 1U);
  }
}

BOOST_AUTO_TEST_CASE(patterns_are_permutations) {
  for (const TrafficPattern pattern :
       {TrafficPattern::transpose, TrafficPattern::complement, TrafficPattern::neighbour,
        TrafficPattern::tornado, TrafficPattern::shuffle}) {
    std::set<std::uint32_t> seen;
    for (std::size_t c = 0; c < 64; ++c) seen.insert(destination_of(pattern, c, 64));
    BOOST_TEST(seen.size() == 64U);
    BOOST_TEST(*seen.rbegin() == 63U);
  }
  BOOST_CHECK_THROW(destination_of(TrafficPattern::transpose, 0, 32), InputError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::fabric
