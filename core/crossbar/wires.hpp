#pragma once

#include <cstddef>

#include "crossbar/nodal.hpp"
#include "numeric/tensor.hpp"

namespace imcsim::crossbar {

// Effect of the wire resistance on a product, as a matrix that does not depend on the inputs:
// I_j = Σ_i v_i · Geff_ij. The matrix exists because the circuit is linear; both functions below
// estimate it from one exact solution with all rows at the same voltage. By reciprocity the
// backward product (columns driven at their sense amplifiers, rows sensed at their drivers) has
// the same matrix.
//
// Relative rms error of the column currents for conductances uniform in 0 … 25 µS and inputs of
// which a fifth is nonzero, uniform in 0 … 1:
//
//     array     ohm   wires ignored   attenuation   transfer_conductance
//     64×64     0.35  1.3 %           0.0007 %      < 0.0001 %
//     256×256   0.35  19 %            0.07 %        0.001 %
//     256×256   1.0   53 %            0.4 %         0.007 %
//     785×250   0.35  88 %            0.2 %         0.002 %
//     256×256   2.5   125 %           1.2 %         0.02 %
//
// Worst case found, with only the quarter of the rows farthest from the sense amplifiers driven:
// 785×250 at 0.35 ohm 139 %, 0.2 % and 0.07 %; at 2.5 ohm 1300 %, 1.8 % and 6 %.

/// Factors a with Geff_ij ≈ a_ij · G_ij: the voltage across each device under uniform drive,
///
///     a_ij = (w_ij − b_ij)/v,  limited to 0 … 1 (below 0 the current would flow backwards)
///
/// with the nodes w, b of NodalCrossbar. The sums Σ_i a_ij G_ij and Σ_j a_ij G_ij equal those of
/// Geff: for inputs of equal distribution the mean of a product is exact, its variance is not.
/// `conductance_us` [rows × at least `columns`] in µS; `out` [rows × padded(columns)], with 0 in
/// the padding. O(rows · columns): about 15 ms for 785 × 250. Throws RunError as
/// NodalCrossbar::solve. Source: nodal analysis; doi:10.1016/j.softx.2020.100617 (badcrossbar).
void attenuation(const Matrix<float>& conductance_us, std::size_t columns, LineResistance line,
                 Matrix<float>& out);

/// More accurate estimate of Geff, in µS:
///
///     Geff_ij ≈ α_ij G_ij β_ij + x_i y_j / Σx
///
/// α: row nodes with rows at 1 V and all column nodes at 0 V; β: column nodes with the sense
/// amplifiers at 1 V and all row nodes at 0 V. The first term is the direct path from row i over
/// the device to column j. All other paths use other columns and rows and are nearly uniform, so
/// that their sums over a row, x_i, and over a column, y_j, describe them: x_i and y_j are the
/// differences to the sums of the exact solution. A crossing without a device can have Geff > 0.
/// Shapes, run time and exceptions as attenuation(). Source: derived from the Neumann series of the
/// nodal equations: first term exact, the others by their sums.
void transfer_conductance(const Matrix<float>& conductance_us, std::size_t columns,
                          LineResistance line, Matrix<float>& out);

}  // namespace imcsim::crossbar
