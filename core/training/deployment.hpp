#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "training/evaluation.hpp"

namespace imcsim::training {

/// Compensation of drift: none, one factor per layer, or one per column. The factor is the response
/// of the layer to known inputs right after programming, divided by its present response. Both are
/// read without clipping, because clipping at the converters' limit would hide the decrease.
/// Source: Joshi et al. 2020, doi:10.1038/s41467-020-16108-9, Methods.
enum class Compensation { none, global, per_column };
std::span<const std::string_view> names_of(Compensation);

/// A weight matrix of a network on crossbars, as used by a deployment. The referenced objects must
/// outlive the deployment.
struct DeployedLayer {
  network::CrossbarLayer* crossbars = nullptr;
  const Matrix<float>* weights = nullptr;  ///< to be programmed, [rows × padded(columns)]
  std::size_t positions = 1;               ///< products per sample
};

/// All matrices of a graph whose weights are on crossbars.
std::vector<DeployedLayer> layers_of(const network::GraphNetwork& network);

/// A network after training.
struct TrainedNetwork {
  network::Architecture architecture;
  network::Activation activation = network::Activation::sigmoid;
  network::OutputUnit output = network::OutputUnit::softmax;
  std::vector<Matrix<float>> weights;
  std::vector<std::optional<network::Normalization>> normalizations;  ///< one per weight layer
  /// Conductance per weight of each layer [µS]; empty: the value of the configuration for all
  /// layers.
  std::vector<double> per_weight_us;
};

/// A trained network with crossbars for its weights, not yet programmed. Normalization layers are
/// folded: γ/√(σ² + 10⁻⁵) and β − μγ/√(σ² + 10⁻⁵) become scale and offset in the digital unit,
/// after the converters and the drift compensation. The devices hold the weights as trained.
class NetworkOnCrossbars {
 public:
  /// With `uses_whole_range`, each layer's largest weight is mapped to the whole range of the
  /// device.
  NetworkOnCrossbars(TrainedNetwork trained, const crossbar::CrossbarConfig& config,
                     bool uses_whole_range, std::uint64_t seed, const Execution& execution);
  NetworkOnCrossbars(const NetworkOnCrossbars&) = delete;  // layers_ points to weights_
  NetworkOnCrossbars& operator=(const NetworkOnCrossbars&) = delete;

  const network::Network& network() const { return network_; }
  const std::vector<DeployedLayer>& layers() const { return layers_; }

 private:
  std::vector<Matrix<float>> weights_;
  network::Network network_;
  std::vector<DeployedLayer> layers_;
};

/// Maximum number of known inputs per layer: the number of compensation reads per observation.
constexpr std::size_t max_known_inputs = 256;

/// Products whose inputs calibrate a layer, from the first of `samples` on: about four of the
/// `positions` of each sample.
std::vector<ProductSite> known_products(std::size_t samples, std::size_t positions);

/// A network on crossbars for inference only: programmed once, calibrated once, then evaluated at
/// any later time.
class Deployment {
 public:
  /// `layers` in order of execution.
  Deployment(std::vector<DeployedLayer> layers, std::uint64_t seed);

  /// Programs the weights into the devices at `t_s`, with the configured method.
  crossbar::WriteReport program(double t_s, OperationCounts& counts);

  /// The state of all layers, to be overwritten by a saved state; call `rebuild_derived(t_s)`
  /// afterwards.
  std::vector<StateArray> state();
  void rebuild_derived(double t_s);

  /// Calibrates converter ranges (where configured) and records the reference responses for drift
  /// compensation, from the first of `samples`, at `t_s`. The inputs of each layer come from the
  /// calibrated layers before it.
  void calibrate(const Samples& samples, double t_s, const Execution& execution);

  /// Advances to `t_s`: drift, 1/f noise of `observation`, compensation. A repeated call with the
  /// same time and observation only computes the compensation again.
  void age(double t_s, std::uint64_t observation, Compensation compensation);

  /// √(Σ(w − w*)²/Σw*²) over all layers; w: weights as seen by products, including compensation.
  double weight_rms_error() const;

  /// Evaluates at the time of the last `age`; its observation number selects the read noise.
  Evaluation evaluate(const Samples& samples, const Execution& execution) const;

 private:
  std::vector<double> responses(std::size_t layer, std::uint64_t observation) const;

  std::vector<DeployedLayer> layers_;
  std::vector<std::vector<crossbar::DrivenLines>> known_inputs_;  ///< per layer
  std::vector<std::vector<double>> baseline_;  ///< Σ|output| of each column for the known inputs
  std::uint64_t seed_;
  Stream noise_, known_noise_;
  /// Time and observation of the last `age`.
  std::optional<std::pair<double, std::uint64_t>> observed_;
};

}  // namespace imcsim::training
