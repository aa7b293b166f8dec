// Addition, subtraction and multiplication within the rows of an array, cycle by cycle, in all
// rows at once.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/stateful_array.hpp"

namespace imcsim::tasks {

__extension__ using UInt128 = unsigned __int128;

enum class RowOperation { add, subtract, multiply };
std::span<const std::string_view> names_of(RowOperation);

/// What a cycle is. `1-init`: one gate or one initialisation a cycle (NOR and NOT; Leitersdorf et
/// al., AritPIM, doi:10.1109/TETC.2023.3268137). `min3`: NOT and minority gates, batches of
/// initialisations, partitions that work at the same time (Leitersdorf et al., MultPIM,
/// doi:10.1109/TCSII.2021.3118215). `simpler`: NOR netlists mapped to a row (tasks/simpler.hpp).
enum class Convention { one_init, min3, simpler };
std::span<const std::string_view> names_of(Convention);

/// The pairs to compute with: `bits` wide, at most 64.
struct RowOperands {
  std::size_t bits = 32;
  std::span<const std::uint64_t> a;
  std::span<const std::uint64_t> b;
};

/// What stood in the rows, and what it took. A sum has bits + 1 bits, a product 2·bits; a
/// difference is modulo 2^bits with `carry` 1 where it is not negative.
struct RowResult {
  std::vector<UInt128> values;
  std::vector<bool> carry;
  std::size_t result_bits = 0;
  std::uint64_t cycles = 0;
  std::uint64_t gates = 0;
  std::uint64_t initialisations = 0;
  std::uint64_t wrong_bits = 0;
  std::uint64_t most_writes = 0;
  std::uint64_t set_pulses = 0;  ///< over all rows, the operands' among them
  std::uint64_t reset_pulses = 0;
  std::size_t cells = 0;
  std::vector<CellStep> steps;      ///< the first of them
  std::vector<std::size_t> places;  ///< the result's cells, lowest bit first
};

/// How gates err: the probability of a wrong bit a gate and row, and the draws.
struct GateErrors {
  double probability = 0.0;
  Stream stream{0, Purpose::programming};
};

/// By 9-NOR full adders, one bit after the other: 18N + 1 cycles a sum, 20N + 1 a difference,
/// 20N² − 12N − 1 a product up to N = 20, Karatsuba's three half products beyond.
RowResult compute_one_init(RowOperation operation, const RowOperands& operands,
                           const GateErrors& errors);

/// By minority gates: 5N + 1 cycles a sum, 6N + 1 a difference; a product of N = 2^m takes
/// N·log₂N + 14N + 3 cycles in N − 1 partitions that hold carry-save adders.
RowResult compute_min3(RowOperation operation, const RowOperands& operands,
                       const GateErrors& errors);

/// By a NOR netlist in a row of `row_size` cells. Throws InputError where it does not fit.
RowResult compute_simpler(RowOperation operation, const RowOperands& operands, std::size_t row_size,
                          const GateErrors& errors);

RowResult compute(Convention convention, RowOperation operation, const RowOperands& operands,
                  std::size_t row_size, const GateErrors& errors);

/// A row in which `simpler` initialises cells seldom: twice as many as must be held at once.
std::size_t default_row_size(RowOperation operation, std::size_t bits);

/// The same by the processor's arithmetic; a difference modulo 2^bits.
UInt128 exact_value(RowOperation operation, std::size_t bits, std::uint64_t a, std::uint64_t b);

std::string decimal(UInt128 value);

/// A number of at most `bits` bits, in decimal or, behind 0x, in hexadecimal digits; throws
/// InputError{where, …}.
std::uint64_t parse_number(std::string_view text, std::size_t bits, const Where& where);

namespace detail {
/// Bit `bit` of each value, as the rows of a cell.
std::vector<std::uint64_t> plane(std::span<const std::uint64_t> values, std::size_t bit);
/// Loads bit i of the values into cell first + i.
void load_values(StatefulArray& array, std::size_t first, std::size_t bits,
                 std::span<const std::uint64_t> values);
/// The result of an array whose result bits stand in `places`, lowest first, and the last carry of
/// a difference in `carry`.
inline constexpr std::size_t no_carry = ~std::size_t{0};
RowResult read_out(const StatefulArray& array, std::span<const std::size_t> places,
                   std::size_t carry = no_carry);
}  // namespace detail

}  // namespace imcsim::tasks
