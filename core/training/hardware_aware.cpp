#include "training/hardware_aware.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "numeric/events.hpp"

namespace imcsim::training {
namespace {

constexpr std::uint64_t samples_per_clip = 100;

/// body(w) for each weight of a layer, row by row.
template <class Body>
void for_each_weight(network::ExactLayer& layer, const Body& body) {
  const ArrayView view = layer.state();
  for (std::size_t i = 0; i < view.rows; ++i) {
    float* const row = static_cast<float*>(view.data) + i * view.row_stride;
    for (std::size_t j = 0; j < view.columns; ++j) body(row[j]);
  }
}

}  // namespace

void NoisyLayer::forward(const crossbar::DrivenLines& a, const crossbar::Read& read,
                         crossbar::Scratch& scratch, float* z) const noexcept {
  exact_->forward(a, read, scratch, z);
  if (deviation_ == 0.0F) return;
  float squares = 0.0F;
  for (std::size_t k = 0; k < a.count; ++k) squares += a.value[k] * a.value[k];
  const float deviation = deviation_ * std::sqrt(squares);
  const Stream noise = read.noise.of(entities::product_noise(id_, 0, 0));
  kernels_.normals(noise.name(read.event), padded(outputs_), scratch.noise.data());
  for (std::size_t j = 0; j < outputs_; ++j) z[j] += deviation * scratch.noise[j];
  scratch.counts.digital_mac += a.count + outputs_;
}

HardwareAwareTrainer::HardwareAwareTrainer(network::Network network,
                                           std::vector<Matrix<float>> weights,
                                           const TrainingConfig& config,
                                           const crossbar::CrossbarConfig& crossbar,
                                           network::OutputUnit output, std::uint64_t seed,
                                           const Execution& execution)
    : FloatTrainer(std::move(network), std::move(weights), config, seed, execution),
      crossbar_(crossbar),
      output_(output),
      seed_(seed),
      execution_(execution) {
  for (std::size_t l = 0; l < layers_.size(); ++l) update_noise_deviation(l);
}

void HardwareAwareTrainer::update(const Step& step) {
  FloatTrainer::update(step);
  due_ = due_ || (step.sample + 1) % samples_per_clip == 0;
  if (!step.ends_batch || !due_) return;
  due_ = false;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    if (config_.weight_clip > 0.0) clip(l);
    update_noise_deviation(l);
  }
}

/// W ← clamp(W, ±α·σ).
void HardwareAwareTrainer::clip(std::size_t l) {
  double sum = 0.0;
  double squares = 0.0;
  for_each_weight(*layers_[l], [&](float w) {
    sum += static_cast<double>(w);
    squares += static_cast<double>(w) * static_cast<double>(w);
  });
  const network::Stage& stage = network_.weight_stages()[l];
  const auto count = static_cast<double>(stage.rows() * stage.outputs());
  const double variance = squares / count - (sum / count) * (sum / count);
  const auto bound = static_cast<float>(config_.weight_clip * std::sqrt(std::max(variance, 0.0)));
  if (!std::isfinite(bound)) return;
  for_each_weight(*layers_[l], [&](float& w) { w = std::clamp(w, -bound, bound); });
  layers_[l]->rebuild_derived();
}

/// σ of the noise ← η_n·max|W|.
void HardwareAwareTrainer::update_noise_deviation(std::size_t l) {
  float most = 0.0F;
  for_each_weight(*layers_[l], [&](float w) { most = std::max(most, std::fabs(w)); });
  noisy_[l]->deviation() = static_cast<float>(config_.weight_noise) * most;
}

const network::Network& HardwareAwareTrainer::deployed(const dataset::LabeledImages& known,
                                                       OperationCounts& counts) {
  TrainedNetwork trained{network_.architecture(), config_.activation, output_, {}, {}, {}};
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    trained.weights.push_back(layers_[l]->weights());
    trained.normalizations.push_back(network_.normalization(l));
  }
  deployed_.emplace(std::move(trained), crossbar_, true, seed_, execution_);
  Deployment deployment(deployed_->layers(), seed_);
  deployment.program(0.0, counts);
  if (crossbar_.converters.adc_range_quantile > 0.0) {
    deployment.calibrate(ImageSamples(deployed_->network(), known, execution_.isa), 0.0,
                         execution_);
  }
  deployment.age(0.0, 1, Compensation::none);
  return deployed_->network();
}

std::vector<StateArray> HardwareAwareTrainer::state() {
  std::vector<StateArray> arrays = FloatTrainer::state();
  for (std::size_t l = 0; l < noisy_.size(); ++l) {
    const ArrayView one{ElementType::f32, &noisy_[l]->deviation(), 1, 1, 1};
    arrays.push_back({fmt::format("layer{}.noise_deviation", l), one, false});
  }
  return arrays;
}

}  // namespace imcsim::training
