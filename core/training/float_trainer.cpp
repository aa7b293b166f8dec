#include "training/float_trainer.hpp"

#include <fmt/format.h>

namespace imcsim::training {

FloatTrainer::FloatTrainer(network::Perceptron network, std::vector<Matrix<float>> weights,
                           const TrainingConfig& config, std::uint64_t seed,
                           const Execution& execution)
    : Trainer(std::move(network), config, seed, execution),
      crossbar_kernels_(crossbar::kernels(execution.isa)),
      gradient_(work_.scratch.driven.size()) {
  for (std::size_t l = 0; l < weights.size(); ++l) {
    if (config.batch_size > 1) {
      batch_.push_back(padded_matrix<float>(weights[l].shape(0), network_.widths()[l + 1]));
    }
    auto layer = std::make_unique<network::ExactLayer>(std::move(weights[l]),
                                                       network_.widths()[l + 1], l > 0, execution);
    layers_.push_back(layer.get());
    network_.add_layer(std::move(layer));
  }
}

void FloatTrainer::update(const Step& step) {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const AlignedVector<float>& error = work_.error[l];
    for (std::size_t j = 0; j < error.size(); ++j) gradient_[j] = step.learning_rate * error[j];
    const std::span<const float> gradient(gradient_.data(), error.size());
    const crossbar::DrivenLines& a = work_.input[l];
    if (batch_.empty()) {
      layers_[l]->subtract(a, work_.activation[l], gradient);
    } else {
      crossbar_kernels_.subtract_outer(a.line.data(), a.value.data(), a.count, batch_[l].data(),
                                       batch_[l].shape(1), gradient.data());
      if (step.ends_batch) layers_[l]->subtract_all(batch_[l]);
    }
    const std::uint64_t entries = (network_.widths()[l] + 1) * network_.widths()[l + 1];
    counts().digital_mac += entries;
    counts().digital_bytes += 2 * sizeof(float) * entries;  // W is read and written
    if (step.ends_batch) counts().weight_updates += entries;
  }
}

std::vector<StateArray> FloatTrainer::state() {
  std::vector<StateArray> arrays;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    arrays.push_back({fmt::format("layer{}.weight", l), layers_[l]->state(), true});
  }
  return arrays;
}

void FloatTrainer::restored(double) {
  for (network::ExactLayer* layer : layers_) layer->restored();
}

}  // namespace imcsim::training
