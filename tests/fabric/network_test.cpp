// Flit-level simulation: comparison with BookSim2, conservation of flits, deadlock.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "fabric/network_model.hpp"
#include "fabric/network_simulation.hpp"
#include "fabric/routing.hpp"
#include "fabric/topology.hpp"
#include "fabric/traffic.hpp"

namespace imcsim::fabric {
BOOST_AUTO_TEST_SUITE(network_simulation)

namespace {

Topology topology_of(const std::string& name, std::int64_t cores) {
  TopologyConfig config;
  config.cores = cores;
  return make_topology(name, config, {}, "test");
}

SimulationConfig at_rate(double rate) {
  SimulationConfig config;
  config.injection_rate = rate;
  return config;
}

SimulationResult simulate(const Topology& topology, const SimulationConfig& config) {
  return simulate_network(Routing(topology, {}), config);
}

/// Results of BookSim2 with its default input-queued router, 8 virtual channels of 8 flits, packets
/// of one flit: latency at low load, highest stable rate, lowest unstable rate.
struct Reference {
  const char* name;
  std::int64_t cores;
  TrafficPattern pattern;
  double zero_load, stable, unstable;
};
constexpr Reference booksim[] = {
    {"mesh", 16, TrafficPattern::uniform, 19.33, 0.75, 0.80},
    {"mesh", 64, TrafficPattern::uniform, 33.22, 0.42, 0.44},
    {"mesh", 64, TrafficPattern::transpose, 33.32, 0.14, 0.0},
    {"torus", 16, TrafficPattern::uniform, 18.85, 0.0, 0.0},
    {"torus", 64, TrafficPattern::uniform, 30.95, 0.65, 0.70},
    {"hypercube", 64, TrafficPattern::uniform, 21.95, 0.90, 0.95},
    {"cmesh", 64, TrafficPattern::uniform, 19.50, 0.20, 0.22},
    {"5pp-derived", 64, TrafficPattern::uniform, 30.28, 0.20, 0.40},
};

}  // namespace

// Within 3 % of BookSim2. At 0.02 flits per core and cycle there are about 3,000 packets (16 cores)
// or 13,000 (64) with a standard deviation < 13 cycles: 4 sigma of the mean are < 1 cycle and < 0.5
// cycles.
BOOST_AUTO_TEST_CASE(zero_load_latency_agrees_with_booksim, *boost::unit_test::label("long")) {
  for (const Reference& reference : booksim) {
    const Topology topology = topology_of(reference.name, reference.cores);
    SimulationConfig config = at_rate(0.02);
    config.pattern = reference.pattern;
    config.measured_cycles = 20000;
    const SimulationResult run = simulate(topology, config);
    const NetworkModel model(Routing(topology, {}), reference.pattern, config.network);
    BOOST_TEST_CONTEXT(reference.name << ", " << reference.cores << " cores") {
      BOOST_TEST(std::fabs(run.latency_cycles / reference.zero_load - 1.0) < 0.03);
      BOOST_TEST(std::fabs(model.zero_load_cycles() / reference.zero_load - 1.0) < 0.03);
      BOOST_TEST(run.latency_cycles == model.latency_cycles(0.02),
                 boost::test_tools::tolerance(0.03));
    }
  }
}

// Saturation is between BookSim2's last stable and first unstable rate, each widened by 10 %.
BOOST_AUTO_TEST_CASE(saturation_agrees_with_booksim_within_ten_percent,
                     *boost::unit_test::label("long")) {
  for (const Reference& reference : booksim) {
    const Topology topology = topology_of(reference.name, reference.cores);
    BOOST_TEST_CONTEXT(reference.name << ", " << reference.cores << " cores") {
      SimulationConfig config = at_rate(0.9 * reference.stable);
      config.pattern = reference.pattern;
      config.measured_cycles = 5000;
      if (reference.stable > 0.0) BOOST_TEST(!simulate(topology, config).saturated);
      config.injection_rate = std::min(1.1 * reference.unstable, 1.0);
      if (reference.unstable > 0.0) BOOST_TEST(simulate(topology, config).saturated);
    }
  }
}

// Within 4 % of BookSim2's curve below 0.8 of saturation; the deviation of the mean of 10⁴ cycles
// is smaller.
BOOST_AUTO_TEST_CASE(the_latency_curve_agrees_with_booksim, *boost::unit_test::label("long")) {
  const std::pair<double, double> mesh[] = {{0.1, 33.83}, {0.2, 34.74}, {0.3, 36.81}};
  for (const auto& [rate, latency] : mesh) {
    const double found = simulate(topology_of("mesh", 64), at_rate(rate)).latency_cycles;
    BOOST_TEST(std::fabs(found / latency - 1.0) < 0.04, rate << ": " << found);
  }
  const std::pair<double, double> torus[] = {{0.2, 31.74}, {0.4, 33.70}, {0.5, 36.02}};
  for (const auto& [rate, latency] : torus) {
    const double found = simulate(topology_of("torus", 64), at_rate(rate)).latency_cycles;
    BOOST_TEST(std::fabs(found / latency - 1.0) < 0.05, rate << ": " << found);
  }
}

// BookSim2: 36.73 cycles at 5.13 links on average; here 5.25 links, hence 0.6 cycles more. About
// 5,000 packets: 4 sigma of the mean are 0.7 cycles.
BOOST_AUTO_TEST_CASE(longer_packets_take_a_cycle_more_a_flit) {
  SimulationConfig config = at_rate(0.02);
  config.network.packet_flits = 5;
  config.measured_cycles = 20000;
  const SimulationResult run = simulate(topology_of("mesh", 64), config);
  BOOST_TEST(std::fabs(run.latency_cycles / (36.73 + 0.6) - 1.0) < 0.03, run.latency_cycles);
  BOOST_TEST(run.misdelivered_flits == 0U);
}

// One packet at a time, so that nothing waits: exactly hops·(router + link) + router + interface +
// L − 1.
BOOST_AUTO_TEST_CASE(an_empty_network_has_exactly_the_latency_of_the_formula) {
  for (const std::int64_t router_cycles : {1, 2, 3, 4, 7}) {
    SimulationConfig config = at_rate(2e-4);
    config.network.router_cycles = router_cycles;
    config.network.link_cycles = 3;
    config.network.interface_cycles = 5;
    config.network.packet_flits = 4;
    config.network.buffer_flits = 32;
    config.measured_cycles = 400000;
    const Topology pair = topology_of("mesh", 2);
    config.pattern = TrafficPattern::neighbour;
    const SimulationResult run = simulate(pair, config);
    const double expected = zero_load_latency(1.0, pair, config.network);
    BOOST_TEST(expected == static_cast<double>(router_cycles + 3 + router_cycles + 5 + 3));
    BOOST_TEST(run.packets > 20U);
    BOOST_TEST(run.latency_cycles == expected);
  }
}

BOOST_AUTO_TEST_CASE(every_flit_arrives_once_in_order_at_its_core) {
  for (const char* name : {"mesh", "torus", "ring", "cmesh", "hypercube", "tree", "bus",
                           "fully-connected", "5pp-derived", "mesh-skip2"}) {
    for (const std::int64_t flits : {1, 3}) {
      const Topology topology = topology_of(name, 16);
      const NetworkModel model(Routing(topology, {}), TrafficPattern::uniform, {});
      SimulationConfig config = at_rate(0.5 * model.ideal_saturation());
      config.network.packet_flits = flits;
      config.measured_cycles = 4000;
      const SimulationResult run = simulate(topology, config);
      BOOST_TEST_CONTEXT(name << ", " << flits << " flits") {
        BOOST_TEST(!run.saturated);
        BOOST_TEST(run.misdelivered_flits == 0U);
        BOOST_TEST(run.delivered_flits > 500U);
        BOOST_TEST(run.delivered_flits + run.flits_left == run.made_flits);
        // Remaining flits were created in the last cycles: less than three times load × latency.
        BOOST_TEST(static_cast<double>(run.flits_left) <
                   config.injection_rate * 16.0 * 3.0 * run.latency_99_cycles + 50.0);
        // A flit crosses `mean_hops` links on average: 5 sigma of the number of packets.
        const double sigma = 5.0 / std::sqrt(static_cast<double>(run.packets));
        BOOST_TEST(std::fabs(run.mean_hops / model.mean_hops() - 1.0) < sigma);
        BOOST_TEST(std::fabs(run.accepted_rate / config.injection_rate - 1.0) < sigma + 0.02);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(no_network_deadlocks_at_full_load) {
  for (const char* name : {"torus", "ring", "mesh", "tree", "5pp-derived", "mesh-skip2"}) {
    SimulationConfig config = at_rate(1.0);
    config.network.virtual_channels = 2;
    config.network.buffer_flits = 2;
    config.network.packet_flits = 4;
    config.warmup_cycles = 2000;
    config.measured_cycles = 6000;
    const SimulationResult run = simulate(topology_of(name, 16), config);
    BOOST_TEST(run.saturated, name);
    BOOST_TEST(run.accepted_rate > 0.02, name);
    BOOST_TEST(run.misdelivered_flits == 0U, name);
  }
}

BOOST_AUTO_TEST_CASE(rings_without_classes_deadlock) {
  SimulationConfig config = at_rate(1.0);
  config.network.virtual_channels = 1;
  config.network.buffer_flits = 2;
  config.network.packet_flits = 4;
  config.network.deadlock_avoidance = false;
  BOOST_CHECK_THROW(simulate(topology_of("ring", 16), config), RunError);
  config.network.deadlock_avoidance = true;
  BOOST_CHECK_THROW(simulate(topology_of("ring", 16), config), InputError);  // needs two classes
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_runs_and_other_seeds_differ) {
  const Topology topology = topology_of("torus", 16);
  SimulationConfig config = at_rate(0.4);
  config.measured_cycles = 2000;
  const SimulationResult once = simulate(topology, config);
  const SimulationResult again = simulate(topology, config);
  BOOST_TEST(once.latency_cycles == again.latency_cycles);
  BOOST_TEST(once.flit_hops == again.flit_hops);
  config.seed = 2;
  BOOST_TEST(simulate(topology, config).flit_hops != once.flit_hops);
}

// M/D/1 on a bus: a single queue, so that the theory is a good approximation, at 0.8 of its
// capacity. A round-robin bus is not first come, first served, but its mean waiting time is the
// same.
BOOST_AUTO_TEST_CASE(a_bus_has_the_waiting_time_of_one_queue) {
  const Topology bus = topology_of("bus", 16);
  SimulationConfig config = at_rate(0.8 / 15.0);
  config.measured_cycles = 100000;
  const NetworkModel model(Routing(bus, {}), TrafficPattern::uniform, config.network);
  const double waits = simulate(bus, config).latency_cycles - model.zero_load_cycles();
  const double expected = model.latency_cycles(config.injection_rate) - model.zero_load_cycles();
  BOOST_TEST(std::fabs(waits / expected - 1.0) < 0.12, waits << " for " << expected);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::fabric
