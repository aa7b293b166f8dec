#include "study/infer_onnx.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "study/execute_study.hpp"

namespace imcsim::study {
namespace {

training::PixelScale scale_of(const OnnxInferConfig& config) {
  training::PixelScale scale;
  for (const double mean : config.input_mean) scale.mean.push_back(static_cast<float>(mean));
  for (const double std : config.input_std) scale.deviation.push_back(static_cast<float>(std));
  for (const float deviation : scale.deviation) {
    if (!(deviation > 0.0F)) {
      throw InputError(at_field("input-std"), fmt::format("{}", deviation), "positive numbers");
    }
  }
  return scale;
}

std::size_t classes_of(const network::Graph& graph) {
  return network::element_count(graph.values[graph.outputs[0]].dims);
}

}  // namespace

std::uint64_t digest_of_evaluation(const training::Evaluation& e, std::size_t classes,
                                   std::uint64_t seed) {
  const auto* predictions = reinterpret_cast<const std::uint8_t*>(e.predictions.data());
  std::uint64_t digest = hash_of({predictions, e.predictions.size() * 4}, seed);
  for (std::size_t i = 0; i < e.predictions.size(); ++i) {
    const float* const row = e.scores.data() + i * e.scores.shape(1);
    digest = hash_of({reinterpret_cast<const std::uint8_t*>(row), classes * sizeof(float)}, digest);
  }
  return digest;
}

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
  f.group("Inference");
  f.field("model", c.model, "FILE", "ONNX file (-: stdin)");
  f.field("dataset", c.dataset, "NAME|DIR", "Data set: mnist, fashion-mnist, cifar10, or a folder");
  f.field("test-limit", c.test_limit, Unit::samples, {0.0, 1e9},
          "Use only the first N test images (0: all)");
  f.field("times", c.times, "TIME,…", "Times after programming");
  f.field("compensation", c.compensation, Unit::none, {},
          "Drift compensation: none, one factor per layer, or one per column",
          "doi:10.1038/s41467-020-16108-9, Methods");
  f.field("arithmetic", c.arithmetic, Unit::none, {},
          "Arithmetic of an ONNX model: weights on devices, or floating point");
  f.field("input-mean", c.input_mean, Unit::none, {},
          "Mean subtracted from pixel/255 of an ONNX input, one or one per channel");
  f.field("input-std", c.input_std, Unit::none, {},
          "Divisor of ONNX inputs after the mean is subtracted, one or one per channel");
  f.field("device", c.device, "NAME|FILE", "Device preset, or a TOML file of device parameters");
  f.field("seed", c.seed, Unit::none, {}, "Random seed");
  f.field("runs", c.runs, Unit::none, {1.0, 1e6}, "Number of runs; run k uses seed + k");
  describe(c.cost, f);
  describe(c.crossbar, f);
  f.mark_common({"model", "dataset", "times", "compensation", "arithmetic", "device", "runs"});
}

GraphSamples samples_of(const OnnxInferConfig& config, const network::Graph& graph,
                        const dataset::Dataset& data) {
  dataset::LabelledImages images = data.test;
  if (config.test_limit > 0) images.limit(static_cast<std::size_t>(config.test_limit));
  const training::PixelScale scale = scale_of(config);
  training::require_takes_images(graph, images, scale, at_field("model"));
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
  training::Evaluation evaluation = training::outputs_of(
      exact, samples.count, samples.fill, config.seed, events::evaluations(0, 0), execution, run);
  if (samples.labelled) training::score(*samples.labelled, evaluation);
  return evaluation;
}

InferRun infer_onnx_once(const OnnxInferConfig& config, const network::Graph& graph,
                         const GraphSamples& samples, const Execution& execution,
                         const training::RunPart& run_part) {
  InferRun run;
  const std::vector<double> times = parse_times(config.times, at_field("times"));
  training::GraphInference inference(graph, config.crossbar, config.seed, execution);
  for (const network::WeightMatrix& m : inference.network().matrices()) {
    training::require_evaluations(times.size() + 1, m.positions, at_field("times"));
  }
  inference.program(0.0, run.counts);
  inference.calibrate(samples.calibration_count, samples.calibration_fill, 0.0);
  for (std::size_t k = 0; k < times.size(); ++k) {
    const std::uint64_t observation = k + 1;
    inference.age(times[k], observation, config.compensation);
    training::Evaluation evaluation = training::outputs_of(
        inference.network(), samples.count, samples.fill, config.seed,
        events::evaluations.row(observation, samples.count), execution, run_part);
    if (samples.labelled) training::score(*samples.labelled, evaluation);
    run.counts += evaluation.counts;
    run.accuracy.push_back(evaluation.accuracy);
    run.weight_rms_error.push_back(inference.weight_rms_error());
    run.digest = digest_of_evaluation(evaluation, classes_of(graph), run.digest);
    run.predictions = std::move(evaluation.predictions);
    run.scores = std::move(evaluation.scores);
  }
  return run;
}

std::vector<InferPoint> summarise(const OnnxInferConfig& config,
                                  const std::vector<InferRun>& runs) {
  if (runs.empty()) return {};
  InferConfig times;
  times.times = config.times;
  return summarise(times, runs);
}

Json infer_onnx_json(const OnnxInferConfig& config, const training::Evaluation& in_float,
                     const std::vector<InferRun>& runs) {
  Json times = Json::array();
  for (const InferPoint& point : summarise(config, runs)) {
    times.push_back({{"t_s", point.t_s},
                     {"accuracy_mean", point.accuracy_mean},
                     {"accuracy_std", point.accuracy_std},
                     {"weight_rms_error", point.weight_rms_error}});
  }
  Json result = {{"float_accuracy", in_float.accuracy}, {"times", std::move(times)}};
  OperationCounts counts;
  std::vector<std::uint64_t> digests;
  std::uint64_t images = 0;
  Json list = Json::array();
  for (std::size_t r = 0; r < runs.size(); ++r) {
    counts += runs[r].counts;
    images += runs[r].predictions.size() * runs[r].accuracy.size();
    digests.push_back(runs[r].digest);
    list.push_back({{"seed", config.seed + r},
                    {"accuracy", runs[r].accuracy},
                    {"digest", digest_text(runs[r].digest)}});
  }
  if (runs.empty()) {
    counts = in_float.counts;
    images = in_float.predictions.size();
    digests.push_back(digest_of_evaluation(in_float, in_float.scores.shape(1), 0));
  }
  if (runs.size() > 1) result["runs"] = std::move(list);
  return envelope(
      "infer", config.seed, to_json_object(config), std::move(result), counts,
      digests.size() == 1 ? digests.front() : digest_of(digests),
      cost_json(config.cost, {counts, products_of(counts), images, config.crossbar.converters}));
}

}  // namespace imcsim::study
