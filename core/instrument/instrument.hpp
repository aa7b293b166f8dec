// instrument: measurements on single devices and on one array.
//
// DeviceCurve     pulse_curve, drift_curve, noise_curve, programming_curve, temperature_curve
// ProductErrors   the error of matrix–vector products, total and by source
// read_curve, fit_curves   from measured curves to device parameters (instrument/fit.hpp)
//
// This folder contains no training and no commands; `study` converts its return values to results.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "crossbar/crossbar.hpp"
#include "device/device.hpp"
#include "numeric/execution.hpp"
#include "numeric/random.hpp"
#include "numeric/statistics.hpp"
#include "numeric/tensor.hpp"

namespace imcsim::instrument {

/// Mean, standard deviation and quantiles over many devices at one point of a curve.
struct Point {
  double x = 0.0;  ///< pulse number, time in s, target in µS, temperature in K
  double mean_us = 0.0;
  double std_us = 0.0;
  double quantile_05_us = 0.0;
  double median_us = 0.0;
  double quantile_95_us = 0.0;
};

/// Statistics of `values`; sorts them.
Point point_of(double x, std::vector<float>& values);

/// Devices of one kind under test, with their random streams.
class Bench {
 public:
  Bench(const device::DeviceConfig& config, const device::ProgrammingConfig& programming,
        double pulse_us, std::size_t count, std::uint64_t seed);

  /// RESET of all devices at t = 0, the starting point of a pulse curve.
  void reset();
  /// One SET pulse to each device.
  void set();
  /// Programs each device to `target_us` at t = 0; adds to `pulses` and to `converged` devices.
  void program(float target_us, std::uint64_t& pulses, std::uint64_t& converged);

  /// Conductances at `t_s`: without noise, or as measured by one read (1/f noise of `observation`
  /// and read noise).
  std::vector<float> conductance_us(double t_s) const;
  std::vector<float> read_us(double t_s, std::uint64_t observation) const;
  /// Conductances of the same devices at another temperature.
  std::vector<float> conductance_at_us(double t_s, double temperature_k) const;

  const device::DeviceModel& model() const { return *model_; }
  const device::DeviceArray& array() const { return array_; }
  OperationCounts& counts() { return counts_; }

 private:
  device::DeviceConfig config_;
  std::shared_ptr<const device::DeviceModel> model_;
  double pulse_us_;
  Stream programming_, reads_, slow_;
  device::Programmer programmer_;
  device::DeviceArray array_;
  std::vector<std::uint32_t> places_;
  OperationCounts counts_;
};

/// Called once per point with the conductances of all devices.
using Dump = std::function<void(std::span<const float> conductance_us)>;

/// Conductance after RESET and after 0, 1, … `pulses` SET pulses, and the change by each pulse.
struct PulseCurve {
  std::vector<Point> conductance;
  std::vector<Point> change;  ///< from pulse n − 1 to n
};
PulseCurve pulse_curve(Bench& bench, std::int64_t pulses, const Dump& dump);

/// Conductance of devices programmed to `target_us` at each time, and each device's exponent: the
/// slope of ln G over the logarithm of DeviceModel::drift_age, by least squares.
struct DriftCurve {
  std::vector<Point> conductance;
  MeanAndDeviation exponent;
};
DriftCurve drift_curve(Bench& bench, float target_us, std::span<const double> times_s,
                       const Dump& dump);

/// Read noise relative to the conductance, over targets and times.
struct NoisePoint {
  double target_us = 0.0;
  double t_s = 0.0;
  double mean_us = 0.0;
  double read_noise = 0.0;  ///< model: rms σ of read noise, drawn in each read, over the mean
  double slow_noise = 0.0;  ///< model: rms σ of 1/f noise at this time, over the mean
  double measured = 0.0;    ///< rms difference of reads from noise-free conductances, over the mean
};
std::vector<NoisePoint> noise_points(Bench& bench, std::span<const double> targets_us,
                                     std::span<const double> times_s);

/// Mean spectrum of ΔG/G over traces of `samples` reads, `step_s` apart, of devices at `target_us`.
struct Spectrum {
  std::vector<double> frequency_hz;
  std::vector<double> density_per_hz;
  double slope = 0.0;  ///< of log density over log frequency
};
Spectrum noise_spectrum(Bench& bench, float target_us, double step_s, std::size_t samples,
                        std::size_t traces, std::uint64_t seed);

/// Conductance after programming, over targets, read at `t_s`.
struct ProgrammingPoint {
  double target_us = 0.0;
  Point conductance;
  double rms_error_us = 0.0;
  double iterations_mean = 0.0;
  double converged_fraction = 0.0;
};
std::vector<ProgrammingPoint> programming_curve(Bench& bench, std::span<const double> targets_us,
                                                double t_s, const Dump& dump);

/// Conductance of the same devices at each temperature.
std::vector<Point> temperature_curve(Bench& bench, float target_us, double t_s,
                                     std::span<const double> temperatures_k, const Dump& dump);

/// Error of products of one matrix with many vectors.
struct ProductError {
  double relative_rms = 0.0;    ///< √(Σ(y − ŷ)²/Σŷ²) over all outputs
  double effective_bits = 0.0;  ///< see effective_bits()
};

/// Bits of a uniform quantizer of weights and inputs (each over ± its largest value) whose products
/// have the same relative error:  b = ½·log₂((4w²/E[w²] + 4x²/E[x²])/12) − log₂(error).
double effective_bits(double relative_error, const Matrix<float>& weights,
                      const Matrix<float>& inputs, std::size_t columns);

/// Matrix and vectors of a product measurement.
struct ProductTask {
  Matrix<float> weights;  ///< [rows × padded(columns)], largest |w| is 1
  std::size_t columns = 0;
  Matrix<float> inputs;  ///< [samples × padded(rows)], largest |x| is 1
  double t_s = 0.0;
};

struct ProductResult {
  ProductError error;
  /// Relative rms error with this source alone.
  std::vector<std::pair<std::string, double>> by_source;
  Matrix<float> output, exact;  ///< [samples × padded(columns)]
  OperationCounts counts;
  crossbar::WriteReport writing;
  std::uint64_t macs = 0;
};

/// Programs the weights into a crossbar and multiplies `t_s` later; with `by_source`, repeats this
/// with each source of error alone. Weights use the whole range of the device.
ProductResult measure_product(const crossbar::CrossbarConfig& config, const ProductTask& task,
                              std::uint64_t seed, const Execution& execution, bool by_source);

}  // namespace imcsim::instrument

#include "instrument/fit.hpp"
