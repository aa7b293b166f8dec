// imcsim compile MODEL --fabric TOPOLOGY:CORES: compile a network into a program for cores.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/error.hpp"
#include "command.hpp"
#include "files.hpp"
#include "run.hpp"
#include "run_observer.hpp"
#include "study/compile_study.hpp"

namespace imcsim::cli {
namespace {

const HelpText compile_help = {
    "imcsim compile MODEL [--fabric TOPOLOGY:CORES|FILE] [-o PROGRAM.json] [OPTIONS]",
    "Splits a network into stages and tiles, places them on cores, and plans routes, buffers and "
    "the schedule. -o writes the program as JSON for imcsim execute.",
    "  imcsim compile resnet-32 --fabric 5pp-derived:64\n"
    "  imcsim compile resnet-50 --fabric mesh:512 --csv\n"};

using Rows = std::vector<std::vector<std::string>>;

Rows stage_rows(const study::Json& result, bool for_display) {
  Rows rows = {
      {"stage", "rows", "columns", "tiles", "copies", "first core", "iterations", "buffer bytes"}};
  if (!for_display) {
    rows[0] = {"stage",       "rows",       "columns",    "tiles",
               "replication", "first_core", "iterations", "buffer_bytes"};
  }
  for (const study::Json& stage : result["stages"]) {
    rows.push_back({stage["name"].get<std::string>()});
    for (const char* key :
         {"rows", "columns", "tiles", "replication", "first_core", "iterations", "buffer_bytes"}) {
      rows.back().push_back(stage[key].dump());
    }
  }
  return rows;
}

std::string program_text(const study::Json& json, const Timing& timing, const Style& style) {
  constexpr std::size_t most_rows = 60;
  const study::Json& r = json["result"];
  Rows rows = stage_rows(r, true);
  const std::size_t all = rows.size() - 1;
  rows.resize(std::min(rows.size(), most_rows + 1));
  std::string text = aligned_table(rows, style);
  if (all > most_rows) text += style.dim(fmt::format("… {} stages; --csv prints all\n", all));
  const double tick_ns = r["tick_s"].get<double>() * 1e9;
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("{}  {}\n", style.bold(fmt::format("{:<11}", name)), value);
  };
  text += "\n";
  line("cores", fmt::format("{} of {} ({} tiles)", r["cores_used"].dump(), r["cores"].dump(),
                            r["tiles"].dump()));
  line("placement", fmt::format("{}, {} transfers over more than one link",
                                r["placement"].get<std::string>(), r["relayed_transfers"].dump()));
  line("links", fmt::format("at most {:.0f} bytes per image on a channel",
                            r["max_channel_load_bytes"].get<double>()));
  line("first image",
       fmt::format("{} ticks of {:.0f} ns = {:.1f} us", r["first_image_ticks"].dump(), tick_ns,
                   r["latency_s"].get<double>() * 1e6));
  line("period", fmt::format("{} ticks = {:.0f} images/s", r["period_ticks"].dump(),
                             r["throughput_per_s"].get<double>()));
  line("energy", fmt::format("{:.3g} uJ per image", r["energy_j"].get<double>() * 1e6));
  line("digest", json["digest"].get<std::string>());
  line("time", fmt::format("{:.2f} s", timing.wall_s));
  return text;
}

struct CompileRequest {
  study::ResolvedCompile resolved;
  HostOptions host;
  std::string out_file;
};

/// False if only help or the configuration was requested.
bool read_compile_request(const std::vector<std::string>& words, CompileRequest& request) {
  study::CompileStudyConfig reference;
  FieldList host_fields;
  describe_shared(request.host, host_fields);
  describe_output("out-file", request.out_file, "FILE", "File for the program, in JSON (-: stdout)",
                  host_fields);
  const FieldList config_fields = fields_of(reference);
  FieldList fields = config_fields;
  fields.add(host_fields);
  const ParsedArguments arguments = parse_arguments("compile", fields, words, 1);
  study::Settings model;
  if (!arguments.positional.empty()) {
    model.push_back({"model", arguments.positional[0], "compile MODEL", "flag"});
  }
  const study::Settings settings = split_settings(arguments, host_fields, config_fields, model);
  if (!request.host.preset.empty()) {
    throw InputError(at_field("preset"), "has no options for compile", "--core for a core preset");
  }
  request.resolved = study::resolve_compile(settings, read_preset_file);
  if (arguments.asks_for_help()) {
    FieldList shown = fields_of(request.resolved.config);
    shown.add(host_fields);
    return !show_help(arguments, compile_help, shown);
  }
  if (request.resolved.config.model.empty()) {
    throw InputError("compile MODEL", "is missing", "an ONNX file, or resnet-32");
  }
  if (show_config(request.host, fields_of(request.resolved.config), request.resolved.origins)) {
    return false;
  }
  check_outputs(request.host, "out-file", request.out_file);
  return true;
}

}  // namespace

int run_compile(const std::vector<std::string>& words) {
  CompileRequest request;
  if (!read_compile_request(words, request)) return 0;
  study::CompileStudyConfig& config = request.resolved.config;
  const Execution execution = execution_of(request.host);
  const Stopwatch watch;
  std::vector<std::uint8_t> bytes;
  if (!study::is_model_shape(config.model)) bytes = read_bytes(config.model, at_field("model"));
  Observer observer;
  const study::CompiledStudy compiled =
      study::run_compile(config, bytes, read_preset_file, observer);
  const study::Json json = study::compile_json(config, compiled);
  const std::string program = study::program_json(config, compiled).dump(1) + "\n";
  const Timing timing = watch.elapsed();
  if (!request.out_file.empty()) write_file(request.out_file, program);
  study::Json execution_info = execution_json(execution);
  execution_info["out"] = request.host.out;
  execution_info["out-file"] = request.out_file;
  const std::string csv = csv_of(stage_rows(json["result"], false));
  const NamedFiles files = {
      {"config.toml", study::to_toml(fields_of(config), request.resolved.origins)},
      {"stages.csv", csv},
      {"program.json", program}};
  const bool to_stdout = request.out_file == "-";
  finish(
      request.host, host_json(json, execution_info, execution, timing), csv,
      [&](const Style& style) {
        return to_stdout ? std::string{} : program_text(json, timing, style);
      },
      files);
  return 0;
}

}  // namespace imcsim::cli
