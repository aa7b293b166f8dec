// imcsim topology NAME…: properties, drawing and load of the network between cores.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "command.hpp"
#include "fabric/network_simulation.hpp"
#include "fabric/properties.hpp"
#include "files.hpp"
#include "run.hpp"
#include "study/safetensors.hpp"
#include "study/topology_study.hpp"

namespace imcsim::cli {
namespace {

const HelpText topology_help = {
    "imcsim topology NAME|FILE… [--cores N] [OPTIONS]",
    "Analyzes interconnect topologies of cores: properties, drawing, channel load in closed form, "
    "and flit-level simulation. Names: mesh, torus, cmesh, hypercube, ring, tree, bus, "
    "fully-connected, 5pp-derived, pathpower:K, mesh-skip2. A file contains a line \"cores N\" and "
    "a line \"A B\" for each link.",
    "  imcsim topology mesh torus 5pp-derived --cores 64 --svg topologies.svg\n"
    "  imcsim topology mesh --cores 16 --load-curve\n"};

constexpr std::size_t most_names = 16;
constexpr std::size_t histogram_bins = 8;

using Rows = std::vector<std::vector<std::string>>;

struct TopologyRequest {
  study::TopologyStudyConfig config;
  study::Origins origins;
  HostOptions host;
  std::string svg;
};

/// A switch without a value is on.
std::vector<std::string> with_switch_values(const std::vector<std::string>& words) {
  std::vector<std::string> complete;
  for (std::size_t i = 0; i < words.size(); ++i) {
    complete.push_back(words[i]);
    if (words[i] != "--simulate" && words[i] != "--load-curve") continue;
    const bool has_value = i + 1 < words.size() && (words[i + 1] == "on" || words[i + 1] == "off");
    if (!has_value) complete.emplace_back("on");
  }
  return complete;
}

std::string busiest_of(const study::TopologyReport& report) {
  if (report.topology.shared || report.topology.arcs.empty()) return "the bus";
  const fabric::Arc& arc = report.topology.arcs[report.load.busiest];
  return fmt::format("{} to {}", arc.from, arc.to);
}

std::string size_of(const study::TopologyReport& report) {
  const std::vector<std::uint32_t>& sizes = report.topology.grid.sizes;
  return sizes.size() == 2 ? fmt::format("{} x {}", sizes[0], sizes[1])
                           : fmt::format("{}", report.topology.routers);
}

/// Properties of a topology as names and texts; with few digits for display.
std::vector<std::pair<std::string, std::string>> figures(const study::TopologyReport& report,
                                                         bool for_display) {
  const fabric::TopologyProperties& p = report.properties;
  const auto number = [&](double value) {
    return for_display ? fmt::format("{:.4f}", value) : fmt::format("{}", value);
  };
  std::vector<std::pair<std::string, std::string>> list = {
      {"cores", fmt::format("{}", report.topology.cores())},
      {"routers", for_display ? size_of(report) : fmt::format("{}", report.topology.routers)},
      {"routing", report.routing},
      {"degree_min", fmt::format("{}", p.degree_min)},
      {"degree_max", fmt::format("{}", p.degree_max)},
      {"diameter", fmt::format("{}", p.diameter)},
      {"mean_distance", number(p.mean_distance)},
      {"links", fmt::format("{}", p.links)},
      {"channels", fmt::format("{}", p.channels)},
      {"bisection", fmt::format("{}", p.bisection)},
      {"max_channel_load", number(report.load.highest)},
      {"ideal_saturation_rate", number(report.ideal_saturation)},
      {"virtual_channel_classes", fmt::format("{}", report.classes)},
      {"zero_load_latency_cycles", for_display
                                       ? fmt::format("{:.2f}", report.zero_load_latency_cycles)
                                       : number(report.zero_load_latency_cycles)}};
  if (for_display) list.emplace_back("busiest channel", busiest_of(report));
  return list;
}

/// One row per topology for CSV; transposed for display, with one column per topology.
Rows figure_rows(const study::TopologyStudy& study, bool for_display) {
  Rows table = {{"topology"}};
  for (const study::TopologyReport& report : study.reports) {
    table.push_back({report.topology.name});
    for (const auto& [name, text] : figures(report, for_display)) {
      if (table.size() == 2) table[0].push_back(name);
      table.back().push_back(text);
    }
  }
  if (!for_display) return table;
  Rows transposed(table[0].size());
  for (const std::vector<std::string>& row : table) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      std::string cell = row[c];
      if (&row == &table[0]) std::replace(cell.begin(), cell.end(), '_', ' ');
      transposed[c].push_back(cell);
    }
  }
  return transposed;
}

Rows point_rows(const study::TopologyStudy& study, bool for_display) {
  Rows rows = {{"topology", "injection_rate", "model_latency_cycles", "latency_cycles",
                "latency_99_cycles", "accepted_rate", "highest_utilisation", "saturated"}};
  if (for_display) {
    rows[0] = {"topology", "rate", "model", "latency", "99 %", "accepted", "busiest", "saturated"};
  }
  for (const study::TopologyReport& report : study.reports) {
    for (const study::LoadPoint& point : report.points) {
      const fabric::SimulationResult& run = *point.simulated;
      const auto number = [&](double value, int digits) {
        return for_display ? fmt::format("{:.{}f}", value, digits) : fmt::format("{}", value);
      };
      rows.push_back({report.topology.name, number(point.rate, 4),
                      number(point.model_latency_cycles, 2), number(run.latency_cycles, 2),
                      number(run.latency_99_cycles, 0), number(run.accepted_rate, 4),
                      number(run.highest_utilisation, 3), run.saturated ? "yes" : "no"});
    }
  }
  return rows;
}

Rows channel_rows(const study::TopologyStudy& study) {
  Rows rows = {{"topology", "from", "to", "load"}};
  for (const study::TopologyReport& report : study.reports) {
    if (report.topology.shared) {
      rows.push_back({report.topology.name, "", "", fmt::format("{}", report.load.highest)});
      continue;
    }
    for (const fabric::Arc& arc : report.topology.arcs) {
      rows.push_back({report.topology.name, fmt::format("{}", arc.from), fmt::format("{}", arc.to),
                      fmt::format("{}", report.load.load[arc.channel])});
    }
  }
  return rows;
}

/// Histogram of the channel load.
std::string histogram_text(const study::TopologyReport& report, const Style& style) {
  if (report.load.load.size() < 2 || report.load.highest <= 0.0) return {};
  std::vector<std::size_t> counts(histogram_bins, 0);
  for (const double load : report.load.load) {
    const double part = load / report.load.highest * static_cast<double>(histogram_bins);
    ++counts[std::min(static_cast<std::size_t>(part), histogram_bins - 1)];
  }
  const auto most = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
  std::string text = "\n" + style.bold("channels by load") + "\n";
  for (std::size_t b = 0; b < histogram_bins; ++b) {
    const double step = report.load.highest / static_cast<double>(histogram_bins);
    text += fmt::format("{:>7.3f} … {:<7.3f} {:>6}  {}\n", step * static_cast<double>(b),
                        step * static_cast<double>(b + 1), counts[b],
                        style.accent(bar(static_cast<double>(counts[b]) / most, 32)));
  }
  return text;
}

std::string curve_text(const study::TopologyReport& report, const Style& style) {
  XySeries series{report.topology.name + ": latency, cycles", {}, {}, false, true, false};
  for (const study::LoadPoint& point : report.points) {
    if (point.simulated->saturated && point.rate > report.saturation.value_or(0.0)) continue;
    series.x.push_back(point.rate);
    series.y.push_back(point.simulated->latency_cycles);
  }
  const std::string drawn = xy_plot(series, "flits per core and cycle", style);
  std::string text = drawn.empty() ? "" : "\n" + drawn;
  if (report.saturation) {
    text += fmt::format("{} saturates between {:.4f} and {:.4f} flits a core and cycle\n",
                        report.topology.name, *report.stable, *report.saturation);
  }
  return text;
}

std::string text_of_study(const TopologyRequest& request, const study::TopologyStudy& study,
                          const Timing& timing, const Style& style) {
  std::string text = aligned_table(figure_rows(study, true), style);
  if (study.reports.size() == 1) text += histogram_text(study.reports.front(), style);
  if (request.config.simulate || request.config.load_curve) {
    text += "\n" + aligned_table(point_rows(study, true), style);
    for (const study::TopologyReport& report : study.reports) text += curve_text(report, style);
  }
  if (!request.svg.empty())
    text += fmt::format(
        "\n"
        "Drawing: {}\n",
        request.svg);
  return text + fmt::format("\n{}  {}\n{}    {:.2f} s\n", style.bold("digest"),
                            study::digest_text(study.digest), style.bold("time"), timing.wall_s);
}

/// False if only help or the configuration was requested.
bool read_topology_request(const std::vector<std::string>& words, TopologyRequest& request) {
  FieldList host_fields;
  describe_shared(request.host, host_fields);
  describe_output("svg", request.svg, "FILE",
                  "File for an SVG drawing with links colored by load (-: stdout)", host_fields);
  const FieldList config_fields = fields_of(request.config);
  FieldList fields = config_fields;
  fields.add(host_fields);
  const ParsedArguments arguments =
      parse_arguments("topology", fields, with_switch_values(words), most_names);
  study::Settings topologies;
  if (!arguments.positional.empty()) {
    topologies.push_back(
        {"topology", fmt::format("{}", fmt::join(arguments.positional, ",")), "topology", "flag"});
  }
  const study::Settings all = split_settings(arguments, host_fields, config_fields, topologies);
  if (!request.host.preset.empty()) {
    throw InputError(at_field("preset"), "has no options for topology", "no preset");
  }
  study::apply(all, config_fields, request.origins);
  if (show_help(arguments, topology_help, fields)) return false;
  if (show_config(request.host, fields_of(request.config), request.origins)) return false;
  check_outputs(request.host, "svg", request.svg);
  return true;
}

}  // namespace

int run_topology(const std::vector<std::string>& words) {
  TopologyRequest request;
  if (!read_topology_request(words, request)) return 0;
  const Execution execution = execution_of(request.host);
  const Stopwatch watch;
  const study::TopologyStudy study =
      study::run_topology_study(request.config, read_named_file, execution);
  const std::string drawing =
      request.svg.empty() && request.host.out.empty() ? "" : study::topology_svg(study);
  if (!request.svg.empty()) write_file(request.svg, drawing);
  const Timing timing = watch.elapsed();

  study::Json execution_info = execution_json(execution);
  execution_info["out"] = request.host.out;
  execution_info["svg"] = request.svg;
  const std::string json =
      host_json(study::topology_json(request.config, study), execution_info, execution, timing);
  const bool loaded = request.config.simulate || request.config.load_curve;
  const std::string points = csv_of(point_rows(study, false));
  const std::string table = csv_of(figure_rows(study, false));
  NamedFiles files = {{"config.toml", study::to_toml(fields_of(request.config), request.origins)},
                      {"topologies.csv", table},
                      {"channels.csv", csv_of(channel_rows(study))},
                      {"topologies.svg", drawing}};
  if (loaded) files.emplace_back("points.csv", points);
  const bool to_stdout = request.svg == "-";
  finish(
      request.host, json, loaded ? points : table,
      [&](const Style& style) {
        if (!to_stdout) return text_of_study(request, study, timing, style);
        return std::string{};
      },
      files);
  return 0;
}

}  // namespace imcsim::cli
