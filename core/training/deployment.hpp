#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "training/evaluation.hpp"

namespace imcsim::training {

/// What is done against drift: nothing; one factor a layer; one a column. The factor is what the
/// layer's outputs for known inputs were right after programming over what they are now. Both are
/// read without clipping: outputs at the converters' limit would hide by how much they have fallen.
/// Source: Joshi et al. 2020, doi:10.1038/s41467-020-16108-9, Methods.
enum class Compensation { none, global, per_column };
std::span<const std::string_view> names_of(Compensation);

/// A weight matrix of a network on crossbars, as a deployment sees it. What it refers to outlives
/// the deployment.
struct DeployedLayer {
  network::CrossbarLayer* crossbars = nullptr;
  const Matrix<float>* weights = nullptr;  ///< to be programmed, [rows × padded(columns)]
  std::size_t positions = 1;               ///< products a sample
};

/// Of every matrix of a graph whose weights are on crossbars.
std::vector<DeployedLayer> layers_of(const network::GraphNetwork& network);

/// A network as training leaves it.
struct TrainedNetwork {
  network::Architecture architecture;
  network::Activation activation = network::Activation::sigmoid;
  network::OutputUnit output = network::OutputUnit::softmax;
  std::vector<Matrix<float>> weights;
  std::vector<std::optional<network::Normalisation>> normalisations;  ///< one a layer of weights
  /// Conductance per weight of each layer [µS]; empty: that of the configuration for all.
  std::vector<double> per_weight_us;
};

/// A trained network with crossbars for its weights, not yet programmed. Normalised layers are
/// folded: γ/√(σ² + 10⁻⁵) and β − μγ/√(σ² + 10⁻⁵) are a scale and an offset in the digital unit,
/// behind the converters and the compensation of drift, and the devices hold the weights as they
/// were trained.
class NetworkOnCrossbars {
 public:
  /// With `uses_whole_range`, each layer's largest weight stands for the whole range of the device.
  NetworkOnCrossbars(TrainedNetwork trained, const crossbar::CrossbarConfig& config,
                     bool uses_whole_range, std::uint64_t seed, const Execution& execution);
  NetworkOnCrossbars(const NetworkOnCrossbars&) = delete;  // `layers` refers to its weights
  NetworkOnCrossbars& operator=(const NetworkOnCrossbars&) = delete;

  const network::Network& network() const { return network_; }
  const std::vector<DeployedLayer>& layers() const { return layers_; }

 private:
  std::vector<Matrix<float>> weights_;
  network::Network network_;
  std::vector<DeployedLayer> layers_;
};

/// Number of known inputs of a layer, at most: each observation reads as many.
constexpr std::size_t known_inputs_a_layer = 256;

/// Products whose inputs calibrate a layer, from the first of `samples` on: about four of its
/// `positions` of each sample.
std::vector<ProductSite> known_products(std::size_t samples, std::size_t positions);

/// A network on crossbars that only reads: programmed once, calibrated once, then evaluated at any
/// later time.
class Deployment {
 public:
  /// `layers` in the order of computation.
  Deployment(std::vector<DeployedLayer> layers, std::uint64_t seed);

  /// Programs the weights into the devices at `t_s`, as the configuration says.
  crossbar::WriteReport program(double t_s, OperationCounts& counts);

  /// The state of all layers, to be overwritten by a saved one; then `rebuild_derived(t_s)`.
  std::vector<StateArray> state();
  void rebuild_derived(double t_s);

  /// Ranges of converters, where they are to be calibrated, and what compensation compares with,
  /// from the first of `samples` at `t_s`. Each layer sees inputs that went through calibrated
  /// layers before it.
  void calibrate(const Samples& samples, double t_s, const Execution& execution);

  /// Goes to `t_s`: drift, 1/f noise of `observation`, compensation. Requested again for the same
  /// time and observation, it only compensates anew.
  void age(double t_s, std::uint64_t observation, Compensation compensation);

  /// √(Σ(w − w*)²/Σw*²) over all layers, w as products see it, compensation included.
  double weight_rms_error() const;

  /// Evaluation at the time of the last `age`; its observation names the read noise.
  Evaluation evaluate(const Samples& samples, const Execution& execution) const;

 private:
  std::vector<double> responses(std::size_t layer, std::uint64_t observation) const;

  std::vector<DeployedLayer> layers_;
  std::vector<std::vector<crossbar::DrivenLines>> known_inputs_;  ///< of each layer
  std::vector<std::vector<double>> baseline_;  ///< Σ|output| of each column for these
  std::uint64_t seed_;
  Stream noise_, known_noise_;
  std::optional<std::pair<double, std::uint64_t>> observed_;  ///< time and number of the last `age`
};

}  // namespace imcsim::training
