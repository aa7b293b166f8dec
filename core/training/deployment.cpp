#include "training/deployment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"

namespace imcsim::training {
namespace {

/// The architecture without normalization, which is folded into the weight layers.
network::Architecture without_normalization(network::Architecture architecture) {
  for (network::Stage& stage : architecture.stages) stage.normalized = false;
  return architecture;
}

}  // namespace

std::span<const std::string_view> names_of(Compensation) {
  static constexpr std::array<std::string_view, 3> names = {"none", "global", "per-column"};
  return names;
}

std::vector<DeployedLayer> layers_of(const network::GraphNetwork& network) {
  std::vector<DeployedLayer> layers;
  for (std::size_t m = 0; m < network.crossbars().size(); ++m) {
    const network::WeightMatrix& matrix = network.matrices()[m];
    layers.push_back({network.crossbars()[m], &matrix.weights, matrix.positions});
  }
  return layers;
}

NetworkOnCrossbars::NetworkOnCrossbars(TrainedNetwork trained,
                                       const crossbar::CrossbarConfig& config,
                                       bool uses_whole_range, std::uint64_t seed,
                                       const Execution& execution)
    : weights_(std::move(trained.weights)),
      network_(without_normalization(std::move(trained.architecture)), trained.activation,
               trained.output) {
  const std::shared_ptr<const device::DeviceModel> model =
      device::make_model(config.device, config.pulse_us);
  const crossbar::TileSize tile = crossbar::parse_tile(config.array.tile, at_field("tile"));
  std::uint32_t first_device = 0;
  for (std::size_t l = 0; l < weights_.size(); ++l) {
    const network::Stage& stage = network_.weight_stages()[l];
    crossbar::CrossbarConfig own = config;
    if (!trained.per_weight_us.empty()) {
      own.array.conductance_per_weight_us = trained.per_weight_us.at(l);
    }
    if (uses_whole_range) {
      own.array.conductance_per_weight_us =
          network::whole_range_per_weight_us(*model, config.array.synapse, weights_[l]);
    }
    auto layer = std::make_unique<network::CrossbarLayer>(
        own, model, stage.rows(), stage.outputs(), false, tile, static_cast<std::uint32_t>(l),
        first_device, seed, execution);
    first_device += static_cast<std::uint32_t>(layer->device_count());
    if (trained.normalizations[l]) layer->set_affine(trained.normalizations[l]->folded());
    layers_.push_back({layer.get(), &weights_[l], stage.positions()});
    network_.add_layer(std::move(layer));
  }
}

std::vector<ProductSite> known_products(std::size_t samples, std::size_t positions) {
  std::vector<ProductSite> sites;
  const std::size_t step = std::max<std::size_t>(1, positions / 4);
  for (std::size_t i = 0; i < samples; ++i) {
    for (std::size_t p = i % step; p < positions; p += step) {
      if (sites.size() == max_known_inputs) return sites;
      sites.push_back({i, p});
    }
  }
  return sites;
}

Deployment::Deployment(std::vector<DeployedLayer> layers, std::uint64_t seed)
    : layers_(std::move(layers)),
      seed_(seed),
      noise_(seed, Purpose::calibration_read),
      known_noise_(seed, Purpose::compensation_read) {}

crossbar::WriteReport Deployment::program(double t_s, OperationCounts& counts) {
  observed_.reset();
  crossbar::WriteReport all;
  for (const DeployedLayer& layer : layers_) {
    const crossbar::WriteReport one = layer.crossbars->program_devices(*layer.weights, t_s, counts);
    all.devices += one.devices;
    all.converged += one.converged;
    all.pulses += one.pulses;
  }
  return all;
}

std::vector<StateArray> Deployment::state() {
  std::vector<StateArray> arrays;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    for (StateArray& array : layers_[l].crossbars->state(fmt::format("layer{}.", l))) {
      arrays.push_back(std::move(array));
    }
  }
  return arrays;
}

void Deployment::rebuild_derived(double t_s) {
  observed_.reset();
  for (const DeployedLayer& layer : layers_) layer.crossbars->rebuild_derived(t_s);
}

/// Σ|output| of each column over the known inputs of a layer, before any digital factor.
std::vector<double> Deployment::responses(std::size_t layer, std::uint64_t observation) const {
  const network::CrossbarLayer& array = *layers_[layer].crossbars;
  crossbar::Scratch scratch(std::max(array.rows(), array.columns()));
  AlignedVector<float> z(padded(array.columns()));
  std::vector<double> sums(array.columns(), 0.0);
  for (std::size_t k = 0; k < known_inputs_[layer].size(); ++k) {
    array.measure(known_inputs_[layer][k], {known_noise_, events::known_inputs(observation, k)},
                  scratch, z.data());
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += std::fabs(static_cast<double>(z[j]));
  }
  return sums;
}

void Deployment::calibrate(const Samples& samples, double t_s, const Execution& execution) {
  observed_.reset();
  for (const DeployedLayer& layer : layers_) {
    layer.crossbars->set_gain({});
    layer.crossbars->observe(t_s, 0);
  }
  known_inputs_.clear();
  const std::unique_ptr<CalibrationPass> pass =
      samples.calibration_pass({noise_, events::calibration_samples(0)}, execution);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    network::CrossbarLayer& array = *layers_[l].crossbars;
    known_inputs_.push_back(pass->inputs(l, known_products(samples.count(), layers_[l].positions)));
    crossbar::Scratch scratch(std::max(array.rows(), array.columns()));
    const std::uint64_t event = events::range_inputs.block(0, known_inputs_[l].size());
    array.calibrate(known_inputs_[l], {noise_, event}, scratch);
  }
  baseline_.clear();
  for (std::size_t l = 0; l < layers_.size(); ++l) baseline_.push_back(responses(l, 0));
}

void Deployment::age(double t_s, std::uint64_t observation, Compensation compensation) {
  const std::pair<double, std::uint64_t> requested{t_s, observation};
  const bool observes = observed_ != requested;
  observed_ = requested;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    network::CrossbarLayer& array = *layers_[l].crossbars;
    array.set_gain({});
    if (observes) array.observe(t_s, observation);
    if (compensation == Compensation::none) continue;
    const std::vector<double> now = responses(l, observation);
    std::vector<float> gain(array.columns(), 1.0F);
    double before_all = 0.0;
    double now_all = 0.0;
    for (std::size_t j = 0; j < gain.size(); ++j) {
      before_all += baseline_[l][j];
      now_all += now[j];
      if (now[j] > 0.0) gain[j] = static_cast<float>(baseline_[l][j] / now[j]);
    }
    if (compensation == Compensation::global && now_all > 0.0) {
      std::fill(gain.begin(), gain.end(), static_cast<float>(before_all / now_all));
    }
    array.set_gain(std::move(gain));
  }
}

double Deployment::weight_rms_error() const {
  double off = 0.0;
  double all = 0.0;
  for (const DeployedLayer& layer : layers_) {
    const network::CrossbarLayer& array = *layer.crossbars;
    const Matrix<float>& now = array.weights();
    for (std::size_t i = 0; i < array.rows(); ++i) {
      for (std::size_t j = 0; j < array.columns(); ++j) {
        const auto wanted = static_cast<double>((*layer.weights)(i, j));
        const double difference = static_cast<double>(now(i, j) * array.gain(j)) - wanted;
        off += difference * difference;
        all += wanted * wanted;
      }
    }
  }
  return all > 0.0 ? std::sqrt(off / all) : 0.0;
}

Evaluation Deployment::evaluate(const Samples& samples, const Execution& execution) const {
  const std::uint64_t observation = observed_ ? observed_->second : 0;
  return training::evaluate(samples,
                            {Stream(seed_, Purpose::evaluation_read),
                             events::evaluations.row(observation, samples.count())},
                            execution);
}

}  // namespace imcsim::training
