// imcsim infer with an ONNX file: its weights are written into devices first.
#include "infer_onnx.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "data_sets.hpp"
#include "files.hpp"
#include "study/execute_study.hpp"
#include "study/infer.hpp"
#include "study/infer_onnx.hpp"

namespace imcsim::cli {
namespace {

std::string onnx_text(const study::Json& json, const std::vector<study::InferPoint>& points,
                      const Timing& timing, const Style& style) {
  const double in_float = json["result"]["float_accuracy"].get<double>();
  const std::string digest = json["digest"].get<std::string>();
  return fmt::format("{}  {:.2f} %\n\n", style.bold("in float"), 100.0 * in_float) +
         (points.empty() ? fmt::format("{}  {}\n", style.bold("digest  "), digest)
                         : text_of(points, digest, timing, style));
}

}  // namespace

std::string prediction_lines(const std::vector<std::uint32_t>& predictions,
                             const Matrix<float>& scores, const dataset::Dataset& data,
                             std::size_t classes) {
  std::vector<std::vector<std::string>> rows = {{"index", "label", "prediction"}};
  for (std::size_t c = 0; c < classes; ++c) rows[0].push_back(fmt::format("score_{}", c));
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    std::vector<std::string> row = {fmt::format("{}", i), fmt::format("{}", data.test.label(i)),
                                    fmt::format("{}", predictions[i])};
    for (std::size_t c = 0; c < classes; ++c) row.push_back(fmt::format("{}", scores(i, c)));
    rows.push_back(std::move(row));
  }
  return csv_of(rows);
}

int infer_onnx(const OnnxRequest& request) {
  const HostOptions& host = request.host;
  const auto resolved =
      study::resolve_config<study::OnnxInferConfig>(request.settings, read_preset_file);
  study::OnnxInferConfig config = resolved.config;
  if (show_config(host, fields_of(config), resolved.origins)) return 0;
  const Execution execution = execution_of(host);
  check_outputs(host, "predictions", request.predictions);

  const Stopwatch watch;
  const network::Graph graph = network::import_onnx(request.bytes, request.name);
  const dataset::Dataset data = load_dataset(config.dataset, host.data_dir);
  const study::GraphSamples samples = study::samples_of(config, graph, data);
  const training::Evaluation in_float =
      study::infer_onnx_in_float(config, graph, samples, execution);
  const bool on_devices = config.arithmetic == study::Arithmetic::devices;
  std::vector<study::InferRun> runs(on_devices ? static_cast<std::size_t>(config.runs) : 0);
  const bool many = runs.size() > 1;
  parallel_for(many ? execution.threads : 1, runs.size(), [&](std::size_t r) {
    study::OnnxInferConfig own = config;
    own.seed = config.seed + r;
    runs[r] =
        study::infer_onnx_once(own, graph, samples, {execution.isa, many ? 1 : execution.threads});
  });
  const std::vector<study::InferPoint> points = study::summarise(config, runs);
  const Timing timing = watch.elapsed();
  if (!request.predictions.empty()) {
    const std::size_t classes = network::element_count(graph.values[graph.outputs[0]].dims);
    write_file(request.predictions,
               prediction_lines(on_devices ? runs[0].predictions : in_float.predictions,
                                on_devices ? runs[0].scores : in_float.scores, data, classes));
  }
  const study::Json json = study::infer_onnx_json(config, in_float, runs);
  study::Json how = execution_json(execution);
  how["out"] = host.out;
  how["predictions"] = request.predictions;
  const std::string csv = csv_of(text_rows(table_of(points), false));
  const NamedFiles files = {{"config.toml", study::to_toml(fields_of(config), resolved.origins)},
                            {"times.csv", csv}};
  finish(
      host, host_json(json, how, execution, timing), csv,
      [&](const Style& style) { return onnx_text(json, points, timing, style); }, files);
  return 0;
}

}  // namespace imcsim::cli
