#include "training/mixed_precision.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace imcsim::training {

MixedPrecisionTrainer::MixedPrecisionTrainer(network::Perceptron network,
                                             std::vector<Matrix<float>> weights,
                                             const TrainingConfig& config,
                                             crossbar::CrossbarConfig crossbar, std::uint64_t seed,
                                             const Execution& execution)
    : Trainer(std::move(network), config, seed, execution),
      refresh_every_(static_cast<std::uint64_t>(crossbar.array.refresh_every)),
      gradient_(work_.scratch.driven.size()) {
  if (crossbar.array.significance_base != 1.0) {
    throw InputError("--significance-base", "pulses move devices of one significance",
                     "1 where a network learns");
  }
  crossbar.pulse_us = config.granularity * crossbar.array.conductance_per_weight_us;
  const std::shared_ptr<const device::DeviceModel> model =
      device::make_model(crossbar.device, crossbar.pulse_us);
  const std::vector<std::size_t>& widths = network_.widths();
  const std::int32_t pulses = crossbar::pulses_a_granularity(crossbar.array);
  std::uint32_t first_device = 0;
  for (std::size_t l = 0; l < weights.size(); ++l) {
    const std::size_t rows = widths[l] + 1;
    const auto id = static_cast<std::uint32_t>(l);
    auto layer = std::make_unique<network::CrossbarLayer>(
        crossbar::Crossbar(crossbar, model, rows, widths[l + 1], l > 0 ? widths[l] : 0, id,
                           first_device, seed, execution));
    first_device += static_cast<std::uint32_t>(layer->array().device_count());
    switch (config.initial_programming) {
      case InitialProgramming::exact: layer->array().put(weights[l]); break;
      case InitialProgramming::pulses: layer->array().program(weights[l], 0.0, counts()); break;
      case InitialProgramming::programmed: layer->array().write(weights[l], 0.0, counts()); break;
    }
    arrays_.push_back(&layer->array());
    network_.add_layer(std::move(layer));
    accumulators_.emplace_back(rows, widths[l + 1], config.granularity, pulses, config.rounding,
                               Stream(seed, Purpose::rounding, id), execution);
  }
}

void MixedPrecisionTrainer::bring_up_to(double t_s) {
  for (crossbar::Crossbar* array : arrays_) array->bring_up_to(t_s);
}

void MixedPrecisionTrainer::settle(double t_s) {
  for (crossbar::Crossbar* array : arrays_) array->settle_wires(t_s);
}

void MixedPrecisionTrainer::update(const Step& step) {
  OperationCounts& count = counts();
  for (std::size_t l = 0; l < arrays_.size(); ++l) {
    const AlignedVector<float>& error = work_.error[l];
    for (std::size_t j = 0; j < error.size(); ++j) gradient_[j] = step.learning_rate * error[j];
    accumulators_[l].accumulate(work_.input[l], {gradient_.data(), error.size()});
    const std::uint64_t entries = arrays_[l]->rows() * arrays_[l]->columns();
    count.digital_mac += entries;
    count.digital_bytes += 2 * sizeof(float) * entries;  // chi is read and written
    if (!step.ends_batch) continue;
    count.weight_updates += entries;
    arrays_[l]->pulse(accumulators_[l].transfer(step.sample), step.t_s, count);
  }
  refresh_due_ = refresh_due_ || (refresh_every_ > 0 && (step.sample + 1) % refresh_every_ == 0);
  if (step.ends_batch && refresh_due_) {
    refresh_due_ = false;
    for (std::size_t l = 0; l < arrays_.size(); ++l) {
      for (const crossbar::WeightChange& lost : arrays_[l]->refresh_pairs(step.t_s, count)) {
        accumulators_[l].add(lost);
      }
    }
  }
}

std::vector<StateArray> MixedPrecisionTrainer::state() {
  std::vector<StateArray> arrays;
  for (std::size_t l = 0; l < arrays_.size(); ++l) {
    const std::string prefix = fmt::format("layer{}.", l);
    for (StateArray& array : arrays_[l]->state(prefix)) arrays.push_back(std::move(array));
    arrays.push_back({prefix + "chi_half_granularity",
                      array_view(accumulators_[l].state(), arrays_[l]->columns()), true});
  }
  return arrays;
}

void MixedPrecisionTrainer::restored(double t_s) {
  for (crossbar::Crossbar* array : arrays_) array->restored(t_s);
  for (crossbar::Accumulator& accumulator : accumulators_) accumulator.restored();
}

}  // namespace imcsim::training
