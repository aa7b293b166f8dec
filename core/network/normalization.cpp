#include "network/normalization.hpp"

#include <fmt/format.h>

#include <cmath>

namespace imcsim::network {
namespace {

constexpr float smallest_variance = 1e-5F;

}  // namespace

Normalization::Normalization(std::size_t channels)
    : channels_(channels),
      gamma_(channels, 1.0F),
      beta_(channels, 0.0F),
      mean_(channels, 0.0F),
      variance_(channels, 1.0F) {}

float Normalization::inverse_deviation(std::size_t channel) const noexcept {
  return 1.0F / std::sqrt(variance_[channel] + smallest_variance);
}

Affine Normalization::folded() const {
  Affine affine;
  affine.scale.assign(padded(channels_), 0.0F);
  affine.offset.assign(padded(channels_), 0.0F);
  for (std::size_t c = 0; c < channels_; ++c) {
    affine.scale[c] = gamma_[c] * inverse_deviation(c);
    affine.offset[c] = beta_[c] - mean_[c] * affine.scale[c];
  }
  return affine;
}

void Normalization::apply(std::size_t positions, float* z) const noexcept {
  const std::size_t stride = padded(channels_);
  for (std::size_t c = 0; c < channels_; ++c) {
    const float scale = gamma_[c] * inverse_deviation(c);
    const float offset = beta_[c] - mean_[c] * scale;
    for (std::size_t p = 0; p < positions; ++p)
      z[p * stride + c] = z[p * stride + c] * scale + offset;
  }
}

void Normalization::backward(std::size_t positions, const float* z, float* delta,
                             NormalizationGradient& gradient) const noexcept {
  const std::size_t stride = padded(channels_);
  for (std::size_t c = 0; c < channels_; ++c) {
    const float inverse = inverse_deviation(c);
    const float scale = gamma_[c] * inverse;
    float gamma_sum = 0.0F;
    float beta_sum = 0.0F;
    for (std::size_t p = 0; p < positions; ++p) {
      float& d = delta[p * stride + c];
      gamma_sum += d * (z[p * stride + c] - mean_[c]);
      beta_sum += d;
      d *= scale;
    }
    gradient.gamma[c] += gamma_sum * inverse;
    gradient.beta[c] += beta_sum;
  }
}

void Normalization::observe(std::size_t positions, const float* z, float momentum) noexcept {
  const std::size_t stride = padded(channels_);
  const float share = 1.0F / static_cast<float>(positions);
  weight_[0] = 1.0F + momentum * weight_[0];
  const float a = 1.0F / weight_[0];
  for (std::size_t c = 0; c < channels_; ++c) {
    float sum = 0.0F;
    for (std::size_t p = 0; p < positions; ++p) sum += z[p * stride + c];
    const float mean = sum * share;
    float squares = 0.0F;
    for (std::size_t p = 0; p < positions; ++p) {
      const float off = z[p * stride + c] - mean;
      squares += off * off;
    }
    const float d = mean - mean_[c];
    mean_[c] += a * d;
    variance_[c] = (1.0F - a) * (variance_[c] + a * (d * d)) + a * (squares * share);
  }
}

void Normalization::descend(float learning_rate, NormalizationGradient& gradient) noexcept {
  for (std::size_t c = 0; c < channels_; ++c) {
    gamma_[c] -= learning_rate * gradient.gamma[c];
    beta_[c] -= learning_rate * gradient.beta[c];
    gradient.gamma[c] = gradient.beta[c] = 0.0F;
  }
}

std::vector<StateArray> Normalization::state(const std::string& prefix) {
  return {{prefix + "gamma", array_view(gamma_, 1, channels_), true},
          {prefix + "beta", array_view(beta_, 1, channels_), true},
          {prefix + "mean", array_view(mean_, 1, channels_), true},
          {prefix + "variance", array_view(variance_, 1, channels_), true},
          {prefix + "weight", array_view(weight_, 1, 1), true}};
}

std::vector<std::optional<Normalization>> normalizations_of(const Architecture& architecture) {
  std::vector<std::optional<Normalization>> normalizations;
  for (const Stage& stage : architecture.weight_stages()) {
    normalizations.emplace_back();
    if (stage.normalized) normalizations.back().emplace(stage.outputs());
  }
  return normalizations;
}

std::vector<StateArray> state_of(std::vector<std::optional<Normalization>>& normalizations) {
  std::vector<StateArray> arrays;
  for (std::size_t l = 0; l < normalizations.size(); ++l) {
    if (!normalizations[l]) continue;
    for (StateArray& array : normalizations[l]->state(fmt::format("layer{}.normalisation.", l))) {
      arrays.push_back(std::move(array));
    }
  }
  return arrays;
}

}  // namespace imcsim::network
