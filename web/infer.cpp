// imcsim infer for the page: a trained network asked again after seconds or years.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "requests.hpp"
#include "study/execute_study.hpp"
#include "study/infer_onnx.hpp"

namespace imcsim::web {
namespace {

using study::Json;

const dataset::Dataset& data_of(const CommandRequest& request, const std::string& name) {
  const auto data = request.data.find(name);
  if (data == request.data.end()) {
    throw InputError("dataset", fmt::format("data set \"{}\" is not loaded", name), "mnist");
  }
  return data->second;
}

/// One run a seed, from that of `config` on.
template <class Config, class RunOnce>
std::vector<study::InferRun> runs_of(const Config& config, const RunOnce& run_once) {
  std::vector<study::InferRun> runs;
  for (std::int64_t r = 0; r < config.runs; ++r) {
    Config own = config;
    own.seed = config.seed + static_cast<std::uint64_t>(r);
    runs.push_back(run_once(own));
  }
  return runs;
}

Json infer_onnx(const CommandRequest& request, const std::string& model, const Bytes& bytes) {
  study::OnnxInferConfig reference;
  require_known(request.settings, fields_of(reference));
  const auto config =
      study::resolve_config<study::OnnxInferConfig>(request.settings, request.preset_reader())
          .config;
  const network::Graph graph = network::import_onnx(bytes, model);
  const study::GraphSamples samples =
      study::samples_of(config, graph, data_of(request, config.dataset));
  const training::Evaluation in_float = study::infer_onnx_in_float(config, graph, samples, {});
  if (config.arithmetic == study::Arithmetic::float32) {
    return study::infer_onnx_json(config, in_float, {});
  }
  return study::infer_onnx_json(config, in_float, runs_of(config, [&](const auto& own) {
                                  return study::infer_onnx_once(own, graph, samples, {});
                                }));
}

Json infer_model(const CommandRequest& request, const std::string& model, const Bytes& bytes) {
  study::InferConfig reference;
  require_known(request.settings, fields_of(reference));
  const study::Safetensors file = study::read_safetensors(bytes, model);
  study::Settings settings = study::settings_of_model(file, model, fields_of(reference));
  settings.insert(settings.end(), request.settings.begin(), request.settings.end());
  auto resolved = study::resolve_config<study::InferConfig>(settings, request.preset_reader());
  study::settle_reprogramming(resolved);
  const study::InferConfig& config = resolved.config;
  const study::TrainedModel trained = study::read_model(file, config, config.model);
  const dataset::Dataset& data = data_of(request, config.dataset);
  return study::infer_json(config, runs_of(config, [&](const auto& own) {
                             return study::infer_once(own, trained, data, {});
                           }));
}

}  // namespace

CommandAnswer run_infer(const CommandRequest& request) {
  const study::Setting* named = study::find_last(request.settings, "model");
  if (named == nullptr) {
    throw InputError("model", "is missing",
                     "a model saved by imcsim train --save, or an ONNX file");
  }
  const Bytes& bytes = request.file(named->text, named->where);
  return {study::is_onnx(bytes) ? infer_onnx(request, named->text, bytes)
                                : infer_model(request, named->text, bytes),
          {}};
}

}  // namespace imcsim::web
