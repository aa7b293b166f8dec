#include "tasks/row_arithmetic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"

namespace imcsim::tasks {

std::span<const std::string_view> names_of(RowOperation) {
  static constexpr std::array<std::string_view, 3> names = {"add", "subtract", "multiply"};
  return names;
}

std::span<const std::string_view> names_of(Convention) {
  static constexpr std::array<std::string_view, 3> names = {"1-init", "min3", "simpler"};
  return names;
}

RowResult compute(Convention convention, RowOperation operation, const RowOperands& operands,
                  std::size_t row_size, const GateErrors& errors) {
  switch (convention) {
    case Convention::min3: return compute_min3(operation, operands, errors);
    case Convention::simpler: return compute_simpler(operation, operands, row_size, errors);
    case Convention::one_init: break;
  }
  return compute_one_init(operation, operands, errors);
}

UInt128 exact_value(RowOperation operation, std::size_t bits, std::uint64_t a, std::uint64_t b) {
  const UInt128 x = a;
  const UInt128 y = b;
  if (operation == RowOperation::add) return x + y;
  if (operation == RowOperation::multiply) return x * y;
  return (x - y) & ((UInt128{1} << bits) - 1);
}

std::string decimal(UInt128 value) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value > 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

namespace {

/// Value of a hexadecimal digit; 16 for other characters.
unsigned digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 16;
}

}  // namespace

std::uint64_t parse_number(std::string_view text, std::size_t bits, const Where& where) {
  const UInt128 limit = UInt128{1} << bits;
  const auto refuse = [&](std::string_view what) {
    throw InputError(
        where, fmt::format("\"{}\" {}", text, what),
        fmt::format("a whole number from 0 to {} ({} bits)", decimal(limit - 1), bits));
  };
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = hexadecimal ? text.substr(2) : text;
  const unsigned base = hexadecimal ? 16 : 10;
  UInt128 value = 0;
  if (digits.empty()) refuse("is not a number");
  for (const char c : digits) {
    const unsigned digit = digit_of(c);
    if (digit >= base) refuse("is not a number");
    value = value * base + digit;
    if (value >= limit) refuse("is out of range");
  }
  return static_cast<std::uint64_t>(value);
}

namespace detail {

std::vector<std::uint64_t> plane(std::span<const std::uint64_t> values, std::size_t bit) {
  std::vector<std::uint64_t> words((values.size() + 63) / 64);
  for (std::size_t row = 0; row < values.size(); ++row) {
    words[row / 64] |= ((values[row] >> bit) & 1U) << (row % 64);
  }
  return words;
}

void load_values(StatefulArray& array, std::size_t first, std::size_t bits,
                 std::span<const std::uint64_t> values) {
  for (std::size_t i = 0; i < bits; ++i) array.load(first + i, plane(values, i));
}

RowResult read_out(const StatefulArray& array, std::span<const std::size_t> places,
                   std::size_t carry) {
  RowResult result;
  result.values.resize(array.rows());
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::span<const std::uint64_t> bits = array.bits(places[i]);
    for (std::size_t row = 0; row < array.rows(); ++row) {
      result.values[row] |= UInt128{(bits[row / 64] >> (row % 64)) & 1U} << i;
    }
  }
  if (carry != no_carry) {
    const std::span<const std::uint64_t> bits = array.bits(carry);
    for (std::size_t row = 0; row < array.rows(); ++row) {
      result.carry.push_back(((bits[row / 64] >> (row % 64)) & 1U) != 0);
    }
  }
  result.result_bits = places.size();
  result.steps = array.steps();
  result.places.assign(places.begin(), places.end());
  result.cycles = array.cycles();
  result.gates = array.gates();
  result.initializations = array.initializations();
  result.wrong_bits = array.wrong_bits();
  result.most_writes = array.most_writes();
  result.set_pulses = array.set_pulses();
  result.reset_pulses = array.reset_pulses();
  result.cells = array.cells();
  return result;
}

}  // namespace detail

}  // namespace imcsim::tasks
