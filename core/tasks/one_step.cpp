#include "tasks/one_step.hpp"

#include <algorithm>
#include <cmath>

#include "tasks/linear_system.hpp"

namespace imcsim::tasks {
namespace {

constexpr double two_pi = 6.283185307179586;
/// Entries of a propagator that has settled are below this limit.
constexpr double settled_limit = 1e-9;
/// Entries of a propagator that diverges exceed this limit.
constexpr double divergence_limit = 1e12;
constexpr int most_doublings = 60;

using Square = std::vector<double>;  ///< [n × n]

Square product(const Square& a, const Square& b, std::size_t n) {
  Square c(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      add_scaled({&c[i * n], n}, a[i * n + k], {&b[k * n], n});
    }
  }
  return c;
}

std::vector<double> image_of(const Square& a, std::span<const double> x) {
  std::vector<double> y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = dot({&a[i * x.size()], x.size()}, x);
  return y;
}

double largest_of(const Square& a) {
  double most = 0.0;
  for (const double value : a)
    most = std::isfinite(value) ? std::max(most, std::fabs(value)) : value;
  return most;
}

/// e^(−M/2) by its Taylor series; the row sums of M only slightly exceed 1, so that twenty terms
/// are accurate to the last bit.
Square half_step(const Square& m, std::size_t n) {
  Square term(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) term[i * n + i] = 1.0;
  Square sum = term;
  for (int k = 1; k <= 20; ++k) {
    term = product(term, m, n);
    for (double& value : term) value *= -0.5 / static_cast<double>(k);
    for (std::size_t i = 0; i < n * n; ++i) sum[i] += term[i];
  }
  return sum;
}

/// Number of half steps until ‖x(t) − x‖ ≤ ε·‖x‖, from the propagator's powers 2^k.
double settling_steps(const std::vector<Square>& powers, const std::vector<double>& x,
                      double epsilon) {
  const double enough = epsilon * norm(x);
  std::vector<double> apart = x;  // x − x(t) at the latest time known to be before settling
  double steps = 0.0;
  for (std::size_t k = powers.size(); k-- > 0;) {
    std::vector<double> later = image_of(powers[k], apart);
    if (norm(later) <= enough) continue;
    apart = std::move(later);
    steps += std::ldexp(1.0, static_cast<int>(k));
  }
  return steps + 1.0;
}

/// Total conductance of each row.
std::vector<double> row_sums(const Matrix<double>& g, double input) {
  std::vector<double> sums(g.shape(0), input);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    for (std::size_t j = 0; j < sums.size(); ++j) sums[i] += std::fabs(g(i, j));
  }
  return sums;
}

}  // namespace

std::vector<double> loaded_matrix(const Matrix<double>& g, const FeedbackCircuit& circuit) {
  const std::size_t n = g.shape(0);
  const std::vector<double> sums = row_sums(g, circuit.input);
  std::vector<double> loaded(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) loaded[i * n + j] = g(i, j);
    loaded[i * n + i] += sums[i] / circuit.gain;
  }
  return loaded;
}

CircuitAnswer settle_circuit(const Matrix<double>& g, std::span<const std::vector<double>> b,
                             const FeedbackCircuit& circuit, double epsilon) {
  const std::size_t n = g.shape(0);
  const std::vector<double> sums = row_sums(g, circuit.input);
  Square m = loaded_matrix(g, circuit);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n && sums[i] > 0.0; ++j) m[i * n + j] /= sums[i];
  }
  std::vector<Square> powers = {half_step(m, n)};
  double size = largest_of(powers.back());
  for (int k = 0; k < most_doublings && size > settled_limit && size < divergence_limit; ++k) {
    powers.push_back(product(powers.back(), powers.back(), n));
    size = largest_of(powers.back());
  }
  CircuitAnswer answer;
  answer.stable = size <= settled_limit;
  if (!answer.stable) return answer;
  const DirectSolver solver(*dense_matrix(n, loaded_matrix(g, circuit), 1), "matrix");
  double steps = 0.0;
  for (const std::vector<double>& currents : b) {
    answer.x.push_back(solver.solve(currents));
    steps = std::max(steps, settling_steps(powers, answer.x.back(), epsilon));
  }
  // A half step of M takes 0.5/(2π·GBP).
  answer.settling_s = steps * 0.5 / (two_pi * circuit.gain_bandwidth_hz);
  return answer;
}

}  // namespace imcsim::tasks
