#include "training/follow.hpp"

#include "base/error.hpp"

namespace imcsim::training {
namespace {

/// Expands sparse lines to a dense vector of `rows` entries.
std::vector<float> spread(const crossbar::DrivenLines& lines, const float* values,
                          std::size_t rows) {
  std::vector<float> all(rows, 0.0F);
  for (std::size_t l = 0; l < lines.count; ++l) all[lines.line[l]] = values[l];
  return all;
}

std::vector<float> column_sums(const Matrix<float>& weights, const crossbar::DrivenLines& lines,
                               const float* values, std::size_t outputs) {
  std::vector<float> sums(outputs, 0.0F);
  for (std::size_t l = 0; l < lines.count; ++l) {
    for (std::size_t j = 0; j < outputs; ++j) sums[j] += values[l] * weights(lines.line[l], j);
  }
  return sums;
}

/// Signals inside a layer on devices that are not visible in its outputs.
void follow_devices(const network::CrossbarLayer& layer, const crossbar::DrivenLines& lines,
                    const crossbar::Read& read, crossbar::Scratch& scratch, FollowedLayer& to) {
  const crossbar::Crossbar& array = layer.tiles().front().array;
  AlignedVector<float> driven(lines.value);
  array.driven(lines, {driven.data(), lines.count});
  to.driven = spread(lines, driven.data(), to.rows);
  to.sum = column_sums(layer.weights(), lines, driven.data(), to.outputs);
  to.input_step = array.input_step(lines);
  to.output_step = array.output_step(lines);
  AlignedVector<float> z(padded(to.outputs));
  layer.currents(lines, read, scratch, z.data());
  to.current.assign(z.begin(), z.begin() + static_cast<std::ptrdiff_t>(to.outputs));
}

}  // namespace

std::vector<FollowedLayer> follow(const network::Network& network,
                                  std::span<const std::uint8_t> image, const crossbar::Read& read,
                                  const Execution& execution) {
  const std::vector<network::Stage>& stages = network.architecture().stages;
  for (const network::Stage& stage : stages) {
    if (stage.kind != network::StageKind::dense) {
      throw InputError(at_field("network"), "only fully connected networks can be traced",
                       "layer widths joined by dashes");
    }
  }
  network::Workspace work(network.architecture());
  network.forward(image, read, work, numeric::kernels(execution.isa));
  std::vector<FollowedLayer> layers;
  for (std::size_t l = 0; l < stages.size(); ++l) {
    const crossbar::DrivenLines& lines = work.input[l][0];
    const network::WeightLayer& layer = network.layer(l);
    FollowedLayer to;
    to.rows = stages[l].rows();
    to.outputs = stages[l].outputs();
    to.input = spread(lines, lines.value.data(), to.rows);
    AlignedVector<float> z(padded(to.outputs));
    layer.forward(lines, read, work.scratch, z.data());
    const auto end = static_cast<std::ptrdiff_t>(to.outputs);
    to.output.assign(z.begin(), z.begin() + end);
    const AlignedVector<float>& after = l + 1 < stages.size() ? work.value[l + 1] : work.output;
    to.activated.assign(after.begin(), after.begin() + end);
    if (const auto* devices = dynamic_cast<const network::CrossbarLayer*>(&layer)) {
      follow_devices(*devices, lines, read, work.scratch, to);
    } else {
      to.driven = to.input;
      to.sum = column_sums(layer.weights(), lines, lines.value.data(), to.outputs);
      to.current = to.output;
    }
    layers.push_back(std::move(to));
  }
  return layers;
}

}  // namespace imcsim::training
