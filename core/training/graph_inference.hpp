#pragma once

#include "training/training.hpp"

namespace imcsim::training {

enum class Compensation;

/// How bytes become the input of a graph: (pixel/255 − mean[c])/deviation[c], channel by channel as
/// N × C × H × W. Without numbers: pixel/255; with one: the same for all channels.
struct PixelScale {
  std::vector<float> mean, deviation;
};

/// Throws InputError{where, …} where the graph does not take such images, or has no classes.
void require_takes_images(const network::Graph& graph, const dataset::LabelledImages& images,
                          const PixelScale& scale, const std::string& where);

/// Writes image `i` into the graph's input.
void fill_input(const network::GraphNetwork& network, const dataset::LabelledImages& images,
                std::size_t i, const PixelScale& scale, network::GraphWorkspace& work);

/// Predictions of a graph for all of `images`: the largest of its first output. `event` names the
/// read noise: image i has event + i.
Evaluation evaluate(const network::GraphNetwork& network, const dataset::LabelledImages& images,
                    const PixelScale& scale, std::uint64_t seed, std::uint64_t event,
                    const Execution& execution);

/// A graph on crossbars that only reads: programmed once, calibrated once, then asked at any later
/// time, as InferenceNetwork.
class GraphInference {
 public:
  GraphInference(network::Graph graph, const crossbar::CrossbarConfig& config, std::uint64_t seed,
                 const Execution& execution);

  crossbar::WriteReport program(double t_s, OperationCounts& counts);

  /// Ranges of converters, where they are to be calibrated, and what compensation compares with,
  /// from these images at `t_s`; each matrix sees what calibrated ones before it give.
  void calibrate(const dataset::LabelledImages& images, const PixelScale& scale, double t_s);

  /// Goes to `t_s`: drift, 1/f noise of `observation`, compensation.
  void age(double t_s, std::uint64_t observation, Compensation compensation);

  /// √(Σ(w − w*)²/Σw*²) over all matrices, w as products see it, compensation included.
  double weight_rms_error() const;

  const network::GraphNetwork& network() const { return network_; }

 private:
  std::vector<double> responses(std::size_t matrix, std::uint64_t event) const;

  network::GraphNetwork network_;
  std::vector<std::vector<crossbar::DrivenLines>> known_inputs_;  ///< of each matrix
  std::vector<std::vector<double>> baseline_;  ///< Σ|output| of each column for these
  Stream noise_;
};

}  // namespace imcsim::training
