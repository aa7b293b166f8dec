// Accumulation model of phase-change memory, fitted by maximum likelihood.
#include <algorithm>
#include <array>
#include <cmath>

#include "instrument/fit_math.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::instrument {
namespace {

/// m₁, c₁, A₁, m₂, c₂, A₂, a: slope, offset and memory of mean and standard deviation, then decay.
constexpr std::size_t parameters = 7;
constexpr std::size_t decay = 6;
using Parameters = std::array<double, parameters>;
constexpr std::array<const char*, parameters> keys = {
    "set-mean-slope",    "set-mean-offset-us", "set-mean-memory-us", "set-std-slope",
    "set-std-offset-us", "set-std-memory-us",  "memory-decay-pulses"};

constexpr double least_deviation_us = 1e-6;
constexpr double shortest_decay = 0.1;

/// ln Q(u) and φ(u)/Q(u) of the upper tail Q of the normal distribution; relative error 2e-7.
/// erfc after Numerical Recipes, 3rd edition, section 6.2.2.
struct Tail {
  double log_part, hazard;
};
Tail tail_of(double u) {
  constexpr double root_half = 0.70710678118654752;
  constexpr double root_two_pi = 2.5066282746310002;
  constexpr std::array<double, 10> series = {-1.26551223, 1.00002368, 0.37409196,  0.09678418,
                                             -0.18628806, 0.27886807, -1.13520398, 1.48851587,
                                             -0.82215223, 0.17087277};
  const double z = std::fabs(u) * root_half;
  const double t = 1.0 / (1.0 + 0.5 * z);
  double power = 0.0;
  for (std::size_t k = series.size(); k-- > 0;) power = power * t + series[k];
  if (u >= 0.0) {
    return {numeric::log_of(0.5 * t) - z * z + power,
            1.0 / (root_two_pi * 0.5 * t * numeric::exp_of(power))};
  }
  const double part = 1.0 - 0.5 * t * numeric::exp_of(power - z * z);
  return {numeric::log_of(part), numeric::exp_of(-z * z) / (root_two_pi * part)};
}

/// A conductance change, within the range or clipped at one of its ends.
struct Sample {
  double number, before_us, change_us;
  int end;  ///< −1: clipped at the lowest conductance, +1: at the highest, 0: not clipped
};

struct Likelihood {
  double log_value = 0.0;
  Parameters score = {};
  std::vector<double> information = std::vector<double>(parameters * parameters, 0.0);
};

Likelihood likelihood_of(std::span<const Sample> samples, const Parameters& p) {
  Likelihood all;
  for (const Sample& s : samples) {
    const double memory = numeric::exp_of(-s.number / p[decay]);
    const double mean = p[0] * s.before_us + p[1] + p[2] * memory;
    const double deviation =
        std::max(least_deviation_us, p[3] * s.before_us + p[4] + p[5] * memory);
    double by_mean = 0.0;
    double by_deviation = 0.0;
    const double r = (s.change_us - mean) / deviation;
    if (s.end == 0) {
      all.log_value -= numeric::log_of(deviation) + 0.5 * r * r;
      by_mean = r / deviation;
      by_deviation = (r * r - 1.0) / deviation;
    } else {
      const double u = s.end > 0 ? r : -r;
      const Tail tail = tail_of(u);
      all.log_value += tail.log_part;
      by_mean = (s.end > 0 ? 1.0 : -1.0) * tail.hazard / deviation;
      by_deviation = tail.hazard * u / deviation;
    }
    const double by_decay = memory * s.number / (p[decay] * p[decay]);
    const Parameters score = {by_mean * s.before_us,
                              by_mean,
                              by_mean * memory,
                              by_deviation * s.before_us,
                              by_deviation,
                              by_deviation * memory,
                              (by_mean * p[2] + by_deviation * p[5]) * by_decay};
    for (std::size_t i = 0; i < parameters; ++i) {
      all.score[i] += score[i];
      for (std::size_t j = 0; j < parameters; ++j) {
        all.information[i * parameters + j] += score[i] * score[j];
      }
    }
  }
  return all;
}

/// Clamps standard deviations to at least 0 and the decay to its minimum.
Parameters bounded(Parameters p) {
  for (std::size_t i = 3; i < decay; ++i) p[i] = std::max(0.0, p[i]);
  p[decay] = std::clamp(p[decay], shortest_decay, 1e6);
  return p;
}

/// A damped step of the Berndt–Hall–Hall–Hausman method (outer products of the scores). Parameters
/// at a bound whose score points out of the range are left out.
Parameters step_of(const Likelihood& at, const Parameters& p, double damping) {
  std::vector<double> matrix = at.information;
  for (std::size_t i = 0; i < parameters; ++i) {
    const bool stuck = i >= 3 && i < decay && p[i] <= 0.0 && at.score[i] < 0.0;
    for (std::size_t j = 0; stuck && j < parameters; ++j) {
      matrix[i * parameters + j] = 0.0;
      matrix[j * parameters + i] = 0.0;
    }
    matrix[i * parameters + i] *= 1.0 + damping;
  }
  invert(matrix, parameters);
  Parameters next = p;
  for (std::size_t i = 0; i < parameters; ++i) {
    for (std::size_t j = 0; j < parameters; ++j) {
      next[i] += matrix[i * parameters + j] * at.score[j];
    }
  }
  next[decay] = std::clamp(next[decay], 0.5 * p[decay], 2.0 * p[decay]);
  return bounded(next);
}

Parameters maximize_likelihood(std::span<const Sample> samples, Parameters p) {
  Likelihood here = likelihood_of(samples, p);
  double damping = 1e-3;
  constexpr int most_steps = 200;
  for (int step = 0; step < most_steps && damping < 1e8; ++step) {
    const Parameters next = step_of(here, p, damping);
    Likelihood there = likelihood_of(samples, next);
    const double gain = there.log_value - here.log_value;
    if (!(gain > 0.0)) {
      damping *= 10.0;
      continue;
    }
    p = next;
    here = std::move(there);
    damping = std::max(1e-6, 0.2 * damping);
    if (gain < 1e-4) break;
  }
  return p;
}

/// Slope, offset and memory of `y`, by least squares for given `a`; and the sum of squares.
struct Plane {
  std::array<double, 3> value;
  std::array<double, 3> error;
  double squares = 0.0;
};
template <class Items>
Plane plane_of(const Items& samples, std::span<const double> y, double a) {
  LeastSquares least(3);
  const auto row = [&](const auto& s) {
    return std::array<double, 3>{s.before_us, 1.0, numeric::exp_of(-s.number / a)};
  };
  for (std::size_t i = 0; i < samples.size(); ++i) least.add(row(samples[i]), y[i]);
  const LeastSquares::Solution s = least.solve();
  Plane plane{{s.value[0], s.value[1], s.value[2]}, {}, 0.0};
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::array<double, 3> x = row(samples[i]);
    const double off = y[i] - x[0] * s.value[0] - x[1] * s.value[1] - x[2] * s.value[2];
    plane.squares += off * off;
  }
  const double free = std::max(1.0, static_cast<double>(samples.size()) - 4.0);
  for (std::size_t k = 0; k < 3; ++k) {
    plane.error[k] = std::sqrt(plane.squares / free * s.variance[k]);
  }
  return plane;
}

/// The decay of the best plane fit, from 0.4 pulses to twice the number of pulses.
template <class Items>
double best_decay(const Items& samples, std::span<const double> y) {
  double last = 1.0;
  for (const auto& s : samples) last = std::max(last, s.number);
  double best = 1.0;
  double least = std::numeric_limits<double>::infinity();
  for (double a = 0.4; a < 2.0 * last; a *= 1.1) {
    const double squares = plane_of(samples, y, a).squares;
    if (squares < least) {
      least = squares;
      best = a;
    }
  }
  return best;
}

std::vector<Estimate> estimates_of(const Parameters& p, const Parameters& errors,
                                   const std::string& note) {
  std::vector<Estimate> estimates;
  for (std::size_t i = 0; i < parameters; ++i) {
    estimates.push_back({keys[i], {p[i]}, {errors[i]}, note, false});
  }
  return estimates;
}

std::vector<Estimate> fit_means(const Changes& changes) {
  std::vector<double> y;
  for (const Change& change : changes.up) y.push_back(change.change_us());
  const double a = best_decay(changes.up, y);
  const Plane mean = plane_of(changes.up, y, a);
  const Plane deviation = plane_of(changes.up, changes.up_std_us, a);
  return estimates_of(bounded({mean.value[0], mean.value[1], mean.value[2], deviation.value[0],
                               deviation.value[1], deviation.value[2], a}),
                      {mean.error[0], mean.error[1], mean.error[2], deviation.error[0],
                       deviation.error[1], deviation.error[2], unknown_error},
                      "of means: slope and memory are hard to tell apart");
}

/// An end of the range is treated as clipping only if at least three points are at it.
std::vector<Sample> samples_of(const Changes& changes) {
  constexpr double same = 1e-6;
  constexpr std::size_t several = 3;
  const auto is_low = [&](const Change& c) { return c.after_us <= changes.lowest_us * (1 + same); };
  const auto is_high = [&](const Change& c) {
    return c.after_us >= changes.highest_us * (1 - same);
  };
  std::size_t low = 0;
  std::size_t high = 0;
  for (const Change& change : changes.up) {
    low += is_low(change) ? 1 : 0;
    high += is_high(change) ? 1 : 0;
  }
  std::vector<Sample> samples;
  for (const Change& change : changes.up) {
    int end = 0;
    if (low >= several && is_low(change)) end = -1;
    if (high >= several && is_high(change)) end = 1;
    samples.push_back({change.number, change.before_us, change.change_us(), end});
  }
  return samples;
}

}  // namespace

std::vector<Estimate> fit_pcm(const Changes& changes) {
  if (changes.statistics) return fit_means(changes);
  const std::vector<Sample> samples = samples_of(changes);
  std::vector<double> y;
  y.reserve(samples.size());
  for (const Sample& s : samples) y.push_back(s.change_us);
  const double a = best_decay(samples, y);
  const Plane mean = plane_of(samples, y, a);
  std::vector<double> sizes;  // σ from E|x| = σ·√(2/π)
  for (const Sample& s : samples) {
    const double memory = numeric::exp_of(-s.number / a);
    sizes.push_back(1.2533141373155003 * std::fabs(s.change_us - mean.value[0] * s.before_us -
                                                   mean.value[1] - mean.value[2] * memory));
  }
  const Plane deviation = plane_of(samples, sizes, a);
  const double rms = std::sqrt(mean.squares / static_cast<double>(samples.size()));
  Parameters p = {mean.value[0],
                  mean.value[1],
                  mean.value[2],
                  std::max(0.0, deviation.value[0]),
                  deviation.value[1],
                  std::max(0.0, deviation.value[2]),
                  a};
  p[4] = std::max({p[4], 0.1 * rms, least_deviation_us});
  p = maximize_likelihood(samples, p);
  std::vector<double> covariance = likelihood_of(samples, p).information;
  const std::vector<bool> has = invert(covariance, parameters);
  Parameters errors = {};
  for (std::size_t i = 0; i < parameters; ++i) {
    errors[i] = has[i] ? std::sqrt(std::max(0.0, covariance[i * parameters + i])) : unknown_error;
  }
  return estimates_of(p, errors, "");
}

}  // namespace imcsim::instrument
