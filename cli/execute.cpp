// imcsim execute PROGRAM.json: cycle-by-cycle execution of a compiled network.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

#include "base/error.hpp"
#include "command.hpp"
#include "data_sets.hpp"
#include "files.hpp"
#include "npy.hpp"
#include "run.hpp"
#include "run_observer.hpp"
#include "study/compile_study.hpp"
#include "study/execute_study.hpp"
#include "study/infer_onnx.hpp"

namespace imcsim::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_input_dimensions = 4;

const HelpText execute_help = {
    "imcsim execute PROGRAM.json [--dataset NAME|DIR] [--values off] [OPTIONS]",
    "Runs a program of imcsim compile: simulates the timing of every tick, checks every memory "
    "read, and computes the network outputs for a data set on devices at given times after "
    "programming.",
    "  imcsim compile resnet-20 -o r20.json --quiet; imcsim execute r20.json --values off\n"
    "  imcsim compile mlp --fabric mesh:16 -o - | imcsim execute - --values off\n"};

struct ExecuteRequest {
  study::Resolved<study::ExecuteConfig> resolved;
  HostOptions host;
  std::string trace, model;
};

/// Reads the options. Settings of the value computation are resolved with device and preset layers.
/// False if only help or the configuration was requested.
bool read_execute_request(const std::vector<std::string>& words, ExecuteRequest& request) {
  study::ExecuteConfig reference;
  FieldList host_fields;
  describe_shared(request.host, host_fields);
  describe_data_dir(request.host, host_fields);
  host_fields.field("model", request.model, "FILE", "Network file (if moved after compilation)");
  describe_output("trace", request.trace, "FILE",
                  "File for a timeline of the stages, in Chrome trace format", host_fields);
  const FieldList config_fields = fields_of(reference);
  FieldList fields = config_fields;
  fields.add(host_fields);
  const ParsedArguments arguments = parse_arguments("execute", fields, words, 1);
  study::Settings program;
  if (!arguments.positional.empty()) {
    program.push_back({"program", arguments.positional[0], "execute PROGRAM", "flag"});
  }
  const study::Settings settings = split_settings(arguments, host_fields, config_fields, program);
  study::ExecuteConfig& config = request.resolved.config;
  const FieldList own = fields_of(config);
  study::apply_layers(
      {own, config.infer.device, config.infer.crossbar.device, request.resolved.origins}, settings,
      read_preset_file);
  if (arguments.asks_for_help()) {
    FieldList shown = fields_of(config);
    shown.add(host_fields);
    return !show_help(arguments, execute_help, shown);
  }
  study::refuse_idle_flags(settings, fields_of(config));
  if (config.program.empty()) {
    throw InputError("execute PROGRAM", "is missing", "a program file of imcsim compile");
  }
  if (show_config(request.host, fields_of(config), request.resolved.origins)) return false;
  check_outputs(request.host, "trace", request.trace);
  config.keeps_spans = !request.trace.empty();
  return true;
}

/// The network that a program was compiled from: the file of --model, else its path at compilation,
/// else a file of the same name in the program's folder.
std::vector<std::uint8_t> network_of(const study::ProgramFile& file,
                                     const ExecuteRequest& request) {
  const std::string& model = file.config.model;
  if (request.model.empty() && study::is_model_shape(model)) return {};
  fs::path path = request.model.empty() ? model : request.model;
  const fs::path next_to_program =
      fs::path(request.resolved.config.program).parent_path() / fs::path(model).filename();
  std::error_code error;
  if (request.model.empty() && !fs::exists(path, error) && fs::exists(next_to_program, error))
    path = next_to_program;
  std::vector<std::uint8_t> bytes = read_bytes(path.string(), at_field("model"));
  if (study::hash_of(bytes) != file.model_digest) {
    throw InputError(path.string(), "is not the network of the program",
                     fmt::format("digest {}", study::digest_text(file.model_digest)));
  }
  return bytes;
}

std::string execution_text(const study::Json& json, const Timing& timing, const Style& style) {
  constexpr std::size_t most_rows = 40;
  const study::Json& r = json["result"];
  std::vector<std::vector<std::string>> rows = {
      {"stage", "first tick", "last tick", "busy", "input stalls", "credit stalls"}};
  std::string map;
  for (const study::Json& stage : r["stages"]) {
    if (rows.size() > most_rows) break;
    rows.push_back({stage["name"].get<std::string>(), stage["first_tick"].dump(),
                    stage["last_tick"].dump(),
                    fmt::format("{:.0f} %", 100.0 * stage["utilisation"].get<double>()),
                    stage["input_stalls"].dump(), stage["credit_stalls"].dump()});
  }
  std::string text = aligned_table(rows, style);
  if (r["stages"].size() > most_rows) {
    text += style.dim(fmt::format("… {} stages; --csv prints all\n", r["stages"].size()));
  }
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("{}  {}\n", style.bold(fmt::format("{:<11}", name)), value);
  };
  text += "\n";
  if (r.contains("equals_node_by_node")) {
    line("check", r["equals_node_by_node"].get<bool>() ? "bit-identical to node-by-node computation"
                                                       : "differs from node-by-node computation");
  }
  if (r.contains("float_accuracy")) {
    line("in float", fmt::format("{:.2f} %", 100.0 * r["float_accuracy"].get<double>()));
    for (const study::Json& time : r["times"]) {
      line(format_duration({time["t_s"].get<double>()}),
           fmt::format("{:.2f} ± {:.2f} %", 100.0 * time["accuracy_mean"].get<double>(),
                       100.0 * time["accuracy_std"].get<double>()));
    }
  }
  line("latency", fmt::format("{:.0f} ticks = {:.1f} us", r["latency_ticks"].get<double>(),
                              r["latency_s"].get<double>() * 1e6));
  line("throughput",
       fmt::format("{:.0f} images/s (one per {:.1f} ticks)", r["throughput_per_s"].get<double>(),
                   r["period_ticks"].get<double>()));
  line("energy", fmt::format("{:.3g} uJ per image", r["energy_j"].get<double>() * 1e6));
  line("cores busy", fmt::format("{:.1f} %", 100.0 * r["core_utilisation"].get<double>()));
  const study::Json& links = r["link_load"];
  line("links",
       fmt::format("{:.0f} bytes per image on the busiest channel, {:.2f} % of its capacity",
                   links["max_bytes_an_image"].get<double>(),
                   100.0 * links["max_utilisation"].get<double>()));
  line("digest", json["digest"].get<std::string>());
  line("time", fmt::format("{:.2f} s", timing.wall_s));
  return text;
}

std::string stage_csv(const study::Json& result) {
  std::vector<std::vector<std::string>> rows = {{"stage", "first_tick", "last_tick", "executed",
                                                 "utilisation", "input_stalls", "credit_stalls"}};
  for (const study::Json& stage : result["stages"]) {
    rows.push_back({stage["name"].get<std::string>()});
    for (std::size_t c = 1; c < rows[0].size(); ++c)
      rows.back().push_back(stage[rows[0][c]].dump());
  }
  return csv_of(rows);
}

}  // namespace

int run_execute(const std::vector<std::string>& words) {
  ExecuteRequest request;
  if (!read_execute_request(words, request)) return 0;
  study::ExecuteConfig& config = request.resolved.config;
  const Execution execution = execution_of(request.host);
  const Stopwatch watch;
  const std::vector<std::uint8_t> text = read_bytes(config.program, at_field("program"));
  const study::ProgramFile file = study::read_program(
      {reinterpret_cast<const char*>(text.data()), text.size()}, config.program, read_preset_file);
  const std::vector<std::uint8_t> bytes = network_of(file, request);
  if (config.values && bytes.empty()) {
    throw InputError(at_field("values"), fmt::format("{} has no weights", file.config.model),
                     "--values off, or a program of an ONNX file");
  }
  Observer observer;
  study::CompiledStudy compiled =
      study::run_compile(file.config, bytes, read_preset_file, observer);
  study::ExecuteStudy result = study::run_execute_time(config, file, std::move(compiled), observer);
  if (config.values) {
    config.infer.crossbar.array.tile = fmt::format("{}x{}", file.config.compile.core.core_rows,
                                                   file.config.compile.core.core_columns);
    const study::GraphSamples samples =
        config.input.empty()
            ? study::samples_of(config.infer, result.compiled.graph,
                                load_dataset(config.infer.dataset, request.host.data_dir))
            : study::samples_of(result.compiled.graph, load_matrix(config.input, at_field("input"),
                                                                   most_input_dimensions));
    study::run_execute_values(config, samples, execution, result);
  }
  const study::Json json = study::execute_json(config, file, result);
  const Timing timing = watch.elapsed();
  if (!request.trace.empty()) write_file(request.trace, study::trace_json(result));
  study::Json execution_info = execution_json(execution);
  execution_info["out"] = request.host.out;
  execution_info["trace"] = request.trace;
  const std::string csv = stage_csv(json["result"]);
  NamedFiles files = {{"config.toml", study::to_toml(fields_of(config), request.resolved.origins)},
                      {"stages.csv", csv}};
  if (config.values) {
    auto& outputs = const_cast<Matrix<float>&>(study::outputs_of(result));
    files.emplace_back("outputs.npy", npy_of(array_view(outputs, study::output_size(result))));
  }
  finish(
      request.host, host_json(json, execution_info, execution, timing), csv,
      [&](const Style& style) { return execution_text(json, timing, style); }, files);
  return 0;
}

}  // namespace imcsim::cli
