#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "dataset/dataset.hpp"
#include "network/network.hpp"

namespace imcsim::training {

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

}  // namespace imcsim::training
