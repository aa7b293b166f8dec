#include "study/device_study.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

#include "base/error.hpp"
#include "study/safetensors.hpp"
#include "study/version.hpp"

namespace imcsim::study {
namespace {

constexpr std::size_t default_targets = 11;

/// Targets spaced evenly over the range of the device, including its ends.
std::vector<double> levels(const device::DeviceModel& model) {
  std::vector<double> targets;
  const auto low = static_cast<double>(model.lowest_us());
  const auto high = static_cast<double>(model.highest_us());
  for (std::size_t k = 0; k < default_targets; ++k) {
    targets.push_back(low + (high - low) * static_cast<double>(k) /
                                static_cast<double>(default_targets - 1));
  }
  return targets;
}

double middle(const device::DeviceModel& model) {
  return 0.5 * static_cast<double>(model.lowest_us() + model.highest_us());
}

void add_point(Table& table, const instrument::Point& p) {
  table.rows.push_back({p.x, p.mean_us, p.std_us, p.quantile_05_us, p.median_us, p.quantile_95_us});
}

std::vector<std::string> point_columns(const std::string& x) {
  return {x, "mean_us", "std_us", "quantile_05_us", "median_us", "quantile_95_us"};
}

void study_pulses(const DeviceStudyConfig& config, instrument::Bench& bench,
                  const instrument::Dump& dump, DeviceStudy& study) {
  const instrument::PulseCurve curve = instrument::pulse_curve(bench, config.pulses, dump);
  study.table.columns = point_columns("pulse");
  study.table.columns.insert(study.table.columns.end(), {"change_mean_us", "change_std_us"});
  for (std::size_t n = 0; n < curve.conductance.size(); ++n) {
    add_point(study.table, curve.conductance[n]);
    const instrument::Point change = n > 0 ? curve.change[n - 1] : instrument::Point{};
    study.table.rows.back().insert(study.table.rows.back().end(), {change.mean_us, change.std_us});
  }
}

void study_drift(const DeviceStudyConfig& config, instrument::Bench& bench,
                 const instrument::Dump& dump, DeviceStudy& study) {
  const double target =
      config.targets_us.empty() ? middle(bench.model()) : config.targets_us.front();
  const instrument::DriftCurve curve = instrument::drift_curve(
      bench, static_cast<float>(target), parse_times(config.times, at_field("times")), dump);
  study.table.columns = point_columns("t_s");
  for (const instrument::Point& point : curve.conductance) add_point(study.table, point);
  study.figures = {{"target_us", target},
                   {"exponent_mean", curve.exponent.mean},
                   {"exponent_std", curve.exponent.deviation}};
}

void study_noise(const DeviceStudyConfig& config, instrument::Bench& bench, DeviceStudy& study) {
  const std::vector<double> targets =
      config.targets_us.empty() ? levels(bench.model()) : std::vector<double>(config.targets_us);
  study.table.columns = {"target_us", "t_s", "mean_us", "read_noise", "slow_noise", "measured"};
  for (const instrument::NoisePoint& p :
       instrument::noise_points(bench, targets, parse_times(config.times, at_field("times")))) {
    study.table.rows.push_back(
        {p.target_us, p.t_s, p.mean_us, p.read_noise, p.slow_noise, p.measured});
  }
  const double target =
      config.targets_us.empty() ? middle(bench.model()) : config.targets_us.front();
  const instrument::Spectrum spectrum =
      instrument::noise_spectrum(bench, static_cast<float>(target), config.trace_step.seconds,
                                 static_cast<std::size_t>(config.trace_samples),
                                 static_cast<std::size_t>(config.traces), config.seed);
  study.spectrum.columns = {"frequency_hz", "density_per_hz"};
  for (std::size_t k = 0; k < spectrum.frequency_hz.size(); ++k) {
    study.spectrum.rows.push_back({spectrum.frequency_hz[k], spectrum.density_per_hz[k]});
  }
  study.figures = {{"spectrum_target_us", target}, {"spectrum_slope", spectrum.slope}};
}

void study_programming(const DeviceStudyConfig& config, instrument::Bench& bench,
                       const instrument::Dump& dump, DeviceStudy& study) {
  const std::vector<double> targets =
      config.targets_us.empty() ? levels(bench.model()) : std::vector<double>(config.targets_us);
  study.table.columns = {"target_us",    "mean_us",         "std_us",
                         "rms_error_us", "iterations_mean", "converged_fraction"};
  double squares = 0.0;
  double converged = 0.0;
  const std::vector<instrument::ProgrammingPoint> points =
      instrument::programming_curve(bench, targets, config.read_at.seconds, dump);
  for (const instrument::ProgrammingPoint& p : points) {
    study.table.rows.push_back({p.target_us, p.conductance.mean_us, p.conductance.std_us,
                                p.rms_error_us, p.iterations_mean, p.converged_fraction});
    squares += p.rms_error_us * p.rms_error_us / static_cast<double>(points.size());
    converged += p.converged_fraction / static_cast<double>(points.size());
  }
  study.figures = {{"rms_error_us", std::sqrt(squares)}, {"converged_fraction", converged}};
}

void study_temperature(const DeviceStudyConfig& config, instrument::Bench& bench,
                       const instrument::Dump& dump, DeviceStudy& study) {
  const double target =
      config.targets_us.empty() ? middle(bench.model()) : config.targets_us.front();
  study.table.columns = point_columns("temperature_k");
  for (const instrument::Point& p :
       instrument::temperature_curve(bench, static_cast<float>(target), config.read_at.seconds,
                                     config.temperatures_k, dump)) {
    add_point(study.table, p);
  }
  study.figures = {{"target_us", target}};
}

}  // namespace

std::span<const std::string_view> names_of(DeviceCurve) {
  static constexpr std::array<std::string_view, 5> names = {"pulse", "drift", "noise", "program",
                                                            "temperature"};
  return names;
}

void describe(DeviceStudyConfig& c, FieldList& f) {
  f.group("Measurement");
  f.field("curve", c.curve, Unit::none, {}, "Measurement to simulate");
  f.field("device", c.device, "NAME|FILE", "Device preset, or a TOML file of device parameters");
  f.field("seed", c.seed, Unit::none, {}, "Random seed");
  f.field("count", c.count, Unit::none, {1.0, 1e7}, "Number of devices");
  f.active(c.curve == DeviceCurve::pulse);
  f.field("pulses", c.pulses, Unit::pulses, {1.0, 1e6}, "Number of SET pulses after RESET");
  f.active(c.curve != DeviceCurve::pulse);
  f.field("targets-us", c.targets_us, Unit::siemens_us, {0.0, 1e4},
          "Programmed conductances (none: levels across the range)");
  f.active(c.curve == DeviceCurve::drift || c.curve == DeviceCurve::noise);
  f.field("times", c.times, "TIME,…", "Times after programming");
  f.active(c.curve == DeviceCurve::program || c.curve == DeviceCurve::temperature);
  f.field("read-at", c.read_at, Unit::seconds, {0.0, 1e12},
          "Time of the read after programming (0s: immediate, without noise)");
  f.active(c.curve == DeviceCurve::temperature);
  f.field("temperatures-k", c.temperatures_k, Unit::kelvin, {4.0, 500.0},
          "Temperatures of the reads");
  f.active(c.curve == DeviceCurve::noise);
  f.field("trace-step", c.trace_step, Unit::seconds, {1e-9, 1e6},
          "Time between two reads of a noise trace");
  f.field("trace-samples", c.trace_samples, Unit::none, {256.0, 1e7},
          "Number of reads per noise trace");
  f.field("traces", c.traces, Unit::none, {1.0, 1e4},
          "Number of traces whose spectra are averaged");
  f.active(true);
  f.field("pulse-us", c.pulse_us, Unit::siemens_us, {1e-6, 1e3},
          "Mean conductance change per pulse without update nonlinearity",
          "0.096 in weight at 8 µS per weight");
  f.active(c.curve != DeviceCurve::pulse);
  describe(c.programming, f);
  f.active(true);
  describe(c.device_config, f);
  f.mark_common({"device", "count", "pulses", "targets-us", "times", "temperatures-k", "seed"});
}

std::vector<double> parse_times(const std::string& text, const Where& where) {
  std::vector<double> times;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const double seconds = parse_duration(text.substr(at, comma - at), where).seconds;
    if (seconds < 0.0)
      throw InputError(where, fmt::format("{} s is before programming", seconds), "0s or more");
    times.push_back(seconds);
    at = comma + 1;
  }
  return times;
}

DeviceStudy run_device_study(const DeviceStudyConfig& config, bool keep_devices) {
  instrument::Bench bench(config.device_config, config.programming, config.pulse_us,
                          static_cast<std::size_t>(config.count), config.seed);
  DeviceStudy study;
  std::uint64_t hash = 0;
  const instrument::Dump dump = [&](std::span<const float> us) {
    hash = hash_of({reinterpret_cast<const std::uint8_t*>(us.data()), us.size_bytes()}, hash);
    study.points += 1;
    if (keep_devices) study.dump.insert(study.dump.end(), us.begin(), us.end());
  };
  switch (config.curve) {
    case DeviceCurve::pulse: study_pulses(config, bench, dump, study); break;
    case DeviceCurve::drift: study_drift(config, bench, dump, study); break;
    case DeviceCurve::noise: study_noise(config, bench, study); break;
    case DeviceCurve::program: study_programming(config, bench, dump, study); break;
    case DeviceCurve::temperature: study_temperature(config, bench, dump, study); break;
  }
  study.counts = bench.counts();
  for (const Table* table : {&study.table, &study.spectrum}) {
    for (const std::vector<double>& row : table->rows) {
      hash = hash_of(
          {reinterpret_cast<const std::uint8_t*>(row.data()), row.size() * sizeof(double)}, hash);
    }
  }
  study.digest = hash;
  return study;
}

Json table_json(const Table& table) {
  Json rows = Json::array();
  for (const std::vector<double>& row : table.rows) {
    Json object = Json::object();
    for (std::size_t c = 0; c < row.size(); ++c) object[table.columns[c]] = row[c];
    rows.push_back(std::move(object));
  }
  return rows;
}

Json device_study_json(const DeviceStudyConfig& config, const DeviceStudy& study) {
  Json result = {{"curve", names_of(config.curve)[static_cast<std::size_t>(config.curve)]}};
  for (const auto& [name, value] : study.figures) result[name] = value;
  result["rows"] = table_json(study.table);
  if (!study.spectrum.rows.empty()) result["spectrum"] = table_json(study.spectrum);
  return envelope("device", config.seed, to_json_object(config), std::move(result), study.counts,
                  study.digest);
}

}  // namespace imcsim::study
