#pragma once

#include <optional>

#include "dataset/dataset.hpp"
#include "network/network.hpp"
#include "study/infer.hpp"
#include "training/training.hpp"

namespace imcsim::study {

/// Arithmetic of the products: devices, or float only.
enum class Arithmetic { devices, float32 };
std::span<const std::string_view> names_of(Arithmetic);

/// All parameters that determine the result of `imcsim infer` with an ONNX file. The inputs of each
/// product are scaled to the converters by their largest value, and the ranges of the output
/// converters are calibrated, because the activation ranges of an imported network are unknown.
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

/// True unless the bytes start like a safetensors file: eight bytes of length, then `{`.
bool is_onnx(std::span<const std::uint8_t> bytes);

/// Inputs of a graph: samples, labels if available, and calibration samples.
struct GraphSamples {
  std::size_t count = 0, calibration_count = 0;
  network::FillInput fill, calibration_fill;
  std::optional<dataset::LabeledImages> labeled;
};
/// Evaluation samples from the test images of a data set, calibration samples from its training
/// images. Throws InputError if graph and data are incompatible.
GraphSamples samples_of(const OnnxInferConfig& config, const network::Graph& graph,
                        const dataset::Dataset& data);

/// Evaluates the graph in float on the same samples, once for all runs.
training::Evaluation infer_onnx_in_float(const OnnxInferConfig& config, const network::Graph& graph,
                                         const GraphSamples& samples, const Execution& execution,
                                         const training::RunPart& run = training::run_node_by_node);

/// One run with the seed of `config` on devices.
InferRun infer_onnx_once(const OnnxInferConfig& config, const network::Graph& graph,
                         const GraphSamples& samples, const Execution& execution,
                         const training::RunPart& run = training::run_node_by_node);

/// One run per seed, starting at the seed of `config`; empty for float arithmetic.
std::vector<InferRun> infer_onnx_runs(const OnnxInferConfig& config, const network::Graph& graph,
                                      const GraphSamples& samples, const Execution& execution,
                                      const training::RunPart& run = training::run_node_by_node);

/// The JSON result of the command, without `execution` and `timing`; `runs` is empty for
/// float arithmetic.
Json infer_onnx_json(const OnnxInferConfig& config, const training::Evaluation& in_float,
                     const std::vector<InferRun>& runs);

}  // namespace imcsim::study
