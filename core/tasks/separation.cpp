#include "tasks/separation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "numeric/float_math.hpp"

namespace imcsim::tasks {

std::vector<std::uint8_t> two_means(std::span<const double> values) {
  std::vector<std::uint8_t> groups(values.size(), 0);
  if (values.empty()) return groups;
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  double low = *least;
  double high = *greatest;
  for (int round = 0; round < 200 && low < high; ++round) {
    const double border = 0.5 * (low + high);
    double sums[2] = {0.0, 0.0};
    std::size_t counts[2] = {0, 0};
    for (std::size_t i = 0; i < values.size(); ++i) {
      groups[i] = values[i] > border ? 1 : 0;
      sums[groups[i]] += values[i];
      ++counts[groups[i]];
    }
    const double next_low = sums[0] / static_cast<double>(counts[0]);
    const double next_high = sums[1] / static_cast<double>(counts[1]);
    if (next_low == low && next_high == high) break;
    low = next_low;
    high = next_high;
  }
  return groups;
}

Detection detection(std::span<const std::uint8_t> groups, std::size_t positives) {
  std::size_t hits = 0;
  std::size_t alarms = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) (i < positives ? hits : alarms) += groups[i];
  const auto share = [](std::size_t part, std::size_t of) {
    return of == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(of);
  };
  return {share(hits, positives), share(alarms, groups.size() - positives)};
}

std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return values[a] != values[b] ? values[a] < values[b] : a < b;
  });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    for (std::size_t i = first; i < end; ++i) {
      ranks[order[i]] = 0.5 * static_cast<double>(first + end + 1);
    }
    first = end;
  }
  return ranks;
}

double area_under_curve(std::span<const double> values, std::size_t positives) {
  if (positives == 0 || positives >= values.size()) return 0.5;
  const std::vector<double> ranks = ranks_of(values);
  double sum = 0.0;
  for (std::size_t i = 0; i < positives; ++i) sum += ranks[i];
  const auto n = static_cast<double>(positives);
  const auto others = static_cast<double>(values.size() - positives);
  return (sum - 0.5 * n * (n + 1.0)) / (n * others);
}

// erfc by Abramowitz and Stegun 7.1.26.
double area_of_separation(double separation) {
  const double x = 0.5 * separation;
  const double t = 1.0 / (1.0 + 0.3275911 * x);
  const double series =
      t *
      (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const double tail = series * numeric::exp_of(-x * x);
  return 1.0 - 0.5 * tail;
}

double rank_correlation(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> ranks_a = ranks_of(a);
  const std::vector<double> ranks_b = ranks_of(b);
  const double mean = 0.5 * static_cast<double>(a.size() + 1);
  double product = 0.0;
  double square_a = 0.0;
  double square_b = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += (ranks_a[i] - mean) * (ranks_b[i] - mean);
    square_a += (ranks_a[i] - mean) * (ranks_a[i] - mean);
    square_b += (ranks_b[i] - mean) * (ranks_b[i] - mean);
  }
  const double norm = std::sqrt(square_a * square_b);
  return norm > 0.0 ? product / norm : 0.0;
}

Bars histogram(const std::string& title, std::span<const double> values) {
  constexpr std::size_t bins = 16;
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  const double width = std::max(1e-12, *greatest - *least) / static_cast<double>(bins);
  std::vector<double> counts(bins, 0.0);
  for (const double value : values) {
    const double place = std::max(0.0, (value - *least) / width);
    counts[std::min(bins - 1, static_cast<std::size_t>(place))] += 1.0;
  }
  Bars bars{title, {}};
  for (std::size_t i = 0; i < bins; ++i) {
    bars.bars.emplace_back(fmt::format("{:.2f}", *least + (static_cast<double>(i) + 0.5) * width),
                           counts[i]);
  }
  return bars;
}

}  // namespace imcsim::tasks
