#include "study/sweep_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "fabric/topology.hpp"

namespace imcsim::study {
namespace {

constexpr double most_values = static_cast<double>(most_variants);

std::string rounded(double value) {
  const std::string text = fmt::format("{:.12g}", value);
  return text == "-0" ? "0" : text;
}

double power(double base, std::size_t exponent) {
  double result = 1.0;
  for (; exponent > 0; exponent /= 2, base *= base) {
    if (exponent % 2 == 1) result *= base;
  }
  return result;
}

/// Solves r^n = `ratio` for r by bisection with exactly rounded operations only, hence
/// bit-identical on all machines.
double root(double ratio, std::size_t n) {
  double low = 0.0;
  double high = std::max(1.0, ratio);
  while (true) {
    const double middle = low + (high - low) / 2.0;
    if (middle <= low || middle >= high) return high;
    (power(middle, n) < ratio ? low : high) = middle;
  }
}

}  // namespace

Place place_of(const toml::node& node) {
  return {node.source().begin.line, node.source().begin.column};
}

std::string SweepReader::where(const toml::node& node) const {
  return fmt::format("{}:{}", name, node.source().begin.line);
}

void SweepReader::check_keys(const toml::table& table,
                             const std::vector<std::string>& known) const {
  for (const auto& [key, node] : table) {
    if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
    throw InputError(where(node), fmt::format("unknown key \"{}\"", key.str()),
                     suggest(key.str(), known));
  }
}

const toml::table& SweepReader::table_at(const toml::table& root, std::string_view key) const {
  static const toml::table none;
  const toml::node* node = root.get(key);
  if (node == nullptr) return none;
  if (!node->is_table()) {
    throw InputError(where(*node), fmt::format("{} is not a table", key), fmt::format("[{}]", key));
  }
  return *node->as_table();
}

double SweepReader::number(const toml::table& range, std::string_view key,
                           std::string_view axis) const {
  const toml::node* node = range.get(key);
  const double value = node == nullptr ? NAN : node->value<double>().value_or(NAN);
  if (!std::isfinite(value)) {
    throw InputError(where(range), fmt::format("range of {} lacks a number \"{}\"", axis, key),
                     "{from = 1, to = 8, step = 1}, or count = 8 instead of step");
  }
  return value;
}

double SweepReader::range_step(const toml::table& range, std::string_view axis,
                               double& count) const {
  const double from = number(range, "from", axis);
  const double to = number(range, "to", axis);
  if (range.contains("step")) {
    const double step = number(range, "step", axis);
    const double steps = (to - from) / step;
    if (!(steps >= 0.0) || !(steps < most_values)) {
      throw InputError(where(range), fmt::format("range of {} does not end", axis),
                       "a step from `from` toward `to`");
    }
    count = std::floor(steps * (1.0 + 1e-12) + 1e-9) + 1.0;
    return step;
  }
  count = number(range, "count", axis);
  if (count < 1.0 || count > most_values || count != std::floor(count)) {
    throw InputError(where(range), fmt::format("range of {} has an invalid count", axis),
                     fmt::format("a whole number from 1 to {}", most_variants));
  }
  return count > 1.0 ? (to - from) / (count - 1.0) : 0.0;
}

std::vector<std::string> SweepReader::range_values(const toml::table& range,
                                                   std::string_view axis) const {
  check_keys(range, {"from", "to", "step", "count", "scale"});
  const std::string scale =
      range.contains("scale") ? range["scale"].value_or(std::string{}) : "linear";
  if (scale != "linear" && scale != "log") {
    throw InputError(where(range), fmt::format("range of {} has an unknown scale", axis),
                     "\"linear\" or \"log\"");
  }
  const bool logarithmic = scale == "log";
  const bool by_step = range.contains("step");
  if (by_step == range.contains("count") || (logarithmic && by_step)) {
    throw InputError(where(range), fmt::format("range of {} needs step or count", axis),
                     logarithmic ? "count, with scale = \"log\"" : "one of the two");
  }
  double count = 0.0;
  const double step = range_step(range, axis, count);
  const double from = number(range, "from", axis);
  const double to = number(range, "to", axis);
  if (logarithmic && (from <= 0.0 || to <= 0.0)) {
    throw InputError(where(range), fmt::format("logarithmic range of {} is not positive", axis),
                     "from > 0 and to > 0");
  }
  const auto n = static_cast<std::size_t>(count);
  const double ratio = logarithmic && n > 1 ? root(to / from, n - 1) : 1.0;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < n; ++i) {
    const bool is_end = i > 0 && i + 1 == n && !by_step;
    const double inner =
        logarithmic ? from * power(ratio, i) : from + static_cast<double>(i) * step;
    values.push_back(rounded(is_end ? to : inner));
  }
  return values;
}

Axis SweepReader::axis(std::string_view key, const toml::node& node) const {
  Axis axis{std::string(key), {}, where(node)};
  if (key == "seed") {
    throw InputError(axis.where, "seed cannot be an axis", "seeds or repetitions in [study]");
  }
  if (const toml::table* range = node.as_table()) {
    axis.values = range_values(*range, key);
  } else if (const toml::array* list = node.as_array()) {
    for (const toml::node& item : *list) {
      axis.values.push_back(scalar_text(item, axis.where, key));
    }
  } else {
    throw InputError(axis.where, fmt::format("{} has a single value", key),
                     "a list, a range {from, to, step}, or a line in [base]");
  }
  if (axis.values.empty()) {
    throw InputError(axis.where, fmt::format("{} has no value", key), "at least one");
  }
  return axis;
}

}  // namespace imcsim::study
