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

/// Throws InputError{where, …} unless all of evaluations 0 … count − 1 have event numbers for their
/// read noise, with up to `positions` products per layer and sample.
void require_evaluations(std::uint64_t count, std::uint64_t positions, const Where& where);

/// Computes the outputs of all samples; the prediction is the class with the largest output. Counts
/// correct predictions if there are labels. `read` selects the read noise: sample i uses the event
/// read.event + i.
Evaluation evaluate(const Samples& samples, const crossbar::Read& read, const Execution& execution);

/// The same for byte images.
Evaluation evaluate(const network::Network& network, const dataset::LabeledImages& images,
                    const crossbar::Read& read, const Execution& execution);

}  // namespace imcsim::training
