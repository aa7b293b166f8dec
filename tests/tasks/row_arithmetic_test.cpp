// Addition, subtraction and multiplication in rows: values and cycles.
#include "tasks/row_arithmetic.hpp"

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "support.hpp"

namespace imcsim::tasks {
BOOST_AUTO_TEST_SUITE(tasks_row_arithmetic)

namespace {

constexpr std::size_t row_size = 4096;
constexpr RowOperation all_operations[] = {RowOperation::add, RowOperation::subtract,
                                           RowOperation::multiply};
constexpr Convention all_conventions[] = {Convention::one_init, Convention::min3,
                                          Convention::simpler};

/// Number of rows of a result that differ from the processor's arithmetic.
std::size_t wrong_rows(Convention convention, RowOperation operation, const RowOperands& operands) {
  const RowResult result = compute(convention, operation, operands, row_size, {});
  std::size_t wrong = 0;
  for (std::size_t r = 0; r < operands.a.size(); ++r) {
    const UInt128 truth = exact_value(operation, operands.bits, operands.a[r], operands.b[r]);
    bool same = result.values[r] == truth;
    if (operation == RowOperation::subtract) {
      same = same && result.carry[r] == (operands.a[r] >= operands.b[r]);
    }
    wrong += same ? 0 : 1;
  }
  return wrong;
}

std::uint64_t cycles_of(Convention convention, RowOperation operation, std::size_t bits) {
  const std::vector<std::uint64_t> one = {1};
  return compute(convention, operation, {bits, one, one}, row_size, {}).cycles;
}

std::size_t cells_of(Convention convention, RowOperation operation, std::size_t bits) {
  const std::vector<std::uint64_t> one = {1};
  return compute(convention, operation, {bits, one, one}, row_size, {}).cells;
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_pairs_up_to_four_bits) {
  for (std::size_t bits = 1; bits <= 4; ++bits) {
    std::vector<std::uint64_t> a;
    std::vector<std::uint64_t> b;
    for (std::uint64_t i = 0; i < (std::uint64_t{1} << (2 * bits)); ++i) {
      a.push_back(i & ((1U << bits) - 1));
      b.push_back(i >> bits);
    }
    for (const Convention convention : all_conventions) {
      for (const RowOperation operation : all_operations) {
        BOOST_TEST(wrong_rows(convention, operation, {bits, a, b}) == 0U);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(thousand_random_pairs) {
  const Stream draws(7, Purpose::instrument);
  for (const std::size_t bits : {8U, 16U, 21U, 32U, 64U}) {
    std::vector<std::uint64_t> a(1000);
    std::vector<std::uint64_t> b(1000);
    for (std::size_t r = 0; r < a.size(); ++r) {
      a[r] = ((std::uint64_t{draws.word(r, 0)} << 32U) | draws.word(r, 1)) >> (64 - bits);
      b[r] = ((std::uint64_t{draws.word(r, 2)} << 32U) | draws.word(r, 3)) >> (64 - bits);
    }
    a[0] = b[0] = ~std::uint64_t{0} >> (64 - bits);
    for (const Convention convention : all_conventions) {
      for (const RowOperation operation : all_operations) {
        BOOST_TEST(wrong_rows(convention, operation, {bits, a, b}) == 0U);
      }
    }
  }
}

// AritPIM: latencies from its published tables and docstrings; number of cells for inputs, output
// and intermediate results.
BOOST_AUTO_TEST_CASE(cycles_of_one_init) {
  using enum RowOperation;
  const Convention c = Convention::one_init;
  for (const std::size_t n : {8U, 16U, 32U, 64U}) {
    BOOST_TEST(cycles_of(c, add, n) == 18 * n + 1);
    BOOST_TEST(cells_of(c, add, n) == 3 * n + 5);
    BOOST_TEST(cycles_of(c, subtract, n) == 20 * n + 1);
  }
  BOOST_TEST(cycles_of(c, multiply, 8) == 1183U);
  BOOST_TEST(cycles_of(c, multiply, 16) == 4927U);
  BOOST_TEST(cycles_of(c, multiply, 32) == 18123U);
  BOOST_TEST(cells_of(c, multiply, 8) == 47U);
  BOOST_TEST(cells_of(c, multiply, 16) == 87U);
  BOOST_TEST(cells_of(c, multiply, 32) == 187U);
  // 142·⌈N/2⌉ + 10N + 102 and the three half products.
  BOOST_TEST(cycles_of(c, multiply, 64) ==
             142 * 32 + 640 + 102 + cycles_of(c, multiply, 33) + 2 * cycles_of(c, multiply, 32));
}

// MultPIM: N·log₂N + 14N + 3 and 14N − 7 cells; its adder 5N + 1 and 3N + 5.
BOOST_AUTO_TEST_CASE(cycles_of_min3) {
  using enum RowOperation;
  const Convention c = Convention::min3;
  for (const std::size_t n : {8U, 16U, 32U}) {
    BOOST_TEST(cycles_of(c, add, n) == 5 * n + 1);
    BOOST_TEST(cells_of(c, add, n) == 3 * n + 5);
    BOOST_TEST(cycles_of(c, subtract, n) == 6 * n + 1);
  }
  const std::uint64_t cycles[] = {67, 139, 291, 611};
  const std::size_t cells[] = {49, 105, 217, 441};
  for (std::size_t i = 0; i < 4; ++i) {
    BOOST_TEST(cycles_of(c, multiply, std::size_t{4} << i) == cycles[i]);
    BOOST_TEST(cells_of(c, multiply, std::size_t{4} << i) == cells[i]);
  }
}

// 32 bits, 10,000 rows, p = 1e-4 per gate: 288 gates per row give 288·10,000·1e-4 = 288 wrong bits
// in all rows, ± 4·√288.
BOOST_AUTO_TEST_CASE(gates_err_at_the_given_rate) {
  const std::vector<std::uint64_t> a(10000, 123456789);
  const RowResult result =
      compute_one_init(RowOperation::add, {32, a, a}, {1e-4, Stream(1, Purpose::instrument)});
  BOOST_TEST(std::abs(static_cast<double>(result.wrong_bits) - 288.0) < 4.0 * std::sqrt(288.0));
}

BOOST_AUTO_TEST_CASE(numbers_are_read_and_written) {
  BOOST_TEST(decimal(exact_value(RowOperation::multiply, 64, ~std::uint64_t{0},
                                 ~std::uint64_t{0})) == "340282366920938463426481119284349108225");
  BOOST_TEST(parse_number("18446744073709551615", 64, "--a") == ~std::uint64_t{0});
  BOOST_TEST(parse_number("0xfF", 8, "--a") == 255U);
  BOOST_CHECK_THROW(parse_number("0x", 8, "--a"), InputError);
  BOOST_CHECK_THROW(parse_number("12a", 16, "--a"), InputError);
  BOOST_CHECK_THROW(parse_number("256", 8, "--a"), InputError);
  BOOST_CHECK_THROW(parse_number("-1", 8, "--a"), InputError);
  BOOST_CHECK_THROW(parse_number("", 8, "--a"), InputError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::tasks
