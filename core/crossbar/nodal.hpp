#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "numeric/tensor.hpp"

namespace imcsim::crossbar {

/// Resistance of the wire between two neighbouring crossings, and between the first crossing and
/// the line's driver or sense amplifier.
struct LineResistance {
  double row_ohm = 0.0;
  double column_ohm = 0.0;
};

/// What flows and what stands where, once a crossbar with resistive wires is driven.
struct NodalSolution {
  std::vector<double> current_a;      ///< out of each column into its sense end [columns]
  std::vector<double> row_current_a;  ///< out of each row's driver into the row [rows]
  std::vector<double> row_v;          ///< the rows' side of each crossing [rows × columns]
  std::vector<double> column_v;       ///< the columns' side [rows × columns]
  int iterations = 0;
  double residual = 0.0;  ///< see NodalCrossbar::solve
};

/// The circuit of a crossbar with resistive wires, solved exactly (Kirchhoff's current law at
/// every node, double precision). Row i is driven through r_row at column 0, column j leaves
/// through r_column below the last row:
///
///     G_ij (w_ij − b_ij) + (w_ij − w_i,j−1)/r_row    + (w_ij − w_i,j+1)/r_row    = 0
///     G_ij (b_ij − w_ij) + (b_ij − b_i−1,j)/r_column + (b_ij − b_i+1,j)/r_column = 0
///
/// with w_i,−1 and b_rows,j the terminals' voltages and no term beyond the open ends. Each line
/// alone is a resistor ladder, eliminated from its open end without a subtraction:
///
///     K_j = G_j + K_j+1/(1 + r K_j+1)    J_j = G_j b_j + J_j+1/(1 + r K_j+1)
///     w_j = (w_j−1 + r J_j)/(1 + r K_j)
///
/// which holds for r = 0 too. What rows and columns do to each other is solved by conjugate
/// gradients on the columns' nodes, b = B(A(b)) with A all rows' and B all columns' ladders, in
/// the scalar product ⟨x, y⟩ = Σ G x A(y) in which that map is symmetric. It takes five steps where
/// the wires cost half the signal; each is O(rows · columns), 0.5 ms for 256 × 256. One thread,
/// fixed order of summation: the same bits everywhere. Source: nodal analysis;
/// doi:10.1016/j.softx.2020.100617 (badcrossbar).
class NodalCrossbar {
 public:
  /// `conductance_us` [rows × at least `columns`] in µS, none negative; resistances not negative.
  NodalCrossbar(const Matrix<float>& conductance_us, std::size_t columns, LineResistance line);
  NodalCrossbar(const Matrix<double>& conductance_us, std::size_t columns, LineResistance line);

  /// Steps after which solve() gives up.
  static constexpr int max_iterations = 5000;

  /// The nodes for `row_drive_v` [rows] at the rows' drivers and `column_drive_v` [columns] at the
  /// columns' sense ends, either empty for 0 V. The steps end when no column node would move by
  /// more than `tolerance` × the largest column node in one more sweep over all lines; `residual`
  /// is that ratio, recomputed from the result. Throws RunError where `max_iterations` are not
  /// enough or a number is not finite.
  NodalSolution solve(std::span<const double> row_drive_v, std::span<const double> column_drive_v,
                      double tolerance = 1e-12) const;

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }

  /// G of every crossing in S [rows × columns].
  std::span<const double> conductance_s() const { return conductance_s_; }

  /// All rows' ladders: out = A(b) [rows × columns], the rows driven by `drive_v` (empty: 0 V), the
  /// devices' other ends at `column_v` (empty: 0 V).
  void solve_rows(std::span<const double> drive_v, std::span<const double> column_v,
                  std::span<double> out) const;

  /// All columns' ladders: out = B(w) [rows × columns], the sense ends at `drive_v` (empty: 0 V),
  /// the devices' other ends at `row_v` (empty: 0 V).
  void solve_columns(std::span<const double> drive_v, std::span<const double> row_v,
                     std::span<double> out) const;

 private:
  void eliminate_rows();
  void eliminate_columns();
  void sum_currents(NodalSolution& solution) const;

  std::size_t rows_;
  std::size_t columns_;
  LineResistance line_;
  std::vector<double> conductance_s_;
  std::vector<double> row_share_;     ///< 1/(1 + r_row K)
  std::vector<double> column_share_;  ///< 1/(1 + r_column K)
};

/// One solution with all columns sensed at 0 V: current_a_j = Σ_i v_i · Geff_ij. See NodalCrossbar.
NodalSolution solve_nodal(const Matrix<float>& conductance_us, std::size_t columns,
                          std::span<const double> row_drive_v, LineResistance line,
                          double tolerance = 1e-12);
NodalSolution solve_nodal(const Matrix<double>& conductance_us, std::size_t columns,
                          std::span<const double> row_drive_v, LineResistance line,
                          double tolerance = 1e-12);

/// The transfer conductances Geff [rows × columns] in µS: the current of column j for 1 V at row i
/// alone, I_j = Σ_i v_i · Geff_ij. By reciprocity it is also the current of row i for 1 V at the
/// sense end of column j. min(rows, columns) solutions: 64 × 64 takes 5 ms, 256 × 256 a second;
/// for instruments and tests, see transfer_conductance() for a product's weights. Throws as
/// NodalCrossbar::solve.
Matrix<double> effective_conductance_us(const NodalCrossbar& crossbar, double tolerance = 1e-12);

}  // namespace imcsim::crossbar
