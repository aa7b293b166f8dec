#pragma once

#include <span>
#include <string_view>

#include "tasks/device_matrix.hpp"

namespace imcsim::tasks {

/// Iterative refinement with an inexact solver in memory, or one feedback circuit.
enum class SolveMethod { mixed_precision, one_step };
std::span<const std::string_view> names_of(SolveMethod);

/// The inexact solver: conjugate gradients or GMRES, its products in memory.
enum class InnerSolver { cg, gmres };
std::span<const std::string_view> names_of(InnerSolver);

/// Mapped matrix: A, or P·A·P with P = diag(|A|)^−1/2.
enum class Scaling { none, jacobi };
std::span<const std::string_view> names_of(Scaling);

struct SolveConfig {
  std::int64_t size = 0;
  bool unit_vectors = false;
  double edge_threshold = 0.13;
  SolveMethod method = SolveMethod::mixed_precision;
  InnerSolver inner = InnerSolver::cg;
  std::int64_t inner_steps = 3;
  Scaling scale = Scaling::jacobi;
  std::int64_t band = 0;
  bool line_search = false;
  double tolerance = 1e-5;
  std::int64_t outer_steps = 1000;
  std::int64_t calibrate_every = 10;
  Duration wait{20.0};
  Duration step_time{1e-3};
  double amplifier_gain = 1e5;
  double amplifier_bandwidth_mhz = 100.0;
  double input_conductance_us = 20.0;
  double settled_to = 1e-3;
  crossbar::CrossbarConfig arrays = task_arrays();

  SolveConfig() { arrays.array.devices_per_weight = 4; }
};
void describe(SolveConfig& config, FieldList& fields);

}  // namespace imcsim::tasks
