// arith factor: factorization by counting, with all candidates in parallel.
// Sources: US 6,963,893; Sebastian et al. 2017, doi:10.1038/s41467-017-01481-9 (discussion).
#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "tasks/counting.hpp"
#include "tasks/counting_words.hpp"
#include "tasks/normal_tail.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::uint64_t most_factored = 100000000;

struct FactorConfig {
  std::int64_t trials = 1;
  CountingConfig cells;
};

void describe_factor(FactorConfig& c, FieldList& f) {
  f.group("Counting");
  f.field("trials", c.trials, Unit::none, {1.0, 1e5},
          "Number of repetitions with new devices, for error rates");
  f.mark_common({"trials"});
  describe(c.cells, f);
  device::describe(c.cells.device, f);
}

std::vector<std::uint32_t> exact_divisors(std::uint64_t y) {
  std::vector<std::uint32_t> divisors;
  for (std::uint32_t x = 2; x <= root_of(y); ++x) {
    if (y % x == 0) divisors.push_back(x);
  }
  return divisors;
}

std::vector<std::uint64_t> exact_factors(std::uint64_t y) {
  std::vector<std::uint64_t> factors;
  for (std::uint64_t x = 2; x * x <= y;) {
    if (y % x == 0) {
      factors.push_back(x);
      y /= x;
    } else {
      ++x;
    }
  }
  if (y > 1) factors.push_back(y);
  return factors;
}

std::string product_text(const std::vector<std::uint64_t>& factors) {
  std::string text;
  for (const std::uint64_t factor : factors) {
    text += fmt::format("{}{}", text.empty() ? "" : " x ", factor);
  }
  return text;
}

class Factor final : public Task {
 public:
  void describe(FieldList& f) override { describe_factor(config_, f); }
  device::DeviceConfig* device() override { return &config_.cells.device; }
  std::string_view default_device() const override { return "pcm"; }
  std::vector<InputSpec> inputs() const override {
    return {{"number", "Y", "Number to factor (2 or more)", InputKind::text, true}};
  }
  Answer run(const Request& request) override;

 private:
  struct Found {
    std::vector<std::uint32_t> divisors;  ///< found by the first search
    std::vector<std::uint64_t> factors;
    CountingWork work;
  };
  Found search(const CountingModel& model, std::uint64_t y, std::uint32_t first_entity) const;
  void predict(Answer& answer, const CountingModel& model, std::uint64_t y) const;

  FactorConfig config_;
};

/// Divides by the smallest divisor found and searches the quotient with other devices; a number
/// without divisors is prime. A wrong divisor ends the search, because the quotient is not an
/// integer.
Factor::Found Factor::search(const CountingModel& model, std::uint64_t y,
                             std::uint32_t first_entity) const {
  Found found;
  const auto devices = static_cast<std::uint32_t>(config_.cells.devices());
  for (bool first = true; y > 1; first = false) {
    const DivisorSearch search = divisors_by_counting(model, y, first_entity);
    first_entity += root_of(y) * devices;
    found.work.pulses += search.work.pulses;
    found.work.resets += search.work.resets;
    found.work.reads += search.work.reads;
    if (first) found.divisors = search.divisors;
    const std::uint64_t least = search.divisors.empty() ? y : search.divisors.front();
    found.factors.push_back(least);
    if (y % least != 0) break;
    y /= least;
  }
  return found;
}

/// Candidate X counts ⌈Y/X⌉ times; without a miscount, the divisors found are correct.
void Factor::predict(Answer& answer, const CountingModel& model, std::uint64_t y) const {
  double logarithm = 0.0;
  for (std::uint32_t x = 2; x <= root_of(y); ++x) {
    const double miscount = model.miscount(x);
    if (miscount >= 1.0) {
      answer.predicted_error = Section{{"miscounts_at_most", 1.0}};
      return;
    }
    const std::uint64_t counts = (y + x - 1) / x;
    logarithm += static_cast<double>(counts) * log_of_rest(miscount);
  }
  answer.predicted_error = Section{{"miscounts_at_most", 1.0 - exact_exp(logarithm)}};
}

Answer Factor::run(const Request& request) {
  const std::uint64_t y = whole_number(*request.find("number"));
  if (y < 2 || y > most_factored) {
    throw InputError("arith factor", fmt::format("{} is out of range", y),
                     fmt::format("2 to {}", most_factored));
  }
  const auto devices = static_cast<std::uint64_t>(config_.cells.devices());
  const auto trials = static_cast<std::size_t>(config_.trials);
  const std::uint64_t candidates = root_of(y);
  // Further searches are at most as long as the first; each at least halves the number.
  const std::uint64_t entities = 4 * candidates * devices;
  check_counting_effort(2 * y * candidates, entities, devices, trials);
  const std::unique_ptr<const CountingModel> model =
      make_counting_model(config_.cells, std::max<std::uint32_t>(2, root_of(y)), request.seed);
  std::vector<Found> found(trials);
  parallel_for(request.execution.threads, trials, [&](std::size_t k) {
    const std::uint32_t first = entities::counting_cells.block(k * entities, entities);
    found[k] = search(*model, y, first);
  });
  request.observer.should_continue({1, 1});

  const std::vector<std::uint32_t> divisors = exact_divisors(y);
  const std::vector<std::uint64_t> factors = exact_factors(y);
  std::uint64_t wrong = 0;
  std::uint64_t wrong_divisors = 0;
  for (const Found& each : found) {
    wrong += each.factors != factors ? 1 : 0;
    wrong_divisors += each.divisors != divisors ? 1 : 0;
  }
  Answer answer;
  const Found& first = found.front();
  answer.results = {{"factors", Integers(first.factors.begin(), first.factors.end())},
                    {"product", product_text(first.factors)},
                    {"prime", first.factors.size() == 1},
                    {"divisors", Integers(first.divisors.begin(), first.divisors.end())},
                    {"candidates", integer(candidates - 1)},
                    {"steps", integer(y)},
                    {"devices_a_cell", integer(devices)},
                    {"pulses", integer(first.work.pulses)},
                    {"resets", integer(first.work.resets)},
                    {"reads", integer(first.work.reads)}};
  answer.exact = {{"factors", Integers(factors.begin(), factors.end())},
                  {"product", product_text(factors)},
                  {"divisors", Integers(divisors.begin(), divisors.end())}};
  const auto all = static_cast<double>(trials);
  answer.error = Section{{"factors", static_cast<double>(wrong) / all},
                         {"divisors", static_cast<double>(wrong_divisors) / all}};
  predict(answer, *model, y);
  answer.counts = first.work.counts(static_cast<std::size_t>(devices));
  answer.counts.crossbar_mac = candidates;
  answer.sample_counts = answer.counts;
  answer.von_neumann = {8 * candidates, candidates};
  return answer;
}

}  // namespace

std::span<const TaskEntry> factor_entries() {
  static constexpr TaskEntry entries[] = {
      {"arith", "factor", "Factor a number by counting pulses for all divisors in parallel",
       "One cell per candidate X, up to the square root of Y, is SET by every X-th pulse. After Y\n"
       "pulses, the cells that were just SET mark the divisors of Y.",
       "  imcsim arith factor 143\n"
       "  imcsim arith factor 12 --regime pcm --redundancy 1024 --trials 20\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<Factor>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
