// task cluster: K-means with distances computed by products in memory.
// Source: Jeong et al. 2018, doi:10.1021/acs.nanolett.8b01526.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "tasks/table_input.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

struct ClusterConfig {
  std::int64_t clusters = 3;
  std::int64_t starts = 20;
  std::int64_t iterations = 30;
  crossbar::CrossbarConfig arrays = task_arrays();
  ClusterConfig() { arrays.array.devices_per_weight = 4; }
};

void describe(ClusterConfig& c, FieldList& f) {
  f.group("Clusters");
  f.field("clusters", c.clusters, Unit::none, {2, 256}, "Number of clusters");
  f.field("starts", c.starts, Unit::none, {1, 1000},
          "Number of runs with new initial centers; the run with the lowest inertia is kept");
  f.field("iterations", c.iterations, Unit::none, {1, 1000}, "Maximum number of iterations");
  f.mark_common({"clusters", "starts", "iterations"});
  describe_arrays(c.arrays, f);
}

struct Points {
  std::size_t count = 0, size = 0;
  std::vector<double> values;
  std::span<const double> point(std::size_t i) const { return {values.data() + i * size, size}; }
};

/// Scales each column to 0 … 1; a constant column to 0.
Points scaled(const NumericTable& table) {
  Points points{table.rows, table.columns, table.values};
  for (std::size_t j = 0; j < points.size; ++j) {
    double low = points.values[j];
    double high = low;
    for (std::size_t i = 0; i < points.count; ++i) {
      low = std::min(low, table.at(i, j));
      high = std::max(high, table.at(i, j));
    }
    for (std::size_t i = 0; i < points.count; ++i) {
      double& value = points.values[i * points.size + j];
      value = high > low ? (value - low) / (high - low) : 0.0;
    }
  }
  return points;
}

struct Clustering {
  std::vector<double> centers;       ///< [clusters × size]
  std::vector<std::size_t> members;  ///< cluster of each point
  double inertia = std::numeric_limits<double>::infinity();
  std::size_t products = 0;
};

/// Assigns each point to a cluster.
using Assign = std::function<void(const std::vector<double>& centers, std::vector<std::size_t>&)>;

double square_distance(std::span<const double> a, const double* b) {
  double sum = 0.0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}

void assign_exactly(const Points& points, const std::vector<double>& centers,
                    std::vector<std::size_t>& members) {
  for (std::size_t i = 0; i < points.count; ++i) {
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c * points.size < centers.size(); ++c) {
      const double distance = square_distance(points.point(i), &centers[c * points.size]);
      if (distance < least) members[i] = c;
      least = std::min(least, distance);
    }
  }
}

/// Lloyd's iteration, starting from `clusters` distinct points drawn at random.
Clustering lloyd(const Points& points, std::size_t clusters, std::size_t most, const Stream& draws,
                 const Assign& assign) {
  Clustering found;
  std::vector<std::size_t> places(points.count);
  for (std::size_t i = 0; i < points.count; ++i) places[i] = i;
  for (std::size_t c = 0; c < clusters; ++c) {
    std::swap(places[c], places[c + draws.word(events::places(c)) % (points.count - c)]);
    const auto point = points.point(places[c]);
    found.centers.insert(found.centers.end(), point.begin(), point.end());
  }
  found.members.assign(points.count, clusters);
  std::vector<std::size_t> before;
  for (std::size_t round = 0; round < most && before != found.members; ++round) {
    before = found.members;
    assign(found.centers, found.members);
    found.products += points.count;
    std::vector<double> sums(found.centers.size(), 0.0);
    std::vector<double> counts(clusters, 0.0);
    for (std::size_t i = 0; i < points.count; ++i) {
      counts[found.members[i]] += 1.0;
      for (std::size_t j = 0; j < points.size; ++j) {
        sums[found.members[i] * points.size + j] += points.point(i)[j];
      }
    }
    for (std::size_t k = 0; k < sums.size(); ++k) {
      const double count = counts[k / points.size];
      if (count > 0.0) found.centers[k] = sums[k] / count;
    }
  }
  found.inertia = 0.0;
  for (std::size_t i = 0; i < points.count; ++i) {
    found.inertia +=
        square_distance(points.point(i), &found.centers[found.members[i] * points.size]);
  }
  return found;
}

/// Fraction of the points whose label is the most frequent one in their cluster.
double purity(const NumericTable& table, const Clustering& found, std::size_t clusters) {
  std::vector<std::size_t> counts(clusters * table.label_names.size(), 0);
  for (std::size_t i = 0; i < table.rows; ++i) {
    ++counts[found.members[i] * table.label_names.size() + table.labels[i]];
  }
  std::size_t right = 0;
  for (std::size_t c = 0; c < clusters; ++c) {
    const auto first = counts.begin() + static_cast<std::ptrdiff_t>(c * table.label_names.size());
    right +=
        *std::max_element(first, first + static_cast<std::ptrdiff_t>(table.label_names.size()));
  }
  return static_cast<double>(right) / static_cast<double>(table.rows);
}

class Cluster final : public Task {
 public:
  void describe(FieldList& f) override { f.add(fields_of(config_)); }
  crossbar::CrossbarConfig* crossbar() override { return &config_.arrays; }
  std::vector<InputSpec> inputs() const override {
    return {{"table", "TABLE.csv",
             "Table with a header line; a last column named label is used for comparison only",
             InputKind::file, true}};
  }
  Answer run(const Request& request) override;

 private:
  void assign_in_memory(const Points& points, const std::vector<double>& centers,
                        std::vector<std::size_t>& members, const Request& request);

  ClusterConfig config_;
  OperationCounts counts_;
  std::uint32_t first_device_ = 0;
  std::uint64_t first_product_ = 0;
};

/// Row c of the matrix is (center, |center|²/s), the input is (x, −s/2): the nearest center gives
/// the largest output. s scales the last column to the range of the others.
void Cluster::assign_in_memory(const Points& points, const std::vector<double>& centers,
                               std::vector<std::size_t>& members, const Request& request) {
  const std::size_t size = points.size;
  const std::size_t clusters = centers.size() / size;
  std::vector<double> squares(clusters, 0.0);
  double most = 1e-12;
  double most_square = 1e-12;
  for (std::size_t k = 0; k < centers.size(); ++k) {
    squares[k / size] += centers[k] * centers[k];
    most = std::max(most, centers[k]);
  }
  for (const double square : squares) most_square = std::max(most_square, square);
  const double s = most_square / most;
  const auto entry = [&](std::size_t c, std::size_t j) {
    return j < size ? centers[c * size + j] : squares[c] / s;
  };
  DeviceMatrix devices(config_.arrays, {clusters, size + 1, entry},
                       {0, first_device_, first_product_}, request.seed, request.execution);
  first_device_ += static_cast<std::uint32_t>(devices.device_count());
  std::vector<double> x(size + 1);
  std::vector<double> y(clusters);
  for (std::size_t i = 0; i < points.count; ++i) {
    std::copy_n(points.point(i).begin(), size, x.begin());
    x[size] = -0.5 * s;
    devices.multiply(x, y);
    members[i] = static_cast<std::size_t>(std::max_element(y.begin(), y.end()) - y.begin());
  }
  first_product_ = devices.next_product();
  counts_ += devices.counts();
}

Answer Cluster::run(const Request& request) {
  const Input& input = *request.find("table");
  const NumericTable table = numeric_table(input.bytes, input.name);
  const auto clusters = static_cast<std::size_t>(config_.clusters);
  if (table.rows < clusters) {
    throw InputError(at_field("clusters"),
                     fmt::format("{} clusters for {} points", clusters, table.rows),
                     "at most the number of points");
  }
  // Every update of the centers programs new devices.
  const std::uint64_t devices =
      static_cast<std::uint64_t>(config_.starts * config_.iterations) *
      crossbar::devices_of_matrix(config_.arrays.array, table.columns + 1, clusters);
  if (!entities::devices.holds_all(devices)) {
    throw InputError(
        at_field("starts"),
        fmt::format("{} starts of {} iterations need {} devices", config_.starts,
                    config_.iterations, devices),
        fmt::format("at most {}: use fewer starts or iterations", entities::devices.count));
  }
  const Points points = scaled(table);
  Clustering best;
  Clustering exact;
  Answer answer;
  const auto starts = static_cast<std::uint32_t>(config_.starts);
  const auto most = static_cast<std::size_t>(config_.iterations);
  for (std::uint32_t start = 0; start < starts; ++start) {
    const Stream draws(request.seed, Purpose::task_data, entities::starts(start));
    Clustering own = lloyd(points, clusters, most, draws,
                           [&](const std::vector<double>& c, std::vector<std::size_t>& m) {
                             assign_in_memory(points, c, m, request);
                           });
    Clustering ideal = lloyd(points, clusters, most, draws,
                             [&](const std::vector<double>& c, std::vector<std::size_t>& m) {
                               assign_exactly(points, c, m);
                             });
    answer.von_neumann.bytes_moved += ideal.products * 8 * points.size * (clusters + 1);
    answer.von_neumann.operations += ideal.products * 3 * points.size * clusters;
    if (own.inertia < best.inertia) best = std::move(own);
    if (ideal.inertia < exact.inertia) exact = std::move(ideal);
    if (!request.observer.should_continue({start + 1, starts})) return answer;
  }
  answer.results = {{"inertia", best.inertia}};
  answer.exact = {{"inertia", exact.inertia}};
  if (!table.labels.empty()) {
    answer.results.push_back({"accuracy", purity(table, best, clusters)});
    answer.exact.push_back({"accuracy", purity(table, exact, clusters)});
  }
  Table centers{{"group", "points"}, {}};
  for (std::size_t c = 0; c < clusters; ++c) {
    centers.rows.push_back(
        {integer(c), std::int64_t{std::count(best.members.begin(), best.members.end(), c)}});
  }
  answer.results.push_back({"groups", centers});
  answer.table = "groups";
  answer.error = best.inertia / std::max(exact.inertia, 1e-300) - 1.0;
  answer.counts = counts_;
  answer.sample_counts = counts_;
  answer.samples = starts;
  answer.sample = "start";
  answer.arrays = {{"centres", best.centers, clusters, points.size},
                   {"groups", std::vector<std::uint32_t>(best.members.begin(), best.members.end()),
                    1, points.count}};
  return answer;
}

}  // namespace

std::span<const TaskEntry> cluster_entries() {
  static constexpr TaskEntry entries[] = {
      {"task", "cluster", "Cluster the rows of a table (K-means)",
       "The array stores the centers and their squares; one product yields the nearest center of "
       "a\n"
       "row. Centers are updated digitally and reprogrammed.",
       "  imcsim task cluster data/examples/iris.csv\n"
       "  imcsim task cluster data/examples/iris.csv --devices-per-weight 16 --starts 5\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<Cluster>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
