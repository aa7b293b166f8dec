#pragma once

#include <span>
#include <string>
#include <vector>

#include "run.hpp"
#include "study/infer.hpp"

namespace imcsim::cli {

/// A request of `imcsim infer` whose model is an ONNX file.
struct OnnxRequest {
  std::span<const std::uint8_t> bytes;
  std::string name;
  study::Settings settings;
  const HostOptions& host;
  std::string predictions;  ///< file of --predictions, or empty
};
int infer_onnx(const OnnxRequest& request);

/// Result of `imcsim infer` for either kind of model.
struct InferReport {
  const study::Json& json;  ///< without `execution` and `timing`
  std::vector<study::InferPoint> points;
  std::string config_toml;
  /// Predictions and scores of the first run at its last time.
  const std::vector<std::uint32_t>& predictions;
  const Matrix<float>& scores;
  std::size_t classes;
  const dataset::LabeledImages& labels;
};

/// Writes the file of --predictions, if any, then prints the result in the format of `host`.
void finish_infer(const HostOptions& host, const std::string& predictions_file,
                  const InferReport& report, const Execution& execution, const Timing& timing);

}  // namespace imcsim::cli
