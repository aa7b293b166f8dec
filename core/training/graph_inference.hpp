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
                          const PixelScale& scale, const Where& where);

/// Writes image `i` into a graph's input.
void fill_input(const dataset::LabelledImages& images, std::size_t i, const PixelScale& scale,
                network::Tensor& input);

/// Samples that follow one another, for one thread: the k-th is sample first + k of `fill`, its
/// reads have the event read.event + first + k, its output becomes that row of a matrix.
struct SamplePart {
  std::size_t first = 0, count = 0;
  const network::FillInput& fill;
  crossbar::Read read;
};
/// How a part goes through a network.
using RunPart = std::function<OperationCounts(const network::GraphNetwork& network,
                                              const SamplePart& part, Matrix<float>& outputs)>;
/// One sample after the other, node by node.
OperationCounts run_node_by_node(const network::GraphNetwork& network, const SamplePart& part,
                                 Matrix<float>& outputs);

/// First outputs of `count` samples, and the largest of each as its prediction. `event` names the
/// read noise: sample i has event + i.
Evaluation outputs_of(const network::GraphNetwork& network, std::size_t count,
                      const network::FillInput& fill, std::uint64_t seed, std::uint64_t event,
                      const Execution& execution, const RunPart& run = run_node_by_node);

/// Compares predictions with labels.
void score(const dataset::LabelledImages& images, Evaluation& evaluation);

/// A graph on crossbars that only reads: programmed once, calibrated once, then asked at any later
/// time, as InferenceNetwork.
class GraphInference {
 public:
  GraphInference(network::Graph graph, const crossbar::CrossbarConfig& config, std::uint64_t seed,
                 const Execution& execution);

  crossbar::WriteReport program(double t_s, OperationCounts& counts);

  /// Ranges of converters, where they are to be calibrated, and what compensation compares with,
  /// from the first of `count` samples at `t_s`; each matrix sees what calibrated ones before it
  /// give.
  void calibrate(std::size_t count, const network::FillInput& fill, double t_s);

  /// Goes to `t_s`: drift, 1/f noise of `observation`, compensation.
  void age(double t_s, std::uint64_t observation, Compensation compensation);

  /// √(Σ(w − w*)²/Σw*²) over all matrices, w as products see it, compensation included.
  double weight_rms_error() const;

  const network::GraphNetwork& network() const { return network_; }

 private:
  std::vector<double> responses(std::size_t matrix, std::uint64_t observation) const;

  network::GraphNetwork network_;
  std::vector<std::vector<crossbar::DrivenLines>> known_inputs_;  ///< of each matrix
  std::vector<std::vector<double>> baseline_;  ///< Σ|output| of each column for these
  Stream noise_, known_noise_;
};

}  // namespace imcsim::training
