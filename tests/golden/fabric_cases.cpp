// topology: every kind, traffic and routing; compile: every network without weights, every core;
// execute: every arithmetic and compensation.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "compiler/model_shapes.hpp"
#include "compiler/program.hpp"
#include "fabric/routing.hpp"
#include "fabric/topology.hpp"
#include "fabric/traffic.hpp"
#include "golden/golden.hpp"
#include "golden/onnx_writer.hpp"
#include "study/compile_study.hpp"
#include "study/execute_study.hpp"
#include "study/presets.hpp"
#include "study/topology_study.hpp"

namespace imcsim::golden {
namespace {

// ---- topology
// ------------------------------------------------------------------------------------

/// A ring of six cores with a chord, as a file of links.
bool one_file(const std::string& name, std::string& text) {
  if (name != "chord.links") return false;
  text = "cores 6\n0 1\n1 2\n2 3\n3 4\n4 5\n5 0\n1 4\nat 0 0 0\nat 3 2 1\n";
  return true;
}

Case topology_case(const std::string& name, const std::string& toml) {
  study::TopologyStudyConfig config;
  study::Origins origins;
  study::apply(options(toml), fields_of(config), origins);
  const auto run = [config](const Execution& execution) {
    return result_of(
        study::topology_json(config, study::run_topology_study(config, one_file, execution)));
  };
  return {"topology/" + name, run, uses_of("topology", config)};
}

void add_topologies(std::vector<Case>& cases) {
  const std::string brief =
      "simulate = true\nwarmup-cycles = 50\nmeasured-cycles = 150\n"
      "injection-rate = [0.05, 0.3]\n";
  std::string all;
  for (const fabric::TopologyKind& kind : fabric::topology_kinds()) {
    const std::string name = kind.name == "pathpower" ? "pathpower:3" : std::string(kind.name);
    all += (all.empty() ? "" : ",") + name;
    cases.push_back(topology_case(std::string(kind.name),
                                  fmt::format("topology = \"{}\"\ncores = 16\n{}", name, brief)));
  }
  cases.push_back(topology_case("all", fmt::format("topology = \"{}\"\ncores = 32\n", all)));
  cases.push_back(topology_case("file", "topology = \"chord.links\"\n" + brief));
  for (const std::string_view traffic : names_of(fabric::TrafficPattern{})) {
    cases.push_back(topology_case(
        fmt::format("traffic-{}", traffic),
        fmt::format("topology = \"torus\"\ncores = 16\ntraffic = \"{}\"\nseed = 3\n{}", traffic,
                    brief)));
  }
  for (const std::string_view routing : names_of(fabric::RoutingKind{})) {
    cases.push_back(topology_case(fmt::format("routing-{}", routing),
                                  fmt::format("topology = \"torus\"\ncores = 16\nrouting = \"{}\"\n"
                                              "ring-ties = \"positive\"\n{}",
                                              routing, brief)));
  }
  cases.push_back(topology_case(
      "load-curve",
      "topology = \"mesh\"\ncores = 8\ncolumns = 4\nload-curve = true\nwarmup-cycles = 50\n"
      "measured-cycles = 120\nlatency-limit-cycles = 60\n"));
  cases.push_back(topology_case(
      "routers",
      "topology = \"cmesh\"\ncores = 18\nconcentration = 2\ndeadlock-avoidance = false\n"
      "router-cycles = 2\nlink-cycles = 2\ninterface-cycles = 4\npacket-flits = 3\n"
      "virtual-channels = 4\nbuffer-flits = 3\nflit-bytes = 16\n" +
          brief));
}

// ---- compile
// -------------------------------------------------------------------------------------

struct CompileRequest {
  study::CompileStudyConfig config;
  std::string bytes;  ///< of an ONNX file; empty: a network without weights
};

study::CompiledStudy compile(const CompileRequest& request) {
  Observer observer;
  return study::run_compile(request.config, bytes_of(request.bytes), no_files, observer);
}

Case compile_case(const std::string& name, const std::string& toml, const std::string& bytes = {}) {
  const CompileRequest request = {study::resolve_compile(options(toml), no_files).config, bytes};
  const auto run = [request](const Execution&) {
    return result_of(study::compile_json(request.config, compile(request)));
  };
  return {"compile/" + name, run, uses_of("compile", request.config), false};
}

constexpr const char* little_cores = "core-rows = 16\ncore-columns = 8\n";

void add_programs(std::vector<Case>& cases) {
  for (const std::string& model : compiler::model_shape_names()) {
    const int cores = model.starts_with("resnet") ? 512 : 64;
    cases.push_back(
        compile_case(model, fmt::format("model = \"{}\"\nfabric = \"mesh:{}\"\n", model, cores)));
  }
  const std::string residual = residual_onnx();
  const auto add = [&](const std::string& name, const std::string& toml) {
    cases.push_back(compile_case(name, "model = \"residual.onnx\"\n" + toml, residual));
  };
  for (const std::string& core : study::preset_names("core")) {
    add("core-" + core, fmt::format("core = \"{}\"\nfabric = \"5pp-derived:16\"\n", core));
  }
  for (const std::string_view kind : names_of(compiler::Replication{})) {
    add(fmt::format("replication-{}", kind),
        fmt::format("replication = \"{}\"\nfabric = \"mesh:40\"\n{}", kind,
                    kind == "period" ? "period-ticks = 20\n" : ""));
  }
  for (const std::string_view sums : names_of(compiler::PartialSums{})) {
    add(fmt::format("partial-sums-{}", sums),
        fmt::format("partial-sums = \"{}\"\nfabric = \"torus:48\"\ncolumns = 8\n{}", sums,
                    little_cores));
  }
  for (const std::string_view routing : names_of(fabric::RoutingKind{})) {
    add(fmt::format("routing-{}", routing),
        fmt::format("routing = \"{}\"\nring-ties = \"positive\"\nfabric = \"torus:48\"\n"
                    "search-steps = 500\n{}",
                    routing, little_cores));
  }
  add("core-of-its-own",
      "fabric = \"cmesh:36\"\nconcentration = 2\ncore-rows = 64\ncore-columns = 4\n"
      "product-ns = 100\ndigital-ns = 150\ndouble-buffered = false\nmemory-kib = 40\n"
      "product-pj = 900\nrow-pj = 6\ncolumn-pj = 20\ncell-pj = 0.1\ndigital-column-pj = 2\n"
      "memory-byte-pj = 0.4\nlink-bytes = 8\nlink-ns = 2\nrouter-ns = 3\nlink-bit-pj = 0.1\n"
      "router-bit-pj = 0.2\nactivation-bits = 6\npartial-sum-bits = 20\n");
}

// ---- execute
// -------------------------------------------------------------------------------------

study::ExecuteConfig execute_config(const std::string& toml) {
  study::ExecuteConfig config;
  study::Origins origins;
  const study::Settings settings = options(toml);
  study::apply_layers(
      {fields_of(config), config.infer.device, config.infer.crossbar.device, origins}, settings,
      no_files);
  study::refuse_idle_flags(settings, fields_of(config));
  return config;
}

struct Execute {
  CompileRequest compile;
  study::ExecuteConfig config;
  std::optional<study::FileMatrix> input;
};

/// Compiles, writes and reads the program, and runs it, as in `imcsim execute`.
Result execute(const Execute& request, const Execution& execution) {
  const std::string text =
      study::program_json(request.compile.config, compile(request.compile)).dump(1);
  const study::ProgramFile file = study::read_program(text, "program.json", no_files);
  study::ExecuteConfig config = request.config;
  Observer observer;
  study::ExecuteStudy study = study::run_execute_time(
      config, file, compile({file.config, request.compile.bytes}), observer);
  if (config.values) {
    config.infer.crossbar.array.tile = fmt::format("{}x{}", file.config.compile.core.core_rows,
                                                   file.config.compile.core.core_columns);
    const study::GraphSamples samples =
        request.input ? study::samples_of(study.compiled.graph, *request.input)
                      : study::samples_of(config.infer, study.compiled.graph, graph_digits());
    study::run_execute_values(config, samples, execution, study);
  }
  return result_of(study::execute_json(config, file, study));
}

Case execute_case(const std::string& name, const CompileRequest& compile, const std::string& toml,
                  std::optional<study::FileMatrix> input = {}) {
  const Execute request = {compile, execute_config(toml), std::move(input)};
  return {"execute/" + name,
          [request](const Execution& execution) { return execute(request, execution); },
          uses_of("execute", request.config)};
}

study::FileMatrix samples(std::size_t count, std::size_t size) {
  testing::Draws draws(8);
  study::FileMatrix rows{{}, count, size};
  for (std::size_t i = 0; i < count * size; ++i) {
    rows.values.push_back(static_cast<double>(draws(1.0F)));
  }
  return rows;
}

void add_executions(std::vector<Case>& cases) {
  const auto program = [](const std::string& toml) {
    return CompileRequest{study::resolve_compile(options(toml), no_files).config, residual_onnx()};
  };
  const CompileRequest plain = program("model = \"residual.onnx\"\nfabric = \"5pp-derived:16\"\n");
  const CompileRequest tiled = program(
      fmt::format("model = \"residual.onnx\"\nfabric = \"mesh:64\"\npartial-sums = \"chained\"\n"
                  "replication = \"balance\"\nsearch-steps = 1000\n{}",
                  little_cores));
  for (const std::string_view name : names_of(study::Arithmetic{})) {
    const std::string toml = fmt::format("arithmetic = \"{}\"\ntest-limit = 6\n", name);
    cases.push_back(execute_case(fmt::format("{}", name), plain, toml));
    cases.push_back(execute_case(fmt::format("{}-tiled", name), tiled, toml + "images = 5\n"));
  }
  for (const std::string_view name : names_of(training::Compensation{})) {
    cases.push_back(execute_case(
        fmt::format("compensation-{}", name), tiled,
        fmt::format("compensation = \"{}\"\ntimes = \"1s,1y\"\ntest-limit = 6\n", name)));
  }
  cases.push_back(execute_case("check", tiled,
                               "check = true\ntest-limit = 5\nseed = 4\nruns = 2\ntimes = \"1d\"\n"
                               "input-mean = [0.3]\ninput-std = [0.4]\n"));
  cases.push_back(execute_case("many-images", plain, "test-limit = 60\ntimes = \"1d\"\n"));
  cases.push_back(
      execute_case("input-file", tiled, "input = \"x.npy\"\ntimes = \"1h\"\n", samples(4, 196)));
  cases.push_back(execute_case("time", tiled, "values = false\nimages = 9\n"));
  cases.push_back(
      execute_case("slow-input", plain, "values = false\ninput-pixels-a-tick = 1\nimages = 3\n"));
  // With replicated stages, credits cause stalls; without them, unread pixels are overwritten,
  // which is an error.
  cases.push_back(execute_case("flow-control-credits", tiled, "values = false\nimages = 2\n"));
  cases.push_back(execute_case("flow-control-none", plain,
                               "values = false\nflow-control = \"none\"\nimages = 2\n"
                               "buckets = 10\n"));
  cases.push_back(execute_case(
      "network-without-weights",
      {study::resolve_compile(options("model = \"resnet-20\"\nfabric = \"mesh:64\"\n"), no_files)
           .config,
       {}},
      "values = false\nimages = 2\n"));
}

}  // namespace

CaseList fabric_cases() {
  CaseList list;
  add_topologies(list.cases);
  add_programs(list.cases);
  add_executions(list.cases);
  study::TopologyStudyConfig topology;
  study::CompileStudyConfig compile;
  study::ExecuteConfig execute;
  list.offered = choices_offered("topology", fields_of(topology));
  list.offered.merge(choices_offered("compile", fields_of(compile)));
  list.offered.merge(choices_offered("execute", fields_of(execute)));
  return list;
}

}  // namespace imcsim::golden
