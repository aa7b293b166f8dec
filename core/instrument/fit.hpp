#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "device/device.hpp"

namespace imcsim::instrument {

/// Measurement in a file of curves.
enum class CurveKind { pulses, drift, noise };
std::span<const std::string_view> names_of(CurveKind);

/// Measurement of one device, in order; or mean and standard deviation over many devices.
struct Trace {
  std::string device;
  std::vector<double> x;   ///< pulse number since RESET, time after programming [s], or read number
  std::vector<double> us;  ///< conductance, or its mean
  std::vector<double> std_us;                    ///< statistics only; otherwise empty
  std::vector<double> change_us, change_std_us;  ///< statistics of pulses only, if in the file
  std::vector<bool> up;                          ///< pulses only: direction of pulse x
  bool from_reset = false;                       ///< the first point was measured after a RESET
};

struct Curve {
  std::string name;
  CurveKind kind = CurveKind::pulses;
  bool statistics = false;  ///< one trace of mean and standard deviation
  std::vector<Trace> traces;
  std::size_t points = 0;
  std::size_t devices = 0;
};

/// Reads a table: a header line, then one line per point. `#` starts a comment; cells are separated
/// by tabs, `;` or `,` (with tabs or `;`, numbers may have a decimal comma). Columns in any order
/// and case:
///
///     pulses  pulse (0: after RESET), conductance [, device] [, direction: up|down, 1|-1]
///     drift   t_s (after programming), conductance [, device]
///     noise   read (its number), conductance [, device] [, target_us]
///
/// `conductance` is conductance_us, conductance_s, resistance_ohm, or current_a with voltage_v.
/// Without `device`, the next device starts where the number does not increase. Mean curves over
/// many devices: pulse or t_s with mean_us and std_us (as printed by `imcsim device --csv`); for
/// noise mean_us and measured (σ/G). Throws InputError{name:line, …}.
Curve read_curve(std::string_view text, const std::string& name);

/// Models that can be fitted.
enum class FitModel { measured, pcm, linear_step, soft_bounds };
std::span<const std::string_view> names_of(FitModel);

/// One value of a preset, or a table, with standard errors (NaN or empty: unknown).
struct Estimate {
  std::string key;
  std::vector<double> values;
  std::vector<double> errors;
  std::string note;
  bool table = false;
  std::string text = {};  ///< for a value that is text
};

/// Estimates device parameters from curves: range and RESET, pulses by `model`, drift and read
/// noise. Parameters without a measurement are omitted. Throws InputError if the curves are
/// insufficient.
///
///    measured     ΔG and its standard deviation, linear between grid points (conductances at
///                 quantiles, pulse numbers spaced geometrically), by least squares
///    pcm          ΔG ~ N(m₁G + c₁ + A₁P, m₂G + c₂ + A₂P), P = e^(−n/a), clipped at the range:
///                 maximum likelihood (censored at both ends)
///    linear-step  ΔG linear in G; soft-bounds: ΔG is zero at the highest conductance
///    drift        ln G against ln t, one line per device: mean ν, and its device-to-device
///    standard
///                 deviation without the fit error
///    read noise   σ linear in G
///
/// Read noise in pulse curves is treated as pulse-to-pulse variability.
std::vector<Estimate> fit_curves(std::span<const Curve> curves, FitModel model);

/// A measured point and the value of the fitted model there.
struct FitRow {
  double x = 0.0;
  double measured_us = 0.0, measured_std_us = 0.0;
  double fitted_us = 0.0, fitted_std_us = 0.0;
};

struct FitCheck {
  std::vector<FitRow> rows;
  double rms_us = 0.0;     ///< of the differences between the means
  double r_squared = 0.0;  ///< 1 − Σ(difference²)/Σ(deviation from the overall mean)²
};

/// Repeats the measurement on simulated devices with the fitted parameters. Pulses and drift: mean
/// and standard deviation of the conductance over pulses and times; noise: standard deviation of a
/// read over conductance.
FitCheck check_fit(const Curve& curve, const device::DeviceConfig& config, std::uint64_t seed);

inline constexpr double unknown_error = std::numeric_limits<double>::quiet_NaN();

}  // namespace imcsim::instrument
