// task factorize: factorization of a product of codebook vectors by a resonator network with
// products computed in memory.
// Source: Langenegger et al. 2023, doi:10.1038/s41565-023-01357-8.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "numeric/events.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

struct FactorizeConfig {
  std::int64_t dimension = 256;
  std::int64_t factors = 3;
  std::int64_t codes = 64;
  std::int64_t trials = 20;
  std::int64_t iterations = 3000;
  double active_codes = 7.0;
  crossbar::CrossbarConfig arrays = task_arrays();
};

void describe(FactorizeConfig& c, FieldList& f) {
  static constexpr std::string_view paper = "doi:10.1038/s41565-023-01357-8";
  f.group("Problem");
  f.field("dimension", c.dimension, Unit::none, {16, 4096}, "Dimension of the vectors", paper);
  f.field("factors", c.factors, Unit::none, {2, 6}, "Number of factors, one codebook each", paper);
  f.field("codes", c.codes, Unit::none, {2, 1024}, "Number of vectors per codebook", paper);
  f.field("trials", c.trials, Unit::none, {1, 10000}, "Number of products to factorize");
  f.field("iterations", c.iterations, Unit::none, {1, 1000000},
          "Maximum number of iterations per product");
  f.field("active-codes", c.active_codes, Unit::none, {0.1, 1024.0},
          "Expected number of code vectors above the threshold by chance", paper);
  f.mark_common({"dimension", "factors", "codes", "trials", "iterations"});
  describe_arrays(c.arrays, f);
}

/// z with P(N > z) = `tail`, by summation of the density in steps of 1e-3, downward from z = 6.
double normal_quantile(double tail) {
  constexpr double step = 1e-3;
  double above = 0.0;
  double z = 6.0;
  // The density e^(−z²/2) at decreasing z, from ratios of neighboring values without exponentials.
  double density = 1.5229979744712628e-8 * 0.3989422804014327;
  constexpr double e_half_step2 = 1.0 - 0.5 * step * step;
  double ratio = 1.0 + 6.0 * step + 0.5 * 36.0 * step * step;
  constexpr double ratio_fall = 1.0 - step * step;
  ratio *= e_half_step2;
  while (z > -6.0 && above < tail) {
    above += density * step;
    density *= ratio;
    ratio *= ratio_fall;
    z -= step;
  }
  return z;
}

using Signs = std::vector<double>;

/// Codebook f is the first codebook, rotated by f positions.
class Codebooks {
 public:
  Codebooks(std::size_t codes, std::size_t dimension, std::uint64_t seed)
      : codes_(codes), dimension_(dimension), bits_(codes * dimension) {
    const Stream stream(seed, Purpose::task_data, entities::factorize_codes);
    for (std::size_t i = 0; i < bits_.size(); ++i) {
      bits_[i] = (stream.word(events::places(i)) & 1U) != 0 ? 1.0 : -1.0;
    }
  }
  double at(std::size_t book, std::size_t code, std::size_t d) const {
    return bits_[code * dimension_ + (d + dimension_ - book % dimension_) % dimension_];
  }
  std::size_t codes() const { return codes_; }
  std::size_t dimension() const { return dimension_; }

 private:
  std::size_t codes_, dimension_;
  std::vector<double> bits_;
};

/// Products a = X_f·s and x = X_fᵀ·a, in memory or exact.
struct CodebookProducts {
  std::function<void(std::size_t book, std::span<const double>, std::span<double>)> similar, sum;
};

struct Attempt {
  bool found = false;
  std::size_t iterations = 0;
};

class Resonator {
 public:
  /// `repeats`: products are deterministic, so that a recurring state means a limit cycle.
  Resonator(const Codebooks& books, std::size_t factors, double threshold,
            CodebookProducts products, bool repeats)
      : books_(books),
        factors_(factors),
        threshold_(threshold),
        products_(std::move(products)),
        repeats_(repeats) {}

  /// Updates each factor in turn: s_f = s·Π of the other estimates, a = X_f·s_f/D with values below
  /// the threshold set to zero, estimate = sign(X_fᵀ·a). Ends when the product of the best codes
  /// equals s in more than 95 % of its entries (digital check).
  Attempt run(const Signs& product, std::span<const std::size_t> truth, std::size_t most) {
    start();
    std::vector<std::size_t> best(factors_, 0);
    for (std::size_t it = 1; it <= most; ++it) {
      for (std::size_t f = 0; f < factors_; ++f) best[f] = update(product, f);
      if (agrees(product, best)) return {std::equal(best.begin(), best.end(), truth.begin()), it};
      if (repeats_ && is_cyclic(it)) return {false, it};
    }
    return {false, most};
  }

 private:
  void start() {
    const std::size_t d = books_.dimension();
    estimates_.assign(factors_, Signs(d));
    for (std::size_t f = 0; f < factors_; ++f) {
      for (std::size_t j = 0; j < d; ++j) {
        double sum = 0.0;
        for (std::size_t c = 0; c < books_.codes(); ++c) sum += books_.at(f, c, j);
        estimates_[f][j] = sum >= 0.0 ? 1.0 : -1.0;
      }
    }
  }

  /// Whether the estimates equal those at the last power of two (Brent's cycle detection).
  bool is_cyclic(std::size_t it) {
    if (it > 1 && estimates_ == remembered_) return true;
    if ((it & (it - 1)) == 0) remembered_ = estimates_;
    return false;
  }

  std::size_t update(const Signs& product, std::size_t f) {
    const std::size_t d = books_.dimension();
    Signs unbound = product;
    for (std::size_t k = 0; k < factors_; ++k) {
      for (std::size_t j = 0; j < d && k != f; ++j) unbound[j] *= estimates_[k][j];
    }
    std::vector<double> a(books_.codes());
    products_.similar(f, unbound, a);
    for (double& value : a) value /= static_cast<double>(d);
    const auto best = static_cast<std::size_t>(std::max_element(a.begin(), a.end()) - a.begin());
    bool any = false;
    for (double& value : a) {
      value = value > threshold_ ? value : 0.0;
      any = any || value > 0.0;
    }
    if (!any) return best;
    Signs sum(d);
    products_.sum(f, a, sum);
    for (std::size_t j = 0; j < d; ++j) estimates_[f][j] = sum[j] >= 0.0 ? 1.0 : -1.0;
    return best;
  }

  bool agrees(const Signs& product, std::span<const std::size_t> codes) const {
    const std::size_t d = books_.dimension();
    double sum = 0.0;
    for (std::size_t j = 0; j < d; ++j) {
      double value = product[j];
      for (std::size_t f = 0; f < factors_; ++f) value *= books_.at(f, codes[f], j);
      sum += value;
    }
    return sum > 0.9 * static_cast<double>(d);
  }

  const Codebooks& books_;
  std::size_t factors_;
  double threshold_;
  CodebookProducts products_;
  bool repeats_;
  std::vector<Signs> estimates_, remembered_;
};

CodebookProducts exact_products(const Codebooks& books) {
  const auto similar = [&](std::size_t f, std::span<const double> s, std::span<double> a) {
    for (std::size_t c = 0; c < books.codes(); ++c) {
      a[c] = 0.0;
      for (std::size_t j = 0; j < books.dimension(); ++j) a[c] += books.at(f, c, j) * s[j];
    }
  };
  const auto sum = [&](std::size_t f, std::span<const double> a, std::span<double> x) {
    std::fill(x.begin(), x.end(), 0.0);
    for (std::size_t c = 0; c < books.codes(); ++c) {
      for (std::size_t j = 0; j < books.dimension() && a[c] != 0.0; ++j) {
        x[j] += a[c] * books.at(f, c, j);
      }
    }
  };
  return {similar, sum};
}

class Factorize final : public Task {
 public:
  void describe(FieldList& f) override { f.add(fields_of(config_)); }
  crossbar::CrossbarConfig* crossbar() override { return &config_.arrays; }
  Answer run(const Request& request) override;

 private:
  FactorizeConfig config_;
};

Answer Factorize::run(const Request& request) {
  const auto dimension = static_cast<std::size_t>(config_.dimension);
  const auto factors = static_cast<std::size_t>(config_.factors);
  const auto codes = static_cast<std::size_t>(config_.codes);
  const auto most = static_cast<std::size_t>(config_.iterations);
  const Codebooks books(codes, dimension, request.seed);
  std::vector<DeviceMatrix> devices;
  std::uint32_t first_device = 0;
  OperationCounts programming;
  for (std::size_t f = 0; f < factors; ++f) {
    const auto entry = [&](std::size_t c, std::size_t d) { return books.at(f, c, d); };
    devices.emplace_back(config_.arrays, MatrixSource{codes, dimension, entry},
                         MatrixName{entities::matrices(f), first_device}, request.seed,
                         request.execution, true);
    first_device += static_cast<std::uint32_t>(devices.back().device_count());
    programming += devices.back().counts();
  }
  const double share = std::min(0.5, config_.active_codes / static_cast<double>(codes));
  const double threshold = normal_quantile(share) / std::sqrt(static_cast<double>(dimension));
  Resonator own(books, factors, threshold,
                {[&](std::size_t f, std::span<const double> s, std::span<double> a) {
                   devices[f].multiply(s, a);
                 },
                 [&](std::size_t f, std::span<const double> a, std::span<double> x) {
                   devices[f].multiply_transposed(a, x);
                 }},
                false);
  Resonator exact(books, factors, threshold, exact_products(books), true);

  const Stream draws(request.seed, Purpose::task_data, entities::factorize_trials);
  const auto trials = static_cast<std::size_t>(config_.trials);
  Answer answer;
  Table table{{"trial", "found", "iterations", "exact_found", "exact_iterations"}, {}};
  std::uint64_t hits = 0;
  std::uint64_t exact_hits = 0;
  std::uint64_t exact_rounds = 0;
  std::vector<std::uint32_t> rounds;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    std::vector<std::size_t> truth(factors);
    Signs product(dimension, 1.0);
    for (std::size_t f = 0; f < factors; ++f) {
      truth[f] = draws.word(events::places(trial), static_cast<std::uint32_t>(f)) % codes;
      for (std::size_t d = 0; d < dimension; ++d) product[d] *= books.at(f, truth[f], d);
    }
    const Attempt in_memory = own.run(product, truth, most);
    const Attempt ideal = exact.run(product, truth, most);
    hits += in_memory.found ? 1 : 0;
    exact_hits += ideal.found ? 1 : 0;
    exact_rounds += ideal.iterations;
    rounds.push_back(static_cast<std::uint32_t>(in_memory.iterations));
    table.rows.push_back({integer(trial), in_memory.found, integer(in_memory.iterations),
                          ideal.found, integer(ideal.iterations)});
    if (!request.observer.should_continue({trial + 1, trials})) return answer;
  }
  const auto rate = [&](std::uint64_t n) {
    return static_cast<double>(n) / static_cast<double>(trials);
  };
  answer.results = {{"found", rate(hits)}, {"threshold", threshold}, {"trials", table}};
  answer.table = "trials";
  // A deterministic network can enter a limit cycle; device noise ends it.
  answer.exact = {{"found", rate(exact_hits)}};
  answer.error = 1.0 - rate(hits);
  answer.arrays = {{"iterations", rounds, 1, trials}};
  for (const DeviceMatrix& one : devices) answer.counts += one.counts();
  answer.sample_counts = answer.counts - programming;
  answer.samples = trials;
  answer.sample = "product";
  const std::uint64_t entries = 2 * factors * codes * dimension;
  answer.von_neumann = {exact_rounds * entries / 8, exact_rounds * 2 * entries};
  return answer;
}

}  // namespace

std::span<const TaskEntry> factorize_entries() {
  static constexpr TaskEntry entries[] = {
      {"task", "factorize", "Factorize products of code vectors (resonator network)",
       "Arrays store the codebooks; products with the codebooks and their transposes alternate\n"
       "until the product of the estimates equals the given product. Device noise breaks limit\n"
       "cycles.",
       "  imcsim task factorize --codes 32 --trials 10\n"
       "  imcsim task factorize --codes 16 --trials 20 --iterations 500\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<Factorize>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
