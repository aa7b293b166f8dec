#pragma once

#include <vector>

#include "tasks/answer.hpp"
#include "tasks/refinement.hpp"
#include "tasks/solve_config.hpp"
#include "tasks/solve_system.hpp"

namespace imcsim::tasks {

/// How refinement went with each system: iterations, residuals, the curve of the longest one; a
/// failure where one did not converge.
void report_refinement(const std::vector<Refined>& all, const SolveConfig& config, Answer& answer);

/// The network of partial correlations from the columns of the inverse, beside that of the exact
/// ones.
void report_network(const std::vector<std::vector<double>>& x,
                    const std::vector<std::vector<double>>& exact_x, double threshold,
                    Answer& answer);

}  // namespace imcsim::tasks
