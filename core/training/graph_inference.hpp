#pragma once

#include "training/training.hpp"

namespace imcsim::training {

enum class Compensation;

/// A graph on crossbars that only reads: programmed once, calibrated once, then asked at any later
/// time, as Deployment.
class GraphInference {
 public:
  GraphInference(network::Graph graph, const crossbar::CrossbarConfig& config, std::uint64_t seed,
                 const Execution& execution);

  crossbar::WriteReport program(double t_s, OperationCounts& counts);

  /// Ranges of converters, where they are to be calibrated, and what compensation compares with,
  /// from the first of `count` samples at `t_s`; each matrix sees what calibrated ones before it
  /// give.
  void calibrate(std::size_t count, const network::FillInput& fill, double t_s);

  /// Goes to `t_s`: drift, 1/f noise of `observation`, compensation.
  void age(double t_s, std::uint64_t observation, Compensation compensation);

  /// √(Σ(w − w*)²/Σw*²) over all matrices, w as products see it, compensation included.
  double weight_rms_error() const;

  const network::GraphNetwork& network() const { return network_; }

 private:
  std::vector<double> responses(std::size_t matrix, std::uint64_t event) const;

  network::GraphNetwork network_;
  std::vector<std::vector<crossbar::DrivenLines>> known_inputs_;  ///< of each matrix
  std::vector<std::vector<double>> baseline_;  ///< Σ|output| of each column for these
  Stream noise_;
};

}  // namespace imcsim::training
