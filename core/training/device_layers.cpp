#include "training/device_layers.hpp"

#include "base/error.hpp"

namespace imcsim::training {

DeviceLayers::DeviceLayers(const TrainingConfig& config, crossbar::CrossbarConfig crossbar,
                           std::size_t layers, std::uint64_t seed, const Execution& execution,
                           std::uint32_t first_layer)
    : initial_programming_(config.initial_programming),
      crossbar_(std::move(crossbar)),
      tile_(crossbar::parse_tile(crossbar_.array.tile, at_field("tile"))),
      seed_(seed),
      execution_(execution),
      next_layer_(first_layer),
      granularities_(training::granularities(config, layers)),
      scaled_(!config.layer_granularity.empty()),
      refresh_every_(static_cast<std::uint64_t>(crossbar_.array.refresh_every)) {
  if (crossbar_.array.significance_base != 1.0) {
    throw InputError(at_field("significance-base"), "training needs devices of equal significance",
                     "1");
  }
  crossbar_.pulse_us = config.granularity * crossbar_.array.conductance_per_weight_us;
  model_ = device::make_model(crossbar_.device, crossbar_.pulse_us);
}

double DeviceLayers::step(std::size_t l) const {
  return granularities_[l] / crossbar::pulses_per_granularity(crossbar_.array);
}

crossbar::CrossbarConfig DeviceLayers::config(std::size_t l) const {
  crossbar::CrossbarConfig own = crossbar_;
  if (scaled_) own.array.conductance_per_weight_us = crossbar_.pulse_us / granularities_[l];
  return own;
}

std::unique_ptr<network::CrossbarLayer> DeviceLayers::make(const network::Stage& stage,
                                                           bool has_backward) {
  auto layer = std::make_unique<network::CrossbarLayer>(
      config(layers_.size()), model_, stage.rows(), stage.outputs(), has_backward, tile_,
      next_layer_, next_device_, seed_, execution_);
  next_layer_ += 1;
  next_device_ += static_cast<std::uint32_t>(layer->device_count());
  layers_.push_back(layer.get());
  return layer;
}

void DeviceLayers::program(std::size_t l, const Matrix<float>& weights, OperationCounts& counts) {
  switch (initial_programming_) {
    case InitialProgramming::exact: layers_[l]->set_exact(weights); break;
    case InitialProgramming::pulses: layers_[l]->reset_and_set(weights, 0.0, counts); break;
    case InitialProgramming::programmed: layers_[l]->program_devices(weights, 0.0, counts); break;
  }
}

void DeviceLayers::advance_to(double t_s) {
  for (network::CrossbarLayer* layer : layers_) layer->advance_to(t_s);
}

void DeviceLayers::update_wire_attenuation(double t_s) {
  for (network::CrossbarLayer* layer : layers_) layer->update_wire_attenuation(t_s);
}

void DeviceLayers::rebuild_derived(double t_s) {
  for (network::CrossbarLayer* layer : layers_) layer->rebuild_derived(t_s);
}

void DeviceLayers::refresh(const Step& step, OperationCounts& counts, const Lost& lost) {
  refresh_due_ = refresh_due_ || (refresh_every_ > 0 && (step.sample + 1) % refresh_every_ == 0);
  if (!step.ends_batch || !refresh_due_) return;
  refresh_due_ = false;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    for (const crossbar::WeightChange& change : layers_[l]->refresh_pairs(step.t_s, counts)) {
      lost(l, change);
    }
  }
}

void require_update_per_sample(const TrainingConfig& config, const crossbar::ArrayConfig& array,
                               bool keeps_remainder) {
  const auto method = names_of(config.method)[static_cast<std::size_t>(config.method)];
  if (config.batch_size != 1) {
    throw InputError(at_field("batch-size"), "this method updates after every sample",
                     "1 with method = " + std::string(method));
  }
  if (array.refresh_remainder == crossbar::RefreshRemainder::accumulate && !keeps_remainder) {
    throw InputError(at_field("refresh-remainder"), "this method has no accumulator",
                     "drop with method = " + std::string(method));
  }
}

}  // namespace imcsim::training
