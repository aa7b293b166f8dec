#include "tasks/refinement.hpp"

#include <algorithm>
#include <cmath>

namespace imcsim::tasks {
namespace {

/// A rotation of two rows: (x, y) ← (c·x + s·y, c·y − s·x).
struct Rotation {
  double c = 1.0, s = 0.0;

  static Rotation that_clears(double y, double x) {
    const double length = std::sqrt(x * x + y * y);
    return length > 0.0 ? Rotation{x / length, y / length} : Rotation{};
  }
  void turn(double& x, double& y) const {
    const double old = x;
    x = c * x + s * y;
    y = c * y - s * old;
  }
};

/// Coefficients y of the basis vectors that minimize ‖r − Â·Vy‖: R·y = g, by back substitution. `h`
/// holds the columns of R.
std::vector<double> back_substituted(const std::vector<std::vector<double>>& h,
                                     std::vector<double> g) {
  std::vector<double> y(h.size(), 0.0);
  for (std::size_t k = h.size(); k-- > 0;) {
    double sum = g[k];
    for (std::size_t j = k + 1; j < h.size(); ++j) sum -= h[j][k] * y[j];
    y[k] = h[k][k] != 0.0 ? sum / h[k][k] : 0.0;
  }
  return y;
}

/// Whether the residual has not halved within the last `patience` corrections.
bool stagnates(const std::vector<double>& residuals, std::uint64_t patience) {
  if (residuals.size() <= patience) return false;
  const auto last = residuals.end() - static_cast<std::ptrdiff_t>(patience);
  return *std::min_element(last, residuals.end()) >
         0.5 * *std::min_element(residuals.begin(), last);
}

}  // namespace

InnerSolution inner_conjugate_gradients(const Product& product, std::span<const double> r,
                                        std::size_t steps) {
  InnerSolution found{std::vector<double>(r.size(), 0.0), 0};
  std::vector<double> rest(r.begin(), r.end());
  std::vector<double> p = rest;
  std::vector<double> q(r.size());
  const double begin = dot(rest, rest);
  double square = begin;
  while (found.products < steps && square > 0.0) {
    product(p, q);
    ++found.products;
    const double curvature = dot(p, q);
    if (!(curvature > 0.0)) break;
    const double alpha = square / curvature;
    add_scaled(rest, -alpha, q);
    const double next = dot(rest, rest);
    if (!(next <= 4.0 * begin)) break;
    add_scaled(found.z, alpha, p);
    const double beta = next / square;
    square = next;
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = rest[i] + beta * p[i];
  }
  return found;
}

InnerSolution inner_gmres(const Product& product, std::span<const double> r, std::size_t steps) {
  InnerSolution found{std::vector<double>(r.size(), 0.0), 0};
  const double length = norm(r);
  if (!(length > 0.0)) return found;
  std::vector<std::vector<double>> basis(1, std::vector<double>(r.begin(), r.end()));
  for (double& value : basis[0]) value /= length;
  std::vector<std::vector<double>> h;  // columns of the Hessenberg matrix, transformed to R
  std::vector<Rotation> rotations;
  std::vector<double> g = {length};
  while (h.size() < std::min(steps, r.size())) {
    const std::size_t k = h.size();
    std::vector<double> w(r.size());
    product(basis[k], w);
    ++found.products;
    std::vector<double> column;
    for (const std::vector<double>& v : basis) {
      column.push_back(dot(w, v));
      add_scaled(w, -column.back(), v);
    }
    double next = norm(w);
    for (std::size_t i = 0; i < k; ++i) rotations[i].turn(column[i], column[i + 1]);
    const double below = next;
    rotations.push_back(Rotation::that_clears(next, column[k]));
    rotations[k].turn(column[k], next);
    g.push_back(0.0);
    rotations[k].turn(g[k], g[k + 1]);
    h.push_back(std::move(column));
    if (!(below > 1e-14 * length)) break;
    for (double& value : w) value /= below;
    basis.push_back(std::move(w));
  }
  const std::vector<double> y = back_substituted(h, g);
  for (std::size_t k = 0; k < y.size(); ++k) add_scaled(found.z, y[k], basis[k]);
  return found;
}

Refined refine(const ExactMatrix& a, std::span<const double> b, const RefinementRule& rule,
               const Correction& correction) {
  const std::size_t n = a.size();
  Refined found;
  found.x.assign(n, 0.0);
  std::vector<double> r(n);
  std::vector<double> image(n);
  InnerSolution inner;
  for (;;) {
    a.multiply(found.x, image);
    ++found.exact_products;
    for (std::size_t i = 0; i < n; ++i) r[i] = b[i] - image[i];
    found.residuals.push_back(norm(r));
    found.converged = found.residuals.back() <= rule.tolerance;
    if (found.converged || !std::isfinite(found.residuals.back())) return found;
    if (found.inner.size() >= rule.most_steps) return found;
    if (stagnates(found.residuals, rule.patience)) return found;
    if (!correction(found.inner.size(), r, inner)) {
      found.stopped = true;
      return found;
    }
    found.inner.push_back(inner.products);
    double alpha = 1.0;
    if (rule.line_search) {
      a.multiply(inner.z, image);
      ++found.exact_products;
      const double square = dot(image, image);
      alpha = square > 0.0 ? dot(r, image) / square : 0.0;
    }
    add_scaled(found.x, alpha, inner.z);
  }
}

}  // namespace imcsim::tasks
