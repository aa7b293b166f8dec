#include "training/in_situ.hpp"

#include <fmt/format.h>

#include "numeric/events.hpp"

namespace imcsim::training {

void pulse_outer_products(network::CrossbarLayer& array, PulseTrain& train,
                          const std::vector<crossbar::DrivenLines>& input,
                          const Matrix<float>& delta, const Step& step, OperationCounts& counts) {
  const std::size_t positions = delta.shape(0);
  for (std::size_t p = 0; p < positions; ++p) {
    const std::span<const float> errors(delta.data() + p * delta.shape(1), delta.shape(1));
    array.pulse(train.draw(input[p], errors, step.learning_rate,
                           events::product(step.sample, positions, p)),
                step.t_s, counts);
  }
  counts.weight_updates += positions * array.rows() * array.columns();
}

InSituTrainer::InSituTrainer(network::Network network, const std::vector<Matrix<float>>& weights,
                             const TrainingConfig& config, const crossbar::CrossbarConfig& crossbar,
                             std::uint64_t seed, const Execution& execution)
    : Trainer(std::move(network), config, seed, execution),
      arrays_(config, crossbar, weights.size(), seed, execution) {
  require_update_per_sample(config, crossbar.array, false);
  for (std::size_t l = 0; l < weights.size(); ++l) {
    const network::Stage& stage = network_.weight_stages()[l];
    network_.add_layer(arrays_.make(stage, l > 0));
    arrays_.program(l, weights[l], counts());
    trains_.emplace_back(stage.outputs(), arrays_.step(l), config.pulse_train_length, seed,
                         Purpose::pulse_train, static_cast<std::uint32_t>(l));
  }
}

void InSituTrainer::update(const Step& step) {
  for (std::size_t l = 0; l < arrays_.size(); ++l) {
    pulse_outer_products(arrays_[l], trains_[l], work_.input[l], work_.delta[l], step, counts());
  }
  arrays_.refresh(step, counts(), [](std::size_t, const crossbar::WeightChange&) {});
}

std::vector<StateArray> InSituTrainer::state() {
  std::vector<StateArray> arrays;
  for (std::size_t l = 0; l < arrays_.size(); ++l) {
    for (StateArray& array : arrays_[l].state(fmt::format("layer{}.", l))) {
      arrays.push_back(std::move(array));
    }
  }
  return arrays;
}

}  // namespace imcsim::training
