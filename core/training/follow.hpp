#pragma once

#include <vector>

#include "training/training.hpp"

namespace imcsim::training {

/// Signals of one weight layer for one image, in units of activations and weights.
struct FollowedLayer {
  std::size_t rows = 0;  ///< inputs, followed by the bias
  std::size_t outputs = 0;
  std::vector<float> input;      ///< value of each row, [rows]
  std::vector<float> driven;     ///< value after the input converter, [rows]
  std::vector<float> sum;        ///< Σ driven·w of each column, without noise, [outputs]
  std::vector<float> current;    ///< `sum` with the noise of this read, [outputs]
  std::vector<float> output;     ///< `current` after the output converters, [outputs]
  std::vector<float> activated;  ///< input of the next layer, or the scores, [outputs]
  float input_step = 0.0F;       ///< one code of the input converters; 0: exact
  float output_step = 0.0F;      ///< one code of the output converters; 0: exact, or not fixed
};

/// Traces one image through `network`, with the noise selected by `read`: `output` and `activated`
/// are bit-identical to Network::forward. Where an array is divided into tiles, `current` is the
/// sum over the tiles. Throws InputError if the network has layers that are not fully connected.
std::vector<FollowedLayer> follow(const network::Network& network,
                                  std::span<const std::uint8_t> image, const crossbar::Read& read,
                                  const Execution& execution);

}  // namespace imcsim::training
