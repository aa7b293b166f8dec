#include "study/topology_study.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/error.hpp"
#include "numeric/execution.hpp"
#include "study/safetensors.hpp"

namespace imcsim::study {
namespace {

constexpr std::size_t most_topologies = 16;
constexpr int curve_points = 12;
constexpr int search_steps = 5;

std::vector<std::string> names_in(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (end > at) names.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (names.empty())
    throw InputError(at_field("topology"), "is empty", "mesh, torus, …, or a file");
  if (names.size() > most_topologies) {
    throw InputError(at_field("topology"), fmt::format("{} topologies are named", names.size()),
                     fmt::format("at most {}", most_topologies));
  }
  return names;
}

/// One topology with the parameters of its load simulation.
class Bench {
 public:
  Bench(const TopologyStudyConfig& config, TopologyReport& report, const Execution& execution)
      : config_(config),
        report_(report),
        execution_(execution),
        routing_(report.topology, config.routing),
        model_(routing_, config.simulation.pattern, config.simulation.network) {}

  void measure() {
    report_.routing =
        std::string(names_of(routing_.kind())[static_cast<std::size_t>(routing_.kind())]);
    report_.properties = fabric::measure(report_.topology);
    report_.load = model_.load();
    report_.classes = routing_.classes();
    report_.mean_hops = model_.mean_hops();
    report_.zero_load_latency_cycles = model_.zero_load_cycles();
    report_.ideal_saturation = model_.ideal_saturation();
  }

  void apply_load() {
    if (config_.load_curve) return draw_curve();
    if (config_.simulate) report_.points = points_at(config_.injection_rates);
  }

 private:
  LoadPoint point_at(double rate) const {
    LoadPoint point{rate, model_.latency_cycles(rate), {}};
    fabric::SimulationConfig run = config_.simulation;
    run.injection_rate = rate;
    run.seed = config_.seed;
    point.simulated = fabric::simulate_network(routing_, run);
    return point;
  }

  std::vector<LoadPoint> points_at(const Numbers& rates) const {
    std::vector<LoadPoint> points(rates.size());
    parallel_for(execution_.threads, rates.size(),
                 [&](std::size_t i) { points[i] = point_at(rates[i]); });
    return points;
  }

  /// Twelve points up to the ideal saturation, then bisection between the highest stable rate and
  /// the lowest rate that saturates.
  void draw_curve() {
    Numbers rates;
    for (int i = 1; i <= curve_points; ++i) {
      rates.push_back(report_.ideal_saturation * i / curve_points);
    }
    report_.points = points_at(rates);
    const auto first = std::find_if(report_.points.begin(), report_.points.end(),
                                    [](const LoadPoint& p) { return p.simulated->saturated; });
    if (first == report_.points.end()) {
      report_.stable = rates.back();
      return;
    }
    double high = first->rate;
    double low = first == report_.points.begin() ? 0.0 : std::prev(first)->rate;
    for (int step = 0; step < search_steps; ++step) {
      const double middle = 0.5 * (low + high);
      LoadPoint point = point_at(middle);
      (point.simulated->saturated ? high : low) = middle;
      report_.points.push_back(point);
    }
    std::sort(report_.points.begin(), report_.points.end(),
              [](const LoadPoint& a, const LoadPoint& b) { return a.rate < b.rate; });
    report_.saturation = high;
    report_.stable = low;
  }

  const TopologyStudyConfig& config_;
  TopologyReport& report_;
  const Execution& execution_;
  fabric::Routing routing_;
  fabric::NetworkModel model_;
};

std::uint64_t digest_of_report(const TopologyReport& report, std::uint64_t digest) {
  std::vector<double> numbers = report.load.load;
  numbers.push_back(report.properties.mean_distance);
  numbers.push_back(report.zero_load_latency_cycles);
  for (const LoadPoint& point : report.points) {
    const fabric::SimulationResult& run = *point.simulated;
    for (const double number :
         {point.rate, run.latency_cycles, run.network_cycles, run.accepted_rate,
          static_cast<double>(run.delivered_flits), static_cast<double>(run.flit_hops)}) {
      numbers.push_back(number);
    }
  }
  return hash_of(
      {reinterpret_cast<const std::uint8_t*>(numbers.data()), numbers.size() * sizeof(double)},
      digest);
}

Json point_json(const LoadPoint& point) {
  Json json = {{"injection_rate", point.rate},
               {"model_latency_cycles", point.model_latency_cycles}};
  const fabric::SimulationResult& run = *point.simulated;
  json["latency_cycles"] = run.latency_cycles;
  json["latency_std_cycles"] = run.latency_std_cycles;
  json["latency_99_cycles"] = run.latency_99_cycles;
  json["network_cycles"] = run.network_cycles;
  json["mean_hops"] = run.mean_hops;
  json["accepted_rate"] = run.accepted_rate;
  json["highest_utilisation"] = run.highest_utilisation;
  json["mean_utilisation"] = run.mean_utilisation;
  json["saturated"] = run.saturated;
  json["packets"] = run.packets;
  json["made_flits"] = run.made_flits;
  json["delivered_flits"] = run.delivered_flits;
  json["misdelivered_flits"] = run.misdelivered_flits;
  json["flits_left"] = run.flits_left;
  json["cycles"] = run.cycles;
  return json;
}

Json busiest_json(const TopologyReport& report) {
  if (report.topology.shared || report.topology.arcs.empty()) return nullptr;
  const fabric::Arc& arc = report.topology.arcs[report.load.busiest];
  return {arc.from, arc.to};
}

Json report_json(const TopologyReport& report) {
  const fabric::TopologyProperties& p = report.properties;
  Json json = {{"topology", report.topology.name},
               {"cores", report.topology.cores()},
               {"routers", report.topology.routers},
               {"routing", report.routing},
               {"degree_min", p.degree_min},
               {"degree_max", p.degree_max},
               {"diameter", p.diameter},
               {"mean_distance", p.mean_distance},
               {"mean_distance_with_self", p.mean_distance_with_self},
               {"links", p.links},
               {"channels", p.channels},
               {"bisection", p.bisection},
               {"max_channel_load", report.load.highest},
               {"busiest_channel", busiest_json(report)},
               {"mean_hops", report.mean_hops},
               {"ideal_saturation_rate", report.ideal_saturation},
               {"virtual_channel_classes", report.classes},
               {"zero_load_latency_cycles", report.zero_load_latency_cycles}};
  if (report.points.empty()) return json;
  json["points"] = Json::array();
  for (const LoadPoint& point : report.points) json["points"].push_back(point_json(point));
  if (report.stable) {
    json["stable_rate"] = *report.stable;
    json["saturation_rate"] = report.saturation ? Json(*report.saturation) : Json(nullptr);
  }
  return json;
}

}  // namespace

void describe(TopologyStudyConfig& c, FieldList& f) {
  f.group("Topology");
  f.field("topology", c.topology, "NAME|FILE,…",
          "Topologies to analyze, also accepted as arguments");
  describe(c.size, f);
  f.field("traffic", c.simulation.pattern, Unit::none, {}, "Traffic pattern");
  describe(c.routing, f);
  f.group("Simulation");
  f.field("simulate", c.simulate, Unit::none, {}, "Simulate the network flit by flit");
  f.field("injection-rate", c.injection_rates, Unit::none, {1e-6, 1.0},
          "Injection rates, in flits per core and cycle");
  f.field("load-curve", c.load_curve, Unit::none, {},
          "Simulate increasing injection rates up to saturation");
  describe(c.simulation.network, f);
  describe(c.simulation, f);
  f.field("seed", c.seed, Unit::none, {}, "Random seed");
  f.mark_common(
      {"topology", "cores", "traffic", "routing", "simulate", "injection-rate", "load-curve"});
}

TopologyStudy run_topology_study(const TopologyStudyConfig& config,
                                 const fabric::TopologyReader& read_file,
                                 const Execution& execution) {
  TopologyStudy study;
  for (const std::string& name : names_in(config.topology)) {
    TopologyReport& report = study.reports.emplace_back();
    report.topology = fabric::make_topology(name, config.size, read_file, at_field("topology"));
  }
  for (TopologyReport& report : study.reports) {
    Bench bench(config, report, execution);
    bench.measure();
    bench.apply_load();
    study.digest = digest_of_report(report, study.digest);
  }
  return study;
}

Json topology_json(const TopologyStudyConfig& config, const TopologyStudy& study) {
  Json result;
  if (study.reports.size() == 1) {
    result = report_json(study.reports.front());
  } else {
    result["topologies"] = Json::array();
    for (const TopologyReport& report : study.reports) {
      result["topologies"].push_back(report_json(report));
    }
  }
  Json json = envelope("topology", config.seed, to_json_object(config), std::move(result), {},
                       study.digest);
  std::uint64_t hops = 0;
  for (const TopologyReport& report : study.reports) {
    for (const LoadPoint& point : report.points) hops += point.simulated->flit_hops;
  }
  json["counts"]["hops"] = hops;
  json["counts"]["link_bytes"] =
      hops * static_cast<std::uint64_t>(config.simulation.network.flit_bytes);
  return json;
}

}  // namespace imcsim::study
