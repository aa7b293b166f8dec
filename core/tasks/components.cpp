// task components: principal components by Sanger's rule, with weights in devices and updates
// through the digital accumulator of mixed-precision training.
// Sources: Choi et al. 2015, doi:10.1038/srep10492; doi:10.3389/fnins.2020.00406.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "tasks/principal.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

struct ComponentsConfig {
  std::int64_t components = 2;
  std::int64_t epochs = 30;
  double learning_rate = 5e-4;
  double granularity = 0.0;
  crossbar::CrossbarConfig arrays = task_arrays();

  /// The standard deviation of a pulse of phase-change memory exceeds its mean, hence four devices
  /// per polarity.
  ComponentsConfig() { arrays.array.devices_per_weight = 4; }
};

void describe(ComponentsConfig& c, FieldList& f) {
  static constexpr std::string_view paper = "doi:10.1038/srep10492";
  f.group("Learning");
  f.field("components", c.components, Unit::none, {1, 16}, "Number of principal components", paper);
  f.field("epochs", c.epochs, Unit::epochs, {1, 10000}, "Number of passes over the table");
  f.field("learning-rate", c.learning_rate, Unit::none, {1e-6, 1.0},
          "Learning rate of Sanger's rule");
  f.field("granularity", c.granularity, Unit::weight, {0.0, 1.0},
          "Weight change of one pulse (0: fit the range of the components)");
  f.mark_common({"components", "epochs", "learning-rate", "granularity"});
  describe_arrays(c.arrays, f);
}

/// The weights W [components × inputs] in one crossbar; inputs drive the rows.
class Learner {
 public:
  Learner(const ComponentsConfig& config, std::size_t inputs, const Request& request);

  /// y = W·x.
  void project(std::span<const double> x, std::span<double> y);
  /// ΔW_i = η·y_i·(x − Σ_{k ≤ i} y_k·W_k), for all i.
  void learn(std::span<const double> x);
  std::vector<double> component(std::size_t i) const;
  std::size_t device_count() const { return array_->device_count(); }
  const OperationCounts& counts() const { return scratch_.counts; }

 private:
  void accumulate(std::span<const double> residual, std::size_t i, double step);

  std::size_t inputs_, components_;
  double rate_;
  Stream noise_;
  std::unique_ptr<crossbar::Crossbar> array_;
  std::unique_ptr<crossbar::Accumulator> accumulator_;
  crossbar::Scratch scratch_;
  crossbar::DrivenLines lines_;
  std::uint64_t products_ = 0, updates_ = 0;
  std::int64_t refresh_every_;
  std::vector<float> input_;
  AlignedVector<float> gradient_;
};

/// The configured granularity, or the one for which the device range covers the largest expected
/// entry of a direction: 1, or less with many inputs.
double granularity_of(const ComponentsConfig& config, const device::DeviceModel& model,
                      std::size_t inputs) {
  if (config.granularity > 0.0) return config.granularity;
  const double largest = std::min(1.0, 2.5 / std::sqrt(static_cast<double>(inputs)));
  const auto window_us = static_cast<double>(model.highest_us() - model.lowest_us());
  return config.arrays.pulse_us * largest / window_us;
}

Learner::Learner(const ComponentsConfig& config, std::size_t inputs, const Request& request)
    : inputs_(inputs),
      components_(static_cast<std::size_t>(config.components)),
      rate_(config.learning_rate),
      noise_(request.seed, Purpose::task_read),
      scratch_(std::max(inputs, components_)),
      lines_(std::max(inputs, components_)),
      refresh_every_(config.arrays.array.refresh_every),
      input_(std::max(inputs, components_)),
      gradient_(padded(components_)) {
  crossbar::CrossbarConfig own = config.arrays;
  own.converters.dac_full_scale = 1.0;
  own.converters.input_scale = crossbar::InputScale::largest;
  const std::shared_ptr<const device::DeviceModel> model =
      device::make_model(own.device, own.pulse_us);
  const double granularity = granularity_of(config, *model, inputs);
  own.array.conductance_per_weight_us = own.pulse_us / granularity;
  array_ = std::make_unique<crossbar::Crossbar>(own, model, inputs, components_, inputs, 0, 0,
                                                request.seed, request.execution);
  accumulator_ = std::make_unique<crossbar::Accumulator>(
      inputs, components_, granularity, crossbar::pulses_per_granularity(own.array),
      crossbar::Rounding::truncate,
      Stream(request.seed, Purpose::rounding, entities::digital_layers(0)), request.execution);
  const Stream draws(request.seed, Purpose::initial_weights, entities::digital_layers(0));
  Matrix<float> weights = padded_matrix<float>(inputs, components_);
  const double size = 0.5 / std::sqrt(static_cast<double>(inputs));
  for (std::size_t j = 0; j < inputs; ++j) {
    for (std::size_t i = 0; i < components_; ++i) {
      const float uniform = 2.0F * draws.uniform(events::places(j * components_ + i)) - 1.0F;
      weights(j, i) = static_cast<float>(size) * uniform;
    }
  }
  array_->reset_and_set(weights, 0.0, scratch_.counts);
  array_->advance_to(0.0);
}

void Learner::project(std::span<const double> x, std::span<double> y) {
  for (std::size_t j = 0; j < inputs_; ++j) input_[j] = static_cast<float>(x[j]);
  lines_.gather({input_.data(), inputs_});
  array_->forward(lines_, {noise_, events::task_products(products_++)}, scratch_,
                  scratch_.tile_output.data());
  for (std::size_t i = 0; i < components_; ++i) {
    y[i] = static_cast<double>(scratch_.tile_output[i]);
  }
}

void Learner::accumulate(std::span<const double> residual, std::size_t i, double step) {
  for (std::size_t j = 0; j < inputs_; ++j) input_[j] = static_cast<float>(residual[j]);
  lines_.gather({input_.data(), inputs_});
  std::fill(gradient_.begin(), gradient_.end(), 0.0F);
  gradient_[i] = static_cast<float>(-step);
  accumulator_->accumulate(lines_, gradient_);
  scratch_.counts.digital_mac += inputs_;
}

void Learner::learn(std::span<const double> x) {
  std::vector<double> y(components_);
  std::vector<double> residual(x.begin(), x.end());
  std::vector<float> driven(components_, 0.0F);
  project(x, y);
  for (std::size_t i = 0; i < components_; ++i) {
    // Drive the bitline of component i with y_i: the array returns y_i·W_i.
    std::fill(driven.begin(), driven.end(), 0.0F);
    driven[i] = static_cast<float>(y[i]);
    lines_.gather(driven);
    array_->backward(lines_, {noise_, events::task_products(products_++)}, scratch_,
                     scratch_.tile_output.data());
    for (std::size_t j = 0; j < inputs_ && y[i] != 0.0; ++j) {
      residual[j] -= static_cast<double>(scratch_.tile_output[j]);
    }
    accumulate(residual, i, rate_ * y[i]);
  }
  const double now_s = static_cast<double>(++updates_) * 1e-6;
  const std::span<const crossbar::PulseRequest> requests =
      accumulator_->transfer(events::training_samples(updates_));
  scratch_.counts.weight_updates += inputs_ * components_;
  array_->pulse(requests, now_s, scratch_.counts);
  if (refresh_every_ > 0 && updates_ % static_cast<std::uint64_t>(refresh_every_) == 0) {
    for (const crossbar::WeightChange& change : array_->refresh_pairs(now_s, scratch_.counts)) {
      accumulator_->add(change);
    }
  }
  array_->advance_to(now_s);
}

std::vector<double> Learner::component(std::size_t i) const {
  std::vector<double> weights(inputs_);
  for (std::size_t j = 0; j < inputs_; ++j) {
    weights[j] = static_cast<double>(array_->weights()(j, i));
  }
  return weights;
}

class Components final : public Task {
 public:
  void describe(FieldList& f) override { f.add(fields_of(config_)); }
  crossbar::CrossbarConfig* crossbar() override { return &config_.arrays; }
  std::string_view default_device() const override { return "pcm"; }
  std::vector<InputSpec> inputs() const override {
    return {{"table", "TABLE.csv",
             "Table with a header line; a last column named label is used for comparison only",
             InputKind::file, true}};
  }
  Answer run(const Request& request) override;

 private:
  ComponentsConfig config_;
};

void report(const NumericTable& table, const Principal& found, const Principal& exact,
            Answer& answer) {
  const std::size_t n = table.columns;
  Table rows{{"component", "cosine", "exact_variance"}, {}};
  double worst = 1.0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double cosine = std::fabs(cosine_of(found[i].direction, exact[i].direction));
    worst = std::min(worst, cosine);
    rows.rows.push_back({integer(i + 1), cosine, exact[i].variance});
  }
  answer.results = {{"least_cosine", worst}, {"components", rows}};
  answer.table = "components";
  answer.exact = {{"largest_variance", exact[0].variance}};
  answer.error = 1.0 - worst;
  if (table.label_names.size() == 2) {
    answer.results.push_back({"accuracy", separation_accuracy(table, found)});
    answer.exact.push_back({"accuracy", separation_accuracy(table, exact)});
  }
  std::vector<double> directions;
  for (const PrincipalComponent& one : found) {
    directions.insert(directions.end(), one.direction.begin(), one.direction.end());
  }
  answer.arrays = {{"components", directions, found.size(), n}};
}

Answer Components::run(const Request& request) {
  const Input& input = *request.find("table");
  NumericTable table = numeric_table(input.bytes, input.name);
  standardize(table);
  const auto count = static_cast<std::size_t>(config_.components);
  if (count > table.columns) {
    throw InputError(at_field("components"),
                     fmt::format("{} components for {} columns", count, table.columns),
                     "at most the number of columns");
  }
  Learner learner(config_, table.columns, request);
  const OperationCounts programming = learner.counts();
  const Stream shuffle(request.seed, Purpose::shuffle);
  std::vector<std::size_t> order(table.rows);
  for (std::size_t i = 0; i < table.rows; ++i) order[i] = i;
  const auto epochs = static_cast<std::uint32_t>(config_.epochs);
  Answer answer;
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    for (std::size_t i = table.rows; i > 1; --i) {
      std::swap(order[i - 1],
                order[shuffle.of(entities::epochs(epoch)).word(events::places(i)) % i]);
    }
    for (const std::size_t i : order) {
      learner.learn({table.values.data() + i * table.columns, table.columns});
    }
    if (!request.observer.should_continue({epoch + 1, epochs})) return answer;
  }
  Principal found;
  for (std::size_t i = 0; i < count; ++i) found.push_back({learner.component(i), 0.0});
  report(table, found, principal_components(table, count), answer);
  answer.counts = learner.counts();
  answer.sample_counts = answer.counts - programming;
  answer.samples = epochs * table.rows;
  answer.sample = "row";
  const std::uint64_t weights = table.columns * count;
  answer.von_neumann = {answer.samples * (4 * table.columns + 12 * weights),
                        answer.samples * 6 * weights};
  return answer;
}

}  // namespace

std::span<const TaskEntry> components_entries() {
  static constexpr TaskEntry entries[] = {
      {"task", "components", "Compute the principal components of a table (Sanger's rule)",
       "The array projects each row on the components; products with the transpose subtract the\n"
       "part of the row that the components explain. Updates accumulate digitally; a device\n"
       "receives a pulse when its accumulator entry reaches the granularity.",
       "  imcsim task components data/examples/breast_cancer.csv\n"
       "  imcsim task components data/examples/iris.csv --epochs 300\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<Components>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
