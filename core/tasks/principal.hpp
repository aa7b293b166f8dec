#pragma once

#include <span>
#include <vector>

#include "tasks/table_input.hpp"

namespace imcsim::tasks {

/// Scales each column to mean 0 and variance 1; a constant column to 0.
void standardize(NumericTable& table);

struct PrincipalComponent {
  std::vector<double> direction;
  double variance = 0.0;
};
using Principal = std::vector<PrincipalComponent>;

/// The leading `count` eigenvectors of the covariance matrix of the columns, by Jacobi rotations.
Principal principal_components(const NumericTable& table, std::size_t count);

double cosine_of(std::span<const double> a, std::span<const double> b);

/// Fraction of the rows that logistic regression on their scores assigns to their label; for tables
/// with two labels. An L2 penalty on the slopes keeps them finite for separable labels.
double separation_accuracy(const NumericTable& table, const Principal& components);

}  // namespace imcsim::tasks
