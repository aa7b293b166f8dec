// task eigen: the leading eigenvector of a directed graph (PageRank) by power iteration.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "tasks/separation.hpp"
#include "tasks/table_input.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t most_nodes = 8192;
constexpr std::size_t top = 20;

struct EigenConfig {
  double damping = 0.85;
  std::int64_t iterations = 40;
  crossbar::CrossbarConfig arrays = task_arrays();
};

void describe(EigenConfig& c, FieldList& f) {
  f.group("Iteration");
  f.field("damping", c.damping, Unit::fraction, {0.0, 0.999},
          "Damping factor: fraction of the rank that follows links",
          "doi:10.1016/S0169-7552(98)00110-X");
  f.field("iterations", c.iterations, Unit::none, {2, 10000},
          "Number of products in memory; ranks are averaged over the second half");
  f.mark_common({"damping", "iterations"});
  describe_arrays(c.arrays, f);
}

/// An unweighted graph without duplicate links and self-links.
struct Graph {
  std::vector<std::string> names;
  std::vector<std::vector<std::uint32_t>> targets;  ///< per node, ascending
  std::size_t links = 0;
};

Graph read_graph(std::span<const std::uint8_t> bytes, const std::string& name) {
  const std::vector<TextRow> rows = text_rows(bytes);
  Graph graph;
  std::map<std::string, std::uint32_t> places;
  const auto place = [&](const std::string& word) {
    const auto [at, added] = places.emplace(word, static_cast<std::uint32_t>(graph.names.size()));
    if (added) {
      graph.names.push_back(word);
      graph.targets.emplace_back();
    }
    return at->second;
  };
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string>& cells = rows[i].cells;
    if (cells.size() < 2 || cells[0].empty() || cells[1].empty()) {
      throw InputError(fmt::format("{}:{}", name, rows[i].line), "is not a link",
                       "origin,destination after a header line");
    }
    const std::uint32_t from = place(cells[0]);
    const std::uint32_t to = place(cells[1]);
    if (from != to) graph.targets[from].push_back(to);
  }
  if (graph.names.size() < 2 || graph.names.size() > most_nodes) {
    throw InputError(name, fmt::format("has {} nodes", graph.names.size()),
                     fmt::format("2 to {}", most_nodes));
  }
  for (auto& targets : graph.targets) {
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    graph.links += targets.size();
  }
  return graph;
}

using Product = std::function<void(std::span<const double>, std::span<double>)>;

/// x ← d·(A·(x/outdegree) + dangling/N) + (1 − d)/N, normalized to a sum of 1. The mapped links are
/// unweighted; the division by the outdegree is digital, so that all devices are either fully on or
/// off.
double iterate(const Graph& graph, double damping, const Product& product,
               std::vector<double>& rank) {
  const std::size_t n = rank.size();
  std::vector<double> scaled(n);
  std::vector<double> next(n);
  double dangling = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto degree = static_cast<double>(graph.targets[i].size());
    scaled[i] = degree > 0.0 ? rank[i] / degree : 0.0;
    if (degree == 0.0) dangling += rank[i];
  }
  product(scaled, next);
  double sum = 0.0;
  for (double& value : next) {
    value = damping * (value + dangling / static_cast<double>(n)) +
            (1.0 - damping) / static_cast<double>(n);
    value = std::max(value, 0.0);
    sum += value;
  }
  double change = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    change += std::fabs(next[i] / sum - rank[i]);
    rank[i] = next[i] / sum;
  }
  return change;
}

std::vector<std::size_t> best_of(const std::vector<double>& rank) {
  std::vector<std::size_t> order(rank.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return rank[a] != rank[b] ? rank[a] > rank[b] : a < b;
  });
  order.resize(std::min(top, order.size()));
  return order;
}

class Eigen final : public Task {
 public:
  void describe(FieldList& f) override { f.add(fields_of(config_)); }
  crossbar::CrossbarConfig* crossbar() override { return &config_.arrays; }
  std::vector<InputSpec> inputs() const override {
    return {{"links", "LINKS.csv", "Links: a header line, then one origin,destination per line",
             InputKind::file, true}};
  }
  Answer run(const Request& request) override;

 private:
  EigenConfig config_;
};

void report(const Graph& graph, const std::vector<double>& rank, const std::vector<double>& exact,
            Answer& answer) {
  const std::vector<std::size_t> best = best_of(rank);
  const std::vector<std::size_t> exact_best = best_of(exact);
  std::int64_t overlap = 0;
  Table table{{"node", "rank", "exact_rank"}, {}};
  Bars bars{"highest ranks", {}};
  for (const std::size_t i : best) {
    overlap += std::count(exact_best.begin(), exact_best.end(), i);
    table.rows.push_back({graph.names[i], rank[i], exact[i]});
    if (bars.bars.size() < 10) bars.bars.emplace_back(graph.names[i], rank[i]);
  }
  double apart = 0.0;
  for (std::size_t i = 0; i < rank.size(); ++i) apart += std::fabs(rank[i] - exact[i]);
  answer.results = {{"nodes", integer(rank.size())},
                    {"links", integer(graph.links)},
                    {"spearman", rank_correlation(rank, exact)},
                    {"top_overlap", overlap},
                    {"top", table}};
  answer.table = "top";
  answer.error = apart;
  answer.pictures.emplace_back(bars);
  answer.arrays = {{"rank", rank, 1, rank.size()}, {"exact_rank", exact, 1, exact.size(), false}};
}

Answer Eigen::run(const Request& request) {
  const Input& input = *request.find("links");
  const Graph graph = read_graph(input.bytes, input.name);
  const std::size_t n = graph.names.size();
  const auto linked = [&](std::size_t to, std::size_t from) {
    return std::binary_search(graph.targets[from].begin(), graph.targets[from].end(), to) ? 1.0
                                                                                          : 0.0;
  };
  DeviceMatrix devices(config_.arrays, {n, n, linked}, {}, request.seed, request.execution);
  const OperationCounts programming = devices.counts();

  std::vector<double> rank(n, 1.0 / static_cast<double>(n));
  std::vector<double> mean(n, 0.0);
  const auto iterations = static_cast<std::uint64_t>(config_.iterations);
  const std::uint64_t averaged = iterations - iterations / 2;
  Answer answer;
  for (std::uint64_t k = 0; k < iterations; ++k) {
    iterate(
        graph, config_.damping,
        [&](std::span<const double> x, std::span<double> y) { devices.multiply(x, y); }, rank);
    for (std::size_t i = 0; i < n && k >= iterations / 2; ++i) {
      mean[i] += rank[i] / static_cast<double>(averaged);
    }
    if (!request.observer.should_continue({k + 1, iterations})) return answer;
  }

  std::vector<double> exact(n, 1.0 / static_cast<double>(n));
  const Product sparse = [&](std::span<const double> x, std::span<double> y) {
    std::fill(y.begin(), y.end(), 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      for (const std::uint32_t to : graph.targets[i]) y[to] += x[i];
    }
  };
  std::uint64_t steps = 1;
  while (iterate(graph, config_.damping, sparse, exact) > 1e-10 && steps < 100000) ++steps;

  report(graph, mean, exact, answer);
  answer.exact = {{"iterations", integer(steps)}};
  answer.counts = devices.counts();
  answer.counts.digital_mac += 2 * n * iterations;
  answer.sample_counts = answer.counts - programming;
  answer.samples = iterations;
  answer.sample = "iteration";
  answer.von_neumann = {steps * (8 * graph.links + 16 * n), steps * (2 * graph.links + 3 * n)};
  return answer;
}

}  // namespace

std::span<const TaskEntry> eigen_entries() {
  static constexpr TaskEntry entries[] = {
      {"task", "eigen", "Rank the nodes of a graph by the leading eigenvector (PageRank)",
       "The array stores the link matrix; each product is one step of the power iteration. Ranks\n"
       "are averaged over the second half of the steps.",
       "  imcsim task eigen data/examples/flights_airport.csv\n"
       "  imcsim task eigen data/examples/flights_airport.csv --devices-per-weight 4\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<Eigen>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
