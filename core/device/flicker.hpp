#pragma once

#include <span>
#include <vector>

#include "base/describe.hpp"
#include "numeric/random.hpp"

namespace imcsim::device {

/// Low-frequency (1/f) noise: S_G/G² = Q_s²/f, seen by a read of duration t_r at the age t as
///
///     σ_G/G = Q_s·√(ln((t + t_r)/(2·t_r)))
///
/// with Q_s a function of x = G/G_max, in the forms in which it was published. Empty: none.
/// Sources: doi:10.1038/s41467-020-16108-9 (power), public model of a 14 nm chip (log, polynomial).
struct FlickerConfig {
  Numbers flicker_power;  ///< [c, k, most]: min(c/max(x^k, 0.001), most)
  Numbers flicker_log;    ///< [a, b, least, most]: clip(a·ln x + b)
  Numbers flicker_polynomial;  ///< [x₁, p₀, p₁, …]: p₀ + p₁x + … from x₁ on, instead of the log
  Duration flicker_read_time{250e-9};
};
void describe(FlickerConfig& config, FieldList& fields);

/// A published curve over x = G/G_max: clip(a·ln x + b, least, most), and from x₁ on a polynomial.
float log_then_polynomial(const Numbers& log, const Numbers& polynomial, float x);

/// xᵏ for x in [1e-7, ∞), with the float functions of numeric.
float power(float x, float exponent);

class Flicker {
 public:
  explicit Flicker(const FlickerConfig& config);

  bool on() const { return !config_.flicker_power.empty() || !config_.flicker_log.empty(); }

  /// Q_s at x = G/G_max.
  float strength(float x) const;

  /// √(ln((t + t_r)/(2·t_r))) for a device of age `t_s`; 0 below t_r.
  float growth(double t_s) const;

 private:
  FlickerConfig config_;
  double read_time_s_;
};

/// A trace whose noise is 1/f between two times: the sum of independent Ornstein–Uhlenbeck
/// processes with times τ_k spread evenly in ln τ, each of variance v = Q_s²·ln(τ_{k+1}/τ_k).
/// One-sided spectrum: Σ 4·v·τ/(1 + (2πfτ)²) ≈ Q_s²/f. Total variance: Q_s²·ln(τ_max/τ_min).
class FlickerTrace {
 public:
  /// Relative noise of strength `strength`, correlated over `shortest_s` … `longest_s`.
  FlickerTrace(float strength, double shortest_s, double longest_s, const Stream& stream);

  /// The deviation ΔG/G after another `step_s`.
  double next(double step_s);

  double variance() const;

 private:
  std::vector<double> time_s_;
  std::vector<double> value_;
  double part_variance_;
  Stream stream_;
  std::uint64_t event_ = 0;
};

/// Power spectral density of a trace sampled every `step_s`, at each of `frequency_hz`: the mean
/// over half-overlapping Hann windows of sixteen periods (or the whole trace where it is shorter);
/// one-sided, in (units of the trace)²/Hz. Source: doi:10.1109/TAU.1967.1161901.
std::vector<double> power_spectrum(std::span<const double> trace, double step_s,
                                   std::span<const double> frequency_hz);

}  // namespace imcsim::device
