#include "tasks/counting.hpp"

#include <algorithm>

namespace imcsim::tasks {
namespace {

/// Number of pulses after which a cell is considered stuck.
std::uint64_t patience(std::uint32_t modulus) { return 4 * std::uint64_t{modulus} + 16; }

/// Counts pulses until `cell` is SET, then RESETs the cell.
std::uint64_t pulses_until_set(CountingCells& cells, std::size_t cell, std::uint32_t modulus) {
  std::uint64_t pulses = 1;
  while (!cells.pulse(cell) && pulses < patience(modulus)) ++pulses;
  cells.reset(cell);
  return pulses;
}

}  // namespace

std::vector<std::uint32_t> digits_of(std::uint64_t value, std::uint32_t base) {
  std::vector<std::uint32_t> digits;
  do {
    digits.push_back(static_cast<std::uint32_t>(value % base));
    value /= base;
  } while (value > 0);
  return digits;
}

std::uint64_t value_of(const std::vector<std::uint32_t>& digits, std::uint32_t base) {
  std::uint64_t value = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) value = value * base + *digit;
  return value;
}

DigitCounter::DigitCounter(const CountingModel& model, std::uint32_t base, std::size_t digits,
                           std::uint32_t first_entity)
    : base_(base),
      digits_(digits),
      cells_(model.make(std::vector<std::uint32_t>(digits, base), first_entity)) {}

void DigitCounter::pulse(std::size_t digit, std::uint64_t times) {
  for (std::uint64_t k = 0; k < times; ++k) {
    for (std::size_t at = digit; at < digits_ && cells_->pulse(at); ++at) {
      cells_->reset(at);
      ++carries_;
      overflows_ += at + 1 == digits_ ? 1 : 0;
    }
  }
}

void DigitCounter::add(std::uint64_t value, std::size_t shift) {
  const std::vector<std::uint32_t> digits = digits_of(value, base_);
  for (std::size_t i = 0; i < digits.size(); ++i) pulse(i + shift, digits[i]);
}

void DigitCounter::add_complement(std::uint64_t value) {
  std::vector<std::uint32_t> digits = digits_of(value, base_);
  digits.resize(digits_, 0);
  for (std::size_t i = 0; i < digits_; ++i) pulse(i, base_ - 1 - digits[i]);
  pulse(0, 1);
}

std::vector<std::uint32_t> DigitCounter::read() {
  std::vector<std::uint32_t> digits;
  for (std::size_t i = 0; i < digits_; ++i) {
    const std::uint64_t pulses = pulses_until_set(*cells_, i, base_);
    const std::uint64_t digit = pulses < base_ ? base_ - pulses : 0;
    digits.push_back(static_cast<std::uint32_t>(digit));
    for (std::uint64_t k = 0; k < digit; ++k) cells_->pulse(i);
  }
  return digits;
}

Division divide_by_counting(const CountingModel& model, std::uint64_t y, std::uint32_t x,
                            std::uint32_t first_entity) {
  const std::unique_ptr<CountingCells> cell = model.make({&x, 1}, first_entity);
  Division division;
  for (std::uint64_t k = 0; k < y; ++k) {
    if (!cell->pulse(0)) continue;
    cell->reset(0);
    ++division.quotient;
  }
  const std::uint64_t left = pulses_until_set(*cell, 0, x);
  division.remainder = left < x ? x - left : 0;
  division.work = cell->work();
  return division;
}

std::uint32_t root_of(std::uint64_t y) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31U; bit > 0; bit >>= 1U) {
    if ((root | bit) * (root | bit) <= y) root |= bit;
  }
  return static_cast<std::uint32_t>(root);
}

DivisorSearch divisors_by_counting(const CountingModel& model, std::uint64_t y,
                                   std::uint32_t first_entity) {
  std::vector<std::uint32_t> candidates;
  for (std::uint32_t x = 2; x <= root_of(y); ++x) candidates.push_back(x);
  const std::unique_ptr<CountingCells> cells = model.make(candidates, first_entity);
  DivisorSearch search;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    bool set = false;
    for (std::uint64_t k = 0; k < y; ++k) {
      if (set) cells->reset(i);
      set = cells->pulse(i);
    }
    if (set) search.divisors.push_back(candidates[i]);
  }
  search.work = cells->work();
  return search;
}

}  // namespace imcsim::tasks
