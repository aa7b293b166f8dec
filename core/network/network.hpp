// network: layers of weights, and what happens between them.
//
// Architecture  what a network is made of: fully connected layers, convolutions, pooling
// Network       forward, backward
// WeightLayer   a weight matrix that can be multiplied both ways
//   CrossbarLayer   on simulated devices, cut into tiles where it must be
//   ExactLayer      in float: the reference
// Normalisation digital scale and offset of a layer's outputs
// Graph         any network of an ONNX file, shapes known, constants computed
// GraphNetwork    the same, its weights in layers; in float it is the reference
// Workspace     activations and errors of one sample; one a thread
//
// Biases are the last row of each matrix, always driven with 1. It knows no loss and no update.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crossbar/crossbar.hpp"
#include "network/architecture.hpp"
#include "network/graph/graph_network.hpp"
#include "network/normalisation.hpp"
#include "network/weight_layer.hpp"
#include "numeric/numeric_kernels.hpp"
#include "numeric/random.hpp"
#include "numeric/tensor.hpp"

namespace imcsim::network {

/// f of the hidden layers.
enum class Activation { sigmoid, tanh, relu };
std::span<const std::string_view> names_of(Activation);

/// f of the last layer.
enum class OutputUnit { sigmoid, softmax };

/// Weights drawn uniformly in ±1/√fan_in, one [rows × outputs] matrix a layer; the bias is drawn
/// like the others and does not count in fan_in.
std::vector<Matrix<float>> initial_weights(const Architecture& architecture, std::uint64_t seed);

/// What one sample leaves behind on its way through a network.
struct Workspace {
  explicit Workspace(const Architecture& architecture);

  /// Of each layer with weights: what drives its product at each position, bias last.
  std::vector<std::vector<crossbar::DrivenLines>> input;
  /// Of each layer with weights: δ of its outputs, [positions × padded(outputs)].
  std::vector<Matrix<float>> delta;
  AlignedVector<float> output;  ///< of the network

  /// Names the draws of dropout, and keeps what learning needs of normalised layers; without it
  /// inputs are not dropped and `backward` cannot follow.
  std::optional<Stream> learning;
  /// Of each layer with weights: its outputs before they were normalised, and the gradients of γ
  /// and β since the last step; empty where it is not normalised.
  std::vector<Matrix<float>> unnormalised;
  std::vector<NormalisationGradient> normalisation_gradient;
  /// Of each stage with dropout: 0, or 1/(1 − p), for each input; and the inputs times these.
  std::vector<AlignedVector<float>> mask, dropped;

  bool drops(const Stage& stage) const { return stage.dropout > 0.0F && learning; }

  std::vector<AlignedVector<float>> value;  ///< input of each stage, pixel by pixel; a bias behind
  std::vector<AlignedVector<float>> error;  ///< of the loss by these
  std::vector<std::vector<std::uint32_t>> winner;  ///< of each max pooling: index of each maximum
  Matrix<float> products;                          ///< of a convolution, before they are packed
  AlignedVector<float> patch_error;
  crossbar::DrivenLines errors_driven;
  crossbar::Scratch scratch;
};

/// See Normalisation::observe and descend.
struct NormalisationStep {
  float learning_rate = 0.0F;
  float momentum = 0.0F;
  bool ends_batch = true;
};

class Network {
 public:
  Network(Architecture architecture, Activation activation, OutputUnit output);

  /// The next layer of weights, from the input on.
  void add_layer(std::unique_ptr<WeightLayer> layer) { layers_.push_back(std::move(layer)); }

  const Architecture& architecture() const { return architecture_; }
  const std::vector<Stage>& weight_stages() const { return weight_stages_; }
  std::size_t outputs() const { return architecture_.outputs(); }
  std::size_t layer_count() const { return layers_.size(); }
  WeightLayer& layer(std::size_t l) { return *layers_[l]; }
  const WeightLayer& layer(std::size_t l) const { return *layers_[l]; }

  /// Activations of all layers for an image of bytes, taken as pixel/255; the network's output
  /// is then in `work.output`. Product p of a sample's P at a layer has the event sample·P + p.
  void forward(std::span<const std::uint8_t> image, const crossbar::Read& read, Workspace& work,
               const numeric::Kernels& kernels) const noexcept;

  /// From δ of the last layer (in `work.delta.back()`) to δ of all others:
  /// δ_{l−1} = (W_l δ_l) ∘ f′, summed over positions and through pooling. Padding stays zero.
  void backward(const crossbar::Read& read, Workspace& work) const noexcept;

  /// What the digital unit learns from the sample in `work`, after `backward`: the statistics of
  /// normalised layers and, at the end of a batch, a step of γ and β.
  void learn_normalisation(Workspace& work, const NormalisationStep& step) noexcept;

  /// γ, β and statistics of all normalised layers.
  std::vector<StateArray> normalisation_state() { return state_of(normalisations_); }

  /// Of layer `l`; nothing where it is not normalised.
  const std::optional<Normalisation>& normalisation(std::size_t l) const {
    return normalisations_[l];
  }

 private:
  void gather_image(std::span<const std::uint8_t> image, const crossbar::Read& read,
                    Workspace& work) const noexcept;
  void draw_mask(std::size_t stage, const crossbar::Read& read, Workspace& work) const noexcept;
  const float* stage_input(std::size_t stage, const Workspace& work) const noexcept;
  void normalise(std::size_t layer, float* z, Workspace& work) const noexcept;
  void backward_normalisation(std::size_t layer, Workspace& work) const noexcept;
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
  std::vector<std::optional<Normalisation>> normalisations_;  ///< of each layer with weights
};

/// Index of the largest output; the first of equals.
int predicted_class(std::span<const float> outputs);

}  // namespace imcsim::network
