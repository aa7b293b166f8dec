#include "tasks/solve_system.hpp"

#include <cmath>
#include <set>

namespace imcsim::tasks {
namespace {

constexpr std::size_t most_direct = 2048;
constexpr std::size_t digital_restart = 30;
constexpr double exact_residual = 1e-12;

/// Restarted GMRES in double arithmetic.
Refined digital_gmres(const ExactMatrix& a, std::span<const double> b, double tolerance) {
  const Product product = [&](std::span<const double> x, std::span<double> y) { a.multiply(x, y); };
  RefinementRule rule;
  rule.tolerance = tolerance;
  rule.most_steps = a.size();
  return refine(a, b, rule, [&](std::uint64_t, std::span<const double> r, InnerSolution& inner) {
    inner = inner_gmres(product, r, digital_restart);
    return true;
  });
}

std::uint64_t products_of(const Refined& refined) {
  std::uint64_t sum = 0;
  for (const std::uint64_t products : refined.inner) sum += products;
  return sum;
}

}  // namespace

std::vector<double> diagonal_scales(const ExactMatrix& a, bool scaled) {
  std::vector<double> scales(a.size(), 1.0);
  for (std::size_t i = 0; i < a.size() && scaled; ++i) {
    const double diagonal = std::fabs(a.at(i, i));
    if (diagonal > 0.0) scales[i] = 1.0 / std::sqrt(diagonal);
  }
  return scales;
}

ExactSolutions solve_exactly(const LinearSystems& systems, bool diagonal_scaling,
                             double tolerance) {
  const ExactMatrix& a = *systems.matrix;
  ExactSolutions found;
  std::unique_ptr<DirectSolver> direct;
  if (a.size() <= most_direct) direct = std::make_unique<DirectSolver>(a, systems.name);
  found.positive_definite = direct != nullptr ? direct->positive_definite() : a.symmetric();
  const bool cg = found.positive_definite;
  found.iterative = cg ? "cg" : "gmres";
  found.method = direct == nullptr ? found.iterative : cg ? "cholesky" : "lu";
  std::vector<double> preconditioner;
  if (diagonal_scaling) {
    preconditioner = diagonal_scales(a, true);
    for (double& value : preconditioner) value *= value;
  }
  const double floor = direct == nullptr ? exact_residual : tolerance;
  for (const std::vector<double>& b : systems.right_sides) {
    std::vector<double> x;
    if (cg) {
      DigitalSolution digital = conjugate_gradients(a, b, preconditioner, tolerance, floor);
      found.iterations.push_back(digital.converged ? digital.iterations_to_tolerance
                                                   : digital.iterations);
      x = std::move(digital.x);
    } else {
      found.iterations.push_back(products_of(digital_gmres(a, b, tolerance)));
      if (direct == nullptr) x = digital_gmres(a, b, std::min(tolerance, exact_residual)).x;
    }
    found.x.push_back(direct != nullptr ? direct->solve(b) : std::move(x));
  }
  return found;
}

double relative_distance(std::span<const double> x, std::span<const double> y) {
  std::vector<double> apart(x.begin(), x.end());
  add_scaled(apart, -1.0, y);
  const double size = norm(y);
  const double distance = norm(apart);
  return size > 0.0 ? distance / size : distance;
}

std::vector<NetworkEdge> network_of(const std::vector<std::vector<double>>& inverse,
                                    double threshold) {
  std::vector<NetworkEdge> edges;
  for (std::size_t i = 0; i < inverse.size(); ++i) {
    for (std::size_t j = i + 1; j < inverse.size(); ++j) {
      const double both = 0.5 * (inverse[i][j] + inverse[j][i]);
      const double square = inverse[i][i] * inverse[j][j];
      const double correlation = square > 0.0 ? -both / std::sqrt(square) : 0.0;
      if (std::fabs(correlation) > threshold) edges.push_back({i, j, correlation});
    }
  }
  return edges;
}

std::size_t differing_edges(const std::vector<NetworkEdge>& a, const std::vector<NetworkEdge>& b) {
  std::set<std::pair<std::size_t, std::size_t>> odd;
  for (const auto* network : {&a, &b}) {
    for (const NetworkEdge& edge : *network) {
      const std::pair<std::size_t, std::size_t> ends(edge.first, edge.second);
      if (!odd.insert(ends).second) odd.erase(ends);
    }
  }
  return odd.size();
}

}  // namespace imcsim::tasks
