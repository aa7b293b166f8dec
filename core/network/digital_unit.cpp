// Normalization, and dropout in training.
#include <algorithm>

#include "network/network.hpp"
#include "numeric/events.hpp"

namespace imcsim::network {

/// Inputs of a stage, after dropout.
const float* Network::stage_input(std::size_t stage, const Workspace& work) const noexcept {
  const bool drops = work.drops(architecture_.stages[stage]);
  return drops ? work.dropped[stage].data() : work.value[stage].data();
}

/// Inverted dropout: kept inputs are scaled by 1/(1 − p), so that the mean is that of evaluation.
/// Source: Srivastava et al. 2014, Journal of Machine Learning Research 15, 1929, section 10.
void Network::draw_mask(std::size_t stage, const crossbar::Read& read,
                        Workspace& work) const noexcept {
  const Stage& s = architecture_.stages[stage];
  if (!work.drops(s)) return;
  const Stream draws = work.learning->of(entities::stages(stage));
  const std::uint64_t event = events::training_samples(read.event);
  const float kept = 1.0F / (1.0F - s.dropout);
  const float* const x = work.value[stage].data();
  float* const mask = work.mask[stage].data();
  float* const dropped = work.dropped[stage].data();
  for (std::size_t i = 0; i < s.in.size(); ++i) {
    mask[i] = draws.uniform(event, static_cast<std::uint32_t>(i)) < s.dropout ? 0.0F : kept;
    dropped[i] = x[i] * mask[i];
  }
  dropped[s.in.size()] = 1.0F;  // the bias
}

void Network::normalize(std::size_t layer, float* z, Workspace& work) const noexcept {
  if (!normalizations_[layer]) return;
  const Stage& s = weight_stages_[layer];
  if (work.learning) {
    Matrix<float>& kept = work.unnormalized[layer];
    std::copy_n(z, kept.size(), kept.data());
  }
  normalizations_[layer]->apply(s.positions(), z);
  work.scratch.counts.digital_mac += s.out.size();
}

void Network::backward_normalization(std::size_t layer, Workspace& work) const noexcept {
  if (!normalizations_[layer]) return;
  const Stage& s = weight_stages_[layer];
  normalizations_[layer]->backward(s.positions(), work.unnormalized[layer].data(),
                                   work.delta[layer].data(), work.normalization_gradient[layer]);
  work.scratch.counts.digital_mac += 3 * s.out.size();
}

void Network::learn_normalization(Workspace& work, const NormalizationStep& step) noexcept {
  for (std::size_t l = 0; l < normalizations_.size(); ++l) {
    if (!normalizations_[l]) continue;
    const Stage& s = weight_stages_[l];
    normalizations_[l]->observe(s.positions(), work.unnormalized[l].data(), step.momentum);
    work.scratch.counts.digital_mac += 2 * s.out.size();
    if (!step.ends_batch) continue;
    normalizations_[l]->descend(step.learning_rate, work.normalization_gradient[l]);
    work.scratch.counts.digital_mac += 2 * s.outputs();
  }
}

}  // namespace imcsim::network
