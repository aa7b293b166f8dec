#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "network/network.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::network {
namespace {

/// value/255 for each byte.
constexpr std::array<float, 256> pixel_values = [] {
  std::array<float, 256> values{};
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 255.0F;
  return values;
}();

/// e ← e ∘ f′, with f′ told from the activation.
void times_derivative(Activation activation, std::span<const float> a, std::span<float> e) {
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

}  // namespace

std::span<const std::string_view> names_of(Activation) {
  static constexpr std::array<std::string_view, 3> names = {"sigmoid", "tanh", "relu"};
  return names;
}

std::vector<std::size_t> parse_widths(const std::string& text, const std::string& where) {
  std::vector<std::size_t> widths;
  const char* at = text.data();
  const char* const end = at + text.size();
  const std::string expected = "widths joined by dashes, such as 784-250-10, each 1 … 65536";
  while (true) {
    std::size_t width = 0;
    const auto [next, error] = std::from_chars(at, end, width);
    if (error != std::errc{} || width < 1 || width > 65536 || (next != end && *next != '-')) {
      throw InputError(where, fmt::format("\"{}\" is not a network", text), expected);
    }
    widths.push_back(width);
    if (next == end) break;
    at = next + 1;
  }
  if (widths.size() < 2) {
    throw InputError(where, fmt::format("\"{}\" has no layer", text), expected);
  }
  std::uint64_t weights = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l)
    weights += std::uint64_t{widths[l] + 1} * widths[l + 1];
  constexpr std::uint64_t most = std::uint64_t{1} << 28;
  if (weights > most) {
    throw InputError(where, fmt::format("\"{}\" has {} weights", text, weights),
                     fmt::format("at most {}", most));
  }
  return widths;
}

std::vector<Matrix<float>> initial_weights(std::span<const std::size_t> widths,
                                           std::uint64_t seed) {
  std::vector<Matrix<float>> layers;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    const Stream stream(seed, Purpose::initial_weights, static_cast<std::uint32_t>(l));
    const auto bound = static_cast<float>(1.0 / std::sqrt(static_cast<double>(widths[l])));
    Matrix<float> weights = padded_matrix<float>(widths[l] + 1, widths[l + 1]);
    for (std::size_t i = 0; i <= widths[l]; ++i) {
      for (std::size_t j = 0; j < widths[l + 1]; ++j) {
        const float u = stream.uniform(i, static_cast<std::uint32_t>(j));
        weights(i, j) = bound * (2.0F * u - 1.0F);
      }
    }
    layers.push_back(std::move(weights));
  }
  return layers;
}

Workspace::Workspace(std::span<const std::size_t> widths)
    : output(padded(widths.back())),
      errors_driven(*std::max_element(widths.begin(), widths.end()) + 1),
      scratch(*std::max_element(widths.begin(), widths.end()) + 1) {
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    input.emplace_back(widths[l] + 1);
    activation.emplace_back(padded(widths[l] + 1));
    error.emplace_back(padded(widths[l + 1]));
  }
}

Perceptron::Perceptron(std::vector<std::size_t> widths, Activation activation, OutputUnit output)
    : widths_(std::move(widths)), activation_(activation), output_(output) {}

void Perceptron::forward(std::span<const std::uint8_t> image, const crossbar::Read& read,
                         Workspace& work, const numeric::Kernels& kernels) const noexcept {
  crossbar::DrivenLines& first = work.input[0];
  first.count = 0;
  for (std::size_t i = 0; i < image.size(); ++i) {
    first.push(i, pixel_values[image[i]], image[i] != 0);
  }
  first.push(image.size(), 1.0F, true);
  first.fill_up();

  const std::size_t last = layers_.size() - 1;
  for (std::size_t l = 0; l < last; ++l) {
    const std::size_t width = widths_[l + 1];
    AlignedVector<float>& a = work.activation[l + 1];
    layers_[l]->forward(work.input[l], read, work.scratch, a.data());
    switch (activation_) {
      case Activation::sigmoid: kernels.sigmoid(padded(width), a.data()); break;
      case Activation::tanh: kernels.tanh(padded(width), a.data()); break;
      case Activation::relu: kernels.relu(padded(width), a.data()); break;
    }
    a[width] = 1.0F;
    work.input[l + 1].gather({a.data(), width + 1});
  }
  layers_[last]->forward(work.input[last], read, work.scratch, work.output.data());
  if (output_ == OutputUnit::softmax) {
    softmax({work.output.data(), outputs()});
  } else {
    kernels.sigmoid(padded(outputs()), work.output.data());
  }
}

void Perceptron::backward(const crossbar::Read& read, Workspace& work) const noexcept {
  for (std::size_t l = layers_.size() - 1; l > 0; --l) {
    work.errors_driven.gather({work.error[l].data(), widths_[l + 1]});
    AlignedVector<float>& e = work.error[l - 1];
    layers_[l]->backward(work.errors_driven, read, work.scratch, e.data());
    times_derivative(activation_, {work.activation[l].data(), widths_[l]}, {e.data(), widths_[l]});
  }
}

int predicted_class(std::span<const float> outputs) {
  return static_cast<int>(std::max_element(outputs.begin(), outputs.end()) - outputs.begin());
}

}  // namespace imcsim::network
