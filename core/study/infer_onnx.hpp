#pragma once

#include <optional>

#include "dataset/dataset.hpp"
#include "network/network.hpp"
#include "study/infer.hpp"
#include "training/training.hpp"

namespace imcsim::study {

/// What computes: devices, or float alone.
enum class Arithmetic { devices, float32 };
std::span<const std::string_view> names_of(Arithmetic);

/// Everything that decides the result of `imcsim infer` with an ONNX file. Inputs of products are
/// scaled to the converters by the largest of each, and the ranges of the output converters are
/// calibrated, because activations of a foreign network have no known range.
struct OnnxInferConfig {
  std::string model;
  std::string dataset = "cifar10";
  std::int64_t test_limit = 0;
  std::string device = "pcm-inference";
  std::string times = "1s,1h,1d,1mo,1y";
  training::Compensation compensation = training::Compensation::global;
  Arithmetic arithmetic = Arithmetic::devices;
  Numbers input_mean;
  Numbers input_std;
  std::uint64_t seed = 1;
  std::int64_t runs = 1;
  CostChoice cost;
  crossbar::CrossbarConfig crossbar = calibrated();

  static crossbar::CrossbarConfig calibrated();
};
void describe(OnnxInferConfig& config, FieldList& fields);

/// True for bytes that do not begin as a safetensors file does: eight bytes of length, then `{`.
bool is_onnx(std::span<const std::uint8_t> bytes);

/// What a graph is asked: samples, labels where there are some, and samples to calibrate with.
struct GraphSamples {
  std::size_t count = 0, calibration_count = 0;
  network::FillInput fill, calibration_fill;
  std::optional<dataset::LabelledImages> labelled;
};
/// The test images of a data set; its training images calibrate. Throws InputError where graph and
/// data do not go together.
GraphSamples samples_of(const OnnxInferConfig& config, const network::Graph& graph,
                        const dataset::Dataset& data);

/// The same graph in float over the same samples, once for all runs.
training::Evaluation infer_onnx_in_float(const OnnxInferConfig& config, const network::Graph& graph,
                                         const GraphSamples& samples, const Execution& execution,
                                         const training::RunPart& run = training::run_node_by_node);

/// One run with the seed of `config` on devices.
InferRun infer_onnx_once(const OnnxInferConfig& config, const network::Graph& graph,
                         const GraphSamples& samples, const Execution& execution,
                         const training::RunPart& run = training::run_node_by_node);

/// One run a seed, from that of `config` on; none where float arithmetic is requested.
std::vector<InferRun> infer_onnx_runs(const OnnxInferConfig& config, const network::Graph& graph,
                                      const GraphSamples& samples, const Execution& execution,
                                      const training::RunPart& run = training::run_node_by_node);

/// The JSON result of CONTRACT section 1, without `execution` and `timing`; no runs where nothing
/// but float was asked for.
Json infer_onnx_json(const OnnxInferConfig& config, const training::Evaluation& in_float,
                     const std::vector<InferRun>& runs);

}  // namespace imcsim::study
