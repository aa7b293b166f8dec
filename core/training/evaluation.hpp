#pragma once

#include <functional>
#include <vector>

#include "dataset/dataset.hpp"
#include "network/network.hpp"

namespace imcsim::training {

struct Evaluation {
  std::vector<std::uint32_t> predictions;  ///< class of each image
  Matrix<float> scores;                    ///< outputs of the network, [images × padded(classes)]
  std::uint64_t correct = 0;
  double accuracy = 0.0;  ///< fraction 0 … 1
  OperationCounts counts;
};

/// Predictions for all of `images`. `event` names the read noise: image i has event + i.
Evaluation evaluate(const network::Network& network, const dataset::LabelledImages& images,
                    std::uint64_t seed, std::uint64_t event, const Execution& execution);

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

}  // namespace imcsim::training
