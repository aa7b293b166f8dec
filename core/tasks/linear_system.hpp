#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/error.hpp"

namespace imcsim::tasks {

/// A square matrix in double arithmetic: what the digital unit computes with.
class ExactMatrix {
 public:
  virtual ~ExactMatrix() = default;
  virtual std::size_t size() const = 0;
  virtual double at(std::size_t i, std::size_t j) const = 0;
  virtual bool symmetric() const = 0;

  /// y = A·x. Sums run in one fixed order, whatever the threads.
  virtual void multiply(std::span<const double> x, std::span<double> y) const = 0;
};

/// All entries in memory, [n × n] row-major.
std::unique_ptr<ExactMatrix> dense_matrix(std::size_t n, std::vector<double> values, int threads);

/// The model covariance matrix a_ii = 1 + √i (i from 1), a_ij = 1/|i − j|²; entries are made from
/// a table of 2n numbers and not kept.
/// Source: doi:10.1038/s41928-018-0054-8, after Bekas and Curioni.
std::unique_ptr<ExactMatrix> covariance_matrix(std::size_t n, int threads);

/// Σ x_i·y_i in eight interleaved partial sums: the same bits from scalar and vector code.
double dot(std::span<const double> x, std::span<const double> y);
double norm(std::span<const double> x);
/// y += a·x
void add_scaled(std::span<double> y, double a, std::span<const double> x);

/// Solves A·x = b in double arithmetic, for many b: Cholesky where the matrix is symmetric and
/// positive definite, LU with partial pivoting otherwise.
class DirectSolver {
 public:
  /// Throws InputError{name, …} where the matrix is singular to double precision.
  DirectSolver(const ExactMatrix& a, const Where& name);

  std::vector<double> solve(std::span<const double> b) const;
  bool positive_definite() const { return cholesky_; }

 private:
  bool factor_cholesky();
  void factor_lu(const Where& name);

  std::size_t n_;
  bool cholesky_ = false;
  std::vector<double> factors_;
  std::vector<std::size_t> order_;  ///< row of A that stands at each row of L·U
};

/// How a digital Krylov method went.
struct DigitalSolution {
  std::vector<double> x;
  std::uint64_t iterations = 0;               ///< products with A in all
  std::uint64_t iterations_to_tolerance = 0;  ///< until ‖b − A·x‖ ≤ `tolerance`
  bool converged = false;                     ///< the tolerance was met
};

/// Conjugate gradients in double arithmetic, with the diagonal as preconditioner where
/// `inverse_diagonal` is not empty, until ‖r‖ ≤ min(tolerance, floor); at most 20·n steps.
DigitalSolution conjugate_gradients(const ExactMatrix& a, std::span<const double> b,
                                    std::span<const double> inverse_diagonal, double tolerance,
                                    double floor);

}  // namespace imcsim::tasks
