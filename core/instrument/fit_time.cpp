// Fits of drift to curves over time, and of read noise to repeated reads.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "instrument/fit_math.hpp"
#include "numeric/float_math.hpp"
#include "numeric/statistics.hpp"

namespace imcsim::instrument {
namespace {

/// Times and conductances of one device, as logarithms.
struct LogTrace {
  std::vector<double> log_t, log_g;
};

/// The line ln G = ln G₀ − ν·max(0, ln t − ln t₀), and its squares.
struct DriftLine {
  double log_g = 0.0, exponent = 0.0, unit_variance = 0.0, squares = 0.0;
};
DriftLine line_of(const LogTrace& trace, double log_reference) {
  LeastSquares least(2);
  const auto age = [&](std::size_t i) { return std::max(0.0, trace.log_t[i] - log_reference); };
  for (std::size_t i = 0; i < trace.log_t.size(); ++i) {
    least.add(std::array<double, 2>{1.0, -age(i)}, trace.log_g[i]);
  }
  const LeastSquares::Solution s = least.solve();
  DriftLine line{s.value[0], s.value[1], s.variance[1], 0.0};
  for (std::size_t i = 0; i < trace.log_t.size(); ++i) {
    const double off = trace.log_g[i] - s.value[0] + s.value[1] * age(i);
    line.squares += off * off;
  }
  return line;
}

double squares_of(std::span<const LogTrace> traces, double log_reference) {
  double sum = 0.0;
  for (const LogTrace& trace : traces) sum += line_of(trace, log_reference).squares;
  return sum;
}

/// ln t₀: the first time, unless a later one (no drift before it) gives a much better fit.
double log_reference_of(std::span<const LogTrace> traces) {
  double first = traces.front().log_t.front();
  double last = first;
  std::size_t points = 0;
  for (const LogTrace& trace : traces) {
    points += trace.log_t.size();
    for (const double t : trace.log_t) {
      first = std::min(first, t);
      last = std::max(last, t);
    }
  }
  const double at_first = squares_of(traces, first);
  double best = first;
  double least = at_first;
  double step = (last - first) / 64.0;
  const auto search = [&](double from, double to) {
    for (double at = from; at < to; at += step) {
      const double squares = squares_of(traces, at);
      if (squares < least) {
        least = squares;
        best = at;
      }
    }
  };
  search(first, last - 8.0 * step);
  for (int finer = 0; finer < 6; ++finer) {
    const double around = best;
    const double width = step;
    step /= 8.0;
    search(std::max(first, around - width), around + width);
  }
  const double unknowns = 2.0 * static_cast<double>(traces.size()) + 1.0;
  const double free = std::max(1.0, static_cast<double>(points) - unknowns);
  const double rounding = 1e-12 * static_cast<double>(points);
  const bool better = at_first - least > 10.0 * (least / free + rounding);
  return better ? best : first;
}

}  // namespace

Drift drift_of(std::span<const Curve> curves) {
  Drift drift;
  std::vector<LogTrace> traces;
  for (const Curve& curve : curves) {
    if (curve.kind != CurveKind::drift) continue;
    drift.of_means = drift.of_means || curve.statistics;
    for (const Trace& trace : curve.traces) {
      if (trace.x.size() < 2) {
        throw InputError(curve.name, "device \"" + trace.device + "\" has a single read time",
                         "at least two per device");
      }
      LogTrace logs;
      for (std::size_t i = 0; i < trace.x.size(); ++i) {
        logs.log_t.push_back(numeric::log_of(trace.x[i]));
        logs.log_g.push_back(numeric::log_of(std::max(trace.us[i], 1e-30)));
      }
      traces.push_back(std::move(logs));
      drift.devices.push_back({trace.us.front(), 0.0, 0.0});
    }
  }
  if (traces.empty()) return drift;
  const double reference = log_reference_of(traces);
  drift.reference_s = numeric::exp_of(reference);
  for (const Curve& curve : curves) {  // the time as measured, without rounding by exp(ln t)
    if (curve.kind != CurveKind::drift) continue;
    for (const Trace& trace : curve.traces) {
      if (numeric::log_of(trace.x.front()) == reference) drift.reference_s = trace.x.front();
    }
  }
  double squares = 0.0;
  double free = 0.0;
  std::vector<DriftLine> lines;
  for (const LogTrace& trace : traces) {
    lines.push_back(line_of(trace, reference));
    squares += lines.back().squares;
    free += static_cast<double>(trace.log_t.size()) - 2.0;
  }
  const double noise = free > 0.0 ? squares / free : 0.0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    drift.devices[i].exponent = lines[i].exponent;
    drift.devices[i].variance = noise * lines[i].unit_variance;
  }
  return drift;
}

std::vector<DeviceNoise> noise_of(std::span<const Curve> curves) {
  std::vector<DeviceNoise> devices;
  for (const Curve& curve : curves) {
    if (curve.kind != CurveKind::noise) continue;
    for (const Trace& trace : curve.traces) {
      if (curve.statistics) {
        constexpr double reads = 1000.0;  // reads per mean: not in the file, assumed equal for all
        for (std::size_t i = 0; i < trace.us.size(); ++i) {
          devices.push_back({trace.us[i], trace.std_us[i], reads});
        }
        continue;
      }
      if (trace.us.size() < 3) {
        throw InputError(curve.name, "device \"" + trace.device + "\" has fewer than 3 reads",
                         "at least three per device");
      }
      const MeanAndDeviation of = mean_and_deviation(trace.us);
      const double free = static_cast<double>(trace.us.size()) - 1.0;
      // The standard deviation of a sample is too small by the factor 1 − 1/(4·free) on average.
      devices.push_back({of.mean, of.deviation * 4.0 * free / (4.0 * free - 1.0), free});
    }
  }
  return devices;
}

std::vector<Estimate> fit_drift(std::span<const Curve> curves, bool tables,
                                std::span<const double> nodes_us) {
  const Drift drift = drift_of(curves);
  if (drift.devices.empty()) return {};
  std::vector<double> exponents;
  double noise = 0.0;
  for (const DeviceDrift& device : drift.devices) {
    exponents.push_back(device.exponent);
    noise += device.variance / static_cast<double>(drift.devices.size());
  }
  const auto n = static_cast<double>(exponents.size());
  const MeanAndDeviation of = mean_and_deviation(exponents);
  const double spread = std::sqrt(std::max(0.0, of.deviation * of.deviation - noise));
  if (tables) {
    constexpr std::size_t per_node = 10;
    double lowest = drift.devices.front().conductance_us;
    double highest = lowest;
    for (const DeviceDrift& device : drift.devices) {
      lowest = std::min(lowest, device.conductance_us);
      highest = std::max(highest, device.conductance_us);
    }
    const bool wide = highest - lowest > 0.25 * (nodes_us.back() - nodes_us.front());
    if (exponents.size() < 3 * per_node || nodes_us.size() < 2 || !wide) return {};
    // A line over conductance, evaluated at the grid and constant outside of the measured range.
    LeastSquares mean(2);
    for (const DeviceDrift& device : drift.devices) {
      mean.add(std::array<double, 2>{1.0, device.conductance_us}, device.exponent);
    }
    const LeastSquares::Solution line = mean.solve();
    Estimate means{"measured-drift-mean", {}, {}, "a line over the conductance", true};
    Estimate deviations{"measured-drift-std", {}, {}, "", true};
    double squares = 0.0;
    for (const DeviceDrift& device : drift.devices) {
      const double off = device.exponent - line.value[0] - line.value[1] * device.conductance_us;
      squares += off * off / (n - 2.0);
    }
    for (const double node : nodes_us) {
      const double at = std::clamp(node, lowest, highest);
      means.values.push_back(std::clamp(line.value[0] + line.value[1] * at, 0.0, 1.0));
      deviations.values.push_back(std::sqrt(std::max(0.0, squares - noise)));
    }
    return {means, deviations};
  }
  const double error = exponents.size() > 1 ? of.deviation / std::sqrt(n)
                                            : std::sqrt(drift.devices.front().variance);
  const std::string of_what = drift.of_means ? "of mean curves" : "";
  return {{"drift-exponent", {std::clamp(of.mean, 0.0, 1.0)}, {error}, of_what, false},
          {"drift-exponent-std",
           {spread},
           {exponents.size() > 2 && !drift.of_means ? spread / std::sqrt(2.0 * (n - 1.0))
                                                    : unknown_error},
           drift.of_means ? "means do not tell it" : "",
           false},
          {"drift-reference-time", {drift.reference_s}, {}, "nothing drifts before it", false}};
}

std::vector<Estimate> fit_noise(std::span<const Curve> curves) {
  const std::vector<DeviceNoise> devices = noise_of(curves);
  if (devices.empty()) return {};
  std::vector<double> levels;
  levels.reserve(devices.size());
  for (const DeviceNoise& device : devices) levels.push_back(device.conductance_us);
  const auto [low, high] = std::minmax_element(levels.begin(), levels.end());
  const bool has_slope = devices.size() > 2 && *high > 1.2 * *low;
  // The error of a standard deviation is proportional to it: three refits with weights from the
  // previous line.
  std::array<double, 2> line = {0.0, 0.0};
  std::array<double, 2> error = {unknown_error, unknown_error};
  for (int round = 0; round < 4; ++round) {
    LeastSquares least(2);
    for (const DeviceNoise& device : devices) {
      const double g = has_slope ? device.conductance_us : 0.0;
      const double sigma = std::max(round > 0 ? line[0] + line[1] * g : 1.0, 1e-9);
      least.add(std::array<double, 2>{1.0, g}, device.deviation_us,
                2.0 * device.degrees_of_freedom / (sigma * sigma));
    }
    const LeastSquares::Solution s = least.solve();
    line = {std::max(0.0, s.value[0]), std::max(0.0, s.value[1])};
    error = {std::sqrt(s.variance[0]), has_slope ? std::sqrt(s.variance[1]) : unknown_error};
  }
  const std::string note = has_slope ? "" : "one conductance was measured: the offset alone";
  return {{"read-noise-slope", {std::min(line[1], 1.0)}, {error[1]}, note, false},
          {"read-noise-offset-us", {line[0]}, {error[0]}, "", false}};
}

}  // namespace imcsim::instrument
