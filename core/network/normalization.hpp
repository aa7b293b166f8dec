#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "network/architecture.hpp"
#include "numeric/tensor.hpp"

namespace imcsim::network {

/// Factor and offset of each channel: y = scale·z + offset. Both have padded(channels) entries,
/// with zeros in the padding.
struct Affine {
  std::vector<float> scale, offset;
};

/// Sums over the samples of a batch, [padded(channels)] each.
struct NormalizationGradient {
  std::vector<float> gamma, beta;
};

/// Normalization of the outputs of a layer, before the activation, for each channel:
///
///     y = γ·(z − μ)/√(σ² + 10⁻⁵) + β
///
/// Source: Ioffe and Szegedy 2015, arXiv:1502.03167. In that paper μ and σ² are those of the batch,
/// and the gradient passes through them. Here samples are processed one by one, and μ and σ² are
/// running statistics of the previous samples, in training and evaluation. This is batch
/// renormalization (Ioffe 2017, arXiv:1702.03275) with unbounded corrections r and d, but without
/// the part of the gradient that passes through the batch. The backward pass treats μ and σ² as
/// constants: the step of the weights is the exact gradient of a network with constant statistics.
/// The statistics then cancel steps that only shift or scale all outputs of a channel, and the
/// weights can grow along the mean of their inputs without effect (see section 2 of the first
/// paper). The effect was largest in a dense layer after normalized convolutions with ReLU, where a
/// momentum nearer to 1 reduced it but did not remove it.
///
/// γ, β, μ, σ² are digital float32 numbers, applied after the output converters.
class Normalization {
 public:
  /// γ = 1, β = 0; μ = 0 and σ² = 1 with the weight of one sample.
  explicit Normalization(std::size_t channels);

  std::size_t channels() const { return channels_; }

  /// Normalization with the present statistics: scale = γ/√(σ² + 10⁻⁵), offset = β − μ·scale.
  Affine folded() const;

  /// z ← y for z [positions × padded(channels)]; padding stays zero.
  void apply(std::size_t positions, float* z) const noexcept;

  /// δ ← δ·scale, from the error of y to the error of z; adds Σδ·(z − μ)/√(σ² + 10⁻⁵) and Σδ over
  /// the positions to `gradient`. `z`: input of `apply`.
  void backward(std::size_t positions, const float* z, float* delta,
                NormalizationGradient& gradient) const noexcept;

  /// Updates the running statistics with mean m and variance v of a sample over its positions:
  ///
  ///     w ← 1 + momentum·w,  a = 1/w,  d = m − μ,
  ///     μ ← μ + a·d,  σ² ← (1 − a)·(σ² + a·d²) + a·v.
  ///
  /// a decreases from 1/2 to 1 − momentum: exponential weights of the samples with sum 1.
  void observe(std::size_t positions, const float* z, float momentum) noexcept;

  /// γ −= rate·∂γ, β −= rate·∂β; sets the gradient to zero.
  void descend(float learning_rate, NormalizationGradient& gradient) noexcept;

  /// γ, β, μ, σ², w: the complete state.
  std::vector<StateArray> state(const std::string& prefix);

 private:
  float inverse_deviation(std::size_t channel) const noexcept;

  std::size_t channels_;
  std::vector<float> gamma_, beta_, mean_, variance_;
  std::vector<float> weight_{1.0F};  ///< w
};

/// New normalizations, one per layer with weights; empty for layers without normalization.
std::vector<std::optional<Normalization>> normalizations_of(const Architecture& architecture);

/// State of all normalizations, named `layer0.normalisation.gamma` and so on.
std::vector<StateArray> state_of(std::vector<std::optional<Normalization>>& normalizations);

}  // namespace imcsim::network
