#pragma once

#include "base/error.hpp"
#include "instrument/instrument.hpp"
#include "study/json.hpp"
#include "study/resolve.hpp"

namespace imcsim::study {

/// Measurement of `imcsim device`.
enum class DeviceCurve { pulse, drift, noise, program, temperature };
std::span<const std::string_view> names_of(DeviceCurve);

/// All parameters that determine the result of `imcsim device`.
struct DeviceStudyConfig {
  DeviceCurve curve = DeviceCurve::pulse;
  std::string device = "pcm";
  std::uint64_t seed = 1;
  std::int64_t count = 10000;
  std::int64_t pulses = 20;
  Numbers targets_us;
  std::string times = "1s,10s,100s,1000s,1h,1d,1mo,1y";
  Duration read_at{0.0};
  Numbers temperatures_k = {250.0, 275.0, 300.0, 325.0, 350.0};
  Duration trace_step{1e-3};
  std::int64_t trace_samples = 16384;
  std::int64_t traces = 16;
  double pulse_us = device::default_pulse_us;
  device::ProgrammingConfig programming;
  device::DeviceConfig device_config;
};
void describe(DeviceStudyConfig& config, FieldList& fields);

/// A table of a result: column names as in JSON and CSV, and numbers by row.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;
};

struct DeviceStudy {
  Table table;
  std::vector<std::pair<std::string, double>> figures;  ///< scalar results
  Table spectrum;                                       ///< noise only; otherwise empty
  std::vector<float> dump;  ///< every device at every point, [points × count]
  std::size_t points = 0;
  OperationCounts counts;
  std::uint64_t digest = 0;
};

/// Runs the measurement. Throws InputError for an inconsistent configuration. `keep_devices`:
/// whether `dump` is filled.
DeviceStudy run_device_study(const DeviceStudyConfig& config, bool keep_devices);

/// The JSON result of the command, without `execution` and `timing`.
Json device_study_json(const DeviceStudyConfig& config, const DeviceStudy& study);

/// `[{column: value, …}, …]`.
Json table_json(const Table& table);

/// Durations separated by commas: `1s,1h,1d`. Throws InputError{where, …}.
std::vector<double> parse_times(const std::string& text, const Where& where);

}  // namespace imcsim::study
