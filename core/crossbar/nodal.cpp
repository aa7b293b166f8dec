#include "crossbar/nodal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/error.hpp"

namespace imcsim::crossbar {
namespace {

constexpr double siemens_per_us = 1e-6;

/// Rows eliminated at the same time: within one row each step depends on the previous one.
constexpr std::size_t rows_per_block = 8;

template <class T>
std::vector<double> in_siemens(const Matrix<T>& conductance_us, std::size_t columns) {
  std::vector<double> conductance_s;
  conductance_s.reserve(conductance_us.shape(0) * columns);
  for (std::size_t i = 0; i < conductance_us.shape(0); ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      conductance_s.push_back(siemens_per_us * static_cast<double>(conductance_us(i, j)));
    }
  }
  return conductance_s;
}

double largest(const std::vector<double>& x) {
  double most = 0.0;
  for (const double value : x) most = std::max(most, std::abs(value));
  return most;
}

/// Σ G x y in eight lanes, which the compiler may keep in registers of any width.
double product(std::span<const double> g, std::span<const double> x, std::span<const double> y) {
  std::array<double, 8> lanes{};
  std::size_t k = 0;
  for (; k + 8 <= g.size(); k += 8) {
    for (std::size_t l = 0; l < 8; ++l) lanes[l] += g[k + l] * x[k + l] * y[k + l];
  }
  for (; k < g.size(); ++k) lanes[k % 8] += g[k] * x[k] * y[k];
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

/// y ← y + a·x.
void add(double a, const std::vector<double>& x, std::vector<double>& y) {
  for (std::size_t k = 0; k < y.size(); ++k) y[k] += a * x[k];
}

/// y ← x + a·y.
void extend(double a, const std::vector<double>& x, std::vector<double>& y) {
  for (std::size_t k = 0; k < y.size(); ++k) y[k] = x[k] + a * y[k];
}

double drive_of(std::span<const double> drive_v, std::size_t line) {
  return drive_v.empty() ? 0.0 : drive_v[line];
}

}  // namespace

NodalCrossbar::NodalCrossbar(const Matrix<float>& conductance_us, std::size_t columns,
                             LineResistance line)
    : rows_(conductance_us.shape(0)),
      columns_(columns),
      line_(line),
      conductance_s_(in_siemens(conductance_us, columns)) {
  eliminate_rows();
  eliminate_columns();
}

NodalCrossbar::NodalCrossbar(const Matrix<double>& conductance_us, std::size_t columns,
                             LineResistance line)
    : rows_(conductance_us.shape(0)),
      columns_(columns),
      line_(line),
      conductance_s_(in_siemens(conductance_us, columns)) {
  eliminate_rows();
  eliminate_columns();
}

void NodalCrossbar::eliminate_rows() {
  row_share_.resize(conductance_s_.size());
  for (std::size_t i = 0; i < rows_; ++i) {
    double beyond = 0.0;
    for (std::size_t j = columns_; j-- > 0;) {
      const double k = conductance_s_[i * columns_ + j] + beyond;
      const double share = 1.0 / (1.0 + line_.row_ohm * k);
      row_share_[i * columns_ + j] = share;
      beyond = k * share;
    }
  }
}

void NodalCrossbar::eliminate_columns() {
  column_share_.resize(conductance_s_.size());
  std::vector<double> beyond(columns_, 0.0);
  for (std::size_t i = 0; i < rows_; ++i) {
    for (std::size_t j = 0; j < columns_; ++j) {
      const double k = conductance_s_[i * columns_ + j] + beyond[j];
      const double share = 1.0 / (1.0 + line_.column_ohm * k);
      column_share_[i * columns_ + j] = share;
      beyond[j] = k * share;
    }
  }
}

void NodalCrossbar::solve_rows(std::span<const double> drive_v, std::span<const double> column_v,
                               std::span<double> out) const {
  for (std::size_t first = 0; first < rows_; first += rows_per_block) {
    const std::size_t count = std::min(rows_per_block, rows_ - first);
    std::array<double, rows_per_block> carry{};
    // From the open end to the driver: J of every node, stored in `out`.
    for (std::size_t j = columns_; j-- > 0;) {
      for (std::size_t k = 0; k < count; ++k) {
        const std::size_t node = (first + k) * columns_ + j;
        if (!column_v.empty()) carry[k] += conductance_s_[node] * column_v[node];
        out[node] = carry[k];
        carry[k] *= row_share_[node];
      }
    }
    for (std::size_t k = 0; k < count; ++k) carry[k] = drive_of(drive_v, first + k);
    for (std::size_t j = 0; j < columns_; ++j) {
      for (std::size_t k = 0; k < count; ++k) {
        const std::size_t node = (first + k) * columns_ + j;
        carry[k] = (carry[k] + line_.row_ohm * out[node]) * row_share_[node];
        out[node] = carry[k];
      }
    }
  }
}

void NodalCrossbar::solve_columns(std::span<const double> drive_v, std::span<const double> row_v,
                                  std::span<double> out) const {
  std::vector<double> carry(columns_, 0.0);
  for (std::size_t i = 0; i < rows_; ++i) {
    for (std::size_t j = 0; j < columns_; ++j) {
      const std::size_t node = i * columns_ + j;
      if (!row_v.empty()) carry[j] += conductance_s_[node] * row_v[node];
      out[node] = carry[j];
      carry[j] *= column_share_[node];
    }
  }
  for (std::size_t j = 0; j < columns_; ++j) carry[j] = drive_of(drive_v, j);
  for (std::size_t i = rows_; i-- > 0;) {
    for (std::size_t j = 0; j < columns_; ++j) {
      const std::size_t node = i * columns_ + j;
      carry[j] = (carry[j] + line_.column_ohm * out[node]) * column_share_[node];
      out[node] = carry[j];
    }
  }
}

NodalSolution NodalCrossbar::solve(std::span<const double> row_drive_v,
                                   std::span<const double> column_drive_v, double tolerance) const {
  const std::size_t nodes = conductance_s_.size();
  NodalSolution solution;
  std::vector<double>& w = solution.row_v;
  std::vector<double>& b = solution.column_v;
  w.resize(nodes);
  b.resize(nodes);
  std::vector<double> residual(nodes);
  std::vector<double> image(nodes);
  solve_rows(row_drive_v, {}, w);
  solve_columns(column_drive_v, w, b);
  solve_rows(row_drive_v, b, w);
  solve_columns(column_drive_v, w, residual);
  add(-1.0, b, residual);

  // p: direction; a = A(p), its effect on the rows; image = p − B(a).
  std::vector<double> p;
  std::vector<double> a;
  std::vector<double> residual_a(nodes);
  double length = 0.0;
  while (!(largest(residual) <= tolerance * largest(b))) {
    solve_rows({}, residual, residual_a);
    const double next_length = product(conductance_s_, residual, residual_a);
    if (next_length == 0.0) break;  // no response of the rows: the last sweep below is exact
    if (++solution.iterations > max_iterations || !std::isfinite(next_length)) {
      throw RunError("the solver for the wire resistances did not converge in " +
                     std::to_string(max_iterations) + " steps");
    }
    if (p.empty()) {
      p = residual;
      a = residual_a;
    } else {
      extend(next_length / length, residual, p);
      extend(next_length / length, residual_a, a);
    }
    length = next_length;
    solve_columns({}, a, image);
    for (std::size_t k = 0; k < nodes; ++k) image[k] = p[k] - image[k];
    const double step = length / product(conductance_s_, image, a);
    add(step, p, b);
    add(-step, image, residual);
  }

  solve_rows(row_drive_v, b, w);
  residual = b;
  solve_columns(column_drive_v, w, b);
  add(-1.0, b, residual);
  const double scale = largest(b);
  solution.residual = scale > 0.0 ? largest(residual) / scale : 0.0;
  sum_currents(solution);
  return solution;
}

void NodalCrossbar::sum_currents(NodalSolution& solution) const {
  solution.current_a.assign(columns_, 0.0);
  solution.row_current_a.assign(rows_, 0.0);
  double total_a = 0.0;
  for (std::size_t i = 0; i < rows_; ++i) {
    for (std::size_t j = 0; j < columns_; ++j) {
      const std::size_t node = i * columns_ + j;
      const double current_a =
          conductance_s_[node] * (solution.row_v[node] - solution.column_v[node]);
      solution.current_a[j] += current_a;
      solution.row_current_a[i] += current_a;
    }
    total_a += solution.row_current_a[i];
  }
  if (!std::isfinite(total_a)) {
    throw RunError("the circuit with wire resistances contains a value that is not finite");
  }
}

NodalSolution solve_nodal(const Matrix<float>& conductance_us, std::size_t columns,
                          std::span<const double> row_drive_v, LineResistance line,
                          double tolerance) {
  return NodalCrossbar(conductance_us, columns, line).solve(row_drive_v, {}, tolerance);
}

NodalSolution solve_nodal(const Matrix<double>& conductance_us, std::size_t columns,
                          std::span<const double> row_drive_v, LineResistance line,
                          double tolerance) {
  return NodalCrossbar(conductance_us, columns, line).solve(row_drive_v, {}, tolerance);
}

Matrix<double> effective_conductance_us(const NodalCrossbar& crossbar, double tolerance) {
  const std::size_t rows = crossbar.rows();
  const std::size_t columns = crossbar.columns();
  Matrix<double> effective_us(Matrix<double>::shape_type{rows, columns});
  const bool row_by_row = rows <= columns;
  std::vector<double> drive_v(row_by_row ? rows : columns, 0.0);
  for (std::size_t line = 0; line < drive_v.size(); ++line) {
    drive_v[line] = 1.0;
    if (row_by_row) {
      const NodalSolution solution = crossbar.solve(drive_v, {}, tolerance);
      for (std::size_t j = 0; j < columns; ++j) {
        effective_us(line, j) = solution.current_a[j] / siemens_per_us;
      }
    } else {
      const NodalSolution solution = crossbar.solve({}, drive_v, tolerance);
      for (std::size_t i = 0; i < rows; ++i) {
        effective_us(i, line) = -solution.row_current_a[i] / siemens_per_us;
      }
    }
    drive_v[line] = 0.0;
  }
  return effective_us;
}

}  // namespace imcsim::crossbar
