#pragma once

#include <vector>

#include "training/training.hpp"

namespace imcsim::training {

/// What one layer of weights does with an image; in units of activations and weights.
struct FollowedLayer {
  std::size_t rows = 0;  ///< inputs, and the bias behind them
  std::size_t outputs = 0;
  std::vector<float> input;      ///< what each row is to carry, [rows]
  std::vector<float> driven;     ///< the same after the input converter, [rows]
  std::vector<float> sum;        ///< Σ driven·w of each column, without noise, [outputs]
  std::vector<float> current;    ///< the same with the noise of this read, [outputs]
  std::vector<float> output;     ///< the same after the output converters, [outputs]
  std::vector<float> activated;  ///< what the next layer gets, or the scores, [outputs]
  float input_step = 0.0F;       ///< one code of the input converters; 0: exact
  float output_step = 0.0F;      ///< one code of the output converters; 0: exact, or not fixed
};

/// One image on its way through `network`, with the noise that `read` names: `output` and
/// `activated` are those of Network::forward to the last bit. Where an array is cut into tiles,
/// `current` is the sum over them. Throws InputError where the network has other layers than fully
/// connected ones.
std::vector<FollowedLayer> follow(const network::Network& network,
                                  std::span<const std::uint8_t> image, const crossbar::Read& read,
                                  const Execution& execution);

}  // namespace imcsim::training
