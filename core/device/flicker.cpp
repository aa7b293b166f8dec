#include "device/flicker.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::device {
namespace {

constexpr double processes_per_e_fold = 2.0;

/// 1 − e^(−a) for a ≥ 0; small a by the series, which avoids cancellation.
double one_minus_decay(double a) {
  if (a > 0.25) return 1.0 - numeric::exp_of(-a);
  double term = a;
  double sum = a;
  for (int n = 2; n < 12; ++n) {
    term *= -a / n;
    sum += term;
  }
  return sum;
}

/// sin and cos of 2π·turns.
void sincos(double turns, double& sine, double& cosine) {
  const auto whole = static_cast<std::uint64_t>((turns - std::floor(turns)) * 4294967296.0);
  float s = 0.0F;
  float c = 0.0F;
  numeric::sincos_turn(static_cast<std::uint32_t>(whole), s, c);
  sine = static_cast<double>(s);
  cosine = static_cast<double>(c);
}

void require_size(std::string_view key, const Numbers& numbers, std::size_t least, std::size_t most,
                  std::string_view expected) {
  if (numbers.empty() || (numbers.size() >= least && numbers.size() <= most)) return;
  throw InputError(at_field(key), "has the wrong number of entries", std::string(expected));
}

}  // namespace

void describe(FlickerConfig& c, FieldList& f) {
  constexpr std::string_view joshi = "doi:10.1038/s41467-020-16108-9";
  f.group("1/f noise");
  f.field("flicker-power", c.flicker_power, Unit::none, {-1e3, 1e3},
          "Strength of 1/f noise, power law: c, k, max in min(c/x^k, max), x = G/Gmax", joshi);
  f.field("flicker-log", c.flicker_log, Unit::none, {-1e3, 1e3},
          "Strength of 1/f noise, logarithm: a, b, min, max in a ln(x) + b, limited to min … max",
          "preset");
  f.field("flicker-polynomial", c.flicker_polynomial, Unit::none, {-1e3, 1e3},
          "Polynomial in place of the logarithm for x ≥ x1: x1, p0, p1, ...", "preset");
  f.field("flicker-read-time", c.flicker_read_time, Unit::seconds, {1e-12, 1e3},
          "Duration of a read, which sets the upper band edge of 1/f noise", joshi);
}

float power(float x, float exponent) {
  return numeric::exp(exponent * numeric::log(std::max(x, 1e-7F)));
}

float log_then_polynomial(const Numbers& log, const Numbers& polynomial, float x) {
  if (!polynomial.empty() && x >= static_cast<float>(polynomial.front())) {
    float value = 0.0F;
    for (std::size_t i = polynomial.size(); i-- > 1;) {
      value = value * x + static_cast<float>(polynomial[i]);
    }
    return value;
  }
  const float value =
      static_cast<float>(log[0]) * numeric::log(std::max(x, 1e-7F)) + static_cast<float>(log[1]);
  return std::clamp(value, static_cast<float>(log[2]), static_cast<float>(log[3]));
}

Flicker::Flicker(const FlickerConfig& config)
    : config_(config), read_time_s_(config.flicker_read_time.seconds) {
  require_size("flicker-power", config.flicker_power, 3, 3, "[c, k, max]");
  require_size("flicker-log", config.flicker_log, 4, 4, "[a, b, min, max]");
  require_size("flicker-polynomial", config.flicker_polynomial, 2, 8, "[x1, p0, p1, ...]");
}

float Flicker::strength(float x) const {
  if (!config_.flicker_power.empty()) {
    const auto c = static_cast<float>(config_.flicker_power[0]);
    const auto k = static_cast<float>(config_.flicker_power[1]);
    return std::min(c / std::max(power(x, k), 1e-3F), static_cast<float>(config_.flicker_power[2]));
  }
  if (config_.flicker_log.empty()) return 0.0F;
  return log_then_polynomial(config_.flicker_log, config_.flicker_polynomial, x);
}

float Flicker::growth(double t_s) const {
  const auto ratio = static_cast<float>((t_s + read_time_s_) / (2.0 * read_time_s_));
  return ratio > 1.0F ? std::sqrt(numeric::log(ratio)) : 0.0F;
}

FlickerTrace::FlickerTrace(float strength, double shortest_s, double longest_s,
                           const Stream& stream)
    : stream_(stream) {
  const double range = numeric::log_of(longest_s / shortest_s);
  const auto parts =
      static_cast<std::size_t>(std::max(1.0, std::ceil(processes_per_e_fold * range)));
  const double ratio = range / static_cast<double>(parts);
  const double q = static_cast<double>(strength);
  part_variance_ = q * q * ratio;
  for (std::size_t k = 0; k < parts; ++k) {
    const auto middle = static_cast<float>(ratio * (static_cast<double>(k) + 0.5));
    time_s_.push_back(shortest_s * static_cast<double>(numeric::exp(middle)));
    value_.push_back(std::sqrt(part_variance_) *
                     static_cast<double>(stream_.normal(events::places(event_++))));
  }
}

double FlickerTrace::next(double step_s) {
  double sum = 0.0;
  for (std::size_t k = 0; k < value_.size(); ++k) {
    const double age = step_s / time_s_[k];
    value_[k] += -one_minus_decay(age) * value_[k] +
                 std::sqrt(part_variance_ * one_minus_decay(2.0 * age)) *
                     static_cast<double>(stream_.normal(events::places(event_++)));
    sum += value_[k];
  }
  return sum;
}

double FlickerTrace::variance() const {
  return part_variance_ * static_cast<double>(value_.size());
}

std::vector<double> power_spectrum(std::span<const double> trace, double step_s,
                                   std::span<const double> frequency_hz) {
  constexpr double periods = 16.0;
  std::vector<double> spectrum;
  for (const double frequency : frequency_hz) {
    const double wanted = periods / (frequency * step_s);
    const std::size_t window =
        std::min(trace.size(), static_cast<std::size_t>(std::max(4.0, std::ceil(wanted))));
    std::vector<double> taper(window);
    std::vector<double> sine(window);
    std::vector<double> cosine(window);
    double taper_power = 0.0;
    for (std::size_t i = 0; i < window; ++i) {
      const auto at = static_cast<double>(i);
      double unused = 0.0;
      sincos(at / static_cast<double>(window), unused, taper[i]);
      taper[i] = 0.5 - 0.5 * taper[i];
      taper_power += taper[i] * taper[i];
      sincos(at * frequency * step_s, sine[i], cosine[i]);
    }
    double power = 0.0;
    std::size_t windows = 0;
    for (std::size_t first = 0; first + window <= trace.size(); first += (window + 1) / 2) {
      double mean = 0.0;
      for (std::size_t i = 0; i < window; ++i) mean += taper[i] * trace[first + i];
      mean /= 0.5 * static_cast<double>(window);
      double real = 0.0;
      double imaginary = 0.0;
      for (std::size_t i = 0; i < window; ++i) {
        const double value = taper[i] * (trace[first + i] - mean);
        real += value * cosine[i];
        imaginary += value * sine[i];
      }
      power += real * real + imaginary * imaginary;
      ++windows;
    }
    spectrum.push_back(2.0 * step_s * power /
                       (taper_power * static_cast<double>(std::max<std::size_t>(windows, 1))));
  }
  return spectrum;
}

}  // namespace imcsim::device
