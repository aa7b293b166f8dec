#include <algorithm>
#include <cmath>
#include <numeric>

#include "instrument/instrument.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::instrument {
namespace {

float log_of(double x) { return numeric::log(static_cast<float>(x)); }

/// Least-squares slope of y over x.
double slope_of(std::span<const double> x, std::span<const double> y) {
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xx = 0.0;
  double xy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  return xx > 0.0 ? xy / xx : 0.0;
}

}  // namespace

Point point_of(double x, std::vector<float>& values) {
  double sum = 0.0;
  for (const float value : values) sum += static_cast<double>(value);
  const auto n = static_cast<double>(values.size());
  const double mean = sum / n;
  double squares = 0.0;
  for (const float value : values) {
    const double off = static_cast<double>(value) - mean;
    squares += off * off;
  }
  std::sort(values.begin(), values.end());
  const auto quantile = [&](double part) {
    const auto at = static_cast<std::size_t>(std::lround(part * (n - 1.0)));
    return static_cast<double>(values[at]);
  };
  const double deviation = values.size() > 1 ? std::sqrt(squares / (n - 1.0)) : 0.0;
  return {x, mean, deviation, quantile(0.05), quantile(0.5), quantile(0.95)};
}

Bench::Bench(const device::DeviceConfig& config, const device::ProgrammingConfig& programming,
             double pulse_us, std::size_t count, std::uint64_t seed)
    : config_(config),
      model_(device::make_model(config, pulse_us)),
      pulse_us_(pulse_us),
      programming_(seed, Purpose::programming),
      reads_(seed, Purpose::verify_read),
      slow_(seed, Purpose::slow_noise),
      programmer_(config, pulse_us, programming, model_, programming_, reads_),
      array_(count, 0),
      places_(count) {
  std::iota(places_.begin(), places_.end(), 0U);
  model_->prepare(array_, Stream(seed, Purpose::device_spread));
}

void Bench::reset() {
  model_->reset(array_, places_, 0.0, programming_);
  counts_.reset_pulses += places_.size();
}

void Bench::set() {
  model_->set(array_, places_, 0.0, programming_);
  counts_.set_pulses += places_.size();
}

void Bench::program(float target_us, std::uint64_t& pulses, std::uint64_t& converged) {
  for (const std::uint32_t place : places_) {
    const device::Programmed done = programmer_.program(array_, place, target_us, 0.0, counts_);
    pulses += done.pulses;
    converged += done.converged ? 1 : 0;
  }
}

std::vector<float> Bench::conductance_us(double t_s) const {
  std::vector<float> us(array_.size());
  model_->conductance_us(array_, 0, t_s, us);
  return us;
}

std::vector<float> Bench::conductance_at_us(double t_s, double temperature_k) const {
  device::DeviceConfig there = config_;
  there.temperature_k = temperature_k;
  std::vector<float> us(array_.size());
  device::make_model(there, pulse_us_)->conductance_us(array_, 0, t_s, us);
  return us;
}

std::vector<float> Bench::read_us(double t_s, std::uint64_t observation) const {
  std::vector<float> us = conductance_us(t_s);
  std::vector<float> deviation(us.size());
  if (model_->slow_noise_us(array_, 0, t_s, us, deviation)) {
    for (std::size_t i = 0; i < us.size(); ++i) {
      const Stream own = slow_.of(array_.entity(i));
      const float draw = own.normal(events::slow_noise(observation, array_.pulses[i]));
      us[i] = std::max(0.0F, us[i] + deviation[i] * draw);
    }
  }
  if (model_->read_noise_us(array_, 0, t_s, us, deviation)) {
    for (std::size_t i = 0; i < us.size(); ++i) {
      us[i] +=
          deviation[i] * reads_.of(array_.entity(i)).normal(events::instrument_reads(observation));
    }
  }
  return us;
}

PulseCurve pulse_curve(Bench& bench, std::int64_t pulses, const Dump& dump) {
  PulseCurve curve;
  bench.reset();
  std::vector<float> before;
  for (std::int64_t n = 0; n <= pulses; ++n) {
    if (n > 0) bench.set();
    std::vector<float> now = bench.conductance_us(0.0);
    if (dump) dump(now);
    if (n > 0) {
      std::vector<float> change(now.size());
      for (std::size_t i = 0; i < now.size(); ++i) change[i] = now[i] - before[i];
      curve.change.push_back(point_of(static_cast<double>(n), change));
    }
    before = now;
    curve.conductance.push_back(point_of(static_cast<double>(n), now));
  }
  return curve;
}

DriftCurve drift_curve(Bench& bench, float target_us, std::span<const double> times_s,
                       const Dump& dump) {
  DriftCurve curve;
  std::uint64_t pulses = 0;
  std::uint64_t converged = 0;
  bench.program(target_us, pulses, converged);
  std::vector<std::vector<double>> log_g(bench.array().size());
  std::vector<double> log_age;
  for (const double t_s : times_s) {
    std::vector<float> us = bench.conductance_us(t_s);
    if (dump) dump(us);
    const double age = bench.model().drift_age(t_s);
    if (age > 1.0) {
      log_age.push_back(static_cast<double>(log_of(age)));
      for (std::size_t i = 0; i < us.size(); ++i) {
        log_g[i].push_back(static_cast<double>(numeric::log(std::max(us[i], 1e-30F))));
      }
    }
    curve.conductance.push_back(point_of(t_s, us));
  }
  if (log_age.size() < 2) return curve;
  std::vector<double> exponents;
  for (std::size_t i = 0; i < log_g.size(); ++i) {
    if (bench.array().conductance_us[i] <= 0.0F) continue;  // a conductance of 0 has no drift
    exponents.push_back(-slope_of(log_age, log_g[i]));
  }
  curve.exponent = mean_and_deviation(exponents);
  return curve;
}

std::vector<NoisePoint> noise_points(Bench& bench, std::span<const double> targets_us,
                                     std::span<const double> times_s) {
  std::vector<NoisePoint> points;
  std::uint64_t observation = 1;
  for (const double target : targets_us) {
    std::uint64_t pulses = 0;
    std::uint64_t converged = 0;
    bench.program(static_cast<float>(target), pulses, converged);
    for (const double t_s : times_s) {
      const std::vector<float> quiet = bench.conductance_us(t_s);
      const std::vector<float> seen = bench.read_us(t_s, observation++);
      std::vector<float> read(quiet.size(), 0.0F);
      std::vector<float> slow(quiet.size(), 0.0F);
      if (!bench.model().read_noise_us(bench.array(), 0, t_s, quiet, read)) {
        std::fill(read.begin(), read.end(), 0.0F);
      }
      if (!bench.model().slow_noise_us(bench.array(), 0, t_s, quiet, slow)) {
        std::fill(slow.begin(), slow.end(), 0.0F);
      }
      double mean = 0.0;
      double read_squares = 0.0;
      double slow_squares = 0.0;
      double squares = 0.0;
      const auto n = static_cast<double>(quiet.size());
      for (std::size_t i = 0; i < quiet.size(); ++i) {
        const double off = static_cast<double>(seen[i] - quiet[i]);
        mean += static_cast<double>(quiet[i]) / n;
        read_squares += static_cast<double>(read[i] * read[i]) / n;
        slow_squares += static_cast<double>(slow[i] * slow[i]) / n;
        squares += off * off / n;
      }
      points.push_back({target, t_s, mean, std::sqrt(read_squares) / mean,
                        std::sqrt(slow_squares) / mean, std::sqrt(squares) / mean});
    }
  }
  return points;
}

Spectrum noise_spectrum(Bench& bench, float target_us, double step_s, std::size_t samples,
                        std::size_t traces, std::uint64_t seed) {
  std::uint64_t pulses = 0;
  std::uint64_t converged = 0;
  bench.program(target_us, pulses, converged);
  Spectrum spectrum;
  const double longest_s = step_s * static_cast<double>(samples);
  for (double f = 32.0 / longest_s; f < 0.25 / step_s; f *= 1.4142135623730951) {
    spectrum.frequency_hz.push_back(f);
  }
  spectrum.density_per_hz.assign(spectrum.frequency_hz.size(), 0.0);
  const std::vector<float> quiet = bench.conductance_us(0.0);
  std::vector<float> read(quiet.size(), 0.0F);
  const bool white = bench.model().read_noise_us(bench.array(), 0, 0.0, quiet, read);
  const std::size_t devices = std::min(traces, quiet.size());
  for (std::size_t i = 0; i < devices; ++i) {
    const Stream own(seed, Purpose::instrument, entities::noise_traces(i));
    device::FlickerTrace trace(bench.model().flicker_strength(bench.array(), i), 0.5 * step_s,
                               8.0 * longest_s, own);
    const Stream fresh = own.of(entities::trace_reads(i));
    std::vector<double> values(samples);
    for (std::size_t k = 0; k < samples; ++k) {
      values[k] = trace.next(step_s);
      if (white && quiet[i] > 0.0F) {
        values[k] += static_cast<double>(read[i] / quiet[i] * fresh.normal(events::places(k)));
      }
    }
    const std::vector<double> density =
        device::power_spectrum(values, step_s, spectrum.frequency_hz);
    for (std::size_t k = 0; k < density.size(); ++k) {
      spectrum.density_per_hz[k] += density[k] / static_cast<double>(devices);
    }
  }
  std::vector<double> log_f;
  std::vector<double> log_s;
  for (std::size_t k = 0; k < spectrum.frequency_hz.size(); ++k) {
    if (spectrum.density_per_hz[k] <= 0.0) continue;
    log_f.push_back(static_cast<double>(log_of(spectrum.frequency_hz[k])));
    log_s.push_back(static_cast<double>(log_of(spectrum.density_per_hz[k])));
  }
  if (log_f.size() > 1) spectrum.slope = slope_of(log_f, log_s);
  return spectrum;
}

std::vector<ProgrammingPoint> programming_curve(Bench& bench, std::span<const double> targets_us,
                                                double t_s, const Dump& dump) {
  std::vector<ProgrammingPoint> points;
  std::uint64_t observation = 1;
  const auto n = static_cast<double>(bench.array().size());
  for (const double target : targets_us) {
    std::uint64_t pulses = 0;
    std::uint64_t converged = 0;
    bench.program(static_cast<float>(target), pulses, converged);
    std::vector<float> us =
        t_s > 0.0 ? bench.read_us(t_s, observation++) : bench.conductance_us(0.0);
    if (dump) dump(us);
    double squares = 0.0;
    for (const float g : us) {
      const double off = static_cast<double>(g) - target;
      squares += off * off / n;
    }
    points.push_back({target, point_of(target, us), std::sqrt(squares),
                      static_cast<double>(pulses) / n, static_cast<double>(converged) / n});
  }
  return points;
}

std::vector<Point> temperature_curve(Bench& bench, float target_us, double t_s,
                                     std::span<const double> temperatures_k, const Dump& dump) {
  std::uint64_t pulses = 0;
  std::uint64_t converged = 0;
  bench.program(target_us, pulses, converged);
  std::vector<Point> points;
  for (const double temperature_k : temperatures_k) {
    std::vector<float> us = bench.conductance_at_us(t_s, temperature_k);
    if (dump) dump(us);
    points.push_back(point_of(temperature_k, us));
  }
  return points;
}

}  // namespace imcsim::instrument
