#pragma once

#include <span>
#include <string>
#include <vector>

#include "tasks/answer.hpp"

namespace imcsim::tasks {

/// Divides numbers into two groups by two-means clustering, starting at the smallest and the
/// largest value; 1 for the upper group.
std::vector<std::uint8_t> two_means(std::span<const double> values);

/// Rates of the detection of the first `positives` entries by `groups`.
struct Detection {
  double true_positive_rate = 0.0;
  double false_positive_rate = 0.0;
};
Detection detection(std::span<const std::uint8_t> groups, std::size_t positives);

/// Ranks from 1; equal values have their mean rank.
std::vector<double> ranks_of(std::span<const double> values);

/// Probability that one of the first `positives` values exceeds one of the others; ties count half.
/// 0.5 if one of the groups is empty.
double area_under_curve(std::span<const double> values, std::size_t positives);

/// The same for normally distributed values with means `separation` standard deviations apart:
/// Φ(d'/√2), to 2e-7.
double area_of_separation(double separation);

/// Spearman's rank correlation.
double rank_correlation(std::span<const double> a, std::span<const double> b);

/// Histogram with 16 bins of equal width from the smallest to the largest value.
Bars histogram(const std::string& title, std::span<const double> values);

}  // namespace imcsim::tasks
