// network: layers of weights, and what happens between them.
//
// Perceptron   fully connected layers; forward, backward
// WeightLayer  a weight matrix that can be multiplied both ways
//   CrossbarLayer   on simulated devices
//   ExactLayer      in float: the reference
// Workspace    activations and errors of one sample; one a thread
//
// Biases are the last row of each matrix, always driven with 1. It knows no loss and no update.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/base.hpp"
#include "crossbar/crossbar.hpp"
#include "network/weight_layer.hpp"
#include "numeric/numeric.hpp"

namespace imcsim::network {

/// f of the hidden layers.
enum class Activation { sigmoid, tanh, relu };
std::span<const std::string_view> names_of(Activation);

/// f of the last layer.
enum class OutputUnit { sigmoid, softmax };

/// Widths of a perceptron from input to output, of `784-250-10`. Throws InputError{where, …}.
std::vector<std::size_t> parse_widths(const std::string& text, const std::string& where);

/// Weights drawn uniformly in ±1/√fan_in, one [(inputs + 1) × outputs] matrix a layer; the bias
/// is drawn like the others and does not count in fan_in.
std::vector<Matrix<float>> initial_weights(std::span<const std::size_t> widths, std::uint64_t seed);

/// What one sample leaves behind on its way through a network.
struct Workspace {
  explicit Workspace(std::span<const std::size_t> widths);

  std::vector<crossbar::DrivenLines> input;      ///< of each layer: what is not zero, bias last
  std::vector<AlignedVector<float>> activation;  ///< of each layer's input, dense, bias last
  std::vector<AlignedVector<float>> error;       ///< δ of each layer's output
  AlignedVector<float> output;                   ///< of the network
  crossbar::DrivenLines errors_driven;
  crossbar::Scratch scratch;
};

class Perceptron {
 public:
  Perceptron(std::vector<std::size_t> widths, Activation activation, OutputUnit output);

  void add_layer(std::unique_ptr<WeightLayer> layer) { layers_.push_back(std::move(layer)); }

  const std::vector<std::size_t>& widths() const { return widths_; }
  std::size_t outputs() const { return widths_.back(); }
  std::size_t layer_count() const { return layers_.size(); }
  WeightLayer& layer(std::size_t l) { return *layers_[l]; }
  const WeightLayer& layer(std::size_t l) const { return *layers_[l]; }

  /// Activations of all layers for an image of bytes, taken as pixel/255; the network's output
  /// is then in `work.output`.
  void forward(std::span<const std::uint8_t> image, const crossbar::Read& read, Workspace& work,
               const numeric::Kernels& kernels) const noexcept;

  /// From δ of the last layer (in `work.error.back()`) to δ of all others:
  /// δ_{l−1} = (W_l δ_l) ∘ f′. Padding of each δ stays zero.
  void backward(const crossbar::Read& read, Workspace& work) const noexcept;

 private:
  std::vector<std::size_t> widths_;
  Activation activation_;
  OutputUnit output_;
  std::vector<std::unique_ptr<WeightLayer>> layers_;
};

/// Index of the largest output; the first of equals.
int predicted_class(std::span<const float> outputs);

}  // namespace imcsim::network
