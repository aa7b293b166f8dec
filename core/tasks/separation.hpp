#pragma once

#include <span>
#include <string>
#include <vector>

#include "tasks/answer.hpp"

namespace imcsim::tasks {

/// Two groups of numbers by two-means, begun at the least and the greatest: 1 for those nearer to
/// the upper centre.
std::vector<std::uint8_t> two_means(std::span<const double> values);

/// How well `groups` tells the first `positives` entries from the others.
struct Detection {
  double true_positive_rate = 0.0;
  double false_positive_rate = 0.0;
};
Detection detection(std::span<const std::uint8_t> groups, std::size_t positives);

/// Ranks from 1; equal values share the mean of theirs.
std::vector<double> ranks_of(std::span<const double> values);

/// Probability that one of the first `positives` values is above one of the others; ties count
/// half. 0.5 where there are none of a kind.
double area_under_curve(std::span<const double> values, std::size_t positives);

/// The same for normal numbers whose means are `separation` standard deviations apart:
/// Φ(d'/√2), to 2e-7.
double area_of_separation(double separation);

/// Rank correlation of Spearman.
double rank_correlation(std::span<const double> a, std::span<const double> b);

/// Sixteen bars of equal width from the least to the greatest value.
Bars histogram(const std::string& title, std::span<const double> values);

}  // namespace imcsim::tasks
