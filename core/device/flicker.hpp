#pragma once

#include <span>
#include <vector>

#include "base/describe.hpp"
#include "numeric/random.hpp"

namespace imcsim::device {

/// Low-frequency (1/f) noise: S_G/G² = Q_s²/f. In a read of duration t_r at the age t,
///
///     σ_G/G = Q_s·√(ln((t + t_r)/(2·t_r)))
///
/// with Q_s a function of x = G/G_max, in one of the published forms. No form: no 1/f noise.
/// Sources: doi:10.1038/s41467-020-16108-9 (power), public model of a 14 nm chip (log, polynomial).
struct FlickerConfig {
  Numbers flicker_power;  ///< [c, k, most]: min(c/max(x^k, 0.001), most)
  Numbers flicker_log;    ///< [a, b, least, most]: clip(a·ln x + b)
  Numbers flicker_polynomial;  ///< [x₁, p₀, p₁, …]: p₀ + p₁x + … for x ≥ x₁, instead of the log
  Duration flicker_read_time{250e-9};
};
void describe(FlickerConfig& config, FieldList& fields);

/// Published curve over x = G/G_max: clip(a·ln x + b, least, most); for x ≥ x₁ the polynomial.
float log_then_polynomial(const Numbers& log, const Numbers& polynomial, float x);

/// xᵏ for x ≥ 1e-7, with the float functions of numeric.
float power(float x, float exponent);

class Flicker {
 public:
  explicit Flicker(const FlickerConfig& config);

  bool on() const { return !config_.flicker_power.empty() || !config_.flicker_log.empty(); }

  /// Q_s at x = G/G_max.
  float strength(float x) const;

  /// √(ln((t + t_r)/(2·t_r))) at the age `t_s`; 0 for ages below t_r.
  float growth(double t_s) const;

 private:
  FlickerConfig config_;
  double read_time_s_;
};

/// Trace of 1/f noise between two correlation times: the sum of independent Ornstein–Uhlenbeck
/// processes with times τ_k at equal distances in ln τ, each of variance v = Q_s²·ln(τ_{k+1}/τ_k).
/// One-sided spectrum: Σ 4·v·τ/(1 + (2πfτ)²) ≈ Q_s²/f. Total variance: Q_s²·ln(τ_max/τ_min).
class FlickerTrace {
 public:
  /// Relative noise of strength Q_s = `strength`, correlation times `shortest_s` … `longest_s`.
  FlickerTrace(float strength, double shortest_s, double longest_s, const Stream& stream);

  /// Deviation ΔG/G, `step_s` after the last call.
  double next(double step_s);

  double variance() const;

 private:
  std::vector<double> time_s_;
  std::vector<double> value_;
  double part_variance_;
  Stream stream_;
  std::uint64_t event_ = 0;
};

/// One-sided power spectral density of a trace sampled every `step_s`, at each of `frequency_hz`:
/// mean over half-overlapping Hann windows of sixteen periods (the whole trace where it is
/// shorter), in (unit of the trace)²/Hz. Source: doi:10.1109/TAU.1967.1161901.
std::vector<double> power_spectrum(std::span<const double> trace, double step_s,
                                   std::span<const double> frequency_hz);

}  // namespace imcsim::device
