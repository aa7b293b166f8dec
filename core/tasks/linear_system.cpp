#include "tasks/linear_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "numeric/execution.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t rows_per_part = 64;

/// Σ x_j·y_j of `n` numbers; y need not be aligned.
double sum_of_products(const double* x, const double* y, std::size_t n) {
  std::array<double, lanes> sums{};
  std::size_t j = 0;
  for (; j + lanes <= n; j += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) sums[k] += x[j + k] * y[j + k];
  }
  for (std::size_t k = 0; j < n; ++j, ++k) sums[k] += x[j] * y[j];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/// body(i) for all rows, in parallel.
template <class Body>
void for_rows(int threads, std::size_t n, const Body& body) {
  parallel_for(threads, (n + rows_per_part - 1) / rows_per_part, [&](std::size_t part) {
    const std::size_t end = std::min(n, (part + 1) * rows_per_part);
    for (std::size_t i = part * rows_per_part; i < end; ++i) body(i);
  });
}

class Dense final : public ExactMatrix {
 public:
  Dense(std::size_t n, std::vector<double> values, int threads)
      : n_(n), threads_(threads), values_(std::move(values)) {
    for (std::size_t i = 0; i < n && symmetric_; ++i) {
      for (std::size_t j = 0; j < i; ++j) symmetric_ = symmetric_ && at(i, j) == at(j, i);
    }
  }
  std::size_t size() const override { return n_; }
  double at(std::size_t i, std::size_t j) const override { return values_[i * n_ + j]; }
  bool symmetric() const override { return symmetric_; }
  void multiply(std::span<const double> x, std::span<double> y) const override {
    for_rows(threads_, n_,
             [&](std::size_t i) { y[i] = sum_of_products(&values_[i * n_], x.data(), n_); });
  }

 private:
  std::size_t n_;
  int threads_;
  bool symmetric_ = true;
  std::vector<double> values_;
};

class Covariance final : public ExactMatrix {
 public:
  Covariance(std::size_t n, int threads) : n_(n), threads_(threads), table_(2 * n, 0.0) {
    for (std::size_t k = 1; k < n; ++k) {
      const auto distance = static_cast<double>(k);
      table_[n + k] = table_[n - k] = 1.0 / (distance * distance);
    }
  }
  std::size_t size() const override { return n_; }
  double at(std::size_t i, std::size_t j) const override {
    return i == j ? diagonal(i) : table_[n_ + i - j];
  }
  bool symmetric() const override { return true; }
  void multiply(std::span<const double> x, std::span<double> y) const override {
    for_rows(threads_, n_, [&](std::size_t i) {
      y[i] = sum_of_products(&table_[n_ - i], x.data(), n_) + diagonal(i) * x[i];
    });
  }

 private:
  static double diagonal(std::size_t i) { return 1.0 + std::sqrt(static_cast<double>(i + 1)); }

  std::size_t n_;
  int threads_;
  std::vector<double> table_;  ///< at n + k: entries k positions off the diagonal
};

}  // namespace

std::unique_ptr<ExactMatrix> dense_matrix(std::size_t n, std::vector<double> values, int threads) {
  return std::make_unique<Dense>(n, std::move(values), threads);
}

std::unique_ptr<ExactMatrix> covariance_matrix(std::size_t n, int threads) {
  return std::make_unique<Covariance>(n, threads);
}

double dot(std::span<const double> x, std::span<const double> y) {
  return sum_of_products(x.data(), y.data(), x.size());
}

double norm(std::span<const double> x) { return std::sqrt(dot(x, x)); }

void add_scaled(std::span<double> y, double a, std::span<const double> x) {
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += a * x[i];
}

DirectSolver::DirectSolver(const ExactMatrix& a, const Where& name)
    : n_(a.size()), factors_(n_ * n_) {
  const auto fill = [&] {
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t j = 0; j < n_; ++j) factors_[i * n_ + j] = a.at(i, j);
    }
  };
  fill();
  if (a.symmetric()) cholesky_ = factor_cholesky();
  if (cholesky_) return;
  fill();
  factor_lu(name);
}

/// Stores L in the lower triangle; false if A is not positive definite.
bool DirectSolver::factor_cholesky() {
  for (std::size_t i = 0; i < n_; ++i) {
    double* const row = &factors_[i * n_];
    const double original = row[i];
    for (std::size_t j = 0; j < i; ++j) {
      const double* const other = &factors_[j * n_];
      row[j] = (row[j] - sum_of_products(row, other, j)) / other[j];
    }
    const double rest = original - sum_of_products(row, row, i);
    if (!(rest > 1e-15 * static_cast<double>(n_) * std::fabs(original))) return false;
    row[i] = std::sqrt(rest);
  }
  return true;
}

void DirectSolver::factor_lu(const Where& name) {
  order_.resize(n_);
  double largest = 0.0;
  for (std::size_t i = 0; i < n_; ++i) order_[i] = i;
  for (const double value : factors_) largest = std::max(largest, std::fabs(value));
  for (std::size_t k = 0; k < n_; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n_; ++i) {
      if (std::fabs(factors_[i * n_ + k]) > std::fabs(factors_[pivot * n_ + k])) pivot = i;
    }
    double* const top = &factors_[k * n_];
    if (pivot != k) {
      std::swap_ranges(top, top + n_, &factors_[pivot * n_]);
      std::swap(order_[k], order_[pivot]);
    }
    if (!(std::fabs(top[k]) > 1e-16 * static_cast<double>(n_) * largest)) {
      throw InputError(name, "matrix is singular", "an invertible matrix");
    }
    for (std::size_t i = k + 1; i < n_; ++i) {
      double* const row = &factors_[i * n_];
      const double factor = row[k] / top[k];
      row[k] = factor;
      for (std::size_t j = k + 1; j < n_; ++j) row[j] -= factor * top[j];
    }
  }
}

std::vector<double> DirectSolver::solve(std::span<const double> b) const {
  std::vector<double> x(n_);
  for (std::size_t i = 0; i < n_; ++i) {
    const double* const row = &factors_[i * n_];
    x[i] = b[cholesky_ ? i : order_[i]] - sum_of_products(row, x.data(), i);
    if (cholesky_) x[i] /= row[i];
  }
  for (std::size_t i = n_; i-- > 0;) {
    if (cholesky_) {
      x[i] /= factors_[i * n_ + i];
      for (std::size_t j = 0; j < i; ++j) x[j] -= factors_[i * n_ + j] * x[i];
    } else {
      const std::size_t rest = n_ - i - 1;
      const double* const behind = factors_.data() + i * n_ + i + 1;
      x[i] = (x[i] - sum_of_products(behind, x.data() + i + 1, rest)) / factors_[i * n_ + i];
    }
  }
  return x;
}

DigitalSolution conjugate_gradients(const ExactMatrix& a, std::span<const double> b,
                                    std::span<const double> inverse_diagonal, double tolerance,
                                    double floor) {
  const std::size_t n = a.size();
  DigitalSolution found;
  found.x.assign(n, 0.0);
  std::vector<double> r(b.begin(), b.end());
  std::vector<double> z(n);
  std::vector<double> p(n, 0.0);
  std::vector<double> q(n);
  double before = 0.0;
  for (std::uint64_t k = 0; k <= 20 * n; ++k) {
    const double residual = norm(r);
    if (residual <= tolerance && !found.converged) {
      found.converged = true;
      found.iterations_to_tolerance = k;
    }
    found.iterations = k;
    if (residual <= std::min(tolerance, floor) || !std::isfinite(residual)) break;
    for (std::size_t i = 0; i < n; ++i) {
      z[i] = inverse_diagonal.empty() ? r[i] : r[i] * inverse_diagonal[i];
    }
    const double now = dot(r, z);
    const double beta = k == 0 ? 0.0 : now / before;
    before = now;
    for (std::size_t i = 0; i < n; ++i) p[i] = z[i] + beta * p[i];
    a.multiply(p, q);
    const double curvature = dot(p, q);
    if (!(curvature > 0.0)) break;
    const double alpha = now / curvature;
    add_scaled(found.x, alpha, p);
    add_scaled(r, -alpha, q);
  }
  return found;
}

}  // namespace imcsim::tasks
