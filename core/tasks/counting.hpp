#pragma once

#include <cstdint>
#include <vector>

#include "tasks/counting_cells.hpp"

namespace imcsim::tasks {

/// Digits of `value` in base b, lowest first; at least one.
std::vector<std::uint32_t> digits_of(std::uint64_t value, std::uint32_t base);

/// A number in base b with one cell per digit. When a cell becomes SET, it is RESET and the next
/// cell receives a pulse (the carry).
class DigitCounter {
 public:
  DigitCounter(const CountingModel& model, std::uint32_t base, std::size_t digits,
               std::uint32_t first_entity);

  /// Adds value·b^shift: applies to each cell the number of pulses given by its digit.
  void add(std::uint64_t value, std::size_t shift = 0);

  /// Adds b^digits − value.
  void add_complement(std::uint64_t value);

  /// Reads each cell by counting pulses until it is SET, digit = b − pulses, and restores the
  /// digit.
  std::vector<std::uint32_t> read();

  std::uint64_t carries() const { return carries_; }
  std::uint64_t overflows() const { return overflows_; }  ///< carries out of the highest digit
  const CountingWork& work() const { return cells_->work(); }

 private:
  void pulse(std::size_t digit, std::uint64_t times);

  std::uint32_t base_;
  std::size_t digits_;
  std::unique_ptr<CountingCells> cells_;
  std::uint64_t carries_ = 0, overflows_ = 0;
};

std::uint64_t value_of(const std::vector<std::uint32_t>& digits, std::uint32_t base);

/// Result of y pulses to a cell that is SET by x pulses.
struct Division {
  std::uint64_t quotient = 0;   ///< number of times the cell was SET
  std::uint64_t remainder = 0;  ///< x − the pulses needed to SET the cell again
  CountingWork work;
};
Division divide_by_counting(const CountingModel& model, std::uint64_t y, std::uint32_t x,
                            std::uint32_t first_entity);

/// Candidates 2 … ⌊√y⌋ whose cell is SET by pulse y, in ascending order.
struct DivisorSearch {
  std::vector<std::uint32_t> divisors;
  CountingWork work;
};
DivisorSearch divisors_by_counting(const CountingModel& model, std::uint64_t y,
                                   std::uint32_t first_entity);

/// ⌊√y⌋.
std::uint32_t root_of(std::uint64_t y);

}  // namespace imcsim::tasks
