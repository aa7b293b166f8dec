#include "training/mixed_precision.hpp"

#include <fmt/format.h>

namespace imcsim::training {

MixedPrecisionTrainer::MixedPrecisionTrainer(network::Network network,
                                             const std::vector<Matrix<float>>& weights,
                                             const TrainingConfig& config,
                                             const crossbar::CrossbarConfig& crossbar,
                                             std::uint64_t seed, const Execution& execution)
    : Trainer(std::move(network), config, seed, execution),
      arrays_(config, crossbar, seed, execution),
      gradient_(work_.scratch.driven.size()) {
  const std::int32_t pulses = crossbar::pulses_a_granularity(crossbar.array);
  for (std::size_t l = 0; l < weights.size(); ++l) {
    const network::Stage& stage = network_.weight_stages()[l];
    network_.add_layer(arrays_.make(stage, l > 0));
    arrays_.program(l, weights[l], counts());
    accumulators_.emplace_back(
        stage.rows(), stage.outputs(), config.granularity, pulses, config.rounding,
        Stream(seed, Purpose::rounding, static_cast<std::uint32_t>(l)), execution);
  }
}

void MixedPrecisionTrainer::update(const Step& step) {
  OperationCounts& count = counts();
  for (std::size_t l = 0; l < arrays_.size(); ++l) {
    const Matrix<float>& delta = work_.delta[l];
    const std::uint64_t entries = arrays_[l].rows() * arrays_[l].columns();
    for (std::size_t p = 0; p < delta.shape(0); ++p) {
      if (!scaled_row(delta, p, step.learning_rate, gradient_)) continue;
      accumulators_[l].accumulate(work_.input[l][p], {gradient_.data(), delta.shape(1)});
    }
    count.digital_mac += delta.shape(0) * entries;
    count.digital_bytes += 2 * sizeof(float) * delta.shape(0) * entries;  // chi: read and written
    if (!step.ends_batch) continue;
    count.weight_updates += entries;
    arrays_[l].pulse(accumulators_[l].transfer(step.sample), step.t_s, count);
  }
  arrays_.refresh(step, count, [this](std::size_t l, const crossbar::WeightChange& lost) {
    accumulators_[l].add(lost);
  });
}

std::vector<StateArray> MixedPrecisionTrainer::state() {
  std::vector<StateArray> arrays;
  for (std::size_t l = 0; l < arrays_.size(); ++l) {
    const std::string prefix = fmt::format("layer{}.", l);
    for (StateArray& array : arrays_[l].state(prefix)) arrays.push_back(std::move(array));
    arrays.push_back({prefix + "chi_half_granularity",
                      array_view(accumulators_[l].state(), arrays_[l].columns()), true});
  }
  return arrays;
}

void MixedPrecisionTrainer::restored(double t_s) {
  arrays_.restored(t_s);
  for (crossbar::Accumulator& accumulator : accumulators_) accumulator.restored();
}

}  // namespace imcsim::training
