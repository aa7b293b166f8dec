#pragma once

#include <vector>

#include "tasks/answer.hpp"
#include "tasks/refinement.hpp"
#include "tasks/solve_config.hpp"
#include "tasks/solve_system.hpp"

namespace imcsim::tasks {

/// Reports the refinement of each system: iterations, residuals, the convergence curve of the
/// system with most iterations; a failure if one did not converge.
void report_refinement(const std::vector<Refined>& all, const SolveConfig& config, Answer& answer);

/// Reports the network of partial correlations from the columns of the inverse, with the network of
/// the exact solution.
void report_network(const std::vector<std::vector<double>>& x,
                    const std::vector<std::vector<double>>& exact_x, double threshold,
                    Answer& answer);

}  // namespace imcsim::tasks
