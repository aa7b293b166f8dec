#include "training/inference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "numeric/events.hpp"

namespace imcsim::training {
namespace {

constexpr std::size_t inputs_a_layer = 256;

double window_us(const device::DeviceModel& model, const crossbar::ArrayConfig& array) {
  const auto whole = static_cast<double>(model.highest_us() - model.lowest_us());
  return array.synapse == crossbar::Synapse::single ? 0.5 * whole : whole;
}

/// The same layers; what normalised is folded into the layers of weights.
network::Architecture without_normalisation(network::Architecture architecture) {
  for (network::Stage& stage : architecture.stages) stage.normalised = false;
  return architecture;
}

double largest(const Matrix<float>& weights) {
  float most = 1e-6F;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    most = std::max(most, std::fabs(weights.data()[i]));
  }
  return static_cast<double>(most);
}

}  // namespace

std::span<const std::string_view> names_of(Compensation) {
  static constexpr std::array<std::string_view, 3> names = {"none", "global", "per-column"};
  return names;
}

InferenceNetwork::InferenceNetwork(
    const network::Architecture& architecture, network::Activation activation,
    network::OutputUnit output, const crossbar::CrossbarConfig& config,
    const std::vector<Matrix<float>>& weights,
    const std::vector<std::optional<network::Normalisation>>& normalisations, bool uses_whole_range,
    std::uint64_t seed, const Execution& execution, const std::vector<double>& per_weight_us)
    : network_(without_normalisation(architecture), activation, output),
      weights_(weights),
      noise_(seed, Purpose::calibration_read),
      known_noise_(seed, Purpose::compensation_read) {
  const std::shared_ptr<const device::DeviceModel> model =
      device::make_model(config.device, config.pulse_us);
  const crossbar::TileSize tile = crossbar::parse_tile(config.array.tile, at_field("tile"));
  std::uint32_t first_device = 0;
  for (std::size_t l = 0; l < weights_.size(); ++l) {
    const network::Stage& stage = network_.weight_stages()[l];
    crossbar::CrossbarConfig own = config;
    if (!per_weight_us.empty()) own.array.conductance_per_weight_us = per_weight_us.at(l);
    if (uses_whole_range) {
      own.array.conductance_per_weight_us = window_us(*model, config.array) / largest(weights_[l]);
    }
    auto layer = std::make_unique<network::CrossbarLayer>(
        own, model, stage.rows(), stage.outputs(), false, tile, static_cast<std::uint32_t>(l),
        first_device, seed, execution);
    first_device += static_cast<std::uint32_t>(layer->device_count());
    if (normalisations[l]) layer->set_affine(normalisations[l]->folded());
    layers_.push_back(layer.get());
    network_.add_layer(std::move(layer));
  }
}

crossbar::WriteReport InferenceNetwork::program(double t_s, OperationCounts& counts) {
  observed_.reset();
  crossbar::WriteReport all;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const crossbar::WriteReport one = layers_[l]->write(weights_[l], t_s, counts);
    all.devices += one.devices;
    all.converged += one.converged;
    all.pulses += one.pulses;
  }
  return all;
}

std::vector<StateArray> InferenceNetwork::state() {
  std::vector<StateArray> arrays;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    for (StateArray& array : layers_[l]->state(fmt::format("layer{}.", l))) {
      arrays.push_back(std::move(array));
    }
  }
  return arrays;
}

void InferenceNetwork::restored(double t_s) {
  observed_.reset();
  for (network::CrossbarLayer* layer : layers_) layer->restored(t_s);
}

/// Sum of |output| of each column over the known inputs of a layer, before any digital factor.
std::vector<double> InferenceNetwork::responses(std::size_t layer,
                                                std::uint64_t observation) const {
  const network::CrossbarLayer& array = *layers_[layer];
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

void InferenceNetwork::calibrate(const dataset::LabelledImages& images, double t_s,
                                 std::uint64_t seed, const Execution& execution) {
  const numeric::Kernels& kernels = numeric::kernels(execution.isa);
  network::Workspace work(network_.architecture());
  observed_.reset();
  for (network::CrossbarLayer* layer : layers_) layer->observe(t_s, 0);
  known_inputs_.clear();
  // Layer by layer, so that each sees inputs that went through calibrated layers before it.
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    std::vector<crossbar::DrivenLines> inputs;
    for (std::size_t i = 0; i < images.size() && inputs.size() < inputs_a_layer; ++i) {
      network_.forward(images.image(i), {noise_, events::calibration_samples(i)}, work, kernels);
      const std::size_t positions = work.input[l].size();
      const std::size_t step = std::max<std::size_t>(1, positions / 4);
      for (std::size_t p = (i % step); p < positions; p += step) inputs.push_back(work.input[l][p]);
    }
    const std::size_t side = std::max(layers_[l]->rows(), layers_[l]->columns());
    crossbar::Scratch scratch(side);
    const std::uint64_t event = events::range_inputs.block(0, inputs.size());
    layers_[l]->calibrate(inputs, {Stream(seed, Purpose::calibration_read), event}, scratch);
    known_inputs_.push_back(std::move(inputs));
  }
  baseline_.clear();
  for (std::size_t l = 0; l < layers_.size(); ++l) baseline_.push_back(responses(l, 0));
}

void InferenceNetwork::age(double t_s, std::uint64_t observation, Compensation compensation) {
  const std::pair<double, std::uint64_t> asked{t_s, observation};
  const bool observes = observed_ != asked;
  observed_ = asked;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    network::CrossbarLayer& layer = *layers_[l];
    layer.set_gain({});
    if (observes) layer.observe(t_s, observation);
    if (compensation == Compensation::none) continue;
    const std::vector<double> now = responses(l, observation);
    std::vector<float> gain(layer.columns(), 1.0F);
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
    layer.set_gain(std::move(gain));
  }
}

double InferenceNetwork::weight_rms_error() const {
  double off = 0.0;
  double all = 0.0;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Matrix<float>& now = layers_[l]->weights();
    for (std::size_t i = 0; i < layers_[l]->rows(); ++i) {
      for (std::size_t j = 0; j < layers_[l]->columns(); ++j) {
        const auto wanted = static_cast<double>(weights_[l](i, j));
        const double difference = static_cast<double>(now(i, j) * layers_[l]->gain(j)) - wanted;
        off += difference * difference;
        all += wanted * wanted;
      }
    }
  }
  return all > 0.0 ? std::sqrt(off / all) : 0.0;
}

}  // namespace imcsim::training
