// imcsim infer: a trained network evaluated over time.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "command.hpp"
#include "data_sets.hpp"
#include "files.hpp"
#include "infer_onnx.hpp"
#include "npy.hpp"
#include "run.hpp"
#include "study/infer.hpp"
#include "study/infer_onnx.hpp"

namespace imcsim::cli {
namespace {

const HelpText infer_help = {
    "imcsim infer --model MODEL|FILE.onnx [--times TIME,…] [OPTIONS]",
    "Evaluates a trained network at several times after programming, with drift, noise and "
    "compensation. The model is a file of imcsim train --save or an ONNX file.",
    "  imcsim train --epochs 1 --save m.st --quiet; imcsim infer --model m.st\n"
    "  imcsim train --method float --epochs 1 --save - | imcsim infer --model - --runs 3\n"};

/// The fields of both kinds of model, each key once.
FieldList either_model(const FieldList& own, const FieldList& onnx) {
  FieldList fields = own;
  for (const Field& field : onnx.all()) {
    if (fields.find(field.text.key) == nullptr) fields.add(field);
  }
  return fields;
}

/// Prints the help for the device that the settings select; the model file is not read.
int show_help_of_infer(const ParsedArguments& arguments, study::Settings settings,
                       const FieldList& host_fields) {
  study::InferConfig reference;
  study::OnnxInferConfig onnx_reference;
  const FieldList own = fields_of(reference);
  std::erase_if(settings, [&](const study::Setting& setting) {
    return setting.key != "preset" && own.find(setting.key) == nullptr;
  });
  auto shown = study::layered_config<study::InferConfig>(settings, read_preset_file);
  FieldList fields = either_model(fields_of(shown.config), fields_of(onnx_reference));
  fields.add(host_fields);
  show_help(arguments, infer_help, fields);
  return 0;
}

study::Table table_of(const std::vector<study::InferPoint>& points) {
  study::Table table{{"t_s", "accuracy_mean", "accuracy_std", "weight_rms_error"}, {}};
  for (const study::InferPoint& p : points) {
    table.rows.push_back({p.t_s, p.accuracy_mean, p.accuracy_std, p.weight_rms_error});
  }
  return table;
}

std::string text_of(const InferReport& report, const Timing& timing, const Style& style) {
  std::string text;
  const std::string digest = report.json["digest"].get<std::string>();
  if (report.json["result"].contains("float_accuracy")) {
    text += fmt::format("{}  {:.2f} %\n\n", style.bold("in float"),
                        100.0 * report.json["result"]["float_accuracy"].get<double>());
    if (report.points.empty()) {
      return text + fmt::format("{}  {}\n", style.bold("digest  "), digest);
    }
  }
  std::vector<std::vector<std::string>> rows = {
      {"time", "accuracy", "std of runs", "weight error"}};
  XySeries series{"accuracy", {}, {}, true, false, true};
  for (const study::InferPoint& p : report.points) {
    rows.push_back({format_duration({p.t_s}), fmt::format("{:.2f} %", 100.0 * p.accuracy_mean),
                    fmt::format("± {:.2f} %", 100.0 * p.accuracy_std),
                    fmt::format("{:.2f} %", 100.0 * p.weight_rms_error)});
    series.x.push_back(p.t_s);
    series.y.push_back(p.accuracy_mean);
  }
  text += aligned_table(rows, style) + "\n";
  const std::string plot = xy_plot(series, "seconds after programming", style);
  if (!plot.empty()) text += plot + "\n";
  text += fmt::format("{}  {}\n", style.bold("digest  "), digest);
  return text + fmt::format("{}  {:.2f} s\n", style.bold("time    "), timing.wall_s);
}

/// CSV with one line per sample: index, label, prediction, scores.
std::string prediction_lines(const InferReport& report) {
  std::vector<std::vector<std::string>> rows = {{"index", "label", "prediction"}};
  for (std::size_t c = 0; c < report.classes; ++c) rows[0].push_back(fmt::format("score_{}", c));
  for (std::size_t i = 0; i < report.predictions.size(); ++i) {
    std::vector<std::string> row = {fmt::format("{}", i), fmt::format("{}", report.labels.label(i)),
                                    fmt::format("{}", report.predictions[i])};
    for (std::size_t c = 0; c < report.classes; ++c) {
      row.push_back(fmt::format("{}", report.scores(i, c)));
    }
    rows.push_back(std::move(row));
  }
  return csv_of(rows);
}

}  // namespace

void finish_infer(const HostOptions& host, const std::string& predictions_file,
                  const InferReport& report, const Execution& execution, const Timing& timing) {
  if (!predictions_file.empty()) write_file(predictions_file, prediction_lines(report));
  study::Json execution_info = execution_json(execution);
  execution_info["out"] = host.out;
  execution_info["predictions"] = predictions_file;
  const std::string csv = csv_of(text_rows(table_of(report.points), false));
  const NamedFiles files = {{"config.toml", report.config_toml}, {"times.csv", csv}};
  finish(
      host, host_json(report.json, execution_info, execution, timing), csv,
      [&](const Style& style) { return text_of(report, timing, style); }, files);
}

int run_infer(const std::vector<std::string>& words) {
  study::InferConfig reference;
  study::OnnxInferConfig onnx_reference;
  HostOptions host;
  std::string predictions;
  FieldList host_fields;
  describe_shared(host, host_fields);
  describe_data_dir(host, host_fields);
  describe_output(
      "predictions", predictions, "FILE.csv",
      "File for predictions (label, prediction and scores of the first run at the last time)",
      host_fields);
  const FieldList config_fields = fields_of(reference);
  const FieldList any_model = either_model(config_fields, fields_of(onnx_reference));
  FieldList fields = any_model;
  fields.add(host_fields);
  const ParsedArguments arguments = parse_arguments("infer", fields, words, 0);
  const study::Settings given = split_settings(arguments, host_fields, any_model);
  if (arguments.asks_for_help()) return show_help_of_infer(arguments, given, host_fields);
  const study::Setting* named = study::find_last(given, "model");
  if (named == nullptr) {
    throw InputError(at_field("model"), "is missing",
                     "a model file of imcsim train --save, an ONNX file, or -");
  }
  const std::vector<std::uint8_t> bytes = read_bytes(named->text, named->where);
  if (study::is_onnx(bytes)) return infer_onnx({bytes, named->text, given, host, predictions});
  const study::Safetensors file = study::read_safetensors(bytes, named->text);
  study::Settings all = study::settings_of_model(file, named->text, config_fields);
  all.insert(all.end(), given.begin(), given.end());
  study::Resolved<study::InferConfig> resolved =
      study::resolve_config<study::InferConfig>(all, read_preset_file);
  study::resolve_reprogramming(resolved);
  const study::InferConfig& config = resolved.config;
  if (show_config(host, fields_of(resolved.config), resolved.origins)) return 0;
  const Execution execution = execution_of(host);
  check_outputs(host, "predictions", predictions);

  const Stopwatch watch;
  const study::TrainedModel model = study::read_model(file, config, config.model);
  const dataset::Dataset data = load_dataset(config.dataset, host.data_dir);
  const std::vector<study::InferRun> runs = study::infer_runs(config, model, data, execution);
  const Timing timing = watch.elapsed();
  const network::Architecture architecture =
      network::parse_architecture(config.network, at_field("network"));
  const study::Json json = study::infer_json(config, runs);
  finish_infer(host, predictions,
               {json, study::summarize(config.times, runs),
                study::to_toml(fields_of(resolved.config), resolved.origins),
                runs.front().predictions, runs.front().scores, architecture.outputs(), data.test},
               execution, timing);
  return 0;
}

}  // namespace imcsim::cli
