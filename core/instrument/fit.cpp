#include "instrument/fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/error.hpp"
#include "instrument/fit_math.hpp"
#include "instrument/instrument.hpp"

namespace imcsim::instrument {
namespace {

constexpr std::size_t simulated_devices = 2000;

std::vector<Estimate> fit_range(const Changes& changes) {
  std::vector<Estimate> estimates = {
      {"conductance-min-us", {changes.lowest_us}, {}, "lowest that was measured", false},
      {"conductance-max-us", {changes.highest_us}, {}, "highest that was measured", false}};
  if (changes.reset_us.empty()) {
    estimates.push_back(
        {"reset-mean-us", {changes.lowest_us}, {}, "no pulse 0: the lowest", false});
    estimates.push_back({"reset-std-us", {0.0}, {}, "no pulse 0", false});
    return estimates;
  }
  const MeanAndDeviation reset = mean_and_deviation(changes.reset_us);
  const auto n = static_cast<double>(changes.reset_us.size());
  const double deviation = changes.statistics ? changes.reset_std_us : reset.deviation;
  const bool many = n > 1.0 && !changes.statistics;
  estimates.push_back({"reset-mean-us",
                       {reset.mean},
                       {many ? deviation / std::sqrt(n) : unknown_error},
                       "conductance at pulse 0",
                       false});
  estimates.push_back({"reset-std-us",
                       {deviation},
                       {many ? deviation / std::sqrt(2.0 * (n - 1.0)) : unknown_error},
                       "conductance at pulse 0",
                       false});
  return estimates;
}

void check_enough(const Changes& changes, FitModel model, const std::string& name) {
  const bool lines = model == FitModel::linear_step || model == FitModel::soft_bounds;
  const std::size_t least = model == FitModel::pcm && !changes.statistics ? 20 : 4;
  if (changes.up.size() < least) {
    throw InputError(
        name, "too few pulses up (" + std::to_string(changes.up.size()) + ")",
        std::to_string(least) + " or more, each with the conductance before the pulse");
  }
  if (lines && changes.statistics) {
    throw InputError(name, "means over devices do not determine the step over the conductance",
                     "curves of single devices, or model = measured");
  }
  std::vector<double> numbers;
  for (const Change& change : changes.up) numbers.push_back(change.number);
  std::sort(numbers.begin(), numbers.end());
  const auto distinct = std::unique(numbers.begin(), numbers.end()) - numbers.begin();
  if (model == FitModel::pcm && distinct < 4) {
    throw InputError(
        name, "too few pulses after a RESET to determine the decay of the programming memory",
        "at least 4 consecutive pulses");
  }
  if (!(changes.highest_us > changes.lowest_us)) {
    throw InputError(name, "the conductance is constant",
                     "a curve in which pulses change the conductance");
  }
}

void put_in(std::vector<Estimate>& all, std::vector<Estimate> more) {
  for (Estimate& estimate : more) {
    const auto known = std::find_if(all.begin(), all.end(),
                                    [&](const Estimate& e) { return e.key == estimate.key; });
    if (known != all.end()) {
      *known = std::move(estimate);
    } else {
      all.push_back(std::move(estimate));
    }
  }
}

FitRow row_of(double x, std::vector<double>& measured, std::vector<double>& fitted) {
  const MeanAndDeviation m = mean_and_deviation(measured);
  const MeanAndDeviation f = mean_and_deviation(fitted);
  return {x, m.mean, m.deviation, f.mean, f.deviation};
}

std::vector<double> conductances(const device::DeviceModel& model, const device::DeviceArray& array,
                                 double t_s) {
  std::vector<float> us(array.size());
  model.conductance_us(array, 0, t_s, us);
  return {us.begin(), us.end()};
}

std::vector<FitRow> check_pulses(const Curve& curve, const device::DeviceModel& model,
                                 std::uint64_t seed) {
  const auto longest =
      std::max_element(curve.traces.begin(), curve.traces.end(),
                       [](const Trace& a, const Trace& b) { return a.us.size() < b.us.size(); });
  device::DeviceArray array(simulated_devices, 0);
  std::vector<std::uint32_t> places(array.size());
  std::iota(places.begin(), places.end(), 0U);
  model.prepare(array, Stream(seed, Purpose::device_spread));
  const Stream programming(seed, Purpose::programming);
  std::vector<FitRow> rows;
  for (std::size_t i = 0; i < longest->us.size(); ++i) {
    std::vector<double> measured;
    for (const Trace& trace : curve.traces) {
      if (trace.from_reset == longest->from_reset && i < trace.us.size() &&
          trace.up[i] == longest->up[i] && trace.x.front() == longest->x.front()) {
        measured.push_back(trace.us[i]);
      }
    }
    if (i == 0 && longest->from_reset) {
      model.reset(array, places, 0.0, programming);
    } else if (i == 0) {
      const auto start = static_cast<float>(mean_and_deviation(measured).mean);
      for (const std::uint32_t place : places)
        model.set_exact(array, place, start, 0.0, programming);
    } else if (longest->up[i]) {
      model.set(array, places, 0.0, programming);
    } else {
      model.depress(array, places, 0.0, programming);
    }
    std::vector<double> fitted = conductances(model, array, 0.0);
    rows.push_back(row_of(longest->x.front() + static_cast<double>(i), measured, fitted));
    if (curve.statistics) rows.back().measured_std_us = longest->std_us[i];
  }
  return rows;
}

std::vector<FitRow> check_drift(const Curve& curve, const device::DeviceModel& model,
                                double reference_s, std::uint64_t seed) {
  const std::size_t copies = std::max<std::size_t>(1, simulated_devices / curve.traces.size());
  device::DeviceArray array(copies * curve.traces.size(), 0);
  model.prepare(array, Stream(seed, Purpose::device_spread));
  const Stream programming(seed, Purpose::programming);
  std::vector<double> times;
  for (std::size_t i = 0; i < curve.traces.size(); ++i) {
    const Trace& trace = curve.traces[i];
    times.insert(times.end(), trace.x.begin(), trace.x.end());
    double start = 0.0;  // mean of the reads before drift begins
    double reads = 0.0;
    for (std::size_t k = 0; k < trace.x.size(); ++k) {
      if (k > 0 && trace.x[k] > reference_s) break;
      start += trace.us[k];
      reads += 1.0;
    }
    for (std::size_t copy = 0; copy < copies; ++copy) {
      model.set_exact(array, static_cast<std::uint32_t>(i * copies + copy),
                      static_cast<float>(start / reads), 0.0, programming);
    }
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  std::vector<FitRow> rows;
  for (const double t_s : times) {
    const std::vector<double> all = conductances(model, array, t_s);
    std::vector<double> measured;
    std::vector<double> fitted;
    for (std::size_t i = 0; i < curve.traces.size(); ++i) {
      const Trace& trace = curve.traces[i];
      const auto at = std::find(trace.x.begin(), trace.x.end(), t_s);
      if (at == trace.x.end()) continue;
      measured.push_back(trace.us[static_cast<std::size_t>(at - trace.x.begin())]);
      const auto from = all.begin() + static_cast<std::ptrdiff_t>(i * copies);
      fitted.insert(fitted.end(), from, from + static_cast<std::ptrdiff_t>(copies));
    }
    rows.push_back(row_of(t_s, measured, fitted));
    if (curve.statistics) {
      const Trace& trace = curve.traces.front();
      rows.back().measured_std_us = trace.std_us[rows.size() - 1];
    }
  }
  return rows;
}

/// Compares the devices in up to 12 groups of similar conductance.
std::vector<FitRow> check_noise(const Curve& curve, const device::DeviceModel& model) {
  std::vector<DeviceNoise> devices = noise_of({&curve, 1});
  std::stable_sort(devices.begin(), devices.end(), [](const auto& a, const auto& b) {
    return a.conductance_us < b.conductance_us;
  });
  constexpr std::size_t most_groups = 12;
  const std::size_t groups = std::min(most_groups, devices.size());
  device::DeviceArray array(1, 0);
  model.prepare(array, Stream(1, Purpose::device_spread));
  std::vector<FitRow> rows;
  for (std::size_t group = 0; group < groups; ++group) {
    const std::size_t first = group * devices.size() / groups;
    const std::size_t last = (group + 1) * devices.size() / groups;
    std::vector<double> level;
    std::vector<double> deviation;
    for (std::size_t i = first; i < last; ++i) {
      level.push_back(devices[i].conductance_us);
      deviation.push_back(devices[i].deviation_us);
    }
    const double mean = mean_and_deviation(level).mean;
    const auto at = static_cast<float>(mean);
    float sigma = 0.0F;
    array.conductance_us[0] = at;
    if (!model.read_noise_us(array, 0, 0.0, {&at, 1}, {&sigma, 1})) sigma = 0.0F;
    const MeanAndDeviation of = mean_and_deviation(deviation);
    rows.push_back({mean, of.mean, of.deviation, static_cast<double>(sigma), 0.0});
  }
  return rows;
}

}  // namespace

std::vector<Estimate> fit_curves(std::span<const Curve> curves, FitModel model) {
  std::vector<Estimate> estimates;
  const auto pulses = std::find_if(curves.begin(), curves.end(), [](const Curve& curve) {
    return curve.kind == CurveKind::pulses;
  });
  if (pulses != curves.end()) {
    const Changes changes = changes_of(curves);
    check_enough(changes, model, pulses->name);
    put_in(estimates, fit_range(changes));
    switch (model) {
      case FitModel::measured: put_in(estimates, fit_measured(changes, curves)); break;
      case FitModel::pcm: put_in(estimates, fit_pcm(changes)); break;
      case FitModel::linear_step: put_in(estimates, fit_steps(changes, false)); break;
      case FitModel::soft_bounds: put_in(estimates, fit_steps(changes, true)); break;
    }
  } else if (model != FitModel::pcm) {
    throw InputError(
        "fit", "no pulse curve for this model",
        "a file with the column pulse, or model = pcm for the pulses of the pcm preset");
  }
  put_in(estimates, fit_drift(curves, false, {}));
  put_in(estimates, fit_noise(curves));
  return estimates;
}

FitCheck check_fit(const Curve& curve, const device::DeviceConfig& config, std::uint64_t seed) {
  constexpr double any_pulse_us = 1.0;
  const auto model = device::make_model(config, any_pulse_us);
  FitCheck check;
  switch (curve.kind) {
    case CurveKind::pulses: check.rows = check_pulses(curve, *model, seed); break;
    case CurveKind::drift:
      check.rows = check_drift(curve, *model, config.common.drift_reference_time.seconds, seed);
      break;
    case CurveKind::noise: check.rows = check_noise(curve, *model); break;
  }
  const auto n = static_cast<double>(check.rows.size());
  double mean = 0.0;
  for (const FitRow& row : check.rows) mean += row.measured_us / n;
  double off = 0.0;
  double all = 0.0;
  for (const FitRow& row : check.rows) {
    off += (row.measured_us - row.fitted_us) * (row.measured_us - row.fitted_us);
    all += (row.measured_us - mean) * (row.measured_us - mean);
  }
  check.rms_us = std::sqrt(off / n);
  check.r_squared = all > 0.0 ? 1.0 - off / all : 0.0;
  return check;
}

std::span<const std::string_view> names_of(FitModel) {
  static constexpr std::array<std::string_view, 4> names = {"measured", "pcm", "linear-step",
                                                            "soft-bounds"};
  return names;
}

}  // namespace imcsim::instrument
