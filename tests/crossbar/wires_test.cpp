#include "crossbar/wires.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(crossbar_wires)

namespace {

using crossbar::LineResistance;
using crossbar::NodalCrossbar;
using crossbar::NodalSolution;

constexpr double gmax_us = 25.0;

Matrix<double> uniform_us(std::size_t rows, std::size_t columns, double conductance_us) {
  return Matrix<double>(Matrix<double>::shape_type{rows, columns}, conductance_us);
}

/// Conductances `peak_us` · u^power with u uniform in 0 … 1; every `gap`-th crossing is empty.
Matrix<float> random_us(std::size_t rows, std::size_t columns, std::uint64_t seed,
                        float peak_us = 25.0F, int power = 1, std::size_t gap = 1U << 30U) {
  testing::Draws draws(seed);
  Matrix<float> g = padded_matrix<float>(rows, columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const float u = 0.5F + draws(0.5F);
      g(i, j) = (i * columns + j + 1) % gap == 0 ? 0.0F : peak_us * (power == 2 ? u * u : u);
    }
  }
  return g;
}

/// Voltages uniform in 0 … 0.2 V, of which one in `one_in` is not zero.
std::vector<double> random_drive(std::size_t lines, std::uint64_t seed, std::uint32_t one_in = 1) {
  testing::Draws draws(seed);
  std::vector<double> drive_v(lines);
  for (double& v : drive_v) {
    const double level_v = 0.1 + static_cast<double>(draws(0.1F));
    v = draws.below(one_in) == 0 ? level_v : 0.0;
  }
  return drive_v;
}

void check_close(double value, double expected, double relative) {
  BOOST_TEST(std::abs(value - expected) <= relative * std::abs(expected),
             value << " is not " << expected << " within " << relative);
}

/// Largest residual current of Kirchhoff's law at a node, relative to the largest current in a
/// wire.
double residual_current(const Matrix<float>& g_us, std::size_t columns,
                        const std::vector<double>& drive_v, LineResistance line,
                        const NodalSolution& s) {
  const std::size_t rows = drive_v.size();
  double residual = 0.0;
  double largest = 0.0;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const std::size_t k = i * columns + j;
      const double device = 1e-6 * static_cast<double>(g_us(i, j)) * (s.row_v[k] - s.column_v[k]);
      const double before = j == 0 ? drive_v[i] : s.row_v[k - 1];
      const double in = (before - s.row_v[k]) / line.row_ohm;
      const double on = j + 1 == columns ? 0.0 : (s.row_v[k] - s.row_v[k + 1]) / line.row_ohm;
      const double above = i == 0 ? 0.0 : (s.column_v[k - columns] - s.column_v[k]);
      const double below = s.column_v[k] - (i + 1 == rows ? 0.0 : s.column_v[k + columns]);
      residual = std::max(residual, std::abs(in - on - device));
      residual = std::max(residual, std::abs((above - below) / line.column_ohm + device));
      largest = std::max(largest, std::abs(in));
    }
  }
  return residual / largest;
}

/// Relative rms errors of the column currents over five drives.
struct Errors {
  double ignored = 0.0;
  double attenuation = 0.0;
  double transfer = 0.0;
};
Errors errors(const Matrix<float>& g, std::size_t columns, double ohm, std::uint32_t one_in) {
  const std::size_t rows = g.shape(0);
  Matrix<float> a;
  Matrix<float> t;
  crossbar::attenuation(g, columns, {ohm, ohm}, a);
  crossbar::transfer_conductance(g, columns, {ohm, ohm}, t);
  const NodalCrossbar exact(g, columns, {ohm, ohm});
  double squares[4] = {};
  for (std::uint64_t trial = 0; trial < 5; ++trial) {
    const std::vector<double> drive_v = random_drive(rows, 100 + trial, one_in);
    const NodalSolution s = exact.solve(drive_v, {});
    for (std::size_t j = 0; j < columns; ++j) {
      const double true_ua = 1e6 * s.current_a[j];
      double off_ua[3] = {-true_ua, -true_ua, -true_ua};
      for (std::size_t i = 0; i < rows; ++i) {
        const auto g_us = static_cast<double>(g(i, j));
        off_ua[0] += drive_v[i] * g_us;
        off_ua[1] += drive_v[i] * g_us * static_cast<double>(a(i, j));
        off_ua[2] += drive_v[i] * static_cast<double>(t(i, j));
      }
      for (int m = 0; m < 3; ++m) squares[m] += off_ua[m] * off_ua[m];
      squares[3] += true_ua * true_ua;
    }
  }
  return {std::sqrt(squares[0] / squares[3]), std::sqrt(squares[1] / squares[3]),
          std::sqrt(squares[2] / squares[3])};
}

}  // namespace

// A ladder of equal devices: w_j+1 − 2 w_j + w_j−1 = r G w_j, open at the end.
BOOST_AUTO_TEST_CASE(one_line_is_a_ladder) {
  constexpr std::size_t n = 40;
  constexpr double r = 30.0;
  const double theta = std::acosh(1.0 + 0.5 * r * 1e-4);
  const NodalSolution row =
      crossbar::solve_nodal(uniform_us(1, n, 100.0), n, std::vector<double>{0.2}, {r, 0.0});
  const NodalSolution column =
      crossbar::solve_nodal(uniform_us(n, 1, 100.0), 1, std::vector<double>(n, 0.2), {0.0, r});
  for (std::size_t k = 0; k < n; ++k) {
    const double from_end = static_cast<double>(k) + 0.5;
    const double v = 0.2 * std::cosh(from_end * theta) / std::cosh((n + 0.5) * theta);
    check_close(row.row_v[n - 1 - k], v, 1e-12);
    check_close(row.current_a[n - 1 - k], 1e-4 * v, 1e-12);
    check_close(0.2 - column.column_v[k], v, 1e-12);
    check_close(column.row_current_a[k], 1e-4 * v, 1e-12);
  }
  for (const double nearly_zero : {1e-9, 0.0}) {
    const NodalSolution four = crossbar::solve_nodal(
        uniform_us(4, 1, 100.0), 1, std::vector<double>(4, 0.2), {nearly_zero, 10.0});
    check_close(four.current_a[0], 7.94048795949e-5, 1e-11);
  }
}

BOOST_AUTO_TEST_CASE(two_by_two_by_hand) {
  Matrix<double> g = uniform_us(2, 2, 0.0);
  for (std::size_t k = 0; k < 4; ++k) g(k / 2, k % 2) = 1000.0 * static_cast<double>(k + 1);
  const NodalSolution s =
      crossbar::solve_nodal(g, 2, std::vector<double>{0.2, 0.3}, {1.0, 1.0}, 1e-14);
  // As printed: 12 digits of the currents, 9 of the voltages.
  check_close(s.current_a[0], 1.08864146142e-3, 1e-11);
  check_close(s.current_a[1], 1.57478289499e-3, 1e-11);
  const double row_v[] = {.199407789, .1990137, .297928786, .296748093};
  const double column_v[] = {.00128676249, .00196887255, .00108864146, .00157478289};
  for (std::size_t k = 0; k < 4; ++k) {
    check_close(s.row_v[k], row_v[k], 3e-9);
    check_close(s.column_v[k], column_v[k], 4e-9);
  }
}

BOOST_AUTO_TEST_CASE(square_arrays_of_equal_devices) {
  struct Case {
    std::size_t n;
    double ohm;
    double first, middle, last;
  };
  const Case cases[] = {
      {16, 0.35, .999043, .998240, .997996},  {16, 1.0, .997272, .994989, .994294},
      {16, 2.5, .993213, .987569, .985853},   {64, 0.35, .987407, .974609, .970445},
      {64, 1.0, .965011, .930880, .919832},   {64, 2.5, .917729, .844108, .820543},
      {256, 0.35, .842257, .713613, .672639}, {256, 1.0, .665519, .470966, .412330},
      {256, 2.5, .472852, .266761, .210724}};
  for (const Case& c : cases) {
    const NodalSolution s = crossbar::solve_nodal(uniform_us(c.n, c.n, gmax_us), c.n,
                                                  std::vector<double>(c.n, 0.2), {c.ohm, c.ohm});
    const double ideal_a = static_cast<double>(c.n) * gmax_us * 1e-6 * 0.2;
    BOOST_TEST(std::abs(s.current_a[0] / ideal_a - c.first) < 6e-7);
    BOOST_TEST(std::abs(s.current_a[c.n / 2] / ideal_a - c.middle) < 6e-7);
    BOOST_TEST(std::abs(s.current_a[c.n - 1] / ideal_a - c.last) < 6e-7);
    BOOST_TEST(s.iterations <= 10);
    BOOST_TEST(s.residual < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(small_resistances_act_to_first_order) {
  constexpr std::size_t rows = 24;
  constexpr std::size_t columns = 12;
  const LineResistance line{2e-4, 1e-4};
  const NodalSolution s = crossbar::solve_nodal(uniform_us(rows, columns, gmax_us), columns,
                                                std::vector<double>(rows, 0.2), line);
  for (std::size_t j = 0; j < columns; ++j) {
    const auto k = static_cast<double>(j);
    const double drop = 1e-6 * gmax_us *
                        (line.column_ohm * (rows + 1.0) * (2.0 * rows + 1.0) / 6.0 +
                         line.row_ohm * ((k + 1.0) * columns - k * (k + 1.0) / 2.0));
    // The remaining error is of the order of drop², at most 1e-12.
    BOOST_TEST(std::abs(s.current_a[j] / (rows * 1e-6 * gmax_us * 0.2) - (1.0 - drop)) < 1e-11);
    BOOST_TEST(drop > 4e-7);
  }
}

BOOST_AUTO_TEST_CASE(without_resistance_nodes_are_at_their_terminals) {
  constexpr std::size_t rows = 9;
  constexpr std::size_t columns = 7;
  const Matrix<float> g = random_us(rows, columns, 1);
  const std::vector<double> drive_v = random_drive(rows, 2);
  const NodalSolution none = crossbar::solve_nodal(g, columns, drive_v, {0.0, 0.0});
  const NodalSolution rows_ideal = crossbar::solve_nodal(g, columns, drive_v, {0.0, 40.0});
  const NodalSolution columns_ideal = crossbar::solve_nodal(g, columns, drive_v, {40.0, 0.0});
  for (std::size_t j = 0; j < columns; ++j) {
    double sum_a = 0.0;
    for (std::size_t i = 0; i < rows; ++i) {
      const std::size_t k = i * columns + j;
      sum_a += 1e-6 * static_cast<double>(g(i, j)) * drive_v[i];
      BOOST_TEST(none.row_v[k] == drive_v[i]);
      BOOST_TEST(none.column_v[k] == 0.0);
      BOOST_TEST(rows_ideal.row_v[k] == drive_v[i]);
      BOOST_TEST(rows_ideal.column_v[k] > 0.0);
      BOOST_TEST(columns_ideal.column_v[k] == 0.0);
      BOOST_TEST(columns_ideal.row_v[k] < drive_v[i]);
    }
    check_close(none.current_a[j], sum_a, 1e-14);
    // Convergence to the limit: 1e-9 Ω has a relative effect of at most 1e-11.
    for (const auto& [ideal, line] : {std::pair{&rows_ideal, LineResistance{1e-9, 40.0}},
                                      std::pair{&columns_ideal, LineResistance{40.0, 1e-9}}}) {
      check_close(crossbar::solve_nodal(g, columns, drive_v, line).current_a[j],
                  ideal->current_a[j], 1e-11);
      BOOST_TEST(ideal->current_a[j] < sum_a);
    }
  }
}

BOOST_AUTO_TEST_CASE(currents_balance_at_every_node) {
  for (const LineResistance line : {LineResistance{0.35, 0.35}, {5.0, 0.5}, {20.0, 300.0}}) {
    const Matrix<float> g = random_us(53, 37, 3, 25.0F, 1, 5);
    const std::vector<double> drive_v = random_drive(53, 4, 3);
    const NodalSolution s = crossbar::solve_nodal(g, 37, drive_v, line);
    // Voltages to 1e-12, their differences over a wire to no more than 1e-10.
    BOOST_TEST(residual_current(g, 37, drive_v, line, s) < 1e-9);
    for (std::size_t j = 0; j < 37; ++j) {
      check_close(s.column_v[s.column_v.size() - 37 + j] / line.column_ohm, s.current_a[j], 1e-10);
    }
  }
}

BOOST_AUTO_TEST_CASE(currents_superpose_and_are_reciprocal) {
  for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{13, 21}, {21, 13}}) {
    const NodalCrossbar array(random_us(rows, columns, 5, 200.0F), columns, {30.0, 10.0});
    const Matrix<double> effective_us = crossbar::effective_conductance_us(array);
    const std::vector<double> row_drive_v = random_drive(rows, 6);
    const std::vector<double> column_drive_v = random_drive(columns, 7);
    const NodalSolution forward = array.solve(row_drive_v, {});
    const NodalSolution transposed = array.solve({}, column_drive_v);
    const NodalSolution both = array.solve(row_drive_v, column_drive_v);
    for (std::size_t j = 0; j < columns; ++j) {
      double sum_a = 0.0;
      for (std::size_t i = 0; i < rows; ++i) sum_a += 1e-6 * effective_us(i, j) * row_drive_v[i];
      check_close(forward.current_a[j], sum_a, 1e-11);
    }
    double total_a = 0.0;
    for (std::size_t i = 0; i < rows; ++i) {
      double sum_a = 0.0;
      for (std::size_t j = 0; j < columns; ++j) {
        sum_a += 1e-6 * effective_us(i, j) * column_drive_v[j];
      }
      check_close(-transposed.row_current_a[i], sum_a, 1e-11);
      const double superposed_a = forward.row_current_a[i] + transposed.row_current_a[i];
      BOOST_TEST(std::abs(both.row_current_a[i] - superposed_a) < 1e-11 * sum_a);
      total_a += sum_a;
    }
    BOOST_TEST(total_a > 0.0);
  }
}

BOOST_AUTO_TEST_CASE(unsolvable_circuits_are_reported) {
  Matrix<double> g = uniform_us(4, 4, gmax_us);
  g(2, 1) = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> drive_v(4, 0.2);
  BOOST_CHECK_THROW(crossbar::solve_nodal(g, 4, drive_v, {1.0, 1.0}), RunError);
  BOOST_CHECK_THROW(crossbar::solve_nodal(g, 4, drive_v, {0.0, 0.0}), RunError);
}

// Relative rms error of the currents; the bounds are less than twice the measured errors.
BOOST_AUTO_TEST_CASE(estimates_have_the_stated_errors, *boost::unit_test::label("long")) {
  struct Case {
    std::size_t rows, columns;
    double ohm;
    float peak_us;
    int power;
    std::uint32_t one_in;
    double ignored_at_least, attenuation, transfer;
  };
  const Case cases[] = {
      {64, 64, 0.35, 25.0F, 1, 5, 0.012, 1.1e-5, 4e-7},
      {64, 64, 2.5, 25.0F, 1, 1, 0.085, 1.2e-4, 5e-6},
      {128, 128, 1.0, 15.0F, 2, 5, 0.055, 2.6e-4, 8e-6},
      {256, 256, 0.35, 15.0F, 2, 5, 0.075, 3.2e-4, 5e-6},
      {256, 256, 2.5, 25.0F, 1, 5, 1.2, 1.8e-2, 3.2e-4},
      {785, 250, 0.35, 6.0F, 2, 5, 0.14, 2.5e-4, 4e-6},
  };
  for (const Case& c : cases) {
    const Matrix<float> g = random_us(c.rows, c.columns, 8, c.peak_us, c.power);
    const Errors e = errors(g, c.columns, c.ohm, c.one_in);
    BOOST_TEST(e.ignored > c.ignored_at_least, c.rows << " rows: ignored " << e.ignored);
    BOOST_TEST(e.attenuation < c.attenuation, c.rows << " rows: attenuation " << e.attenuation);
    BOOST_TEST(e.transfer < c.transfer, c.rows << " rows: transfer " << e.transfer);
  }
}

BOOST_AUTO_TEST_CASE(attenuation_decreases_away_from_drivers_and_sense_amplifiers) {
  constexpr std::size_t rows = 40;
  constexpr std::size_t columns = 21;
  Matrix<float> g = padded_matrix<float>(rows, columns);
  for (std::size_t i = 0; i < rows; ++i) std::fill_n(&g(i, 0), columns, 25.0F);
  Matrix<float> a(Matrix<float>::shape_type{rows + 1, padded(columns)}, 7.0F);
  crossbar::attenuation(g, columns, {2.5, 2.5}, a);
  BOOST_TEST_REQUIRE(a.shape(0) == rows);
  BOOST_TEST_REQUIRE(a.shape(1) == padded(columns));
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      BOOST_TEST(a(i, j) > 0.0F);
      BOOST_TEST(a(i, j) < 1.0F);
      if (j > 0) BOOST_TEST(a(i, j) < a(i, j - 1));
      if (i > 0) BOOST_TEST(a(i, j) > a(i - 1, j));
    }
    for (std::size_t j = columns; j < a.shape(1); ++j) BOOST_TEST(a(i, j) == 0.0F);
  }
  crossbar::attenuation(g, columns, {0.0, 0.0}, a);
  Matrix<float> t;
  crossbar::transfer_conductance(g, columns, {0.0, 0.0}, t);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      BOOST_TEST(a(i, j) == 1.0F);
      BOOST_TEST(t(i, j) == 25.0F);
    }
  }
}

// Both estimates are exact for equally driven rows, up to float rounding.
BOOST_AUTO_TEST_CASE(estimates_are_exact_for_equal_inputs) {
  constexpr std::size_t n = 96;
  const LineResistance line{60.0, 20.0};
  const Matrix<float> g = random_us(n, n, 9, 25.0F, 2, 7);
  Matrix<float> a;
  Matrix<float> t;
  crossbar::attenuation(g, n, line, a);
  crossbar::transfer_conductance(g, n, line, t);
  const NodalSolution s = crossbar::solve_nodal(g, n, std::vector<double>(n, 1.0), line);
  for (std::size_t k = 0; k < n; ++k) {
    double sums_us[4] = {};
    for (std::size_t l = 0; l < n; ++l) {
      sums_us[0] += static_cast<double>(a(l, k)) * static_cast<double>(g(l, k));
      sums_us[1] += static_cast<double>(t(l, k));
      sums_us[2] += static_cast<double>(a(k, l)) * static_cast<double>(g(k, l));
      sums_us[3] += static_cast<double>(t(k, l));
    }
    for (int m = 0; m < 2; ++m) check_close(1e-6 * sums_us[m], s.current_a[k], 3e-7);
    for (int m = 2; m < 4; ++m) check_close(1e-6 * sums_us[m], s.row_current_a[k], 3e-7);
  }
}

// The first columns reduce the voltage of the last row; the other rows raise the last column above.
BOOST_AUTO_TEST_CASE(a_device_with_reverse_current_has_attenuation_zero) {
  Matrix<float> g = padded_matrix<float>(6, 11);
  for (std::size_t i = 0; i < 5; ++i) g(i, 10) = 1e4F;
  for (std::size_t j = 0; j < 10; ++j) g(5, j) = 1e4F;
  g(5, 10) = 1.0F;
  const LineResistance line{1000.0, 1000.0};
  const NodalSolution s = crossbar::solve_nodal(g, 11, std::vector<double>(6, 0.2), line);
  BOOST_TEST(s.row_v.back() < s.column_v.back());
  Matrix<float> a;
  crossbar::attenuation(g, 11, line, a);
  BOOST_TEST(a(5, 10) == 0.0F);
  BOOST_TEST(*std::max_element(a.begin(), a.end()) <= 1.0F);
  BOOST_TEST(*std::min_element(a.begin(), a.end()) == 0.0F);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
