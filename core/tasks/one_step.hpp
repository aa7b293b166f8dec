#pragma once

#include <span>
#include <vector>

#include "numeric/tensor.hpp"

namespace imcsim::tasks {

/// Operational amplifiers around an array with matrix G: amplifier i keeps row i at virtual ground
/// and drives column i. Input currents I at the rows give column voltages with G·v = −I.
/// Source: Sun et al. 2019, doi:10.1073/pnas.1815682116.
struct FeedbackCircuit {
  double gain = 1e5;               ///< DC gain A0 of the amplifiers
  double gain_bandwidth_hz = 1e8;  ///< gain-bandwidth product of the amplifiers
  double input = 0.0;  ///< conductance through which the input current is applied, in units of G
};

/// Result of the circuit.
struct CircuitAnswer {
  bool stable = false;
  std::vector<std::vector<double>> x;  ///< steady state for each b: (G + diag(S)/A0)·x = b
  double settling_s = 0.0;  ///< longest time from x = 0 to ‖x(t) − x‖ ≤ ε·‖x‖
};

/// The circuit solves G·x = b. Row i has the total conductance S_i = Σ_j |G_ij| + input; with e_i =
/// ((G·x)_i − b_i)/S_i, dx_i/dt = −2π·GBP·(e_i + x_i/A0). The circuit is stable if all eigenvalues
/// of diag(1/S)·G + 1/A0 have positive real parts; this is tested with powers of its propagator,
/// which also give the settling time. `g` is [n × n]; negative entries are in a second array at
/// inverted inputs.
CircuitAnswer settle_circuit(const Matrix<double>& g, std::span<const std::vector<double>> b,
                             const FeedbackCircuit& circuit, double epsilon);

/// G with the effect of finite gain: G + diag(S)/A0; no change for infinite gain.
std::vector<double> loaded_matrix(const Matrix<double>& g, const FeedbackCircuit& circuit);

}  // namespace imcsim::tasks
