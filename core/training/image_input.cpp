#include "training/image_input.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace imcsim::training {
namespace {

float entry(const std::vector<float>& list, std::size_t c, float otherwise) {
  if (list.empty()) return otherwise;
  return list.size() == 1 ? list[0] : list[c];
}

}  // namespace

void require_takes_images(const network::Graph& graph, const dataset::LabeledImages& images,
                          const PixelScale& scale, const Where& where) {
  if (graph.inputs.size() != 1) {
    throw InputError(where, fmt::format("the graph has {} inputs", graph.inputs.size()), "one");
  }
  const network::Value& input = graph.values[graph.inputs[0]];
  const std::size_t rank = input.dims.size();
  const bool is_row = rank == 2 && input.dims[1] == images.features();
  const bool is_picture = rank == 4 && input.dims[1] == images.channels() &&
                          input.dims[2] == images.rows() && input.dims[3] == images.columns();
  if (!network::is_real(input.type) || !(is_row || is_picture) || input.dims[0] != 1) {
    throw InputError(
        where,
        fmt::format("the graph takes {} {}", name_of(input.type), network::dims_text(input.dims)),
        fmt::format("floats, one image at a time: 1x{}x{}x{} or 1x{}", images.channels(),
                    images.rows(), images.columns(), images.features()));
  }
  for (const auto* list : {&scale.mean, &scale.deviation}) {
    if (list->size() > 1 && list->size() != images.channels()) {
      throw InputError(at_field(list == &scale.mean ? "input-mean" : "input-std"),
                       fmt::format("has {} numbers", list->size()),
                       fmt::format("one, or {}: one per channel", images.channels()));
    }
  }
  const network::Value& output = graph.values[graph.outputs[0]];
  if (!network::is_real(output.type) || network::element_count(output.dims) == 0) {
    throw InputError(where, fmt::format("the graph output is {}", network::dims_text(output.dims)),
                     "one score per class");
  }
  images.require_labels_below(network::element_count(output.dims));
}

void fill_input(const dataset::LabeledImages& images, std::size_t i, const PixelScale& scale,
                network::Tensor& input) {
  const std::span<const std::uint8_t> pixels = images.image(i);
  const std::size_t channels = images.channels();
  const std::size_t plane = images.rows() * images.columns();
  for (std::size_t c = 0; c < channels; ++c) {
    const float mean = entry(scale.mean, c, 0.0F);
    const float deviation = entry(scale.deviation, c, 1.0F);
    for (std::size_t p = 0; p < plane; ++p) {
      const float value = static_cast<float>(pixels[p * channels + c]) / 255.0F;
      input.real[c * plane + p] = (value - mean) / deviation;
    }
  }
}

}  // namespace imcsim::training
