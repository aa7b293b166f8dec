// From pulse curves to the change per pulse: tables, or lines.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "instrument/fit_math.hpp"

namespace imcsim::instrument {
namespace {

void add_means(const Trace& trace, Changes& changes) {
  changes.statistics = true;
  if (trace.from_reset) {
    changes.reset_us.push_back(trace.us.front());
    changes.reset_std_us = trace.std_us.front();
  }
  for (std::size_t i = 0; i < trace.us.size(); ++i) {
    changes.highest_us = std::max(changes.highest_us, trace.us[i] + 2.0 * trace.std_us[i]);
    changes.lowest_us =
        std::min(changes.lowest_us, std::max(0.0, trace.us[i] - 2.0 * trace.std_us[i]));
    if (i == 0) continue;
    const bool given = !trace.change_us.empty();
    const double mean = given ? trace.change_us[i] : trace.us[i] - trace.us[i - 1];
    const double before = trace.std_us[i - 1];
    const double grown = trace.std_us[i] * trace.std_us[i] - before * before;
    changes.up.push_back({trace.x[i], trace.us[i - 1], trace.us[i - 1] + mean});
    changes.up_std_us.push_back(given ? trace.change_std_us[i] : std::sqrt(std::max(0.0, grown)));
  }
}

void add_devices(const Trace& trace, Changes& changes) {
  if (trace.from_reset) changes.reset_us.push_back(trace.us.front());
  for (std::size_t i = 0; i < trace.us.size(); ++i) {
    changes.highest_us = std::max(changes.highest_us, trace.us[i]);
    if (i > 0 || !trace.from_reset) changes.lowest_us = std::min(changes.lowest_us, trace.us[i]);
    if (i == 0) continue;
    const double number = trace.x.front() + static_cast<double>(i);
    (trace.up[i] ? changes.up : changes.down).push_back({number, trace.us[i - 1], trace.us[i]});
  }
}

/// A surface that is linear between the points of a grid, by least squares.
class Surface {
 public:
  Surface(std::vector<double> pulses, std::vector<double> nodes_us)
      : pulses_(std::move(pulses)), nodes_us_(std::move(nodes_us)) {}

  struct Place {
    std::array<std::size_t, 4> at;
    std::array<double, 4> weight;
  };
  Place place(const Change& change) const {
    const auto [p, p_part] = between(pulses_, change.number);
    const auto [g, g_part] = between(nodes_us_, change.before_us);
    const std::size_t p_next = std::min(p + 1, pulses_.size() - 1);
    const std::size_t g_next = std::min(g + 1, nodes_us_.size() - 1);
    const std::size_t row = nodes_us_.size();
    return {{p * row + g, p * row + g_next, p_next * row + g, p_next * row + g_next},
            {(1.0 - p_part) * (1.0 - g_part), (1.0 - p_part) * g_part, p_part * (1.0 - g_part),
             p_part * g_part}};
  }
  static double value(const Place& place, std::span<const double> surface) {
    double sum = 0.0;
    for (std::size_t k = 0; k < 4; ++k) sum += place.weight[k] * surface[place.at[k]];
    return sum;
  }

  LeastSquares::Solution fit(std::span<const Change> changes, std::span<const double> y) const {
    LeastSquares squares(pulses_.size() * nodes_us_.size());
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const Place at = place(changes[i]);
      squares.add(at.at, at.weight, y[i]);
    }
    tie_neighbors(squares, static_cast<double>(changes.size()));
    return squares.solve();
  }

 private:
  static std::pair<std::size_t, double> between(const std::vector<double>& grid, double x) {
    const auto above = std::upper_bound(grid.begin(), grid.end(), x);
    if (above == grid.begin()) return {0, 0.0};
    const auto at = static_cast<std::size_t>(above - grid.begin()) - 1;
    if (above == grid.end()) return {at, 0.0};
    return {at, (x - grid[at]) / (grid[at + 1] - grid[at])};
  }

  /// Adds weak equations between neighbors, so that grid points without data take their values.
  void tie_neighbors(LeastSquares& squares, double points) const {
    const std::size_t row = nodes_us_.size();
    const double weight = 0.02 * points / static_cast<double>(row * pulses_.size());
    constexpr std::array<double, 2> difference = {1.0, -1.0};
    for (std::size_t p = 0; p < pulses_.size(); ++p) {
      for (std::size_t g = 0; g < row; ++g) {
        const std::size_t here = p * row + g;
        if (g + 1 < row) {
          squares.add(std::array<std::size_t, 2>{here, here + 1}, difference, 0.0, weight);
        }
        if (p + 1 < pulses_.size()) {
          squares.add(std::array<std::size_t, 2>{here, here + row}, difference, 0.0, weight);
        }
      }
    }
  }

  std::vector<double> pulses_, nodes_us_;
};

constexpr std::size_t points_per_cell = 20;

/// Pulse numbers from the first to the last, spaced geometrically.
std::vector<double> pulse_nodes(std::span<const Change> changes, std::size_t most) {
  double first = changes.front().number;
  double last = first;
  for (const Change& change : changes) {
    first = std::min(first, change.number);
    last = std::max(last, change.number);
  }
  if (most < 2 || last == first) return {first};
  if (most == 2) return {first, last};
  std::vector<double> nodes = {first};
  double gap = 1.0;
  const auto size_of = [&](double ratio) {  // pulses covered by gaps that grow by `ratio`
    double covered = 0.0;
    for (std::size_t k = 1; k < most; ++k) {
      covered += gap;
      gap *= ratio;
    }
    gap = 1.0;
    return covered;
  };
  double ratio = 1.0;
  while (size_of(ratio) < last - first) ratio += 0.01;
  double at = first;
  for (std::size_t k = 1; k < most; ++k) {
    at += gap;
    gap *= ratio;
    const double node = std::min(last, std::floor(at + 0.5));
    if (node > nodes.back()) nodes.push_back(node);
  }
  return nodes;
}

/// Mean and standard deviation of the changes on a grid, as two estimates.
void estimate_tables(std::span<const Change> changes, std::vector<double> pulses,
                     std::vector<double> nodes_us, const std::string& way,
                     std::vector<Estimate>& estimates) {
  const Surface surface(std::move(pulses), std::move(nodes_us));
  std::vector<double> y;
  for (const Change& change : changes) y.push_back(change.change_us());
  const LeastSquares::Solution mean = surface.fit(changes, y);
  std::vector<double> squares;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const double off = y[i] - Surface::value(surface.place(changes[i]), mean.value);
    squares.push_back(off * off);
  }
  const LeastSquares::Solution variance = surface.fit(changes, squares);
  Estimate means{"measured-" + way + "-mean-us", mean.value, {}, "", true};
  Estimate deviations{"measured-" + way + "-std-us", {}, {}, "", true};
  for (std::size_t k = 0; k < variance.value.size(); ++k) {
    const double square = std::max(0.0, variance.value[k]);
    means.errors.push_back(std::sqrt(square * mean.variance[k]));
    deviations.values.push_back(std::sqrt(square));
    deviations.errors.push_back(std::sqrt(0.5 * square * mean.variance[k]));
  }
  estimates.push_back(std::move(means));
  estimates.push_back(std::move(deviations));
}

/// Tables of mean curves: the change depends on the pulse number alone.
std::vector<Estimate> tables_of_means(const Changes& changes) {
  std::vector<Estimate> estimates;
  Estimate pulses{"measured-pulse", {}, {}, "numbers of the pulse since RESET", true};
  Estimate means{"measured-set-mean-us", {}, {}, "a row a pulse", true};
  Estimate deviations{"measured-set-std-us", {}, {}, "a row a pulse", true};
  for (std::size_t i = 0; i < changes.up.size(); ++i) {
    pulses.values.push_back(changes.up[i].number);
    means.values.push_back(changes.up[i].change_us());
    deviations.values.push_back(changes.up_std_us[i]);
  }
  double middle = 0.5 * (changes.lowest_us + changes.highest_us);
  estimates.push_back({"measured-conductance-us",
                       {middle},
                       {},
                       "means over devices do not tell how the conductance acts",
                       true});
  for (Estimate* table : {&pulses, &means, &deviations}) estimates.push_back(std::move(*table));
  return estimates;
}

std::vector<double> starts_of(std::span<const Change> changes) {
  std::vector<double> starts;
  for (const Change& change : changes) starts.push_back(change.before_us);
  return starts;
}

/// A line through the changes over conductance: value at `origin_us`, slope, standard deviation.
struct Line {
  double value = 0.0, slope = 0.0, value_error = 0.0, slope_error = 0.0, deviation = 0.0;
};
Line line_of(std::span<const Change> changes, double origin_us) {
  LeastSquares squares(2);
  for (const Change& c : changes) {
    squares.add(std::array<double, 2>{1.0, c.before_us - origin_us}, c.change_us());
  }
  const LeastSquares::Solution s = squares.solve();
  double sum = 0.0;
  for (const Change& c : changes) {
    const double off = c.change_us() - s.value[0] - s.value[1] * (c.before_us - origin_us);
    sum += off * off;
  }
  const double free = std::max(1.0, static_cast<double>(changes.size()) - 2.0);
  const double deviation = std::sqrt(sum / free);
  return {s.value[0], s.value[1], deviation * std::sqrt(s.variance[0]),
          deviation * std::sqrt(s.variance[1]), deviation};
}

}  // namespace

Changes changes_of(std::span<const Curve> curves) {
  Changes changes;
  changes.lowest_us = std::numeric_limits<double>::infinity();
  bool single = false;
  for (const Curve& curve : curves) {
    if (curve.kind != CurveKind::pulses) continue;
    for (const Trace& trace : curve.traces) {
      curve.statistics ? add_means(trace, changes) : add_devices(trace, changes);
    }
    single = single || !curve.statistics;
    if (single && changes.statistics) {
      throw InputError(curve.name, "mixes means and single devices", "pulse curves of one kind");
    }
  }
  return changes;
}

std::vector<Estimate> fit_measured(const Changes& changes, std::span<const Curve> curves) {
  std::vector<Estimate> estimates;
  if (changes.statistics) {
    estimates = tables_of_means(changes);
  } else {
    const std::size_t cells = std::max<std::size_t>(2, changes.up.size() / points_per_cell);
    const auto root = static_cast<std::size_t>(std::sqrt(static_cast<double>(cells) / 1.5));
    std::vector<double> pulses = pulse_nodes(changes.up, std::clamp<std::size_t>(root, 1, 8));
    const std::size_t most = std::clamp<std::size_t>(cells / pulses.size(), 2, 9);
    std::vector<double> starts = starts_of(changes.up);
    const std::vector<double> downs = starts_of(changes.down);
    starts.insert(starts.end(), downs.begin(), downs.end());
    const std::vector<double> nodes = quantile_nodes(starts, most, 2);
    estimates.push_back({"measured-conductance-us", nodes, {}, "at quantiles of the points", true});
    estimates.push_back({"measured-pulse", pulses, {}, "numbers of the pulse since RESET", true});
    estimate_tables(changes.up, std::move(pulses), nodes, "set", estimates);
    if (!changes.down.empty()) estimate_tables(changes.down, {1.0}, nodes, "depress", estimates);
  }
  const std::vector<double> nodes = estimates.front().values;
  for (Estimate& drift : fit_drift(curves, true, nodes)) estimates.push_back(std::move(drift));
  return estimates;
}

std::vector<Estimate> fit_steps(const Changes& changes, bool soft_bounds) {
  const double origin_us = 0.5 * (changes.lowest_us + changes.highest_us);
  const Line up = line_of(changes.up, origin_us);
  const bool has_down = changes.down.size() > 2;
  const Line down = has_down ? line_of(changes.down, origin_us) : up;
  if (up.value <= 0.0 || (has_down && down.value >= 0.0)) {
    throw InputError(
        at_field("model"),
        "pulses in the middle of the range change the conductance in the wrong direction",
        "measured");
  }
  const double down_us = has_down ? -down.value : up.value;
  double highest = changes.highest_us;
  if (soft_bounds && up.slope < 0.0) {
    highest = std::max(highest, origin_us + up.value / -up.slope);
  }
  const std::string as_up = has_down ? "" : "no pulse down was measured: as those up";
  const double origin = (origin_us - changes.lowest_us) / (highest - changes.lowest_us);
  std::vector<Estimate> estimates = {
      {"step-up-us", {up.value}, {up.value_error}, "", false},
      {"step-down-us", {down_us}, {has_down ? down.value_error : unknown_error}, as_up, false},
      {"step-origin", {std::clamp(origin, 0.01, 0.99)}, {}, "middle of what was measured", false},
      {"step-noise", {up.deviation / up.value}, {}, "of the step at the origin", false},
      {"step-noise-form", {}, {}, "", false, "additive"}};
  if (soft_bounds) {
    estimates.push_back({"conductance-max-us", {highest}, {}, "where pulses up vanish", false});
    return estimates;
  }
  const double half = highest - origin_us;
  const auto slope = [&](const Line& line, double size, double sign) {
    return std::vector<double>{std::clamp(sign * line.slope * half / size, 0.0, 1.0)};
  };
  estimates.push_back(
      {"step-slope-up", slope(up, up.value, -1.0), {up.slope_error * half / up.value}, "", false});
  estimates.push_back({"step-slope-down",
                       slope(down, down_us, -1.0),
                       {has_down ? down.slope_error * half / down_us : unknown_error},
                       as_up,
                       false});
  return estimates;
}

}  // namespace imcsim::instrument
