#include "tasks/solve_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace imcsim::tasks {

void report_refinement(const std::vector<Refined>& all, const SolveConfig& config, Answer& answer) {
  std::uint64_t outer = 0;
  std::uint64_t inner = 0;
  Table steps{{"correction", "residual", "products"}, {}};
  Table table{{"system", "corrections", "products", "residual"}, {}};
  const Refined* longest = all.data();
  for (const Refined& one : all) {
    std::uint64_t products = 0;
    for (const std::uint64_t count : one.inner) products += count;
    outer += one.inner.size();
    inner += products;
    table.rows.push_back({integer(table.rows.size() + 1), integer(one.inner.size()),
                          integer(products), one.residuals.back()});
    if (one.inner.size() > longest->inner.size()) longest = &one;
    if (one.converged || !answer.failure.empty()) continue;
    answer.failure = fmt::format(
        "system {}: the residual remains at {:.3g} after {} corrections (tolerance {:g}){}",
        table.rows.size(), one.residuals.back(), one.inner.size(), config.tolerance,
        one.inner.size() < static_cast<std::size_t>(config.outer_steps)
            ? ": it did not halve in 50 corrections"
            : "; increase outer-steps");
  }
  Curve curve{"residual", "correction", {}, {}, false, true};
  for (std::size_t k = 0; k < longest->residuals.size(); ++k) {
    const double residual = longest->residuals[k];
    const std::uint64_t products = k < longest->inner.size() ? longest->inner[k] : 0;
    steps.rows.push_back({integer(k), residual, integer(products)});
    if (!(residual > 0.0)) continue;
    curve.x.push_back(static_cast<double>(k));
    curve.y.push_back(residual);
  }
  answer.pictures.emplace_back(std::move(curve));
  answer.results.push_back({"iterations_outer", integer(outer)});
  answer.results.push_back({"iterations_inner", integer(inner)});
  if (all.size() > 1) {
    const double mean = static_cast<double>(outer) / static_cast<double>(all.size());
    answer.results.push_back({"iterations_outer_mean", mean});
    answer.results.push_back(
        {"longest_system", integer(static_cast<std::uint64_t>(longest - all.data() + 1))});
  }
  answer.results.push_back({"residual", longest->residuals.back()});
  answer.results.push_back({"residuals", longest->residuals});
  answer.results.push_back({"convergence", std::move(steps)});
  answer.table = "convergence";
  if (all.size() == 1) return;
  answer.results.push_back({"solutions", std::move(table)});
  answer.table = "solutions";
}

void report_network(const std::vector<std::vector<double>>& x,
                    const std::vector<std::vector<double>>& exact_x, double threshold,
                    Answer& answer) {
  const std::vector<NetworkEdge> edges = network_of(x, threshold);
  const std::vector<NetworkEdge> exact = network_of(exact_x, threshold);
  double largest = 0.0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      largest = std::max(largest, std::fabs(x[k][i] - exact_x[k][i]));
    }
  }
  Table table{{"first", "second", "partial_correlation"}, {}};
  for (const NetworkEdge& edge : edges) {
    table.rows.push_back({integer(edge.first + 1), integer(edge.second + 1), edge.correlation});
  }
  answer.results.push_back({"edges", integer(edges.size())});
  answer.results.push_back({"edges_differing", integer(differing_edges(edges, exact))});
  answer.results.push_back({"inverse_error", largest});
  answer.results.push_back({"network", std::move(table)});
  answer.exact.push_back({"edges", integer(exact.size())});
  answer.table = "network";
}

}  // namespace imcsim::tasks
