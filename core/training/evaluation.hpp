#pragma once

#include <vector>

#include "base/counts.hpp"
#include "training/samples.hpp"

namespace imcsim::training {

struct Evaluation {
  std::vector<std::uint32_t> predictions;  ///< class of each sample
  Matrix<float> scores;                    ///< outputs of the network, [samples × padded(classes)]
  std::uint64_t correct = 0;
  double accuracy = 0.0;  ///< fraction 0 … 1
  OperationCounts counts;
};

/// Outputs of all samples, and the largest of each as its prediction; compared with the labels
/// where there are some. `event` names the read noise: sample i has event + i.
Evaluation evaluate(const Samples& samples, std::uint64_t seed, std::uint64_t event,
                    const Execution& execution);

/// The same of images of bytes.
Evaluation evaluate(const network::Network& network, const dataset::LabelledImages& images,
                    std::uint64_t seed, std::uint64_t event, const Execution& execution);

}  // namespace imcsim::training
