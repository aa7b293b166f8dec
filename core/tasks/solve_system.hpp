#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "tasks/linear_system.hpp"
#include "tasks/refinement.hpp"

namespace imcsim::tasks {

/// Linear systems A·x = b with a common matrix.
struct LinearSystems {
  std::unique_ptr<ExactMatrix> matrix;
  Where name = "";  ///< name of the matrix in error messages
  std::vector<std::vector<double>> right_sides;
};

/// Solutions by ordinary arithmetic.
struct ExactSolutions {
  std::string method;                     ///< method used for `x`: `cholesky`, `lu`, `cg`, `gmres`
  std::vector<std::vector<double>> x;     ///< per system
  std::string iterative;                  ///< `cg` or `gmres`, in double arithmetic
  std::vector<std::uint64_t> iterations;  ///< per system, to the tolerance
  bool positive_definite = false;
};

/// Solves all systems in double arithmetic: directly up to 2048 unknowns, otherwise by a Krylov
/// method. Also counts the products with A needed by the Krylov method to reach ‖r‖ ≤ `tolerance`
/// (conjugate gradients for symmetric matrices, GMRES(30) for others). `diagonal_scaling`: with
/// diagonal preconditioning. Throws InputError if the matrix is singular.
ExactSolutions solve_exactly(const LinearSystems& systems, bool diagonal_scaling, double tolerance);

/// P_i = 1/√|a_ii|, or 1 if a_ii = 0 or `scaled` is false.
std::vector<double> diagonal_scales(const ExactMatrix& a, bool scaled);

/// ‖x − y‖/‖y‖; 0 if both are zero.
double relative_distance(std::span<const double> x, std::span<const double> y);

/// An edge of a network: partial correlation of two variables.
struct NetworkEdge {
  std::size_t first = 0, second = 0;
  double correlation = 0.0;
};

/// Partial correlations ρ_ij = −b_ij/√(b_ii·b_jj) with |ρ| > `threshold`, from the inverse B of a
/// correlation matrix, given by its columns.
std::vector<NetworkEdge> network_of(const std::vector<std::vector<double>>& inverse,
                                    double threshold);

/// Number of edges in only one of the networks.
std::size_t differing_edges(const std::vector<NetworkEdge>& a, const std::vector<NetworkEdge>& b);

}  // namespace imcsim::tasks
