#pragma once

#include <span>
#include <vector>

#include "tasks/table_input.hpp"

namespace imcsim::tasks {

/// Brings each column to mean 0 and variance 1; a constant one to 0.
void standardise(NumericTable& table);

struct PrincipalComponent {
  std::vector<double> direction;
  double variance = 0.0;
};
using Principal = std::vector<PrincipalComponent>;

/// The leading `count` eigenvectors of the covariance of the columns, by Jacobi's rotations.
Principal principal_components(const NumericTable& table, std::size_t count);

double cosine_of(std::span<const double> a, std::span<const double> b);

/// Share of the rows that logistic regression on their scores puts on the side of their label; for
/// tables of two labels. Slopes are held back by half their squares, so that labels which separate
/// completely have a line, too.
double separation_accuracy(const NumericTable& table, const Principal& components);

}  // namespace imcsim::tasks
