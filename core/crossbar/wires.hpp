#pragma once

#include <cstddef>

#include "crossbar/nodal.hpp"
#include "numeric/tensor.hpp"

namespace imcsim::crossbar {

// What the wires' resistance does to a product, in the form of a matrix that does not depend on
// the inputs: I_j = Σ_i v_i · Geff_ij. The circuit is linear, so such a matrix exists; both
// functions below estimate it from one exact solution with all rows at the same voltage. By
// reciprocity the transposed product (columns driven at their sense ends, rows sensed at their
// drivers' ends) has the same matrix.
//
// Relative rms error of the columns' currents, conductances uniform 0 … 25 µS, inputs uniform
// 0 … 1 of which a fifth is not zero:
//
//     array     ohm   wires ignored   attenuation   transfer_conductance
//     64×64     0.35  1.3 %           0.0007 %      < 0.0001 %
//     256×256   0.35  19 %            0.07 %        0.001 %
//     256×256   1.0   53 %            0.4 %         0.007 %
//     785×250   0.35  88 %            0.2 %         0.002 %
//     256×256   2.5   125 %           1.2 %         0.02 %
//
// Where only the quarter of the rows farthest from the sense ends is driven, the worst case found:
// 785×250 at 0.35 ohm 139 %, 0.2 % and 0.07 %; at 2.5 ohm 1300 %, 1.8 % and 6 %.

/// Factors a with Geff_ij ≈ a_ij · G_ij: the voltage across each device under uniform drive,
///
///     a_ij = (w_ij − b_ij)/v      at 0 where a device would then carry current backwards
///
/// with the nodes w, b of NodalCrossbar. All Σ_i a_ij G_ij and Σ_j a_ij G_ij are those of Geff: the
/// mean of any product with like-distributed inputs is right, and what is not is its spread.
/// `conductance_us` [rows × at least `columns`] in µS; `out` [rows × padded(columns)] becomes 0 …
/// 1, 0 behind the columns. O(rows · columns): 785 × 250 takes some 15 ms. Throws RunError as
/// NodalCrossbar::solve. Source: nodal analysis; doi:10.1016/j.softx.2020.100617 (badcrossbar).
void attenuation(const Matrix<float>& conductance_us, std::size_t columns, LineResistance line,
                 Matrix<float>& out);

/// The closer estimate, Geff itself in µS:
///
///     Geff_ij ≈ α_ij G_ij β_ij + x_i y_j / Σx
///
/// α: the rows' nodes for rows at 1 V and all columns' nodes held at 0 V; β: the columns' nodes for
/// the sense ends at 1 V and all rows' nodes at 0 V. That is what goes straight from row i over
/// the device to column j. The rest takes detours over other columns and rows, which spread it so
/// evenly that its sums over a row, x_i, and over a column, y_j, describe it; these are what is
/// missing to the sums of the exact solution. A crossing without a device has a Geff as well.
/// Shapes, cost and errors as attenuation(). Source: derived; the nodal equations' Neumann series,
/// its first term in full and the rest by its sums.
void transfer_conductance(const Matrix<float>& conductance_us, std::size_t columns,
                          LineResistance line, Matrix<float>& out);

}  // namespace imcsim::crossbar
