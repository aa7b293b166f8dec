#include "training/float_trainer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace imcsim::training {

FloatTrainer::FloatTrainer(network::Network network, std::vector<Matrix<float>> weights,
                           const TrainingConfig& config, std::uint64_t seed,
                           const Execution& execution)
    : Trainer(std::move(network), config, seed, execution),
      crossbar_kernels_(crossbar::kernels(execution.isa)),
      gradient_(work_.scratch.driven.size()),
      dense_(work_.scratch.driven.size()) {
  for (std::size_t l = 0; l < weights.size(); ++l) {
    const network::Stage& stage = network_.weight_stages()[l];
    if (config.momentum > 0.0) {
      velocity_.push_back(padded_matrix<float>(stage.rows(), stage.outputs()));
    }
    if (config.batch_size > 1 || config.momentum > 0.0) {
      batch_.push_back(padded_matrix<float>(stage.rows(), stage.outputs()));
    }
    auto layer = std::make_unique<network::ExactLayer>(std::move(weights[l]), stage.outputs(),
                                                       l > 0, execution);
    layers_.push_back(layer.get());
    if (config.method != MethodName::hardware_aware) {
      network_.add_layer(std::move(layer));
      continue;
    }
    auto noisy = std::make_unique<NoisyLayer>(std::move(layer), stage.outputs(),
                                              static_cast<std::uint32_t>(l), execution);
    noisy_.push_back(noisy.get());
    network_.add_layer(std::move(noisy));
  }
}

/// Applies the accumulated gradient of a batch to the weights.
void FloatTrainer::descend(std::size_t l, const Step& step) {
  if (!velocity_.empty()) {
    const std::size_t entries = velocity_[l].size();  // including padding
    crossbar_kernels_.advance(entries, step.learning_rate, static_cast<float>(config_.momentum),
                              velocity_[l].data(), batch_[l].data());
    counts().digital_mac += 2 * entries;
    counts().digital_bytes += 4 * sizeof(float) * entries;
  }
  layers_[l]->subtract_all(batch_[l]);
}

void FloatTrainer::update(const Step& step) {
  const float factor = velocity_.empty() ? step.learning_rate : 1.0F;
  std::vector<Matrix<float>>& sums = velocity_.empty() ? batch_ : velocity_;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Matrix<float>& delta = work_.delta[l];
    const network::Stage& stage = network_.weight_stages()[l];
    for (std::size_t p = 0; p < delta.shape(0); ++p) {
      if (!scaled_row(delta, p, factor, gradient_)) continue;
      const std::span<const float> gradient(gradient_.data(), delta.shape(1));
      const crossbar::DrivenLines& a = work_.input[l][p];
      if (batch_.empty()) {
        layers_[l]->subtract(a, dense_input(l, a), gradient);
      } else {
        crossbar_kernels_.subtract_outer(a.line.data(), a.value.data(), a.count, sums[l].data(),
                                         sums[l].shape(1), gradient.data());
      }
    }
    if (!batch_.empty() && step.ends_batch) descend(l, step);
    const std::uint64_t entries = stage.rows() * stage.outputs();
    counts().digital_mac += stage.positions() * entries;
    counts().digital_bytes += 2 * sizeof(float) * stage.positions() * entries;  // W: read, write
    if (step.ends_batch) counts().weight_updates += entries;
  }
}

/// The inputs as a dense vector, needed for the transposed copy of the weights.
std::span<const float> FloatTrainer::dense_input(std::size_t l, const crossbar::DrivenLines& a) {
  if (!layers_[l]->has_backward()) return {};
  const std::size_t length = padded(network_.weight_stages()[l].rows());
  std::fill_n(dense_.data(), length, 0.0F);
  for (std::size_t k = 0; k < a.count; ++k) dense_[a.line[k]] = a.value[k];
  return {dense_.data(), length};
}

std::vector<StateArray> FloatTrainer::state() {
  std::vector<StateArray> arrays;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    arrays.push_back({fmt::format("layer{}.weight", l), layers_[l]->state(), true});
    if (velocity_.empty()) continue;
    const std::size_t outputs = network_.weight_stages()[l].outputs();
    arrays.push_back({fmt::format("layer{}.velocity", l), array_view(velocity_[l], outputs), true});
  }
  return arrays;
}

void FloatTrainer::rebuild_derived(double) {
  for (network::ExactLayer* layer : layers_) layer->rebuild_derived();
}

}  // namespace imcsim::training
