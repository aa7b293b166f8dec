#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tasks/linear_system.hpp"

namespace imcsim::tasks {

/// Computes y = Â·x, in memory or exactly.
using Product = std::function<void(std::span<const double> x, std::span<double> y)>;

/// An inexact solution of Â·z = r, and the number of products used.
struct InnerSolution {
  std::vector<double> z;
  std::uint64_t products = 0;
};

/// At most `steps` steps of conjugate gradients from z = 0. Stops if p·Âp ≤ 0 or if ‖r‖² has grown
/// fourfold, both consequences of inexact products.
InnerSolution inner_conjugate_gradients(const Product& product, std::span<const double> r,
                                        std::size_t steps);

/// One cycle of GMRES(`steps`) from z = 0, without restart.
/// Source: doi:10.1137/0907058.
InnerSolution inner_gmres(const Product& product, std::span<const double> r, std::size_t steps);

/// Parameters of the outer loop.
struct RefinementRule {
  double tolerance = 1e-5;       ///< target for ‖b − A·x‖
  std::uint64_t most_steps = 0;  ///< maximum number of corrections
  std::uint64_t patience = 50;   ///< number of corrections within which ‖r‖ must halve
  bool line_search = false;      ///< x += α·z, α = (r·Az)/(Az·Az), so that ‖r‖ never grows
};

/// Result of the refinement.
struct Refined {
  std::vector<double> x;
  std::vector<double> residuals;     ///< ‖r‖ before each correction, and final
  std::vector<std::uint64_t> inner;  ///< products per correction
  std::uint64_t exact_products = 0;
  bool converged = false;
  bool stopped = false;  ///< by the observer
};

/// Computes an inexact solution z of A·z = r in outer step `step`; returns false to stop.
using Correction =
    std::function<bool(std::uint64_t step, std::span<const double> r, InnerSolution& z)>;

/// Iterative refinement: r = b − A·x in double arithmetic, x += z with an inexact z, until
/// ‖r‖ ≤ tolerance.
/// Source: Le Gallo et al. 2018, doi:10.1038/s41928-018-0054-8.
Refined refine(const ExactMatrix& a, std::span<const double> b, const RefinementRule& rule,
               const Correction& correction);

}  // namespace imcsim::tasks
