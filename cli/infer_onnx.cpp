// imcsim infer with an ONNX file: its weights are first programmed into devices.
#include "infer_onnx.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "data_sets.hpp"
#include "files.hpp"
#include "study/execute_study.hpp"
#include "study/infer.hpp"
#include "study/infer_onnx.hpp"

namespace imcsim::cli {

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
  const std::vector<study::InferRun> runs =
      study::infer_onnx_runs(config, graph, samples, execution);
  const Timing timing = watch.elapsed();
  const study::Json json = study::infer_onnx_json(config, in_float, runs);
  finish_infer(host, request.predictions,
               {json, study::summarize(config.times, runs),
                study::to_toml(fields_of(config), resolved.origins),
                runs.empty() ? in_float.predictions : runs[0].predictions,
                runs.empty() ? in_float.scores : runs[0].scores,
                network::element_count(graph.values[graph.outputs[0]].dims), data.test},
               execution, timing);
  return 0;
}

}  // namespace imcsim::cli
