#pragma once

#include <span>
#include <vector>

#include "numeric/tensor.hpp"

namespace imcsim::tasks {

/// Operational amplifiers around an array that holds a matrix G: amplifier i keeps row i at virtual
/// ground and drives column i. Currents in at the rows leave G·v = −I at the columns.
/// Source: Sun et al. 2019, doi:10.1073/pnas.1815682116.
struct FeedbackCircuit {
  double gain = 1e5;               ///< A0 of the amplifiers at rest
  double gain_bandwidth_hz = 1e8;  ///< their gain-bandwidth product
  double input = 0.0;              ///< conductance through which a current is put in, in units of G
};

/// What the circuit does.
struct CircuitAnswer {
  bool stable = false;
  std::vector<std::vector<double>> x;  ///< where it settles, for each b: (G + diag(S)/A0)·x = b
  double settling_s = 0.0;  ///< the longest from x = 0 until ‖x(t) − x‖ ≤ ε·‖x‖
};

/// The circuit solves G·x = b. Row i has the total conductance S_i = Σ_j |G_ij| + input; with
/// e_i = ((G·x)_i − b_i)/S_i it moves by dx_i/dt = −2π·GBP·(e_i + x_i/A0). It settles if all
/// eigenvalues of diag(1/S)·G + 1/A0 lie right of the imaginary axis: seen from powers of its
/// propagator, which also give the time. `g` is [n × n]; negative entries stand in a second array
/// at inverted inputs.
CircuitAnswer settle_circuit(const Matrix<double>& g, std::span<const std::vector<double>> b,
                             const FeedbackCircuit& circuit, double epsilon);

/// G with what the finite gain adds: G + diag(S)/A0; an infinite gain adds nothing.
std::vector<double> loaded_matrix(const Matrix<double>& g, const FeedbackCircuit& circuit);

}  // namespace imcsim::tasks
