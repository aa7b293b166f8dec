// arith accumulate: sums, differences, products and quotients by counting pulses in cells.
// Sources: Wright et al. 2011, doi:10.1002/adma.201101060; US 6,671,710.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "tasks/counting.hpp"
#include "tasks/counting_words.hpp"
#include "tasks/normal_tail.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

enum class Operation { add, subtract, multiply, divide, modulo };
std::span<const std::string_view> names_of(Operation) {
  static constexpr std::array<std::string_view, 5> names = {"add", "subtract", "multiply", "divide",
                                                            "modulo"};
  return names;
}

struct AccumulateConfig {
  Operation operation = Operation::add;
  std::int64_t base = 0;
  std::int64_t trials = 200;
  CountingConfig cells;

  std::uint32_t used_base() const {
    if (base > 0) return static_cast<std::uint32_t>(base);
    return cells.regime == CountingRegime::pcm ? 3 : 10;
  }
};

void describe_counting(AccumulateConfig& c, FieldList& f) {
  static constexpr std::string_view wright = "doi:10.1002/adma.201101060";
  f.group("Counting");
  f.field("operation", c.operation, Unit::none, {},
          "Operation; multiply adds repeatedly, divide counts pulses up to Y", wright);
  f.field("base", c.base, Unit::none, {0.0, 1000.0},
          "Number base: pulses that SET the cell of a digit (0: 10, or 3 for regime = pcm)",
          wright);
  f.field("trials", c.trials, Unit::none, {1.0, 1e6},
          "Number of repetitions with new devices, for error rates");
  f.mark_common({"operation", "base", "trials"});
  describe(c.cells, f);
  device::describe(c.cells.device, f);
}

/// Result of one repetition.
struct Outcome {
  std::int64_t value = 0;
  std::int64_t remainder = 0;
  std::vector<std::uint32_t> digits;
  std::uint64_t wrong_digits = 0;
  std::uint64_t carries = 0;
  CountingWork work;
};

class Accumulate final : public Task {
 public:
  void describe(FieldList& f) override { describe_counting(config_, f); }
  device::DeviceConfig* device() override { return &config_.cells.device; }
  std::string_view default_device() const override { return "pcm"; }
  std::vector<InputSpec> inputs() const override {
    return {{"operands", "X Y", "Operands: whole numbers, 0 or more", InputKind::text, true, true}};
  }
  Answer run(const Request& request) override;

 private:
  void read_operands(const Request& request);
  void find_exact();
  bool divides() const {
    return config_.operation == Operation::divide || config_.operation == Operation::modulo;
  }
  std::size_t digit_count() const;
  std::int64_t span() const;
  std::uint64_t expected_pulses() const;
  Outcome repetition(const CountingModel& model, std::uint32_t first_entity) const;
  Outcome division(const CountingModel& model, std::uint32_t first_entity) const;
  void report(Answer& answer, const std::vector<Outcome>& outcomes) const;
  void report_crossings(Answer& answer, const CountingModel& model, const Request& request,
                        std::uint32_t first_entity) const;

  AccumulateConfig config_;
  std::vector<std::uint64_t> operands_;
  std::int64_t exact_ = 0;
  std::int64_t exact_remainder_ = 0;
  std::vector<std::uint32_t> exact_digits_;  ///< digits expected in the cells
};

void Accumulate::read_operands(const Request& request) {
  for (const Input* input : request.all("operands")) operands_.push_back(whole_number(*input));
  const bool two = config_.operation != Operation::add && config_.operation != Operation::subtract;
  if (operands_.size() < 2 || (two && operands_.size() > 2)) {
    throw InputError("arith accumulate", fmt::format("number of operands is {}", operands_.size()),
                     two ? "two" : "two or more");
  }
  if (config_.base == 1) throw InputError(at_field("base"), "base is 1", "0, or 2 to 1000");
  if (divides() && (operands_[1] == 0 || operands_[1] > 1000000)) {
    throw InputError("arith accumulate", fmt::format("divisor is {}", operands_[1]),
                     "1 to 1000000");
  }
}

void Accumulate::find_exact() {
  std::uint64_t all = operands_[0];
  switch (config_.operation) {
    case Operation::add:
    case Operation::subtract: {
      std::int64_t rest = integer(operands_[0]);
      for (std::size_t i = 1; i < operands_.size(); ++i) {
        all += operands_[i];
        rest -= integer(operands_[i]);
      }
      exact_ = config_.operation == Operation::add ? integer(all) : rest;
      break;
    }
    case Operation::multiply:
      if (operands_[1] > 0 && all > most_counted / operands_[1]) {
        throw InputError("arith accumulate", "product exceeds the counter",
                         fmt::format("at most {}", most_counted));
      }
      all *= operands_[1];
      exact_ = integer(all);
      break;
    case Operation::divide:
    case Operation::modulo:
      exact_remainder_ = integer(operands_[0] % operands_[1]);
      exact_ = config_.operation == Operation::divide ? integer(operands_[0] / operands_[1])
                                                      : exact_remainder_;
      break;
  }
  if (all > most_counted) {
    throw InputError("arith accumulate", "sum exceeds the counter",
                     fmt::format("at most {}", most_counted));
  }
  if (divides()) return;
  // For a negative result, the cells hold b^digits + result.
  exact_digits_ = digits_of(static_cast<std::uint64_t>(exact_ < 0 ? span() + exact_ : exact_),
                            config_.used_base());
  exact_digits_.resize(digit_count(), 0);
}

/// Number of digits for the result, and for both operands of a difference.
std::size_t Accumulate::digit_count() const {
  std::uint64_t most = static_cast<std::uint64_t>(std::max<std::int64_t>(exact_, 0));
  std::uint64_t taken = 0;
  for (std::size_t i = 0; i < operands_.size(); ++i) {
    most = std::max(most, operands_[i]);
    taken += i > 0 ? operands_[i] : 0;
  }
  if (config_.operation == Operation::subtract) most = std::max(most, taken);
  return digits_of(most, config_.used_base()).size();
}

/// b^digits.
std::int64_t Accumulate::span() const {
  std::int64_t span = 1;
  for (std::size_t i = 0; i < digit_count(); ++i) span *= config_.used_base();
  return span;
}

/// Approximate maximum number of pulses of a repetition.
std::uint64_t Accumulate::expected_pulses() const {
  if (divides()) return operands_[0] + 5 * operands_[1] + 16;
  const std::uint32_t base = config_.used_base();
  const auto digit_sum = [&](std::uint64_t value) {
    std::uint64_t sum = 0;
    for (const std::uint32_t digit : digits_of(value, base)) sum += digit;
    return sum;
  };
  std::uint64_t pulses = 2 * std::uint64_t{base} * digit_count();
  if (config_.operation == Operation::multiply) {
    return pulses + 2 * digit_sum(operands_[0]) * digit_sum(operands_[1]);
  }
  for (const std::uint64_t operand : operands_) {
    pulses += config_.operation == Operation::subtract ? base * digit_count() : digit_sum(operand);
  }
  return pulses;
}

Outcome Accumulate::division(const CountingModel& model, std::uint32_t first_entity) const {
  const Division found = divide_by_counting(model, operands_[0],
                                            static_cast<std::uint32_t>(operands_[1]), first_entity);
  Outcome outcome;
  outcome.remainder = integer(found.remainder);
  outcome.value =
      config_.operation == Operation::divide ? integer(found.quotient) : outcome.remainder;
  outcome.carries = found.quotient;
  outcome.work = found.work;
  return outcome;
}

Outcome Accumulate::repetition(const CountingModel& model, std::uint32_t first_entity) const {
  if (divides()) return division(model, first_entity);
  const std::uint32_t base = config_.used_base();
  DigitCounter counter(model, base, digit_count(), first_entity);
  std::uint64_t expected_overflows = 0;
  if (config_.operation == Operation::multiply) {
    const std::vector<std::uint32_t> times = digits_of(operands_[1], base);
    for (std::size_t shift = 0; shift < times.size(); ++shift) {
      for (std::uint32_t k = 0; k < times[shift]; ++k) counter.add(operands_[0], shift);
    }
  } else {
    counter.add(operands_[0]);
    for (std::size_t i = 1; i < operands_.size(); ++i) {
      if (config_.operation == Operation::add) {
        counter.add(operands_[i]);
      } else {
        counter.add_complement(operands_[i]);
        ++expected_overflows;
      }
    }
  }
  Outcome outcome;
  outcome.carries = counter.carries();
  const std::uint64_t overflows = counter.overflows();
  outcome.digits = counter.read();
  outcome.value = integer(value_of(outcome.digits, base));
  if (overflows < expected_overflows) {  // negative result
    outcome.value -= span() * integer(expected_overflows - overflows);
  }
  for (std::size_t i = 0; i < outcome.digits.size(); ++i) {
    outcome.wrong_digits += outcome.digits[i] != exact_digits_[i] ? 1 : 0;
  }
  outcome.work = counter.work();
  return outcome;
}

void Accumulate::report(Answer& answer, const std::vector<Outcome>& outcomes) const {
  const Outcome& first = outcomes.front();
  std::uint64_t wrong = 0;
  std::uint64_t wrong_digits = 0;
  for (const Outcome& outcome : outcomes) {
    wrong += outcome.value != exact_ || outcome.remainder != exact_remainder_ ? 1 : 0;
    wrong_digits += outcome.wrong_digits;
  }
  answer.results = {{"value", first.value}};
  answer.exact = {{"value", exact_}};
  const auto trials = static_cast<double>(outcomes.size());
  Section error = {{"value", static_cast<double>(wrong) / trials}};
  if (divides()) {
    answer.results.push_back({"remainder", first.remainder});
    answer.exact.push_back({"remainder", exact_remainder_});
  } else {
    Integers digits(first.digits.rbegin(), first.digits.rend());
    std::string text;
    for (const std::int64_t digit : digits)
      text += fmt::format("{}{}", text.empty() ? "" : " ", digit);
    answer.results.push_back({"digits", digits});
    answer.results.push_back({"digits_text", text});
    const auto all = trials * static_cast<double>(first.digits.size());
    error.push_back({"digit", static_cast<double>(wrong_digits) / all});
  }
  answer.results.push_back({"base", std::int64_t{config_.used_base()}});
  answer.results.push_back({"devices_a_cell", integer(config_.cells.devices())});
  answer.results.push_back({"pulses", integer(first.work.pulses)});
  answer.results.push_back({"resets", integer(first.work.resets)});
  answer.results.push_back({"reads", integer(first.work.reads)});
  answer.results.push_back({"carries", integer(first.carries)});
  answer.error = std::move(error);
  answer.counts = first.work.counts(config_.cells.devices());
  answer.counts.crossbar_mac = operands_.size() - 1;
  answer.sample_counts = answer.counts;
  answer.sample = "calculation";
  answer.von_neumann = {8 * (operands_.size() + 1), operands_.size() - 1};
  std::vector<double> values;
  values.reserve(outcomes.size());
  for (const Outcome& outcome : outcomes) values.push_back(static_cast<double>(outcome.value));
  answer.arrays = {{"values", std::move(values), 1, outcomes.size()}};
}

/// Fraction of cells that are not SET by exactly the m-th pulse, measured and predicted, and the
/// predicted error of the value: every counted SET and every digit read is one such event.
void Accumulate::report_crossings(Answer& answer, const CountingModel& model,
                                  const Request& request, std::uint32_t first_entity) const {
  const std::uint32_t modulus =
      divides() ? static_cast<std::uint32_t>(operands_[1]) : config_.used_base();
  const auto trials = static_cast<std::size_t>(config_.trials);
  const std::vector<std::uint64_t> pulses =
      first_crossings(model, modulus, trials, static_cast<std::uint32_t>(config_.cells.devices()),
                      first_entity, request.execution);
  const auto wrong = static_cast<double>(
      trials - static_cast<std::size_t>(std::count(pulses.begin(), pulses.end(), modulus)));
  const double expected = model.miscount(modulus);
  std::get<Section>(answer.error).push_back({"count", wrong / static_cast<double>(trials)});
  double lives = static_cast<double>(divides() ? operands_[0] / operands_[1] + 1 : digit_count());
  if (!divides()) {
    for (const Result& result : answer.results) {
      if (result.name == "carries")
        lives += static_cast<double>(std::get<std::int64_t>(result.value));
    }
  }
  const double all_right = expected < 1.0 ? exact_exp(lives * log_of_rest(expected)) : 0.0;
  answer.predicted_error = Section{{"value", 1.0 - all_right}, {"count", expected}};
  answer.results.push_back({"crossings", crossing_table(pulses, modulus)});
  answer.table = "crossings";
}

Answer Accumulate::run(const Request& request) {
  read_operands(request);
  find_exact();
  const std::uint32_t modulus =
      divides() ? static_cast<std::uint32_t>(operands_[1]) : config_.used_base();
  const std::size_t cells = divides() ? 1 : digit_count();
  const auto trials = static_cast<std::size_t>(config_.trials);
  const auto devices = static_cast<std::uint64_t>(config_.cells.devices());
  check_counting_effort(expected_pulses() + 2 * std::uint64_t{modulus}, (cells + 1) * devices,
                        devices, trials);
  const std::unique_ptr<const CountingModel> model =
      make_counting_model(config_.cells, modulus, request.seed);
  std::vector<Outcome> outcomes(trials);
  parallel_for(request.execution.threads, trials, [&](std::size_t k) {
    const std::uint64_t size = cells * devices;
    outcomes[k] = repetition(*model, entities::counting_cells.block(k * size, size));
  });
  Answer answer;
  if (!request.observer.should_continue({1, 2})) return answer;
  report(answer, outcomes);
  report_crossings(answer, *model, request,
                   entities::counting_cells.block(trials * cells * devices, trials * devices));
  request.observer.should_continue({2, 2});
  if (config_.cells.regime == CountingRegime::pcm) {
    answer.remarks.emplace_back(
        "A single cell with these statistics cannot count to 10: increase redundancy or decrease "
        "base.");
  }
  return answer;
}

}  // namespace

std::span<const TaskEntry> accumulate_entries() {
  static constexpr TaskEntry entries[] = {
      {"arith", "accumulate", "Add, subtract, multiply and divide by counting pulses",
       "One cell stores one digit. Each count crystallizes a part of the cell; the pulse that\n"
       "completes the base makes the cell conductive. The cell is then RESET, and the cell of the\n"
       "next digit receives a pulse.",
       "  imcsim arith accumulate 123 456\n"
       "  imcsim arith accumulate 17 5 --operation divide --regime pcm\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<Accumulate>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
