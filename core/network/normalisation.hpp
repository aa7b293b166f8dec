#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "network/architecture.hpp"
#include "numeric/tensor.hpp"

namespace imcsim::network {

/// A factor and an offset for each channel: y = scale·z + offset. Both have padded(channels)
/// entries, zero behind the channels.
struct Affine {
  std::vector<float> scale, offset;
};

/// Sums over the samples of a batch, [padded(channels)] each.
struct NormalisationGradient {
  std::vector<float> gamma, beta;
};

/// Normalisation of a layer's outputs, before the activation, channel by channel:
///
///     y = γ·(z − μ)/√(σ² + 10⁻⁵) + β
///
/// Source: Ioffe and Szegedy 2015, arXiv:1502.03167. There μ and σ² are those of the batch, and
/// the gradient passes through them. Samples come one at a time here, so that μ and σ² are running
/// figures of the samples before, in training as in evaluation: batch renormalisation (Ioffe 2017,
/// arXiv:1702.03275) where its corrections r and d have no bound, but without the part of its
/// gradient that passes through the batch. The backward pass takes μ and σ² as constants: the step
/// of the weights is the exact gradient of a network with these constants, not of one whose
/// statistics follow the weights. What it gains by shifting or stretching all outputs of a channel
/// the statistics then take back, and the weights grow along the mean of their inputs without any
/// use (see section 2 of the first paper). It was worst seen in a dense layer behind
/// normalised convolutions with ReLU, where a momentum nearer 1 made it smaller and did not end it.
///
/// γ, β, μ, σ² are digital float32 numbers behind the converters.
class Normalisation {
 public:
  /// γ = 1, β = 0; μ = 0 and σ² = 1 as if one sample had shown them.
  explicit Normalisation(std::size_t channels);

  std::size_t channels() const { return channels_; }

  /// scale = γ/√(σ² + 10⁻⁵), offset = β − μ·scale: the normalisation as it stands.
  Affine folded() const;

  /// z ← y for [positions × padded(channels)]; filling stays zero.
  void apply(std::size_t positions, float* z) const noexcept;

  /// δ ← δ·scale, from the error of y to that of z; adds Σδ·(z − μ)/√(σ² + 10⁻⁵) and Σδ over the
  /// positions to `gradient`. `z`: what `apply` was given.
  void backward(std::size_t positions, const float* z, float* delta,
                NormalisationGradient& gradient) const noexcept;

  /// Takes the mean m and variance v of a sample over its positions into the running figures:
  ///
  ///     w ← 1 + momentum·w,  a = 1/w,  d = m − μ,
  ///     μ ← μ + a·d,  σ² ← (1 − a)·(σ² + a·d²) + a·v.
  ///
  /// a falls from 1/2 to 1 − momentum: exponential weights, which sum to 1 at every moment.
  void observe(std::size_t positions, const float* z, float momentum) noexcept;

  /// γ −= rate·∂γ, β −= rate·∂β; the gradient is then zero.
  void descend(float learning_rate, NormalisationGradient& gradient) noexcept;

  /// γ, β, μ, σ², w; nothing is derived from them.
  std::vector<StateArray> state(const std::string& prefix);

 private:
  float inverse_deviation(std::size_t channel) const noexcept;

  std::size_t channels_;
  std::vector<float> gamma_, beta_, mean_, variance_;
  std::vector<float> weight_{1.0F};  ///< w
};

/// Fresh ones, one a layer with weights; nothing where it is not normalised.
std::vector<std::optional<Normalisation>> normalisations_of(const Architecture& architecture);

/// γ, β and statistics of all of them, named `layer0.normalisation.gamma` and so on.
std::vector<StateArray> state_of(std::vector<std::optional<Normalisation>>& normalisations);

}  // namespace imcsim::network
