#include "tasks/solve_config.hpp"

#include <array>

namespace imcsim::tasks {
namespace {

constexpr std::string_view paper = "doi:10.1038/s41928-018-0054-8";
constexpr std::string_view circuit = "doi:10.1073/pnas.1815682116";

void describe_refinement(SolveConfig& c, FieldList& f) {
  f.group("Refinement");
  f.field("inner", c.inner, Unit::none, {}, "inexact solver in memory", paper, Audience::everyone);
  f.field("inner-steps", c.inner_steps, Unit::none, {1, 200}, "its products a correction",
          "assumed: 3 gives the published 23 corrections", Audience::everyone);
  f.field("scale", c.scale, Unit::none, {},
          "what is mapped: A, or with its diagonal brought to 1 from both sides", "",
          Audience::everyone);
  f.field("band", c.band, Unit::none, {0, 4096},
          "entries at each side of the diagonal that are mapped; 0: all", paper,
          Audience::everyone);
  f.field("line-search", c.line_search, Unit::none, {},
          "scales each correction so that the residual never grows, for one more exact product", "",
          Audience::everyone);
  f.field("tolerance", c.tolerance, Unit::none, {1e-300, 1e300}, "of the norm of b - A x", paper,
          Audience::everyone);
  f.field("outer-steps", c.outer_steps, Unit::none, {1, 1e6}, "most corrections a system", "");
  f.field("calibrate-every", c.calibrate_every, Unit::none, {0, 1e6},
          "corrections between calibrations against drift, by a known product; 0: none", paper);
  f.field("wait", c.wait, Unit::seconds, {0.0, 1e10}, "from programming to the first product", "");
  f.field("step-time", c.step_time, Unit::seconds, {0.0, 1e10}, "a correction takes, for drift",
          "");
}

void describe_circuit(SolveConfig& c, FieldList& f) {
  f.group("One step");
  f.field("amplifier-gain", c.amplifier_gain, Unit::none, {1.0, 1e12}, "of the amplifiers at rest",
          circuit);
  f.field("amplifier-bandwidth-mhz", c.amplifier_bandwidth_mhz, Unit::none, {1e-6, 1e6},
          "gain-bandwidth product of the amplifiers, in MHz", circuit);
  f.field("input-conductance-us", c.input_conductance_us, Unit::siemens_us, {0.0, 1e6},
          "through which each entry of b is put in", "");
  f.field("settled-to", c.settled_to, Unit::fraction, {1e-9, 0.5},
          "distance from the end at which the circuit counts as settled", "");
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
          "unknowns of the model covariance matrix where no file is given; 0: 500, or 40 in one "
          "step",
          paper, Audience::everyone);
  f.field("unit-vectors", c.unit_vectors, Unit::none, {},
          "solves for all unit vectors: the inverse, and the network of partial correlations",
          paper, Audience::everyone);
  f.field("edge-threshold", c.edge_threshold, Unit::none, {0.0, 1.0},
          "partial correlation above which the network has an edge", paper);
  f.field("method", c.method, Unit::none, {},
          "refinement in double arithmetic, or a feedback circuit that settles on x", circuit,
          Audience::everyone);
  describe_refinement(c, f);
  describe_circuit(c, f);
  describe_arrays(c.arrays, f);
}

}  // namespace imcsim::tasks
