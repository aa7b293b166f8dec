#pragma once

#include <string>
#include <vector>

#include "base/counts.hpp"
#include "base/error.hpp"
#include "training/samples.hpp"

namespace imcsim::training {

struct Evaluation {
  std::vector<std::uint32_t> predictions;  ///< class of each sample
  Matrix<float> scores;                    ///< outputs of the network, [samples × padded(classes)]
  std::uint64_t correct = 0;
  double accuracy = 0.0;  ///< fraction 0 … 1
  OperationCounts counts;
};

/// Throws InputError{where, …} unless evaluations 0 … count − 1 of a network whose layers have up
/// to `positions` products a sample all have names for their read noise.
void require_evaluations(std::uint64_t count, std::uint64_t positions, const Where& where);

/// Outputs of all samples, and the largest of each as its prediction; compared with the labels
/// where there are some. `read` names the read noise: sample i has
/// read.event + i.
Evaluation evaluate(const Samples& samples, const crossbar::Read& read, const Execution& execution);

/// The same of images of bytes.
Evaluation evaluate(const network::Network& network, const dataset::LabelledImages& images,
                    const crossbar::Read& read, const Execution& execution);

}  // namespace imcsim::training
