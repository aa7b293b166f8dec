#include "instrument/fit_math.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace imcsim::instrument {

void LeastSquares::add(std::span<const double> row, double y, double weight) {
  const std::size_t n = right_.size();
  for (std::size_t i = 0; i < n; ++i) {
    right_[i] += weight * row[i] * y;
    for (std::size_t j = 0; j < n; ++j) matrix_[i * n + j] += weight * row[i] * row[j];
  }
}

void LeastSquares::add(std::span<const std::size_t> places, std::span<const double> row, double y,
                       double weight) {
  const std::size_t n = right_.size();
  for (std::size_t i = 0; i < places.size(); ++i) {
    right_[places[i]] += weight * row[i] * y;
    for (std::size_t j = 0; j < places.size(); ++j) {
      matrix_[places[i] * n + places[j]] += weight * row[i] * row[j];
    }
  }
}

LeastSquares::Solution LeastSquares::solve() const {
  const std::size_t n = right_.size();
  std::vector<double> inverse = matrix_;
  const std::vector<bool> has = invert(inverse, n);
  Solution solution;
  for (std::size_t i = 0; i < n; ++i) {
    double value = 0.0;
    for (std::size_t j = 0; j < n; ++j) value += inverse[i * n + j] * right_[j];
    solution.value.push_back(value);
    solution.variance.push_back(has[i] ? inverse[i * n + i]
                                       : std::numeric_limits<double>::infinity());
  }
  return solution;
}

std::vector<bool> invert(std::vector<double>& matrix, std::size_t n) {
  // Scaled to a unit diagonal, then eliminated with the largest remaining pivot first.
  std::vector<double> scale(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const double diagonal = matrix[i * n + i];
    scale[i] = diagonal > 0.0 ? 1.0 / std::sqrt(diagonal) : 0.0;
  }
  const auto rescale = [&] {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) matrix[i * n + j] *= scale[i] * scale[j];
    }
  };
  rescale();
  constexpr double smallest_pivot = 1e-11;
  std::vector<bool> done(n, false);
  for (std::size_t step = 0; step < n; ++step) {
    std::size_t p = n;
    double best = smallest_pivot;
    for (std::size_t i = 0; i < n; ++i) {
      if (!done[i] && matrix[i * n + i] > best) {
        best = matrix[i * n + i];
        p = i;
      }
    }
    if (p == n) break;
    done[p] = true;
    const double pivot = matrix[p * n + p];
    for (std::size_t i = 0; i < n; ++i) {
      if (i == p) continue;
      const double factor = matrix[i * n + p] / pivot;
      for (std::size_t j = 0; j < n; ++j) {
        if (j != p) matrix[i * n + j] -= factor * matrix[p * n + j];
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      if (i == p) continue;
      matrix[i * n + p] /= -pivot;
      matrix[p * n + i] /= pivot;
    }
    matrix[p * n + p] = 1.0 / pivot;
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (!done[i] || !done[j]) matrix[i * n + j] = 0.0;
    }
  }
  rescale();
  return done;
}

std::vector<double> quantile_nodes(std::vector<double> x, std::size_t most_nodes,
                                   std::size_t per_node) {
  std::sort(x.begin(), x.end());
  const std::size_t count = std::clamp<std::size_t>(x.size() / per_node, 1, most_nodes);
  const double least_gap = (x.back() - x.front()) / (4.0 * static_cast<double>(most_nodes));
  if (count == 1 || least_gap <= 0.0) {
    return {std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size())};
  }
  std::vector<double> nodes = {x.front()};
  for (std::size_t k = 1; k + 1 < count; ++k) {
    const double at = x[k * (x.size() - 1) / (count - 1)];
    if (at - nodes.back() >= least_gap && x.back() - at >= least_gap) nodes.push_back(at);
  }
  nodes.push_back(x.back());
  return nodes;
}

}  // namespace imcsim::instrument
