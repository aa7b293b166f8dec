// imcsim infer for the page: evaluates a trained network over time.
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
  return study::infer_onnx_json(config, in_float,
                                study::infer_onnx_runs(config, graph, samples, {}));
}

Json infer_model(const CommandRequest& request, const std::string& model, const Bytes& bytes) {
  study::InferConfig reference;
  require_known(request.settings, fields_of(reference));
  const study::Safetensors file = study::read_safetensors(bytes, model);
  study::Settings settings = study::settings_of_model(file, model, fields_of(reference));
  settings.insert(settings.end(), request.settings.begin(), request.settings.end());
  auto resolved = study::resolve_config<study::InferConfig>(settings, request.preset_reader());
  study::resolve_reprogramming(resolved);
  const study::InferConfig& config = resolved.config;
  const study::TrainedModel trained = study::read_model(file, config, config.model);
  const dataset::Dataset& data = data_of(request, config.dataset);
  return study::infer_json(config, study::infer_runs(config, trained, data, {}));
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
