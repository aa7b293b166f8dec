#pragma once

#include "dataset/dataset.hpp"
#include "network/network.hpp"
#include "study/infer.hpp"

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

/// The same graph in float over the same images, once for all runs.
training::Evaluation infer_onnx_in_float(const OnnxInferConfig& config, const network::Graph& graph,
                                         const dataset::Dataset& data, const Execution& execution);

/// One run with the seed of `config` on devices. Throws InputError where graph and data do not go
/// together.
InferRun infer_onnx_once(const OnnxInferConfig& config, const network::Graph& graph,
                         const dataset::Dataset& data, const Execution& execution);

std::vector<InferPoint> summarise(const OnnxInferConfig& config, const std::vector<InferRun>& runs);

/// The JSON result of CONTRACT section 1, without `execution` and `timing`; no runs where nothing
/// but float was asked for.
Json infer_onnx_json(const OnnxInferConfig& config, const training::Evaluation& in_float,
                     const std::vector<InferRun>& runs);

}  // namespace imcsim::study
