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
          "Mean subtracted from pixel/255 of an ONNX input, one value or one per channel");
  f.field("input-std", c.input_std, Unit::none, {},
          "Divisor of ONNX inputs after subtraction of the mean, one value or one per channel");
  f.field("device", c.device, "NAME|FILE", "Device preset, or a TOML file of device parameters");
  f.field("seed", c.seed, Unit::none, {}, "Random seed");
  f.field("runs", c.runs, Unit::none, {1.0, 1e6}, "Number of runs; run k uses seed + k");
  describe(c.cost, f);
  describe(c.crossbar, f);
  f.mark_common({"model", "dataset", "times", "compensation", "device", "runs"});
}

GraphSamples samples_of(const OnnxInferConfig& config, const network::Graph& graph,
                        const dataset::Dataset& data) {
  dataset::LabeledImages images = data.test;
  if (config.test_limit > 0) images.limit(static_cast<std::size_t>(config.test_limit));
  const training::PixelScale scale = scale_of(config);
  training::require_takes_images(graph, images, scale, at_field("model"));
  const auto fill_of = [&](const dataset::LabeledImages& from) -> network::FillInput {
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
  const training::TensorSamples test(exact, samples.count, samples.fill, samples.labeled, run);
  return training::evaluate(
      test,
      {Stream(config.seed, Purpose::evaluation_read), events::evaluations.row(0, test.count())},
      execution);
}

InferRun infer_onnx_once(const OnnxInferConfig& config, const network::Graph& graph,
                         const GraphSamples& samples, const Execution& execution,
                         const training::RunPart& run_part) {
  const std::vector<double> times = parse_times(config.times, at_field("times"));
  const network::GraphNetwork network(graph, config.crossbar, config.seed, execution);
  for (const network::WeightMatrix& m : network.matrices()) {
    training::require_evaluations(times.size() + 1, m.positions, at_field("times"));
  }
  const training::TensorSamples known(network, samples.calibration_count, samples.calibration_fill);
  const training::TensorSamples test(network, samples.count, samples.fill, samples.labeled,
                                     run_part);
  training::Deployment deployment(training::layers_of(network), config.seed);
  OperationCounts programming;
  deployment.program(0.0, programming);
  deployment.calibrate(known, 0.0, execution);
  InferRun run = infer_over_time(deployment, test, {0.0, times, config.compensation},
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
                 {"times", times_json(summarize(config.times, runs))}};
  return infer_envelope({config.seed, config.cost, config.crossbar.converters},
                        to_json_object(config), std::move(result), runs, totals);
}

}  // namespace imcsim::study
