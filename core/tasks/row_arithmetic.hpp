// Addition, subtraction and multiplication within the rows of an array, cycle by cycle, in all rows
// in parallel.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "tasks/stateful_array.hpp"

namespace imcsim::tasks {

__extension__ using UInt128 = unsigned __int128;

enum class RowOperation { add, subtract, multiply };
std::span<const std::string_view> names_of(RowOperation);

/// Definition of a cycle. `1-init`: one gate or one initialization per cycle (NOR and NOT;
/// Leitersdorf et al., AritPIM, doi:10.1109/TETC.2023.3268137). `min3`: NOT and minority gates,
/// batches of initializations, partitions that work in parallel (Leitersdorf et al., MultPIM,
/// doi:10.1109/TCSII.2021.3118215). `simpler`: NOR netlists mapped to a row (tasks/simpler.hpp).
enum class Convention { one_init, min3, simpler };
std::span<const std::string_view> names_of(Convention);

/// Pairs of operands, `bits` wide, at most 64.
struct RowOperands {
  std::size_t bits = 32;
  std::span<const std::uint64_t> a;
  std::span<const std::uint64_t> b;
};

/// Values in the rows after the operation, and its costs. A sum has bits + 1 bits, a product
/// 2·bits. A difference is modulo 2^bits; its `carry` is 1 if it is not negative.
struct RowResult {
  std::vector<UInt128> values;
  std::vector<bool> carry;
  std::size_t result_bits = 0;
  std::uint64_t cycles = 0;
  std::uint64_t gates = 0;
  std::uint64_t initializations = 0;
  std::uint64_t wrong_bits = 0;
  std::uint64_t most_writes = 0;
  std::uint64_t set_pulses = 0;  ///< over all rows, including those of the operands
  std::uint64_t reset_pulses = 0;
  std::size_t cells = 0;
  std::vector<CellStep> steps;      ///< first steps of the operation
  std::vector<std::size_t> places;  ///< cells of the result, lowest bit first
};

/// Gate errors: probability of a wrong bit per gate and row, and random stream.
struct GateErrors {
  double probability = 0.0;
  Stream stream{0, Purpose::programming};
};

/// With 9-NOR full adders, bit by bit: 18N + 1 cycles for a sum, 20N + 1 for a difference, 20N² −
/// 12N − 1 for a product up to N = 20; larger products by Karatsuba's method with three half-width
/// products.
RowResult compute_one_init(RowOperation operation, const RowOperands& operands,
                           const GateErrors& errors);

/// With minority gates: 5N + 1 cycles for a sum, 6N + 1 for a difference; N·log₂N + 14N + 3 cycles
/// for a product with N = 2^m, in N − 1 partitions with carry-save adders.
RowResult compute_min3(RowOperation operation, const RowOperands& operands,
                       const GateErrors& errors);

/// With a NOR netlist in a row of `row_size` cells. Throws InputError if the netlist does not fit.
RowResult compute_simpler(RowOperation operation, const RowOperands& operands, std::size_t row_size,
                          const GateErrors& errors);

RowResult compute(Convention convention, RowOperation operation, const RowOperands& operands,
                  std::size_t row_size, const GateErrors& errors);

/// A row size with rare initializations for `simpler`: twice the number of cells needed at once.
std::size_t default_row_size(RowOperation operation, std::size_t bits);

/// The same by the processor's arithmetic; a difference is modulo 2^bits.
UInt128 exact_value(RowOperation operation, std::size_t bits, std::uint64_t a, std::uint64_t b);

std::string decimal(UInt128 value);

/// Parses a number of at most `bits` bits, decimal or, after 0x, hexadecimal; throws
/// InputError{where, …}.
std::uint64_t parse_number(std::string_view text, std::size_t bits, const Where& where);

namespace detail {
/// Bit `bit` of each value, as the content of one cell in all rows.
std::vector<std::uint64_t> plane(std::span<const std::uint64_t> values, std::size_t bit);
/// Loads bit i of the values to cell first + i.
void load_values(StatefulArray& array, std::size_t first, std::size_t bits,
                 std::span<const std::uint64_t> values);
/// Result of an array with the result bits in cells `places`, lowest first, and the last carry of a
/// difference in cell `carry`.
inline constexpr std::size_t no_carry = ~std::size_t{0};
RowResult read_out(const StatefulArray& array, std::span<const std::size_t> places,
                   std::size_t carry = no_carry);
}  // namespace detail

}  // namespace imcsim::tasks
