#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/error.hpp"

namespace imcsim::tasks {

/// A square matrix in double arithmetic, used by the digital unit.
class ExactMatrix {
 public:
  virtual ~ExactMatrix() = default;
  virtual std::size_t size() const = 0;
  virtual double at(std::size_t i, std::size_t j) const = 0;
  virtual bool symmetric() const = 0;

  /// y = A·x. The order of summation is fixed and independent of the number of threads.
  virtual void multiply(std::span<const double> x, std::span<double> y) const = 0;
};

/// A matrix with all entries in memory, [n × n] row-major.
std::unique_ptr<ExactMatrix> dense_matrix(std::size_t n, std::vector<double> values, int threads);

/// The model covariance matrix a_ii = 1 + √i (i from 1), a_ij = 1/|i − j|²; entries are computed
/// from a table of 2n numbers, not stored.
/// Source: doi:10.1038/s41928-018-0054-8, after Bekas and Curioni.
std::unique_ptr<ExactMatrix> covariance_matrix(std::size_t n, int threads);

/// Σ x_i·y_i in eight interleaved partial sums, bit-identical for scalar and vector code.
double dot(std::span<const double> x, std::span<const double> y);
double norm(std::span<const double> x);
/// y += a·x
void add_scaled(std::span<double> y, double a, std::span<const double> x);

/// Solves A·x = b in double arithmetic, for several b: Cholesky if the matrix is symmetric and
/// positive definite, otherwise LU with partial pivoting.
class DirectSolver {
 public:
  /// Throws InputError{name, …} if the matrix is singular to double precision.
  DirectSolver(const ExactMatrix& a, const Where& name);

  std::vector<double> solve(std::span<const double> b) const;
  bool positive_definite() const { return cholesky_; }

 private:
  bool factor_cholesky();
  void factor_lu(const Where& name);

  std::size_t n_;
  bool cholesky_ = false;
  std::vector<double> factors_;
  std::vector<std::size_t> order_;  ///< row of A at each row of L·U
};

/// Result of a digital Krylov method.
struct DigitalSolution {
  std::vector<double> x;
  std::uint64_t iterations = 0;               ///< products with A
  std::uint64_t iterations_to_tolerance = 0;  ///< until ‖b − A·x‖ ≤ `tolerance`
  bool converged = false;                     ///< the tolerance was met
};

/// Conjugate gradients in double arithmetic, with diagonal preconditioning if `inverse_diagonal` is
/// not empty, until ‖r‖ ≤ min(tolerance, floor); at most 20·n steps.
DigitalSolution conjugate_gradients(const ExactMatrix& a, std::span<const double> b,
                                    std::span<const double> inverse_diagonal, double tolerance,
                                    double floor);

}  // namespace imcsim::tasks
