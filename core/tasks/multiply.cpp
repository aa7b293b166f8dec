// arith multiply: products by Ohm's law, of scalars and of matrices.
// Sources: Le Gallo et al. 2018, doi:10.1038/s41928-018-0054-8 (scalars, matrices); Le Gallo et al.
// 2022, doi:10.1088/2634-4386/ac4fb7 (slices).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "tasks/normal_tail.hpp"
#include "tasks/scalar_products.hpp"
#include "tasks/separation.hpp"
#include "tasks/table_input.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

constexpr double ln2 = 0.69314718055994530942;
constexpr std::size_t most_rows_of_table = 100000;

struct MultiplyConfig {
  std::int64_t pairs = 20000;
  Numbers x, w;
  std::int64_t slices = 1;
  std::int64_t slice_base = 1;
  Duration t{0.0};
  crossbar::CrossbarConfig arrays = task_arrays();
};

void describe(MultiplyConfig& c, FieldList& f) {
  static constexpr std::string_view slicing = "doi:10.1088/2634-4386/ac4fb7";
  f.group("Products");
  f.field("pairs", c.pairs, Unit::none, {1.0, 1e6},
          "Number of random pairs, uniform in 0 … 1, if no factors are given");
  f.field("x", c.x, Unit::none, {}, "First factors, applied as voltages");
  f.field("w", c.w, Unit::none, {}, "Second factors, stored as conductances");
  f.field("slices", c.slices, Unit::none, {1.0, 16.0},
          "Number of devices per second factor, read one by one and added digitally", slicing);
  f.field("slice-base", c.slice_base, Unit::none, {1.0, 16.0},
          "Significance ratio of neighboring slices (1: equal slices, 2 or more: digits)", slicing);
  f.field("t", c.t, Unit::seconds, {0.0, 1e12}, "Time between programming and the products");
  f.mark_common({"pairs", "x", "w", "slices", "t"});
  FieldList arrays;
  describe_arrays(c.arrays, arrays);
  for (const Field& field : arrays.all()) {
    // Scalars are stored in single devices, matrices in pairs.
    if (field.text.key != "synapse") f.add(field);
  }
}

/// log₂(1/(√12·e)): bits of a uniform quantizer with rms error e relative to full scale.
double effective_bits(double error) {
  if (error <= 0.0) return std::numeric_limits<double>::infinity();
  return -exact_log(std::sqrt(12.0) * error) / ln2;
}

double largest_of(const std::vector<double>& values) {
  double most = 0.0;
  for (const double value : values) most = std::max(most, std::fabs(value));
  return most > 0.0 ? most : 1.0;
}

double root_mean_square(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(1, values.size())));
}

class Multiply final : public Task {
 public:
  void describe(FieldList& f) override { f.add(fields_of(config_)); }
  crossbar::CrossbarConfig* crossbar() override { return &config_.arrays; }
  std::vector<InputSpec> inputs() const override {
    return {{"a", "A.csv", "Matrix A: rows of numbers without a header; computes A B"},
            {"b", "B.csv", "Matrix B: one product of A with each column"},
            {"table", "", "CSV file with the columns x and w, one pair of factors per row"}};
  }
  std::string_view output() const override { return "the products as .npy"; }
  Answer run(const Request& request) override;

 private:
  Factors factors_of(const Request& request) const;
  Answer run_scalars(const Request& request, const Slices& slices) const;
  Answer run_matrices(const Request& request, const Slices& slices) const;
  void report_scalars(Answer& answer, const Factors& factors, const ScalarProducts& found,
                      bool given) const;
  double step() const;

  MultiplyConfig config_;
};

Factors given_factors(std::vector<double> x, std::vector<double> w) {
  Factors factors;
  factors.x_scale = largest_of(x);
  factors.w_scale = largest_of(w);
  factors.x = std::move(x);
  factors.w = std::move(w);
  return factors;
}

Factors factors_of_table(const Input& input) {
  const std::vector<TextRow> rows = text_rows(input.bytes);
  if (rows.empty() || rows[0].cells != std::vector<std::string>{"x", "w"}) {
    throw InputError(input.name, "has no header line", "x,w");
  }
  const NumericMatrix pairs = numeric_matrix(std::span(rows).subspan(1), input.name);
  std::vector<double> x(pairs.rows);
  std::vector<double> w(pairs.rows);
  for (std::size_t i = 0; i < pairs.rows; ++i) {
    x[i] = pairs.at(i, 0);
    w[i] = pairs.at(i, 1);
  }
  return given_factors(std::move(x), std::move(w));
}

Factors Multiply::factors_of(const Request& request) const {
  const Input* table = request.find("table");
  if (table != nullptr) {
    if (config_.x.empty() && config_.w.empty()) return factors_of_table(*table);
    throw InputError(at_field("table"), "given together with x and w", "one of the two");
  }
  if (config_.x.size() != config_.w.size()) {
    throw InputError(at_field("w"),
                     fmt::format("{} factors for {} of x", config_.w.size(), config_.x.size()),
                     "the same number");
  }
  if (!config_.x.empty()) return given_factors(config_.x, config_.w);
  Factors factors;
  const Stream draws(request.seed, Purpose::task_data, entities::task_inputs);
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(config_.pairs); ++i) {
    factors.x.push_back(static_cast<double>(draws.uniform(events::places(i), 0)));
    factors.w.push_back(static_cast<double>(draws.uniform(events::places(i), 1)));
  }
  return factors;
}

/// Step of the input converter relative to its full scale; 0: exact.
double Multiply::step() const {
  const std::int64_t bits = config_.arrays.converters.dac_bits;
  if (bits == 0) return 0.0;
  return 1.0 / static_cast<double>((std::int64_t{1} << (bits - 1)) - 1);
}

void Multiply::report_scalars(Answer& answer, const Factors& factors, const ScalarProducts& found,
                              bool given) const {
  const std::size_t n = factors.x.size();
  const double full_scale = factors.x_scale * factors.w_scale;
  std::vector<double> exact(n);
  std::vector<double> errors(n);
  double mean = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    exact[i] = factors.x[i] * factors.w[i];
    errors[i] = (found.products[i] - exact[i]) / full_scale;
    mean += errors[i] / static_cast<double>(n);
  }
  const double rms = root_mean_square(errors);
  answer.results = {{"pairs", integer(n)},      {"devices", integer(found.devices)},
                    {"full_scale", full_scale}, {"effective_bits", effective_bits(rms)},
                    {"mean_error", mean},       {"largest_error", largest_of(errors)}};
  if (n == 1) {
    answer.results.push_back({"product", found.products[0]});
    answer.exact.push_back({"product", exact[0]});
  }
  answer.error = rms;
  // Error by input rounding: uniform with standard deviation step/√12, times w.
  const double dac = step() / std::sqrt(12.0) * root_mean_square(factors.w) / factors.w_scale;
  answer.predicted_error = Section{{"dac", dac}, {"dac_effective_bits", effective_bits(dac)}};
  if (given && n <= most_rows_of_table) {
    Table table{{"x", "w", "product", "exact", "error"}, {}};
    for (std::size_t i = 0; i < n; ++i) {
      table.rows.push_back(
          {factors.x[i], factors.w[i], found.products[i], exact[i], found.products[i] - exact[i]});
    }
    answer.results.push_back({"table", table});
    answer.table = "table";
  }
  if (n >= 100) {
    std::vector<double> percent(n);
    for (std::size_t i = 0; i < n; ++i) percent[i] = 100.0 * errors[i];
    answer.pictures.emplace_back(histogram("products by error (% of full scale)", percent));
  }
  answer.arrays = {{"product", found.products, 1, n},
                   {"x", factors.x, 1, n, false},
                   {"w", factors.w, 1, n, false},
                   {"exact", exact, 1, n, false}};
}

Answer Multiply::run_scalars(const Request& request, const Slices& slices) const {
  const Factors factors = factors_of(request);
  const ScalarProducts found = scalar_products(config_.arrays, slices, factors, config_.t.seconds,
                                               request.seed, request.execution, request.observer);
  Answer answer;
  report_scalars(answer, factors, found, request.find("table") != nullptr || !config_.x.empty());
  const std::size_t n = factors.x.size();
  answer.counts = found.writing;
  answer.counts += found.reading;
  answer.sample_counts = found.reading;
  answer.samples = n;
  answer.sample = "product";
  answer.von_neumann = {24 * n, n};
  return answer;
}

Answer Multiply::run_matrices(const Request& request, const Slices& slices) const {
  const Input* left = request.find("a");
  const Input* right = request.find("b");
  if (left == nullptr || right == nullptr) {
    throw InputError("arith multiply", "found one matrix", "two matrices A.csv and B.csv");
  }
  const NumericMatrix a = numeric_matrix(text_rows(left->bytes), left->name);
  const NumericMatrix b = numeric_matrix(text_rows(right->bytes), right->name);
  if (a.columns != b.rows) {
    throw InputError(right->name, fmt::format("has {} rows", b.rows),
                     fmt::format("{}, the number of columns of {}", a.columns, left->name));
  }
  const double scale = largest_of(a.values);
  std::vector<std::unique_ptr<DeviceMatrix>> parts;
  std::uint32_t first_device = 0;
  Answer answer;
  for (std::size_t s = 0; s < slices.count(); ++s) {
    const auto entry = [&](std::size_t i, std::size_t j) {
      return scale * slices.significance(s) * slices.part(s, a.at(i, j) / scale);
    };
    parts.push_back(std::make_unique<DeviceMatrix>(
        config_.arrays, MatrixSource{a.rows, a.columns, entry},
        MatrixName{entities::matrices(s), first_device}, request.seed, request.execution));
    first_device += static_cast<std::uint32_t>(parts.back()->device_count());
    parts.back()->observe(config_.t.seconds);
    answer.counts += parts.back()->counts();
  }
  const OperationCounts writing = answer.counts;

  std::vector<double> product(a.rows * b.columns, 0.0);
  std::vector<double> exact(a.rows * b.columns, 0.0);
  std::vector<double> x(a.columns);
  std::vector<double> y(a.rows);
  for (std::size_t c = 0; c < b.columns; ++c) {
    for (std::size_t j = 0; j < b.rows; ++j) x[j] = b.at(j, c);
    for (const auto& part : parts) {
      part->multiply(x, y);
      for (std::size_t i = 0; i < a.rows; ++i) product[i * b.columns + c] += y[i];
    }
    for (std::size_t i = 0; i < a.rows; ++i) {
      for (std::size_t j = 0; j < a.columns; ++j) {
        exact[i * b.columns + c] += a.at(i, j) * x[j];
      }
    }
    if (!request.observer.should_continue({c + 1, b.columns})) return answer;
  }
  answer.counts = {};
  for (const auto& part : parts) answer.counts += part->counts();
  if (slices.count() > 1) answer.counts.digital_mac += product.size() * slices.count();

  std::vector<double> errors(product.size());
  for (std::size_t k = 0; k < errors.size(); ++k) errors[k] = product[k] - exact[k];
  const double full_scale = largest_of(exact);
  answer.results = {{"rows", integer(a.rows)},
                    {"inner", integer(a.columns)},
                    {"columns", integer(b.columns)},
                    {"devices", integer(first_device)},
                    {"full_scale", full_scale},
                    {"effective_bits", effective_bits(root_mean_square(errors) / full_scale)},
                    {"largest_error", largest_of(errors) / full_scale}};
  answer.error = root_mean_square(errors) / std::max(1e-300, root_mean_square(exact));
  answer.arrays = {{"product", product, a.rows, b.columns},
                   {"exact", exact, a.rows, b.columns, false}};
  answer.sample_counts = answer.counts - writing;
  answer.samples = b.columns;
  answer.sample = "column";
  const std::uint64_t work = std::uint64_t{a.rows} * a.columns * b.columns;
  answer.von_neumann = {16 * work + 8 * product.size(), 2 * work};
  return answer;
}

Answer Multiply::run(const Request& request) {
  const Slices slices(config_.slices, config_.slice_base);
  const bool matrices = request.find("a") != nullptr || request.find("b") != nullptr;
  if (matrices && (request.find("table") != nullptr || !config_.x.empty() || !config_.w.empty())) {
    throw InputError("arith multiply", "found matrices and pairs of factors", "one of the two");
  }
  Answer answer = matrices ? run_matrices(request, slices) : run_scalars(request, slices);
  answer.output_array = "product";
  return answer;
}

}  // namespace

std::span<const TaskEntry> multiply_entries() {
  static constexpr TaskEntry entries[] = {
      {"arith", "multiply", "Multiply numbers or matrices with Ohm's law",
       "One factor is a voltage, the other the conductance of a device; their product is the\n"
       "current. The error is reported as effective bits. Matrices are multiplied by columns.",
       "  imcsim arith multiply --devices-per-weight 4\n"
       "  imcsim arith multiply --x 0.5,0.25 --w 0.8,-0.3 --device projected-pcm\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<Multiply>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
