#include "tasks/solve_config.hpp"

#include <array>

namespace imcsim::tasks {
namespace {

constexpr std::string_view paper = "doi:10.1038/s41928-018-0054-8";
constexpr std::string_view circuit = "doi:10.1073/pnas.1815682116";

void describe_refinement(SolveConfig& c, FieldList& f) {
  f.group("Refinement");
  f.field("inner", c.inner, Unit::none, {}, "Inner solver, with products in memory", paper);
  f.field("inner-steps", c.inner_steps, Unit::none, {1, 200},
          "Number of products in memory per correction",
          "assumed: 3 gives the published 23 corrections");
  f.field("scale", c.scale, Unit::none, {},
          "Scaling of the mapped matrix; jacobi scales the diagonal to 1");
  f.field("band", c.band, Unit::none, {0, 4096},
          "Mapped entries on each side of the diagonal (0: all)", paper);
  f.field("line-search", c.line_search, Unit::none, {},
          "Scale each correction to minimize the residual; adds one exact product per correction");
  f.field("tolerance", c.tolerance, Unit::none, {1e-300, 1e300},
          "Tolerance of the relative residual norm", paper);
  f.field("outer-steps", c.outer_steps, Unit::none, {1, 1e6},
          "Maximum number of corrections per system");
  f.field("calibrate-every", c.calibrate_every, Unit::none, {0, 1e6},
          "Number of corrections between drift calibrations with a known product (0: never)",
          paper);
  f.field("wait", c.wait, Unit::seconds, {0.0, 1e10},
          "Time between programming and the first product");
  f.field("step-time", c.step_time, Unit::seconds, {0.0, 1e10},
          "Duration of a correction, for the drift model");
}

void describe_circuit(SolveConfig& c, FieldList& f) {
  f.group("One-step solver");
  f.field("amplifier-gain", c.amplifier_gain, Unit::none, {1.0, 1e12},
          "Open-loop gain of the amplifiers at DC", circuit);
  f.field("amplifier-bandwidth-mhz", c.amplifier_bandwidth_mhz, Unit::none, {1e-6, 1e6},
          "Gain-bandwidth product of the amplifiers, in MHz", circuit);
  f.field("input-conductance-us", c.input_conductance_us, Unit::siemens_us, {0.0, 1e6},
          "Input conductance of each entry of b");
  f.field("settled-to", c.settled_to, Unit::fraction, {1e-9, 0.5},
          "Relative distance from the final value that counts as settled");
}

}  // namespace

std::span<const std::string_view> names_of(SolveMethod) {
  static constexpr std::array<std::string_view, 2> names = {"mixed-precision", "one-step"};
  return names;
}

std::span<const std::string_view> names_of(InnerSolver) {
  static constexpr std::array<std::string_view, 2> names = {"cg", "gmres"};
  return names;
}

std::span<const std::string_view> names_of(Scaling) {
  static constexpr std::array<std::string_view, 2> names = {"none", "jacobi"};
  return names;
}

void describe(SolveConfig& c, FieldList& f) {
  f.group("System");
  f.field("size", c.size, Unit::none, {0, 8192},
          "Number of unknowns of the model covariance matrix (0: auto; 500, or 40 for method = "
          "one-step)",
          paper);
  f.field("unit-vectors", c.unit_vectors, Unit::none, {},
          "Solve for all unit vectors: inverse matrix and network of partial correlations", paper);
  f.field("edge-threshold", c.edge_threshold, Unit::none, {0.0, 1.0},
          "Partial correlation above which the network has an edge", paper);
  f.field("method", c.method, Unit::none, {},
          "Solver: iterative refinement, or a feedback circuit that settles to x", circuit);
  describe_refinement(c, f);
  describe_circuit(c, f);
  f.mark_common({"method", "size", "inner", "tolerance"});
  describe_arrays(c.arrays, f);
}

}  // namespace imcsim::tasks
