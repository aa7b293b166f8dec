#pragma once

#include <span>
#include <vector>

#include "instrument/fit.hpp"

namespace imcsim::instrument {

/// Weighted linear least squares by normal equations, for few unknowns.
class LeastSquares {
 public:
  explicit LeastSquares(std::size_t unknowns)
      : matrix_(unknowns * unknowns, 0.0), right_(unknowns, 0.0) {}

  /// Adds the equation y ≈ Σ row[k]·unknown[k] with weight w.
  void add(std::span<const double> row, double y, double weight = 1.0);
  /// The same for a sparse row with nonzero entries at `places`.
  void add(std::span<const std::size_t> places, std::span<const double> row, double y,
           double weight = 1.0);

  struct Solution {
    std::vector<double> value;
    std::vector<double> variance;  ///< of each unknown, for variance 1 of y at weight 1
  };
  /// Undetermined unknowns are 0, with infinite variance.
  Solution solve() const;

 private:
  std::vector<double> matrix_, right_;
};

/// Inverts a symmetric matrix [n × n] in place; rows without a pivot become 0. Returns true per row
/// with a pivot.
std::vector<bool> invert(std::vector<double>& matrix, std::size_t n);

/// Conductance before and after one pulse.
struct Change {
  double number = 1.0;  ///< pulse number since RESET
  double before_us = 0.0, after_us = 0.0;
  double change_us() const { return after_us - before_us; }
};

/// All pulses of the curves. For mean curves, `up_std_us` holds the standard deviation of each
/// change.
struct Changes {
  std::vector<Change> up, down;
  std::vector<double> up_std_us;  ///< statistics only; otherwise empty
  std::vector<double> reset_us;   ///< after RESET, per device
  double reset_std_us = 0.0;      ///< statistics only
  double lowest_us = 0.0, highest_us = 0.0;
  bool statistics = false;
};
Changes changes_of(std::span<const Curve> curves);

std::vector<Estimate> fit_measured(const Changes& changes, std::span<const Curve> curves);
std::vector<Estimate> fit_pcm(const Changes& changes);
std::vector<Estimate> fit_steps(const Changes& changes, bool soft_bounds);

/// Up to `most_nodes` nodes at quantiles of `x`; fewer if a node would have fewer than `per_node`
/// points.
std::vector<double> quantile_nodes(std::vector<double> x, std::size_t most_nodes,
                                   std::size_t per_node);

/// Drift of one device: ln G = ln G₀ − ν·ln max(1, t/t₀).
struct DeviceDrift {
  double conductance_us = 0.0, exponent = 0.0, variance = 0.0;
};
struct Drift {
  double reference_s = 0.0;
  std::vector<DeviceDrift> devices;
  bool of_means = false;
};
Drift drift_of(std::span<const Curve> curves);

/// Standard deviation of the reads of one device.
struct DeviceNoise {
  double conductance_us = 0.0, deviation_us = 0.0, degrees_of_freedom = 0.0;
};
std::vector<DeviceNoise> noise_of(std::span<const Curve> curves);

std::vector<Estimate> fit_drift(std::span<const Curve> curves, bool tables,
                                std::span<const double> nodes_us);
std::vector<Estimate> fit_noise(std::span<const Curve> curves);

}  // namespace imcsim::instrument
