#pragma once

#include <optional>
#include <utility>

#include "training/training.hpp"

namespace imcsim::training {

/// What is done against drift: nothing; one factor a layer; one a column. The factor is what the
/// layer's outputs for known inputs were right after programming over what they are now. Both are
/// read without clipping: outputs at the converters' limit would hide by how much they have fallen.
/// Source: Joshi et al. 2020, doi:10.1038/s41467-020-16108-9, Methods.
enum class Compensation { none, global, per_column };
std::span<const std::string_view> names_of(Compensation);

/// A trained network on crossbars that only reads: programmed once, calibrated once, then asked at
/// any later time. Normalised layers are folded: γ/√(σ² + 10⁻⁵) and β − μγ/√(σ² + 10⁻⁵) are a scale
/// and an offset in the digital unit, behind the converters and the compensation of drift, and the
/// devices hold the weights as they were trained.
class Deployment {
 public:
  /// An unprogrammed network; `normalisations`: one a layer of weights. With `uses_whole_range`,
  /// each layer's largest weight stands for the whole range of the device; else
  /// conductance_per_weight_us of the configuration holds, or `per_weight_us`, where that has a
  /// value for each layer.
  Deployment(const network::Architecture& architecture, network::Activation activation,
             network::OutputUnit output, const crossbar::CrossbarConfig& config,
             const std::vector<Matrix<float>>& weights,
             const std::vector<std::optional<network::Normalisation>>& normalisations,
             bool uses_whole_range, std::uint64_t seed, const Execution& execution,
             const std::vector<double>& per_weight_us = {});

  /// Programs the weights into the devices at `t_s`, as the configuration says.
  crossbar::WriteReport program(double t_s, OperationCounts& counts);

  /// The state of all layers, to be overwritten by a saved one; then `restored(t_s)`.
  std::vector<StateArray> state();
  void restored(double t_s);

  /// Takes the ranges of converters, where they are to be calibrated, and what compensation
  /// compares with, from these images at `t_s`.
  void calibrate(const dataset::LabelledImages& images, double t_s, std::uint64_t seed,
                 const Execution& execution);

  /// Goes to `t_s`: drift, 1/f noise of `observation`, compensation. Asked again for the same time
  /// and observation, it only compensates anew.
  void age(double t_s, std::uint64_t observation, Compensation compensation);

  /// √(Σ(w − w*)²/Σw*²) over all layers, w as products see it, compensation included.
  double weight_rms_error() const;

  const network::Network& network() const { return network_; }

 private:
  std::vector<double> responses(std::size_t layer, std::uint64_t event) const;

  network::Network network_;
  std::vector<Matrix<float>> weights_;
  std::vector<network::CrossbarLayer*> layers_;  ///< of the network
  std::vector<std::vector<crossbar::DrivenLines>> known_inputs_;
  std::vector<std::vector<double>> baseline_;  ///< sum of |output| of each column for these
  Stream noise_;
  std::optional<std::pair<double, std::uint64_t>> observed_;  ///< time and number of the last `age`
};

}  // namespace imcsim::training
