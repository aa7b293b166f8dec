#include "network/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::network {
namespace {

/// value/255 for each byte.
constexpr std::array<float, 256> pixel_values = [] {
  std::array<float, 256> values{};
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 255.0F;
  return values;
}();

/// e ← e ∘ f′, with f′ computed from the activation.
void multiply_by_derivative(Activation activation, std::span<const float> a, std::span<float> e) {
  switch (activation) {
    case Activation::sigmoid:
      for (std::size_t i = 0; i < e.size(); ++i) e[i] *= a[i] * (1.0F - a[i]);
      break;
    case Activation::tanh:
      for (std::size_t i = 0; i < e.size(); ++i) e[i] *= 1.0F - a[i] * a[i];
      break;
    case Activation::relu:
      for (std::size_t i = 0; i < e.size(); ++i) e[i] = a[i] > 0.0F ? e[i] : 0.0F;
      break;
  }
}

void softmax(std::span<float> z) {
  const float largest = *std::max_element(z.begin(), z.end());
  float sum = 0.0F;
  for (float& value : z) {
    value = numeric::exp(value - largest);
    sum += value;
  }
  for (float& value : z) value /= sum;
}

/// Name of the noise of one product of a sample.
crossbar::Read read_of(const crossbar::Read& sample, const Stage& stage, std::size_t position) {
  return {sample.noise, events::product(sample.event, stage.positions(), position)};
}

/// Calls body(ky, kx, pixel) for the input pixels under a kernel, top left to bottom right.
template <class Body>
void for_each_pixel(const Stage& stage, std::size_t position, const Body& body) {
  const std::size_t top = position / stage.out.width * stage.stride;
  const std::size_t left = position % stage.out.width * stage.stride;
  for (std::size_t ky = 0; ky < stage.kernel; ++ky) {
    const std::size_t y = top + ky - stage.padding;  // above the image: wraps and is skipped
    if (y >= stage.in.height) continue;
    for (std::size_t kx = 0; kx < stage.kernel; ++kx) {
      const std::size_t x = left + kx - stage.padding;
      if (x < stage.in.width) body(ky, kx, y * stage.in.width + x);
    }
  }
}

}  // namespace

std::span<const std::string_view> names_of(Activation) {
  static constexpr std::array<std::string_view, 3> names = {"sigmoid", "tanh", "relu"};
  return names;
}

std::vector<Matrix<float>> initial_weights(const Architecture& architecture, std::uint64_t seed) {
  std::vector<Matrix<float>> layers;
  std::uint32_t l = 0;
  for (const Stage& stage : architecture.weight_stages()) {
    const Stream stream(seed, Purpose::initial_weights, entities::digital_layers(l++));
    const auto bound = static_cast<float>(1.0 / std::sqrt(static_cast<double>(stage.inputs())));
    Matrix<float> weights = padded_matrix<float>(stage.rows(), stage.outputs());
    for (std::size_t i = 0; i < stage.rows(); ++i) {
      for (std::size_t j = 0; j < stage.outputs(); ++j) {
        const float u = stream.uniform(events::places(i), static_cast<std::uint32_t>(j));
        weights(i, j) = bound * (2.0F * u - 1.0F);
      }
    }
    layers.push_back(std::move(weights));
  }
  return layers;
}

namespace {

/// Longest side of all weight matrices.
std::size_t longest_side(const Architecture& architecture) {
  std::size_t longest = 1;
  for (const Stage& stage : architecture.weight_stages()) {
    longest = std::max({longest, stage.rows(), stage.outputs()});
  }
  return longest;
}

}  // namespace

Workspace::Workspace(const Architecture& architecture)
    : output(padded(architecture.outputs())),
      patch_error(padded(longest_side(architecture))),
      errors_driven(longest_side(architecture)),
      scratch(longest_side(architecture)) {
  std::size_t most_products = 0;
  for (const Stage& stage : architecture.stages) {
    value.emplace_back(padded(stage.in.size() + 1));
    error.emplace_back(padded(stage.in.size() + 1));
    winner.emplace_back(stage.kind == StageKind::max_pool ? stage.out.size() : 0);
    mask.emplace_back(stage.dropout > 0.0F ? padded(stage.in.size() + 1) : 0);
    dropped.emplace_back(mask.back().size());
    if (!stage.has_weights()) continue;
    const std::size_t channels = stage.normalized ? stage.outputs() : 0;
    unnormalized.push_back(padded_matrix<float>(channels > 0 ? stage.positions() : 0, channels));
    normalization_gradient.push_back(
        {std::vector<float>(channels, 0.0F), std::vector<float>(channels, 0.0F)});
    input.emplace_back(stage.positions(), crossbar::DrivenLines(stage.rows()));
    delta.push_back(padded_matrix<float>(stage.positions(), stage.outputs()));
    if (stage.kind == StageKind::convolution) {
      most_products = std::max(most_products, stage.positions() * padded(stage.outputs()));
    }
  }
  products = Matrix<float>({1, most_products}, 0.0F);
}

Network::Network(Architecture architecture, Activation activation, OutputUnit output)
    : architecture_(std::move(architecture)),
      weight_stages_(architecture_.weight_stages()),
      activation_(activation),
      output_(output),
      normalizations_(normalizations_of(architecture_)) {
  if (architecture_.most_positions() > events::most_positions) {
    throw InputError(
        at_field("network"),
        fmt::format("a layer has {} products per image", architecture_.most_positions()),
        fmt::format("at most {}", events::most_positions));
  }
}

void Network::activate(std::size_t padded_count, float* values,
                       const numeric::Kernels& kernels) const noexcept {
  switch (activation_) {
    case Activation::sigmoid: kernels.sigmoid(padded_count, values); break;
    case Activation::tanh: kernels.tanh(padded_count, values); break;
    case Activation::relu: kernels.relu(padded_count, values); break;
  }
}

void Network::gather_patch(std::size_t stage, std::size_t position, const float* pixels,
                           crossbar::DrivenLines& lines) const noexcept {
  const Stage& s = architecture_.stages[stage];
  const std::size_t channels = s.in.channels;
  lines.count = 0;
  for_each_pixel(s, position, [&](std::size_t ky, std::size_t kx, std::size_t pixel) {
    const std::size_t row = (ky * s.kernel + kx) * channels;
    const float* const x = pixels + pixel * channels;
    for (std::size_t c = 0; c < channels; ++c) lines.push(row + c, x[c], x[c] != 0.0F);
  });
  lines.push(s.inputs(), 1.0F, true);
  lines.fill_up();
}

/// Products and activation of a stage; stores the inputs of the next stage.
void Network::forward_weights(std::size_t stage, std::size_t layer, const crossbar::Read& read,
                              Workspace& work, const numeric::Kernels& kernels) const noexcept {
  const Stage& s = architecture_.stages[stage];
  const bool last = stage + 1 == architecture_.stages.size();
  const std::size_t outputs = s.outputs();
  if (s.kind == StageKind::dense) {
    float* const z = last ? work.output.data() : work.value[stage + 1].data();
    layers_[layer]->forward(work.input[layer][0], read, work.scratch, z);
    if (last) return;
    normalize(layer, z, work);
    activate(padded(outputs), z, kernels);
    z[outputs] = 1.0F;
    return;
  }
  const std::size_t stride = padded(outputs);
  const float* const pixels = stage_input(stage, work);
  float* const products = work.products.data();
  for (std::size_t p = 0; p < s.positions(); ++p) {
    crossbar::DrivenLines& lines = work.input[layer][p];
    gather_patch(stage, p, pixels, lines);
    layers_[layer]->forward(lines, read_of(read, s, p), work.scratch, products + p * stride);
  }
  normalize(layer, products, work);
  activate(s.positions() * stride, products, kernels);
  float* to = work.value[stage + 1].data();
  for (std::size_t p = 0; p < s.positions(); ++p) {
    to = std::copy_n(products + p * stride, outputs, to);
  }
  *to = 1.0F;
}

void Network::pool(std::size_t stage, Workspace& work) const noexcept {
  const Stage& s = architecture_.stages[stage];
  const std::size_t channels = s.in.channels;
  const float* const from = stage_input(stage, work);
  float* const to = work.value[stage + 1].data();
  const float share = 1.0F / static_cast<float>(s.kernel * s.kernel);
  for (std::size_t p = 0; p < s.out.pixels(); ++p) {
    float* const pooled = to + p * channels;
    bool first = true;
    for_each_pixel(s, p, [&](std::size_t, std::size_t, std::size_t pixel) {
      for (std::size_t c = 0; c < channels; ++c) {
        const float x = from[pixel * channels + c];
        if (s.kind == StageKind::average_pool) {
          pooled[c] = (first ? 0.0F : pooled[c]) + share * x;
        } else if (first || x > pooled[c]) {
          pooled[c] = x;
          work.winner[stage][p * channels + c] = static_cast<std::uint32_t>(pixel * channels + c);
        }
      }
      first = false;
    });
  }
  to[s.out.size()] = 1.0F;
}

/// Stores the image as input of the first stage, followed by a bias.
void Network::gather_image(std::span<const std::uint8_t> image, const crossbar::Read& read,
                           Workspace& work) const noexcept {
  const Stage& s = architecture_.stages.front();
  if (s.kind == StageKind::dense && !work.drops(s)) {
    crossbar::DrivenLines& first = work.input[0][0];
    first.count = 0;
    for (std::size_t i = 0; i < image.size(); ++i) {
      first.push(i, pixel_values[image[i]], image[i] != 0);
    }
    first.push(image.size(), 1.0F, true);
    first.fill_up();
    return;
  }
  for (std::size_t i = 0; i < image.size(); ++i) work.value[0][i] = pixel_values[image[i]];
  work.value[0][image.size()] = 1.0F;
  draw_mask(0, read, work);
  if (s.kind == StageKind::dense) work.input[0][0].gather({stage_input(0, work), s.rows()});
}

void Network::forward(std::span<const std::uint8_t> image, const crossbar::Read& read,
                      Workspace& work, const numeric::Kernels& kernels) const noexcept {
  gather_image(image, read, work);
  std::size_t layer = 0;
  for (std::size_t stage = 0; stage < architecture_.stages.size(); ++stage) {
    const Stage& s = architecture_.stages[stage];
    if (stage > 0) draw_mask(stage, read, work);
    if (!s.has_weights()) {
      pool(stage, work);
      continue;
    }
    if (s.kind == StageKind::dense && stage > 0) {
      work.input[layer][0].gather({stage_input(stage, work), s.rows()});
    }
    forward_weights(stage, layer++, read, work, kernels);
  }
  if (output_ == OutputUnit::softmax) {
    softmax({work.output.data(), outputs()});
  } else {
    kernels.sigmoid(padded(outputs()), work.output.data());
  }
}

/// Computes the error of the inputs of a layer from δ of its outputs.
void Network::backward_weights(std::size_t stage, std::size_t layer, const crossbar::Read& read,
                               Workspace& work) const noexcept {
  const Stage& s = architecture_.stages[stage];
  float* const e = work.error[stage].data();
  if (s.kind == StageKind::dense) {
    work.errors_driven.gather({work.delta[layer].data(), s.outputs()});
    layers_[layer]->backward(work.errors_driven, read, work.scratch, e);
    return;
  }
  const std::size_t channels = s.in.channels;
  std::fill_n(e, s.in.size(), 0.0F);
  for (std::size_t p = 0; p < s.positions(); ++p) {
    const float* const row = work.delta[layer].data() + p * padded(s.outputs());
    work.errors_driven.gather({row, s.outputs()});
    if (work.errors_driven.count == 0) continue;
    layers_[layer]->backward(work.errors_driven, read_of(read, s, p), work.scratch,
                             work.patch_error.data());
    for_each_pixel(s, p, [&](std::size_t ky, std::size_t kx, std::size_t pixel) {
      const float* const from = work.patch_error.data() + (ky * s.kernel + kx) * channels;
      for (std::size_t c = 0; c < channels; ++c) e[pixel * channels + c] += from[c];
    });
  }
}

void Network::backward_pool(std::size_t stage, Workspace& work) const noexcept {
  const Stage& s = architecture_.stages[stage];
  const std::size_t channels = s.in.channels;
  const float* const from = work.error[stage + 1].data();
  float* const e = work.error[stage].data();
  std::fill_n(e, s.in.size(), 0.0F);
  if (s.kind == StageKind::max_pool) {
    for (std::size_t i = 0; i < s.out.size(); ++i) e[work.winner[stage][i]] += from[i];
    return;
  }
  const float share = 1.0F / static_cast<float>(s.kernel * s.kernel);
  for (std::size_t p = 0; p < s.out.pixels(); ++p) {
    for_each_pixel(s, p, [&](std::size_t, std::size_t, std::size_t pixel) {
      for (std::size_t c = 0; c < channels; ++c) {
        e[pixel * channels + c] += share * from[p * channels + c];
      }
    });
  }
}

void Network::backward(const crossbar::Read& read, Workspace& work) const noexcept {
  std::size_t layer = layers_.size();
  for (std::size_t stage = architecture_.stages.size(); layer > 0 && stage-- > 0;) {
    const Stage& s = architecture_.stages[stage];
    if (s.has_weights()) {
      --layer;
      // Stages before the first layer with weights have no parameters to train.
      if (layer == 0) return;
      backward_weights(stage, layer, read, work);
    } else {
      backward_pool(stage, work);
    }
    const Stage& before = architecture_.stages[stage - 1];
    float* const e = work.error[stage].data();
    if (work.drops(s)) {
      for (std::size_t i = 0; i < s.in.size(); ++i) e[i] *= work.mask[stage][i];
    }
    if (!before.has_weights()) continue;
    multiply_by_derivative(activation_, {work.value[stage].data(), before.out.size()},
                           {e, before.out.size()});
    Matrix<float>& delta = work.delta[layer - 1];
    for (std::size_t p = 0; p < before.positions(); ++p) {
      std::copy_n(e + p * before.outputs(), before.outputs(),
                  delta.data() + p * padded(before.outputs()));
    }
    backward_normalization(layer - 1, work);
  }
}

int predicted_class(std::span<const float> outputs) {
  return static_cast<int>(std::max_element(outputs.begin(), outputs.end()) - outputs.begin());
}

}  // namespace imcsim::network
