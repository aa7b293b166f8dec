#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "device/device.hpp"

namespace imcsim::instrument {

/// What a file of measured curves holds.
enum class CurveKind { pulses, drift, noise };
std::span<const std::string_view> names_of(CurveKind);

/// What was measured on one device, one after another; or means and deviations over many.
struct Trace {
  std::string device;
  std::vector<double> x;   ///< number of the pulse since RESET, s after programming, number of read
  std::vector<double> us;  ///< conductance, or its mean
  std::vector<double> std_us;                    ///< of statistics; else empty
  std::vector<double> change_us, change_std_us;  ///< of statistics of pulses, where they are told
  std::vector<bool> up;                          ///< of pulses: the direction of pulse x
  bool from_reset = false;                       ///< the first point is that after a RESET
};

struct Curve {
  std::string name;
  CurveKind kind = CurveKind::pulses;
  bool statistics = false;  ///< one trace of means and deviations
  std::vector<Trace> traces;
  std::size_t points = 0;
  std::size_t devices = 0;
};

/// Reads a table: a heading, then a line a point; `#` begins a comment, cells stand between tabs,
/// `;` or `,` (with tabs or `;`, numbers may have a decimal comma). Columns in any order and case:
///
///     pulses  pulse (0: after RESET), conductance [, device] [, direction: up|down, 1|-1]
///     drift   t_s (after programming), conductance [, device]
///     noise   read (its number), conductance [, device] [, target_us]
///
/// `conductance` is conductance_us, conductance_s, resistance_ohm, or current_a with voltage_v.
/// Without `device` a number that does not grow begins the next device. Means over many devices:
/// pulse or t_s with mean_us and std_us (as `imcsim device --csv` prints them); mean_us and
/// measured (σ/G) of noise. Throws InputError{name:line, …}.
Curve read_curve(std::string_view text, const std::string& name);

/// Models whose parameters can be fitted.
enum class FitModel { measured, pcm, linear_step, soft_bounds };
std::span<const std::string_view> names_of(FitModel);

/// One value of a preset, or a table, with standard errors (NaN or empty: none is known).
struct Estimate {
  std::string key;
  std::vector<double> values;
  std::vector<double> errors;
  std::string note;
  bool table = false;
  std::string text = {};  ///< a value that is a word
};

/// Values of the device that gave these curves: range and RESET, pulses by `model`, drift and read
/// noise. What was not measured is not in it. Throws InputError where curves do not suffice.
///
///     measured     ΔG and its deviation, linear between grid points (conductances at quantiles,
///                  pulse numbers spaced geometrically), by least squares
///     pcm          ΔG ~ N(m₁G + c₁ + A₁P, m₂G + c₂ + A₂P), P = e^(−n/a), clipped at the range:
///                  maximum likelihood (censored at both ends)
///     linear-step  ΔG linear in G; soft-bounds: the highest conductance is where it vanishes
///     drift        ln G over ln t, a line a device: ν, and its spread without that of the fit
///     read noise   σ over G, a line
///
/// Noise of the reads in pulse curves is taken for noise of the pulses.
std::vector<Estimate> fit_curves(std::span<const Curve> curves, FitModel model);

/// A point of a curve and what the fitted device does there.
struct FitRow {
  double x = 0.0;
  double measured_us = 0.0, measured_std_us = 0.0;
  double fitted_us = 0.0, fitted_std_us = 0.0;
};

struct FitCheck {
  std::vector<FitRow> rows;
  double rms_us = 0.0;     ///< of the differences of the means
  double r_squared = 0.0;  ///< 1 − Σ(difference²)/Σ(deviation from the mean of all)²
};

/// Puts simulated devices of the fitted kind through what was measured. Pulses and drift: mean and
/// deviation of the conductance over pulses and times; noise: deviation of a read over conductance.
FitCheck check_fit(const Curve& curve, const device::DeviceConfig& config, std::uint64_t seed);

inline constexpr double unknown_error = std::numeric_limits<double>::quiet_NaN();

}  // namespace imcsim::instrument
