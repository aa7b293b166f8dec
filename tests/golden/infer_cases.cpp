// infer: saved models and ONNX files with every compensation and programming method; export.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "golden/golden.hpp"
#include "golden/onnx_writer.hpp"
#include "network/architecture.hpp"
#include "network/network.hpp"
#include "study/export_onnx.hpp"
#include "study/infer.hpp"
#include "study/infer_onnx.hpp"
#include "study/safetensors.hpp"
#include "study/train_config.hpp"
#include "study/version.hpp"

namespace imcsim::golden {
namespace {

using study::InferConfig;
using study::OnnxInferConfig;

constexpr const char* pcm_model = "network = \"196-12-10\"\nepochs = 2\n";
constexpr const char* float_model = "network = \"196-12-10\"\nepochs = 2\nmethod = \"float\"\n";
constexpr const char* tanh_model =
    "network = \"196-12-10\"\nepochs = 1\nactivation = \"tanh\"\nmethod = \"hardware-aware\"\n";
constexpr const char* layers_model =
    "network = \"14x14-c4k3-n-p2-c6k3s2-n-a2-d0.2-8-n-10\"\nepochs = 1\nmethod = \"float\"\n"
    "activation = \"relu\"\nloss = \"cross-entropy\"\nlearning-rate = 0.05\n";

constexpr const char* large_model =
    "network = \"784-8-10\"\nepochs = 1\nmethod = \"float\"\ntrain-limit = 100\n";

/// Images for the inputs of a model.
const dataset::Dataset& images_of(const std::string& model) {
  return model == large_model ? digits() : small_digits();
}

study::Safetensors file_of(const std::string& model) {
  return study::read_safetensors(trained_model(model, images_of(model)), "model");
}

/// Settings of the model, then options, as in `imcsim infer`.
InferConfig infer_config(const std::string& model, const std::string& toml) {
  InferConfig reference;
  study::Settings settings =
      study::settings_of_model(file_of(model), "model", fields_of(reference));
  const study::Settings own = options(toml);
  settings.insert(settings.end(), own.begin(), own.end());
  auto resolved = study::resolve_config<InferConfig>(settings, no_files);
  study::resolve_reprogramming(resolved);
  return resolved.config;
}

Case saved_case(const std::string& name, const std::string& model, const std::string& toml) {
  const InferConfig config = infer_config(model, toml);
  const auto run = [config, model](const Execution& execution) {
    const study::Safetensors file = file_of(model);
    const study::TrainedModel trained = study::read_model(file, config, "model");
    const std::vector<study::InferRun> runs =
        study::infer_runs(config, trained, images_of(model), execution);
    return result_of(study::infer_json(config, runs));
  };
  return {"infer/" + name, run, uses_of("infer", config)};
}

void add_saved_models(std::vector<Case>& cases) {
  const std::string programmed =
      "device = \"pcm-inference\"\nreprogram = \"single-shot\"\ntimes = \"1s,1d,1y\"\n";
  for (const std::string_view name : names_of(training::Compensation{})) {
    const std::string line = fmt::format("compensation = \"{}\"\n", name);
    cases.push_back(saved_case(fmt::format("saved-{}", name), float_model, programmed + line));
    cases.push_back(
        saved_case(fmt::format("saved-layers-{}", name), layers_model, programmed + line));
    cases.push_back(saved_case(fmt::format("saved-kept-{}", name), pcm_model,
                               "times = \"1s,1y\"\nadc-full-scale-forward = 2\n" + line));
  }
  for (const std::string_view name : names_of(study::Reprogram{})) {
    cases.push_back(saved_case(fmt::format("saved-reprogram-{}", name), pcm_model,
                               fmt::format("times = \"1h\"\nreprogram = \"{}\"\n", name)));
  }
  // Other devices are programmed by the method in `programming`.
  for (const std::string_view name : names_of(device::ProgrammingMethod{})) {
    cases.push_back(saved_case(
        fmt::format("saved-programming-{}", name), pcm_model,
        fmt::format("times = \"1h\"\ndevice = \"pcm-hermes-pair\"\nprogramming = \"{}\"\n", name)));
  }
  cases.push_back(saved_case("saved-three-runs", float_model,
                             programmed + "runs = 3\ntest-limit = 20\nseed = 5\ntile = \"64x7\"\n"
                                          "wire-resistance-ohm = 1\nfault-rate = 0.01\n"));
  cases.push_back(
      saved_case("saved-many-images", large_model,
                 "device = \"pcm-inference\"\nreprogram = \"single-shot\"\ntimes = \"1d\"\n"));
  cases.push_back(saved_case("saved-tanh", tanh_model, "device = \"rram-hfo2\"\ntimes = \"1h\"\n"));
  cases.push_back(saved_case("saved-layers-calibrated", layers_model,
                             "device = \"projected-pcm\"\nreprogram = \"program-and-verify\"\n"
                             "times = \"1mo\"\nadc-range-quantile = 0.99\nverify-reads = 2\n"
                             "verify-margin-us = 0.5\nverify-most-pulses = 15\n"
                             "input-scale = \"largest\"\nslow-noise = \"each-read\"\n"));
}

Case onnx_case(const std::string& name, const std::string& bytes, const std::string& toml,
               const dataset::Dataset& data = graph_digits()) {
  const auto config = config_of<OnnxInferConfig>(toml);
  const auto run = [config, bytes, &data](const Execution& execution) {
    const network::Graph graph = network::import_onnx(bytes_of(bytes), "model.onnx");
    const study::GraphSamples samples = study::samples_of(config, graph, data);
    const training::Evaluation in_float =
        study::infer_onnx_in_float(config, graph, samples, execution);
    const std::vector<study::InferRun> runs =
        study::infer_onnx_runs(config, graph, samples, execution);
    return result_of(study::infer_onnx_json(config, in_float, runs));
  };
  return {"infer/" + name, run, uses_of("infer onnx", config)};
}

struct Exported {
  InferConfig config;
  network::Architecture architecture;
  std::string bytes;
};
Exported exported(const std::string& model) {
  Exported made{infer_config(model, ""), {}, {}};
  const study::Safetensors file = file_of(model);
  made.architecture = network::parse_architecture(made.config.network, "network");
  made.bytes = study::export_onnx(made.architecture, made.config.activation, made.config.loss,
                                  study::read_model(file, made.config, "model"));
  return made;
}

void add_onnx_files(std::vector<Case>& cases) {
  const std::string residual = residual_onnx();
  const std::string branched = branched_onnx();
  const std::string layers = exported(layers_model).bytes;
  for (const std::string_view name : names_of(training::Compensation{})) {
    const std::string toml =
        fmt::format("compensation = \"{}\"\ntimes = \"1s,1d,1y\"\ntest-limit = 20\n", name);
    cases.push_back(onnx_case(fmt::format("onnx-{}", name), residual, toml));
    cases.push_back(onnx_case(fmt::format("onnx-clipped-{}", name), residual,
                              toml + "adc-range-quantile = 0.9\nadc-bits = 6\n"));
    cases.push_back(onnx_case(fmt::format("onnx-exported-{}", name), layers, toml));
  }
  for (const std::string_view name : names_of(study::Arithmetic{})) {
    cases.push_back(onnx_case(fmt::format("onnx-branches-{}", name), branched,
                              fmt::format("arithmetic = \"{}\"\ninput-mean = [0.5, 0.4, 0.3]\n"
                                          "input-std = [0.2, 0.25, 0.3]\ntest-limit = 10\n",
                                          name),
                              color_images()));
  }
  cases.push_back(
      onnx_case("onnx-many-images", residual, "times = \"1d\"\ndevice = \"projected-pcm\"\n"));
  cases.push_back(onnx_case("onnx-two-runs", residual,
                            "runs = 2\nseed = 9\ntest-limit = 12\ntile = \"16x4\"\n"
                            "times = \"1h\"\ndevice = \"pcm-hermes\"\nwire-resistance-ohm = 1\n"
                            "programming = \"program-and-verify\"\nadc-range-quantile = 0\n"
                            "adc-full-scale-forward = 6\ninput-scale = \"fixed\"\n"));
}

/// As in `imcsim export`, but the digest leaves out the version of imcsim in the file.
Case export_case(const std::string& name, const std::string& model) {
  const auto run = [model](const Execution&) {
    const Exported made = exported(model);
    std::string bytes = made.bytes;
    bytes.erase(bytes.find(version), version.size());
    return result_of(study::export_json(made.config, made.architecture, bytes));
  };
  return {"export/" + name, run, {}, false};
}

}  // namespace

CaseList infer_cases() {
  CaseList list;
  add_saved_models(list.cases);
  add_onnx_files(list.cases);
  list.cases.push_back(export_case("perceptron", pcm_model));
  list.cases.push_back(export_case("layers", layers_model));
  InferConfig saved;
  list.offered = choices_offered("infer", fields_of(saved));
  OnnxInferConfig onnx;
  list.offered.merge(choices_offered("infer onnx", fields_of(onnx)));
  return list;
}

}  // namespace imcsim::golden
