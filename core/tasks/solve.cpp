// task solve: linear systems. Mixed precision: corrections by an inexact solver with products in
// memory, residuals in double arithmetic. One step: a feedback circuit settles to the solution.
// Sources: Le Gallo et al. 2018, doi:10.1038/s41928-018-0054-8; Sun et al. 2019,
// doi:10.1073/pnas.1815682116.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/observer.hpp"
#include "numeric/events.hpp"
#include "tasks/matrix_market.hpp"
#include "tasks/one_step.hpp"
#include "tasks/refinement.hpp"
#include "tasks/solve_answer.hpp"
#include "tasks/solve_config.hpp"
#include "tasks/solve_system.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t usual_size = 500;
constexpr std::size_t usual_circuit = 40;
constexpr std::size_t most_circuit = 256;
/// Entries of the matrix, times devices per polarity.
constexpr std::size_t most_crossings = std::size_t{1} << 26;
constexpr std::size_t most_solutions = std::size_t{1} << 22;  ///< unknowns times systems

/// Throws InputError for matrices not suited to conjugate gradients.
void require_symmetric(const ExactMatrix& a, const Where& name) {
  if (a.symmetric()) return;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (a.at(i, j) == a.at(j, i)) continue;
      throw InputError(name,
                       fmt::format("is not symmetric: entry ({0}, {1}) is {2}, ({1}, {0}) is {3}",
                                   i + 1, j + 1, a.at(i, j), a.at(j, i)),
                       "a symmetric matrix, or inner = gmres");
    }
  }
}

class Solve final : public Task {
 public:
  void describe(FieldList& f) override { f.add(fields_of(config_)); }
  crossbar::CrossbarConfig* crossbar() override { return &config_.arrays; }
  std::vector<InputSpec> inputs() const override {
    return {{"matrix", "A.mtx", "Matrix in Matrix Market format (none: model covariance matrix)"},
            {"right-side", "b.mtx",
             "Right-hand sides, one per column (none: random, uniform in 0 … 1)"}};
  }
  std::string_view output() const override { return "the solutions as .npy, one per row"; }
  Answer run(const Request& request) override;

 private:
  void read_system(const Request& request);
  void read_right_sides(const Request& request);
  void check() const;
  MatrixSource mapped() const;
  Answer run_refinement(const Request& request);
  Answer run_circuit(const Request& request);
  bool correct(DeviceMatrix& devices, std::span<const double> r, InnerSolution& inner);
  void calibrate(DeviceMatrix& devices);
  void report_solutions(const std::vector<std::vector<double>>& x, Answer& answer) const;
  void count_digital(const std::vector<Refined>& all, Answer& answer) const;

  bool iterates() const { return config_.method == SolveMethod::mixed_precision; }

  SolveConfig config_;
  LinearSystems systems_;
  ExactSolutions exact_;
  std::vector<double> scales_;     ///< P of the mapped P·A·P
  std::vector<double> reference_;  ///< reference of the gain calibration
  std::uint64_t corrections_ = 0;
};

void Solve::read_system(const Request& request) {
  const int threads = request.execution.threads;
  if (const Input* file = request.find("matrix")) {
    if (config_.size != 0)
      throw InputError(at_field("size"), "given together with a matrix file", "one of the two");
    MarketMatrix a = read_matrix_market(file->bytes, file->name);
    systems_.name = fmt::format("{}:{}", file->name, a.size_line);
    if (a.rows != a.columns) {
      throw InputError(systems_.name, fmt::format("matrix is {} x {}", a.rows, a.columns),
                       "a square matrix");
    }
    systems_.matrix = dense_matrix(a.rows, std::move(a.values), threads);
    systems_.name = file->name;
  } else {
    const std::size_t usual = iterates() ? usual_size : usual_circuit;
    const std::size_t n = config_.size == 0 ? usual : static_cast<std::size_t>(config_.size);
    systems_.name = at_field("size");
    systems_.matrix = covariance_matrix(n, threads);
  }
  read_right_sides(request);
}

void Solve::read_right_sides(const Request& request) {
  const std::size_t n = systems_.matrix->size();
  std::vector<std::vector<double>>& sides = systems_.right_sides;
  if (const Input* file = request.find("right-side")) {
    if (config_.unit_vectors) {
      throw InputError(at_field("unit-vectors"), "given together with right-hand sides",
                       "one of the two");
    }
    const MarketMatrix b = read_matrix_market(file->bytes, file->name);
    if (b.rows != n) {
      throw InputError(fmt::format("{}:{}", file->name, b.size_line),
                       fmt::format("{} rows", b.rows),
                       fmt::format("{}, the size of the matrix", n));
    }
    sides.assign(b.columns, std::vector<double>(n));
    for (std::size_t k = 0; k < b.columns; ++k) {
      for (std::size_t i = 0; i < n; ++i) sides[k][i] = b.at(i, k);
    }
  } else if (config_.unit_vectors) {
    if (n * n > most_solutions) {
      throw InputError(at_field("unit-vectors"), fmt::format("{} systems of {} unknowns", n, n),
                       "at most 2048");
    }
    sides.assign(n, std::vector<double>(n, 0.0));
    for (std::size_t k = 0; k < n; ++k) sides[k][k] = 1.0;
  } else {
    const Stream draws(request.seed, Purpose::task_data, entities::task_inputs);
    sides.assign(1, std::vector<double>(n));
    for (std::size_t i = 0; i < n; ++i) {
      sides[0][i] = static_cast<double>(draws.uniform(events::places(i)));
    }
  }
  if (sides.size() * n > most_solutions) {
    throw InputError(systems_.name, fmt::format("{} systems of {} unknowns", sides.size(), n),
                     fmt::format("at most {} numbers in all solutions", most_solutions));
  }
}

/// Checks all limits before devices are programmed.
void Solve::check() const {
  const std::size_t n = systems_.matrix->size();
  if (!iterates() && n > most_circuit) {
    throw InputError(systems_.name, fmt::format("{} unknowns", n),
                     fmt::format("at most {} for method = one-step", most_circuit));
  }
  const std::size_t width =
      config_.band == 0 ? n : std::min(n, 2 * static_cast<std::size_t>(config_.band) + 1);
  const auto devices = static_cast<std::size_t>(config_.arrays.array.devices_per_weight);
  if (n * width > most_crossings / devices) {
    throw InputError(
        systems_.name,
        fmt::format("{} x {} entries need more than {} devices", n, width, 2 * most_crossings),
        "a band, or fewer devices-per-weight");
  }
  if (iterates() && config_.inner == InnerSolver::cg) {
    require_symmetric(*systems_.matrix, systems_.name);
  }
}

MatrixSource Solve::mapped() const {
  const ExactMatrix& a = *systems_.matrix;
  const auto at = [this, &a](std::size_t i, std::size_t j) {
    return scales_[i] * a.at(i, j) * scales_[j];
  };
  MatrixSource source{a.size(), a.size(), at};
  if (config_.band > 0) source.band = static_cast<std::size_t>(config_.band);
  return source;
}

/// Sets the gain of all products by least squares, so that the product with a vector of ones
/// matches its value at the first calibration.
void Solve::calibrate(DeviceMatrix& devices) {
  const std::vector<double> ones(devices.columns(), 1.0);
  std::vector<double> measured(devices.rows());
  devices.set_gain(1.0);
  devices.multiply(ones, measured);
  if (reference_.empty()) reference_ = measured;
  const double both = dot(reference_, measured);
  const double square = dot(measured, measured);
  if (both > 0.0 && square > 0.0) devices.set_gain(both / square);
}

/// z = P·inner(Â, P·r).
bool Solve::correct(DeviceMatrix& devices, std::span<const double> r, InnerSolution& inner) {
  const double now_s =
      config_.wait.seconds + static_cast<double>(corrections_) * config_.step_time.seconds;
  const auto every = static_cast<std::uint64_t>(config_.calibrate_every);
  devices.advance_to(now_s);
  if (every > 0 && corrections_ % every == 0) calibrate(devices);
  ++corrections_;
  std::vector<double> scaled(r.begin(), r.end());
  for (std::size_t i = 0; i < scaled.size(); ++i) scaled[i] *= scales_[i];
  const Product product = [&](std::span<const double> x, std::span<double> y) {
    devices.multiply(x, y);
  };
  const auto steps = static_cast<std::size_t>(config_.inner_steps);
  inner = config_.inner == InnerSolver::cg ? inner_conjugate_gradients(product, scaled, steps)
                                           : inner_gmres(product, scaled, steps);
  for (std::size_t i = 0; i < scaled.size(); ++i) inner.z[i] *= scales_[i];
  return true;
}

Answer Solve::run_refinement(const Request& request) {
  DeviceMatrix devices(config_.arrays, mapped(), {}, request.seed, request.execution);
  const OperationCounts programming = devices.counts();
  devices.observe(config_.wait.seconds);
  const RefinementRule rule{config_.tolerance, static_cast<std::uint64_t>(config_.outer_steps), 50,
                            config_.line_search};
  std::vector<Refined> all;
  Answer answer;
  for (const std::vector<double>& b : systems_.right_sides) {
    const auto correction = [&](std::uint64_t step, std::span<const double> r,
                                InnerSolution& inner) {
      const std::uint64_t systems = systems_.right_sides.size();
      const Progress progress =
          systems > 1 ? Progress{all.size(), systems} : Progress{step, rule.most_steps};
      return request.observer.should_continue(progress) && correct(devices, r, inner);
    };
    all.push_back(refine(*systems_.matrix, b, rule, correction));
    if (all.back().stopped) return answer;
  }
  answer.results = {{"unknowns", integer(systems_.matrix->size())},
                    {"systems", integer(all.size())},
                    {"devices", integer(devices.device_count())}};
  report_refinement(all, config_, answer);
  std::vector<std::vector<double>> x;
  x.reserve(all.size());
  for (Refined& one : all) x.push_back(std::move(one.x));
  report_solutions(x, answer);
  answer.counts = devices.counts();
  count_digital(all, answer);
  answer.sample_counts = answer.counts - programming;
  return answer;
}

/// Counts residuals and vector operations in double arithmetic; each product reads the matrix from
/// memory.
void Solve::count_digital(const std::vector<Refined>& all, Answer& answer) const {
  const std::uint64_t n = systems_.matrix->size();
  for (const Refined& one : all) {
    std::uint64_t vectors = one.inner.size();
    for (const std::uint64_t products : one.inner) {
      const std::uint64_t basis = config_.inner == InnerSolver::gmres ? 2 + products : 5;
      vectors += basis * products;
    }
    answer.counts.digital_mac += one.exact_products * n * n + vectors * n;
    answer.counts.digital_bytes += one.exact_products * 8 * n * n;
  }
}

void Solve::report_solutions(const std::vector<std::vector<double>>& x, Answer& answer) const {
  const std::size_t n = systems_.matrix->size();
  double worst = 0.0;
  std::vector<double> flat, exact;
  flat.reserve(x.size() * n);
  exact.reserve(x.size() * n);
  for (std::size_t k = 0; k < x.size(); ++k) {
    worst = std::max(worst, relative_distance(x[k], exact_.x[k]));
    flat.insert(flat.end(), x[k].begin(), x[k].end());
    exact.insert(exact.end(), exact_.x[k].begin(), exact_.x[k].end());
  }
  answer.results.push_back({"x", flat});
  answer.error = worst;
  answer.arrays = {{"x", std::move(flat), x.size(), n},
                   {"exact_x", std::move(exact), x.size(), n, false}};
  answer.output_array = "x";

  std::uint64_t iterations = 0;
  for (const std::uint64_t count : exact_.iterations) iterations += count;
  answer.exact = {{"method", exact_.method},
                  {"iterative_method", exact_.iterative},
                  {"iterations", integer(iterations)}};
  answer.samples = x.size();
  answer.sample = "solve";
  const std::uint64_t entries = static_cast<std::uint64_t>(n) * n;
  answer.von_neumann = {iterations * 8 * entries, iterations * 2 * entries};
  answer.remarks.push_back(
      fmt::format("digital computation only: {} in double precision takes {} products with A",
                  exact_.iterative == "cg" ? "conjugate gradients" : "GMRES(30)", iterations));
  if (config_.unit_vectors && systems_.matrix->symmetric()) {
    report_network(x, exact_.x, config_.edge_threshold, answer);
  }
}

Answer Solve::run_circuit(const Request& request) {
  DeviceMatrix devices(config_.arrays, mapped(), {}, request.seed, request.execution);
  devices.observe(config_.wait.seconds);
  const std::shared_ptr<const device::DeviceModel> model =
      device::make_model(config_.arrays.device, config_.arrays.pulse_us);
  const double window_us = static_cast<double>(model->highest_us() - model->lowest_us());
  FeedbackCircuit circuit{config_.amplifier_gain, 1e6 * config_.amplifier_bandwidth_mhz,
                          config_.input_conductance_us * devices.scale() / window_us};
  std::vector<std::vector<double>> currents = systems_.right_sides;
  for (std::vector<double>& b : currents) {
    for (std::size_t i = 0; i < b.size(); ++i) b[i] *= scales_[i];
  }
  CircuitAnswer settled = settle_circuit(devices.seen(), currents, circuit, config_.settled_to);
  Answer answer;
  answer.results = {{"unknowns", integer(systems_.matrix->size())},
                    {"systems", integer(currents.size())},
                    {"devices", integer(devices.device_count())},
                    {"stable", settled.stable}};
  answer.counts = devices.counts();
  if (!settled.stable) {
    answer.failure =
        "the circuit is unstable: an eigenvalue of diag(1/S) G has a real part of 0 or less";
    return answer;
  }
  answer.results.push_back({"settling_time_s", settled.settling_s});

  // The same circuit with exact conductances, for the error by finite gain alone.
  Matrix<double> ideal = devices.seen();
  const MatrixSource source = mapped();
  for (std::size_t i = 0; i < source.rows; ++i) {
    for (std::size_t j = 0; j < source.columns; ++j) {
      const std::size_t off = i > j ? i - j : j - i;
      ideal(i, j) = off <= source.band ? source.at(i, j) : 0.0;
    }
  }
  const DirectSolver loaded(*dense_matrix(source.rows, loaded_matrix(ideal, circuit), 1),
                            systems_.name);
  double by_gain = 0.0;
  for (std::size_t k = 0; k < currents.size(); ++k) {
    std::vector<double> x = loaded.solve(currents[k]);
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] *= scales_[i];
      settled.x[k][i] *= scales_[i];
    }
    by_gain = std::max(by_gain, relative_distance(x, exact_.x[k]));
  }
  answer.results.push_back({"error_by_gain", by_gain});
  report_solutions(settled.x, answer);
  answer.counts.forward_mvm += currents.size();
  answer.sample_counts.forward_mvm = currents.size();
  return answer;
}

Answer Solve::run(const Request& request) {
  read_system(request);
  check();
  const bool scaled = config_.scale == Scaling::jacobi;
  exact_ = solve_exactly(systems_, scaled, config_.tolerance);
  if (iterates() && config_.inner == InnerSolver::cg && !exact_.positive_definite) {
    throw InputError(systems_.name, "matrix is not positive definite",
                     "a positive definite matrix, or inner = gmres");
  }
  scales_ = diagonal_scales(*systems_.matrix, scaled);
  return iterates() ? run_refinement(request) : run_circuit(request);
}

}  // namespace

std::span<const TaskEntry> solve_entries() {
  static constexpr TaskEntry entries[] = {
      {"task", "solve", "Solve linear systems accurately with inexact products in memory",
       "An inner solver (conjugate gradients or GMRES) with products in memory computes each\n"
       "correction; the residual is computed in double precision. Device errors increase the\n"
       "number of iterations but do not limit the accuracy. With method = one-step, a feedback\n"
       "circuit of the array and amplifiers settles to the solution.",
       "  imcsim task solve --size 200 --preset legallo2018\n"
       "  imcsim task solve --method one-step --amplifier-gain 1000\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<Solve>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
