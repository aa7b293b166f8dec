#include "training/mixed_precision.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"

namespace imcsim::training {

MixedPrecisionTrainer::MixedPrecisionTrainer(network::Network network,
                                             const std::vector<Matrix<float>>& weights,
                                             const TrainingConfig& config,
                                             const crossbar::CrossbarConfig& crossbar,
                                             std::uint64_t seed, const Execution& execution)
    : Trainer(std::move(network), config, seed, execution),
      arrays_(config, crossbar, weights.size(), seed, execution),
      crossbar_kernels_(crossbar::kernels(execution.isa)),
      activation_bins_("activation-bins", config.activation_bins),
      error_bins_("error-bins", config.error_bins),
      rounded_(work_.scratch.driven.size()),
      gradient_(work_.scratch.driven.size()) {
  const std::int32_t pulses = crossbar::pulses_per_granularity(crossbar.array);
  for (std::size_t l = 0; l < weights.size(); ++l) {
    const network::Stage& stage = network_.weight_stages()[l];
    network_.add_layer(arrays_.make(stage, l > 0));
    arrays_.program(l, weights[l], counts());
    accumulators_.emplace_back(
        stage.rows(), stage.outputs(), arrays_.granularity(l), pulses, config.rounding,
        Stream(seed, Purpose::rounding, entities::digital_layers(l)), execution);
    if (config.momentum > 0.0) {
      velocity_.push_back(padded_matrix<float>(stage.rows(), stage.outputs()));
    }
  }
}

/// Adds the outer products of a sample to χ or v; at the end of a batch, adds v to χ.
void MixedPrecisionTrainer::accumulate(std::size_t l, const Step& step) {
  const Matrix<float>& delta = work_.delta[l];
  const bool direct = velocity_.empty();
  for (std::size_t p = 0; p < delta.shape(0); ++p) {
    if (!scaled_row(delta, p, direct ? step.learning_rate : 1.0F, gradient_)) continue;
    const std::span<float> gradient(gradient_.data(), delta.shape(1));
    error_bins_.round(gradient);
    const crossbar::DrivenLines& a = activation_bins_.rounded(work_.input[l][p], rounded_);
    if (direct) {
      accumulators_[l].accumulate(a, gradient);
    } else {
      crossbar_kernels_.subtract_outer(a.line.data(), a.value.data(), a.count, velocity_[l].data(),
                                       velocity_[l].shape(1), gradient.data());
    }
  }
  const std::uint64_t entries = arrays_[l].rows() * arrays_[l].columns();
  counts().digital_mac += delta.shape(0) * entries;
  counts().digital_bytes += 2 * sizeof(float) * delta.shape(0) * entries;  // read and written
  if (direct || !step.ends_batch) return;
  accumulators_[l].advance(velocity_[l], step.learning_rate, static_cast<float>(config_.momentum));
  counts().digital_mac += 2 * entries;
  counts().digital_bytes += 4 * sizeof(float) * entries;  // χ and v
}

void MixedPrecisionTrainer::update(const Step& step) {
  OperationCounts& count = counts();
  const auto every = static_cast<std::uint64_t>(config_.transfer_every);
  const bool transfers = step.ends_batch && (step.batch + 1) % every == 0;
  for (std::size_t l = 0; l < arrays_.size(); ++l) {
    accumulate(l, step);
    if (!transfers) continue;
    count.weight_updates += arrays_[l].rows() * arrays_[l].columns();
    try {
      arrays_[l].pulse(accumulators_[l].transfer(events::training_samples(step.sample)), step.t_s,
                       count);
    } catch (const RunError& error) {
      throw RunError(fmt::format("{}; in layer {}", error.what(), l));
    }
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
    if (velocity_.empty()) continue;
    arrays.push_back({prefix + "velocity", array_view(velocity_[l], arrays_[l].columns()), true});
  }
  return arrays;
}

TrainingStatus MixedPrecisionTrainer::training_status(double t_s) const {
  TrainingStatus all;
  arrays_.add_to(all, t_s);
  for (std::size_t l = 0; l < arrays_.size(); ++l) {
    const Matrix<float>& chi = accumulators_[l].state();  // in units of half a granularity
    for (std::size_t k = 0; k < chi.size(); ++k) {
      const float magnitude = std::fabs(chi.data()[k]);
      all.accumulated += magnitude > 0.0F ? 1 : 0;
      all.tiny += magnitude > 0.0F && magnitude < 0.02F ? 1 : 0;
      all.not_finite += std::isfinite(magnitude) ? 0 : 1;
    }
  }
  return all;
}

void MixedPrecisionTrainer::rebuild_derived(double t_s) {
  arrays_.rebuild_derived(t_s);
  for (crossbar::Accumulator& accumulator : accumulators_) accumulator.rebuild_derived();
}

}  // namespace imcsim::training
