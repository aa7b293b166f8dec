#include "tasks/principal.hpp"

#include <algorithm>
#include <cmath>

namespace imcsim::tasks {
namespace {

/// Turns coordinates p and q of a symmetric matrix so that its entry (p, q) becomes 0.
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

/// Solves the small symmetric positive system in place, by elimination.
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

}  // namespace

void standardise(NumericTable& table) {
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
  // Targets ±n/n_label give both groups the same weight: the border lies between their means.
  std::size_t ones = 0;
  for (const std::size_t label : table.labels) ones += label;
  const auto n = static_cast<double>(table.rows);
  const auto target = [&](std::size_t i) {
    return table.labels[i] == 1 ? n / static_cast<double>(ones)
                                : -n / (n - static_cast<double>(ones));
  };
  std::vector<double> a(m * m, 0.0);
  std::vector<double> b(m, 0.0);
  for (std::size_t i = 0; i < table.rows; ++i) {
    for (std::size_t k = 0; k < m; ++k) {
      b[k] += scores[i * m + k] * target(i);
      for (std::size_t l = 0; l < m; ++l) a[k * m + l] += scores[i * m + k] * scores[i * m + l];
    }
  }
  std::vector<double> line = solved(a, b);
  double middle = 0.0;
  const auto value_of = [&](std::size_t i) {
    double value = 0.0;
    for (std::size_t k = 0; k + 1 < m; ++k) value += line[k] * scores[i * m + k];
    return value;
  };
  for (std::size_t i = 0; i < table.rows; ++i)
    middle += 0.5 * value_of(i) * std::fabs(target(i)) / n;
  std::size_t right = 0;
  for (std::size_t i = 0; i < table.rows; ++i) {
    right += (value_of(i) > middle) == (table.labels[i] == 1) ? 1 : 0;
  }
  return static_cast<double>(right) / n;
}

}  // namespace imcsim::tasks
