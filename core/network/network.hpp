// network: layers with weights, activations, pooling, normalization, and graphs of ONNX files.
//
// Architecture  stages of a network: fully connected layers, convolutions, pooling
// Network       forward and backward pass
// WeightLayer   weight matrix with forward and backward products
//   CrossbarLayer   on simulated devices, in tiles if necessary
//   ExactLayer      in float: the reference
// Normalization digital scale and offset of the outputs of a layer
// Graph         network of an ONNX file with known shapes and computed constants
// GraphNetwork    a graph with weights in layers; in float: the reference
// Workspace     activations and errors of one sample; one per thread
//
// Biases are the last row of each matrix, driven with 1. Losses and updates are in core/training.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crossbar/crossbar.hpp"
#include "network/architecture.hpp"
#include "network/graph/graph_network.hpp"
#include "network/normalization.hpp"
#include "network/weight_layer.hpp"
#include "numeric/numeric_kernels.hpp"
#include "numeric/random.hpp"
#include "numeric/tensor.hpp"

namespace imcsim::network {

/// Activation function f of the hidden layers.
enum class Activation { sigmoid, tanh, relu };
std::span<const std::string_view> names_of(Activation);

/// Activation function of the last layer.
enum class OutputUnit { sigmoid, softmax };

/// Weights drawn uniformly in ±1/√fan_in, one [rows × outputs] matrix per layer; the bias is drawn
/// likewise, and fan_in does not include it.
std::vector<Matrix<float>> initial_weights(const Architecture& architecture, std::uint64_t seed);

/// Activations and errors of one sample.
struct Workspace {
  explicit Workspace(const Architecture& architecture);

  /// For each layer with weights: inputs of the product at each position, bias last.
  std::vector<std::vector<crossbar::DrivenLines>> input;
  /// For each layer with weights: δ of its outputs, [positions × padded(outputs)].
  std::vector<Matrix<float>> delta;
  AlignedVector<float> output;  ///< output of the network

  /// Stream of dropout, set in training. Without it `forward` drops no inputs and does not store
  /// the data of normalized layers that `backward` needs.
  std::optional<Stream> learning;
  /// For each layer with weights: its outputs before normalization, and the gradients of γ and β
  /// since the last step; empty for layers without normalization.
  std::vector<Matrix<float>> unnormalized;
  std::vector<NormalizationGradient> normalization_gradient;
  /// For each stage with dropout: factor 0 or 1/(1 − p) of each input; inputs times these factors.
  std::vector<AlignedVector<float>> mask, dropped;

  bool drops(const Stage& stage) const { return stage.dropout > 0.0F && learning; }

  std::vector<AlignedVector<float>> value;  ///< input of each stage, pixel by pixel; then a bias
  std::vector<AlignedVector<float>> error;  ///< gradient of the loss by `value`
  std::vector<std::vector<std::uint32_t>> winner;  ///< max pooling: index of each maximum
  Matrix<float> products;                          ///< products of a convolution, with padding
  AlignedVector<float> patch_error;
  crossbar::DrivenLines errors_driven;
  crossbar::Scratch scratch;
};

/// Parameters of Normalization::observe and descend.
struct NormalizationStep {
  float learning_rate = 0.0F;
  float momentum = 0.0F;
  bool ends_batch = true;
};

class Network {
 public:
  Network(Architecture architecture, Activation activation, OutputUnit output);

  /// Appends the next layer with weights, from the input on.
  void add_layer(std::unique_ptr<WeightLayer> layer) { layers_.push_back(std::move(layer)); }

  const Architecture& architecture() const { return architecture_; }
  const std::vector<Stage>& weight_stages() const { return weight_stages_; }
  std::size_t outputs() const { return architecture_.outputs(); }
  std::size_t layer_count() const { return layers_.size(); }
  WeightLayer& layer(std::size_t l) { return *layers_[l]; }
  const WeightLayer& layer(std::size_t l) const { return *layers_[l]; }

  /// Computes all activations for an image with inputs pixel/255; the output is in `work.output`.
  /// Product p of P products per sample of a layer has the event sample·P + p.
  void forward(std::span<const std::uint8_t> image, const crossbar::Read& read, Workspace& work,
               const numeric::Kernels& kernels) const noexcept;

  /// Computes δ of all layers from δ of the last layer (in `work.delta.back()`):
  /// δ_{l−1} = (W_l δ_l) ∘ f′, summed over positions and through pooling. Padding stays zero.
  void backward(const crossbar::Read& read, Workspace& work) const noexcept;

  /// Updates the digital unit with the sample in `work`, after `backward`: the statistics of
  /// normalized layers and, at the end of a batch, γ and β.
  void learn_normalization(Workspace& work, const NormalizationStep& step) noexcept;

  /// γ, β and statistics of all normalized layers.
  std::vector<StateArray> normalization_state() { return state_of(normalizations_); }

  /// Normalization of layer `l`; empty if the layer has none.
  const std::optional<Normalization>& normalization(std::size_t l) const {
    return normalizations_[l];
  }

 private:
  void gather_image(std::span<const std::uint8_t> image, const crossbar::Read& read,
                    Workspace& work) const noexcept;
  void draw_mask(std::size_t stage, const crossbar::Read& read, Workspace& work) const noexcept;
  const float* stage_input(std::size_t stage, const Workspace& work) const noexcept;
  void normalize(std::size_t layer, float* z, Workspace& work) const noexcept;
  void backward_normalization(std::size_t layer, Workspace& work) const noexcept;
  void gather_patch(std::size_t stage, std::size_t position, const float* pixels,
                    crossbar::DrivenLines& lines) const noexcept;
  void forward_weights(std::size_t stage, std::size_t layer, const crossbar::Read& read,
                       Workspace& work, const numeric::Kernels& kernels) const noexcept;
  void activate(std::size_t padded, float* values, const numeric::Kernels& kernels) const noexcept;
  void pool(std::size_t stage, Workspace& work) const noexcept;
  void backward_weights(std::size_t stage, std::size_t layer, const crossbar::Read& read,
                        Workspace& work) const noexcept;
  void backward_pool(std::size_t stage, Workspace& work) const noexcept;

  Architecture architecture_;
  std::vector<Stage> weight_stages_;
  Activation activation_;
  OutputUnit output_;
  std::vector<std::unique_ptr<WeightLayer>> layers_;
  std::vector<std::optional<Normalization>> normalizations_;  ///< for each layer with weights
};

/// Index of the largest output; the first of equal outputs.
int predicted_class(std::span<const float> outputs);

}  // namespace imcsim::network
