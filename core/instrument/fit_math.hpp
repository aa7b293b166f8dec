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

  /// y ≈ Σ row[k]·unknown[k], with weight w.
  void add(std::span<const double> row, double y, double weight = 1.0);
  /// The same for a row of a few entries that are not zero, at `places`.
  void add(std::span<const std::size_t> places, std::span<const double> row, double y,
           double weight = 1.0);

  struct Solution {
    std::vector<double> value;
    std::vector<double> variance;  ///< of each, for a variance 1 of y at weight 1
  };
  /// Unknowns that nothing determines are 0, with variance infinity.
  Solution solve() const;

 private:
  std::vector<double> matrix_, right_;
};

/// Inverts a symmetric matrix [n × n] in place; rows without a pivot become 0. Returns which have.
std::vector<bool> invert(std::vector<double>& matrix, std::size_t n);

/// One pulse: from `before` to `after`.
struct Change {
  double number = 1.0;  ///< of the pulse since RESET
  double before_us = 0.0, after_us = 0.0;
  double change_us() const { return after_us - before_us; }
};

/// All pulses of curves of single devices, or of means: then `std_us` has the deviation of each.
struct Changes {
  std::vector<Change> up, down;
  std::vector<double> up_std_us;  ///< of statistics; else empty
  std::vector<double> reset_us;   ///< after RESET, device by device
  double reset_std_us = 0.0;      ///< of statistics
  double lowest_us = 0.0, highest_us = 0.0;
  bool statistics = false;
};
Changes changes_of(std::span<const Curve> curves);

std::vector<Estimate> fit_measured(const Changes& changes, std::span<const Curve> curves);
std::vector<Estimate> fit_pcm(const Changes& changes);
std::vector<Estimate> fit_steps(const Changes& changes, bool soft_bounds);

/// Up to `most_nodes`, at quantiles of `x`, fewer where there are fewer than `per_node` points
/// each.
std::vector<double> quantile_nodes(std::vector<double> x, std::size_t most_nodes,
                                   std::size_t per_node);

/// A device's drift: ln G = ln G₀ − ν·ln max(1, t/t₀).
struct DeviceDrift {
  double conductance_us = 0.0, exponent = 0.0, variance = 0.0;
};
struct Drift {
  double reference_s = 0.0;
  std::vector<DeviceDrift> devices;
  bool of_means = false;
};
Drift drift_of(std::span<const Curve> curves);

/// Deviation of the reads of one device.
struct DeviceNoise {
  double conductance_us = 0.0, deviation_us = 0.0, freedom = 0.0;
};
std::vector<DeviceNoise> noise_of(std::span<const Curve> curves);

std::vector<Estimate> fit_drift(std::span<const Curve> curves, bool tables,
                                std::span<const double> nodes_us);
std::vector<Estimate> fit_noise(std::span<const Curve> curves);

}  // namespace imcsim::instrument
