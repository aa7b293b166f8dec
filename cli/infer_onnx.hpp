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

/// Rows of the times, for CSV and as text for people.
study::Table table_of(const std::vector<study::InferPoint>& points);
std::string text_of(const std::vector<study::InferPoint>& points, const std::string& digest,
                    const Timing& timing, const Style& style);

/// A line an image: index, label, prediction, scores.
std::string prediction_lines(const std::vector<std::uint32_t>& predictions,
                             const Matrix<float>& scores, const dataset::Dataset& data,
                             std::size_t classes);

}  // namespace imcsim::cli
