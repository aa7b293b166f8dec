#include "tasks/sense.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "tasks/normal_tail.hpp"

namespace imcsim::tasks {
namespace {

/// Probability that a column current is above, or below, a reference.
double above(double reference_us, double mean_us, double std_us) {
  if (std_us <= 0.0) return mean_us > reference_us ? 1.0 : 0.0;
  return normal_tail((reference_us - mean_us) / std_us);
}
double below(double reference_us, double mean_us, double std_us) {
  if (std_us <= 0.0) return mean_us > reference_us ? 0.0 : 1.0;
  return normal_tail((mean_us - reference_us) / std_us);
}

/// Without spread, the reference is in the middle.
double between(double low_mean, double low_std, double high_mean, double high_std) {
  const double sum = low_std + high_std;
  if (sum <= 0.0) return 0.5 * (low_mean + high_mean);
  return (low_mean * high_std + high_mean * low_std) / sum;
}

}  // namespace

std::span<const std::string_view> names_of(LogicOperation) {
  static constexpr std::array<std::string_view, 7> names = {"and", "or",  "xor",     "nand",
                                                            "nor", "not", "majority"};
  return names;
}

double CellStatistics::column_mean_us(std::size_t n, std::size_t k) const {
  return static_cast<double>(k) * set_mean_us + static_cast<double>(n - k) * reset_mean_us;
}

double CellStatistics::column_std_us(std::size_t n, std::size_t k) const {
  const double set = static_cast<double>(k) * set_std_us * set_std_us;
  const double reset = static_cast<double>(n - k) * reset_std_us * reset_std_us;
  return std::sqrt(set + reset + sense_noise_us * sense_noise_us);
}

bool Sensing::output(double column_us) const {
  bool odd = inverted;
  for (const double reference : references_us) odd ^= column_us > reference;
  return odd;
}

void check_operands(LogicOperation operation, std::size_t n, const Where& where) {
  const auto refuse = [&](std::string_view expected) {
    throw InputError(where,
                     fmt::format("{} operand{} for {}", n, n == 1 ? "" : "s",
                                 names_of(operation)[static_cast<std::size_t>(operation)]),
                     std::string(expected));
  };
  switch (operation) {
    case LogicOperation::inversion:
      if (n != 1) refuse("one");
      return;
    case LogicOperation::exclusive:
      if (n != 2) refuse("two; the parity of more operands needs several reads");
      return;
    case LogicOperation::majority:
      if (n < 3 || n % 2 == 0 || n > most_sensed_rows) refuse("an odd number from 3 to 127");
      return;
    default:
      if (n < 2 || n > most_sensed_rows) refuse(fmt::format("2 to {}", most_sensed_rows));
  }
}

double reference_us(const CellStatistics& cells, std::size_t n, std::size_t a) {
  return between(cells.column_mean_us(n, a), cells.column_std_us(n, a),
                 cells.column_mean_us(n, a + 1), cells.column_std_us(n, a + 1));
}

Sensing sensing_of(LogicOperation operation, const CellStatistics& cells, std::size_t n) {
  switch (operation) {
    case LogicOperation::conjunction: return {{reference_us(cells, n, n - 1)}, false};
    case LogicOperation::nand: return {{reference_us(cells, n, n - 1)}, true};
    case LogicOperation::nor:
    case LogicOperation::inversion: return {{reference_us(cells, n, 0)}, true};
    case LogicOperation::majority: return {{reference_us(cells, n, (n - 1) / 2)}, false};
    case LogicOperation::exclusive:
      return {{reference_us(cells, n, 0), reference_us(cells, n, 1)}, false};
    case LogicOperation::disjunction: break;
  }
  return {{reference_us(cells, n, 0)}, false};
}

bool exact_output(LogicOperation operation, std::size_t n, std::size_t ones) {
  switch (operation) {
    case LogicOperation::conjunction: return ones == n;
    case LogicOperation::nand: return ones != n;
    case LogicOperation::nor:
    case LogicOperation::inversion: return ones == 0;
    case LogicOperation::majority: return 2 * ones > n;
    case LogicOperation::exclusive: return ones % 2 == 1;
    case LogicOperation::disjunction: break;
  }
  return ones > 0;
}

std::vector<double> error_probabilities(LogicOperation operation, const Sensing& sensing,
                                        const CellStatistics& cells, std::size_t n) {
  const double first = sensing.references_us.front();
  const double last = sensing.references_us.back();
  std::vector<double> errors(n + 1);
  for (std::size_t k = 0; k <= n; ++k) {
    const double mean = cells.column_mean_us(n, k);
    const double deviation = cells.column_std_us(n, k);
    if (operation != LogicOperation::exclusive) {
      const bool belongs_above = exact_output(operation, n, k) != sensing.inverted;
      errors[k] = belongs_above ? below(first, mean, deviation) : above(first, mean, deviation);
    } else if (k == 0) {
      errors[k] = above(first, mean, deviation) - above(last, mean, deviation);
    } else if (k == 1) {
      errors[k] = below(first, mean, deviation) + above(last, mean, deviation);
    } else {
      errors[k] = below(last, mean, deviation) - below(first, mean, deviation);
    }
  }
  return errors;
}

std::vector<double> error_probabilities(LogicOperation operation, const CellStatistics& cells,
                                        std::size_t n) {
  return error_probabilities(operation, sensing_of(operation, cells, n), cells, n);
}

}  // namespace imcsim::tasks
