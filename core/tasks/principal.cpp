#include "tasks/principal.hpp"

#include <algorithm>
#include <cmath>

#include "numeric/float_math.hpp"

namespace imcsim::tasks {
namespace {

/// Jacobi rotation of coordinates p and q of a symmetric matrix that makes its entry (p, q) zero.
void rotate(std::vector<double>& a, std::vector<double>& vectors, std::size_t n, std::size_t p,
            std::size_t q) {
  const double off = a[p * n + q];
  if (off == 0.0) return;
  const double theta = (a[q * n + q] - a[p * n + p]) / (2.0 * off);
  const double t =
      (theta >= 0.0 ? 1.0 : -1.0) / (std::fabs(theta) + std::sqrt(theta * theta + 1.0));
  const double c = 1.0 / std::sqrt(t * t + 1.0);
  const double s = t * c;
  const auto turn = [&](double& x, double& y) {
    const double old = x;
    x = c * old - s * y;
    y = s * old + c * y;
  };
  for (std::size_t k = 0; k < n; ++k) turn(a[k * n + p], a[k * n + q]);
  for (std::size_t k = 0; k < n; ++k) turn(a[p * n + k], a[q * n + k]);
  for (std::size_t k = 0; k < n; ++k) turn(vectors[k * n + p], vectors[k * n + q]);
}

/// Solution of a small symmetric positive definite system, by elimination.
std::vector<double> solved(std::vector<double> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    if (a[k * n + k] == 0.0) continue;
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = a[i * n + k] / a[k * n + k];
      for (std::size_t j = k; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k * n + j] * b[j];
    b[k] = a[k * n + k] != 0.0 ? b[k] / a[k * n + k] : 0.0;
  }
  return b;
}

constexpr int newton_steps = 30;
constexpr double penalty = 1.0;  ///< penalty term ½·penalty·slope²

double product_of(const double* x, std::span<const double> y) {
  double sum = 0.0;
  for (std::size_t k = 0; k < y.size(); ++k) sum += x[k] * y[k];
  return sum;
}

/// Newton step for the coefficients of logistic regression; each row of `scores` ends with a 1,
/// labels are 0 and 1.
std::vector<double> newton_step(const std::vector<double>& scores,
                                const std::vector<std::size_t>& labels,
                                std::span<const double> line) {
  const std::size_t m = line.size();
  std::vector<double> curvature(m * m, 0.0);
  std::vector<double> slope(m, 0.0);
  for (std::size_t k = 0; k + 1 < m; ++k) {
    curvature[k * m + k] = penalty;
    slope[k] = -penalty * line[k];
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double* const x = &scores[i * m];
    const auto value = static_cast<float>(product_of(x, line));
    const double chance = 1.0 / (1.0 + static_cast<double>(numeric::exp(-value)));
    const double weight = chance * (1.0 - chance);
    for (std::size_t k = 0; k < m; ++k) {
      slope[k] += x[k] * (static_cast<double>(labels[i]) - chance);
      for (std::size_t l = 0; l < m; ++l) curvature[k * m + l] += weight * x[k] * x[l];
    }
  }
  return solved(std::move(curvature), std::move(slope));
}

}  // namespace

void standardize(NumericTable& table) {
  const auto rows = static_cast<double>(table.rows);
  for (std::size_t j = 0; j < table.columns; ++j) {
    double mean = 0.0;
    double variance = 0.0;
    for (std::size_t i = 0; i < table.rows; ++i) mean += table.at(i, j) / rows;
    for (std::size_t i = 0; i < table.rows; ++i) {
      variance += (table.at(i, j) - mean) * (table.at(i, j) - mean) / rows;
    }
    const double factor = variance > 0.0 ? 1.0 / std::sqrt(variance) : 0.0;
    for (std::size_t i = 0; i < table.rows; ++i) {
      double& value = table.values[i * table.columns + j];
      value = (value - mean) * factor;
    }
  }
}

Principal principal_components(const NumericTable& table, std::size_t count) {
  const std::size_t n = table.columns;
  std::vector<double> a(n * n, 0.0);
  std::vector<double> vectors(n * n, 0.0);
  for (std::size_t j = 0; j < n; ++j) {
    vectors[j * n + j] = 1.0;
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t i = 0; i < table.rows; ++i) {
        a[j * n + k] += table.at(i, j) * table.at(i, k) / static_cast<double>(table.rows);
      }
    }
  }
  for (int sweep = 0; sweep < 30; ++sweep) {
    for (std::size_t p = 0; p + 1 < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) rotate(a, vectors, n, p, q);
    }
  }
  std::vector<std::size_t> order(n);
  for (std::size_t j = 0; j < n; ++j) order[j] = j;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t x, std::size_t y) { return a[x * n + x] > a[y * n + y]; });
  Principal found(count);
  for (std::size_t i = 0; i < count; ++i) {
    found[i].variance = a[order[i] * n + order[i]];
    for (std::size_t k = 0; k < n; ++k) found[i].direction.push_back(vectors[k * n + order[i]]);
  }
  return found;
}

double cosine_of(std::span<const double> a, std::span<const double> b) {
  double product = 0.0;
  double square_a = 0.0;
  double square_b = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += a[i] * b[i];
    square_a += a[i] * a[i];
    square_b += b[i] * b[i];
  }
  const double norm = std::sqrt(square_a * square_b);
  return norm > 0.0 ? product / norm : 0.0;
}

double separation_accuracy(const NumericTable& table, const Principal& components) {
  const std::size_t m = components.size() + 1;
  std::vector<double> scores(table.rows * m, 1.0);
  for (std::size_t i = 0; i < table.rows; ++i) {
    for (std::size_t k = 0; k + 1 < m; ++k) {
      double score = 0.0;
      for (std::size_t j = 0; j < table.columns; ++j) {
        score += table.at(i, j) * components[k].direction[j];
      }
      scores[i * m + k] = score;
    }
  }
  std::vector<double> line(m, 0.0);
  for (int step = 0; step < newton_steps; ++step) {
    const std::vector<double> move = newton_step(scores, table.labels, line);
    for (std::size_t k = 0; k < m; ++k) line[k] += move[k];
  }
  std::size_t right = 0;
  for (std::size_t i = 0; i < table.rows; ++i) {
    const double value = product_of(&scores[i * m], line);
    right += (value > 0.0) == (table.labels[i] == 1) ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(table.rows);
}

}  // namespace imcsim::tasks
