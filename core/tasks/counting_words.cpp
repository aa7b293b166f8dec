#include "tasks/counting_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "tasks/normal_tail.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::uint64_t most_device_pulses = 4000000000U;

}  // namespace

std::uint64_t whole_number(const Input& input) {
  std::uint64_t value = 0;
  bool good = !input.text.empty();
  for (const char c : input.text) {
    good = good && c >= '0' && c <= '9' && value <= most_counted;
    value = good ? 10 * value + static_cast<std::uint64_t>(c - '0') : value;
  }
  if (!good || value > most_counted) {
    throw InputError(at_field(input.key), fmt::format("\"{}\" is not a valid number", input.text),
                     fmt::format("a whole number from 0 to {}", most_counted));
  }
  return value;
}

void check_counting_effort(std::uint64_t pulses, std::uint64_t entities, std::uint64_t devices,
                           std::uint64_t trials) {
  const double all =
      static_cast<double>(pulses) * static_cast<double>(devices) * static_cast<double>(trials);
  if (all > static_cast<double>(most_device_pulses)) {
    throw InputError(
        at_field("trials"), fmt::format("{:.2g} device pulses exceed the limit", all),
        fmt::format("at most {:.0e}: use smaller numbers, fewer trials or fewer devices",
                    static_cast<double>(most_device_pulses)));
  }
  if (!entities::counting_cells.holds_all(entities * trials)) {
    throw InputError(at_field("trials"),
                     fmt::format("{} devices exceed the limit", entities * trials),
                     fmt::format("at most {}", entities::counting_cells.count));
  }
}

std::vector<std::uint64_t> first_crossings(const CountingModel& model, std::uint32_t modulus,
                                           std::size_t count, std::uint32_t devices,
                                           std::uint32_t first_entity, const Execution& execution) {
  std::vector<std::uint64_t> pulses(count, 0);
  parallel_for(execution.threads, count, [&](std::size_t k) {
    const std::uint32_t entity =
        entities::counting_cells.block(first_entity + std::uint64_t{k} * devices, devices);
    const std::unique_ptr<CountingCells> cell = model.make({&modulus, 1}, entity);
    const std::uint64_t most = 4 * std::uint64_t{modulus} + 16;
    for (pulses[k] = 1; !cell->pulse(0) && pulses[k] < most;) ++pulses[k];
  });
  return pulses;
}

Table crossing_table(const std::vector<std::uint64_t>& pulses, std::uint32_t modulus) {
  std::map<std::uint64_t, std::int64_t> cells;
  cells[modulus] = 0;
  for (const std::uint64_t pulse : pulses) ++cells[pulse];
  Table table{{"pulse", "cells", "share"}, {}};
  for (const auto& [pulse, count] : cells) {
    table.rows.push_back(
        {integer(pulse), count, static_cast<double>(count) / static_cast<double>(pulses.size())});
  }
  return table;
}

double log_of_rest(double p) {
  if (p > 1e-4) return exact_log(1.0 - p);
  return -p * (1.0 + p * (0.5 + p / 3.0));
}

}  // namespace imcsim::tasks
