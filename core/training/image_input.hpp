#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "dataset/dataset.hpp"
#include "network/network.hpp"

namespace imcsim::training {

/// Conversion of bytes to the input of a graph: (pixel/255 − mean[c])/deviation[c], in the order N
/// × C × H × W. Empty: pixel/255; one value: the same for all channels.
struct PixelScale {
  std::vector<float> mean, deviation;
};

/// Throws InputError{where, …} if the graph does not accept such images or has no class outputs.
void require_takes_images(const network::Graph& graph, const dataset::LabeledImages& images,
                          const PixelScale& scale, const Where& where);

/// Writes image `i` into a graph's input.
void fill_input(const dataset::LabeledImages& images, std::size_t i, const PixelScale& scale,
                network::Tensor& input);

}  // namespace imcsim::training
