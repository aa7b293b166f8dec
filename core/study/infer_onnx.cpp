#include "study/infer_onnx.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

#include "base/error.hpp"
#include "study/execute_study.hpp"

namespace imcsim::study {
namespace {

training::PixelScale scale_of(const OnnxInferConfig& config) {
  training::PixelScale scale;
  for (const double mean : config.input_mean) scale.mean.push_back(static_cast<float>(mean));
  for (const double std : config.input_std) scale.deviation.push_back(static_cast<float>(std));
  for (const float deviation : scale.deviation) {
    if (!(deviation > 0.0F)) {
      throw InputError("--input-std", fmt::format("{}", deviation), "positive numbers");
    }
  }
  return scale;
}

}  // namespace

std::span<const std::string_view> names_of(Arithmetic) {
  static constexpr std::array<std::string_view, 2> names = {"devices", "float"};
  return names;
}

crossbar::CrossbarConfig OnnxInferConfig::calibrated() {
  crossbar::CrossbarConfig config;
  config.converters.adc_range_quantile = 0.9999;
  config.converters.input_scale = crossbar::InputScale::largest;
  return config;
}

bool is_onnx(std::span<const std::uint8_t> bytes) {
  return bytes.size() < 9 ? !bytes.empty() && bytes[0] == 0x08 : bytes[8] != '{';
}

void describe(OnnxInferConfig& c, FieldList& f) {
  constexpr Audience all = Audience::everyone;
  f.group("Inference");
  f.field("model", c.model, Unit::none, {}, "an ONNX file", "", all);
  f.field("dataset", c.dataset, Unit::none, {},
          "mnist, fashion-mnist, cifar10, or a folder of such files", "", all);
  f.field("test-limit", c.test_limit, Unit::samples, {0.0, 1e9},
          "only the first so many test images; 0: all", "", all);
  f.field("times", c.times, Unit::none, {}, "times after programming, with commas between", "",
          all);
  f.field("compensation", c.compensation, Unit::none, {},
          "of drift: none, one factor a layer, or one a column",
          "doi:10.1038/s41467-020-16108-9, Methods", all);
  f.field("arithmetic", c.arithmetic, Unit::none, {},
          "of an ONNX file: weights on devices, or everything in float", "", all);
  f.field("input-mean", c.input_mean, Unit::none, {},
          "of an ONNX file: taken from pixel/255, one number or one a channel", "", all);
  f.field("input-std", c.input_std, Unit::none, {},
          "of an ONNX file: what is left is divided by it", "", all);
  f.field("device", c.device, Unit::none, {}, "device preset, or a file of its values",
          "see imcsim presets", all);
  f.field("seed", c.seed, Unit::none, {}, "the same seed and configuration give the same bits", "",
          all);
  f.field("runs", c.runs, Unit::none, {1.0, 1e6}, "so many runs, with seeds from seed on", "", all);
  describe(c.cost, f);
  describe(c.crossbar, f);
}

GraphSamples samples_of(const OnnxInferConfig& config, const network::Graph& graph,
                        const dataset::Dataset& data) {
  dataset::LabelledImages images = data.test;
  if (config.test_limit > 0) images.limit(static_cast<std::size_t>(config.test_limit));
  const training::PixelScale scale = scale_of(config);
  training::require_takes_images(graph, images, scale, "--model");
  const auto fill_of = [&](const dataset::LabelledImages& from) -> network::FillInput {
    return [from, scale](std::size_t i, network::Tensor& input) {
      training::fill_input(from, i, scale, input);
    };
  };
  return {images.size(), data.training.size(), fill_of(images), fill_of(data.training), images};
}

training::Evaluation infer_onnx_in_float(const OnnxInferConfig& config, const network::Graph& graph,
                                         const GraphSamples& samples, const Execution& execution,
                                         const training::RunPart& run) {
  const network::GraphNetwork exact(graph, execution);
  const training::TensorSamples test(exact, samples.count, samples.fill, samples.labelled, run);
  return training::evaluate(test, config.seed, 0, execution);
}

InferRun infer_onnx_once(const OnnxInferConfig& config, const network::Graph& graph,
                         const GraphSamples& samples, const Execution& execution,
                         const training::RunPart& run_part) {
  const network::GraphNetwork network(graph, config.crossbar, config.seed, execution);
  const training::TensorSamples known(network, samples.calibration_count, samples.calibration_fill);
  const training::TensorSamples test(network, samples.count, samples.fill, samples.labelled,
                                     run_part);
  training::Deployment deployment(training::layers_of(network), config.seed);
  OperationCounts programming;
  deployment.program(0.0, programming);
  deployment.calibrate(known, 0.0, execution);
  InferRun run = infer_over_time(deployment, test,
                                 {0.0, parse_times(config.times, "--times"), config.compensation},
                                 DigestOf::predictions_and_scores, execution);
  run.counts += programming;
  return run;
}

std::vector<InferRun> infer_onnx_runs(const OnnxInferConfig& config, const network::Graph& graph,
                                      const GraphSamples& samples, const Execution& execution,
                                      const training::RunPart& run_part) {
  if (config.arithmetic == Arithmetic::float32) return {};
  return run_each_seed(config, execution, [&](const OnnxInferConfig& own, const Execution& how) {
    return infer_onnx_once(own, graph, samples, how, run_part);
  });
}

Json infer_onnx_json(const OnnxInferConfig& config, const training::Evaluation& in_float,
                     const std::vector<InferRun>& runs) {
  InferTotals totals = totals_of(runs);
  if (runs.empty()) {
    totals.counts = in_float.counts;
    totals.images = in_float.predictions.size();
    totals.digests = {digest_of_evaluation(in_float, in_float.scores.shape(1),
                                           DigestOf::predictions_and_scores, 0)};
  }
  Json result = {{"float_accuracy", in_float.accuracy},
                 {"times", times_json(summarise(config.times, runs))}};
  return infer_envelope({config.seed, config.cost, config.crossbar.converters},
                        to_json_object(config), std::move(result), runs, totals);
}

}  // namespace imcsim::study
