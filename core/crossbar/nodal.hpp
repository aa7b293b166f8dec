#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "numeric/tensor.hpp"

namespace imcsim::crossbar {

/// Resistance of the wire between two adjacent crossings, and between the first crossing and the
/// driver or sense amplifier of the line.
struct LineResistance {
  double row_ohm = 0.0;
  double column_ohm = 0.0;
};

/// Currents and node voltages of a driven crossbar with resistive wires.
struct NodalSolution {
  std::vector<double> current_a;      ///< from each column into its sense amplifier [A], [columns]
  std::vector<double> row_current_a;  ///< from each driver into its row [A], [rows]
  std::vector<double> row_v;          ///< row node of each crossing [V], [rows × columns]
  std::vector<double> column_v;       ///< column node of each crossing [V], [rows × columns]
  int iterations = 0;
  double residual = 0.0;  ///< see NodalCrossbar::solve
};

/// Exact solution of the circuit of a crossbar with resistive wires (Kirchhoff's current law at
/// every node, double precision). Row i is driven through r_row at column 0; column j is sensed
/// through r_column below the last row:
///
///     G_ij (w_ij − b_ij) + (w_ij − w_i,j−1)/r_row    + (w_ij − w_i,j+1)/r_row    = 0
///     G_ij (b_ij − w_ij) + (b_ij − b_i−1,j)/r_column + (b_ij − b_i+1,j)/r_column = 0
///
/// with the voltages w_i,−1 and b_rows,j of the terminals and no term beyond the open ends. Each
/// line alone is a resistor ladder, eliminated from its open end without a subtraction:
///
///     K_j = G_j + K_j+1/(1 + r K_j+1)    J_j = G_j b_j + J_j+1/(1 + r K_j+1)
///     w_j = (w_j−1 + r J_j)/(1 + r K_j)
///
/// also valid for r = 0. The coupled system b = B(A(b)) of the column nodes, with the ladders A of
/// all rows and B of all columns, is solved by conjugate gradients in the scalar product
/// ⟨x, y⟩ = Σ G x A(y), in which the map is symmetric. Five steps suffice where the wires halve the
/// signal; each is O(rows · columns), 0.5 ms for 256 × 256. One thread and a fixed order of
/// summation: the same bits on every platform. Source: nodal analysis;
/// doi:10.1016/j.softx.2020.100617 (badcrossbar).
class NodalCrossbar {
 public:
  /// `conductance_us` [rows × at least `columns`] in µS. Conductances and resistances must not be
  /// negative.
  NodalCrossbar(const Matrix<float>& conductance_us, std::size_t columns, LineResistance line);
  NodalCrossbar(const Matrix<double>& conductance_us, std::size_t columns, LineResistance line);

  /// Maximum number of steps of solve().
  static constexpr int max_iterations = 5000;

  /// Node voltages for `row_drive_v` [rows] at the drivers of the rows and `column_drive_v`
  /// [columns] at the sense amplifiers of the columns; empty: 0 V. The iteration ends when another
  /// sweep over all lines would change no column node by more than `tolerance` × the largest column
  /// node; `residual` is this ratio, recomputed from the result. Throws RunError if
  /// `max_iterations` do not suffice or a number is not finite.
  NodalSolution solve(std::span<const double> row_drive_v, std::span<const double> column_drive_v,
                      double tolerance = 1e-12) const;

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }

  /// G of every crossing in S [rows × columns].
  std::span<const double> conductance_s() const { return conductance_s_; }

  /// Ladders of all rows: out = A(b) [rows × columns] with `drive_v` at the drivers (empty: 0 V)
  /// and the column nodes at `column_v` (empty: 0 V).
  void solve_rows(std::span<const double> drive_v, std::span<const double> column_v,
                  std::span<double> out) const;

  /// Ladders of all columns: out = B(w) [rows × columns] with `drive_v` at the sense amplifiers
  /// (empty: 0 V) and the row nodes at `row_v` (empty: 0 V).
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

/// Solution with all columns sensed at 0 V: current_a_j = Σ_i v_i · Geff_ij. See NodalCrossbar.
NodalSolution solve_nodal(const Matrix<float>& conductance_us, std::size_t columns,
                          std::span<const double> row_drive_v, LineResistance line,
                          double tolerance = 1e-12);
NodalSolution solve_nodal(const Matrix<double>& conductance_us, std::size_t columns,
                          std::span<const double> row_drive_v, LineResistance line,
                          double tolerance = 1e-12);

/// Transfer conductances Geff [rows × columns] in µS: the current of column j for 1 V at row i
/// alone, I_j = Σ_i v_i · Geff_ij. By reciprocity also the current of row i for 1 V at the sense
/// amplifier of column j. Needs min(rows, columns) solutions: 5 ms for 64 × 64, one second for
/// 256 × 256. transfer_conductance() is a fast estimate. Throws as NodalCrossbar::solve.
Matrix<double> effective_conductance_us(const NodalCrossbar& crossbar, double tolerance = 1e-12);

}  // namespace imcsim::crossbar
