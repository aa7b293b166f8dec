#pragma once

#include <string>
#include <vector>

#include "compiler/partition.hpp"
#include "fabric/core_model.hpp"
#include "fabric/pipeline.hpp"
#include "fabric/routing.hpp"
#include "fabric/topology.hpp"
#include "fabric/traffic.hpp"

namespace imcsim::compiler {

/// Addition of the partial sums of a stage's tiles: within the tick of the product (a group of
/// cores with dedicated wires), or from core to core, one tick each.
enum class PartialSums { together, chained };
std::span<const std::string_view> names_of(PartialSums);

/// Copies of the weights of a stage: one; enough for every stage to reach `period_ticks`; or
/// further copies of the slowest stage until the fabric is full.
enum class Replication { none, period, balance };
std::span<const std::string_view> names_of(Replication);

struct CompileConfig {
  fabric::CoreConfig core;
  fabric::RoutingConfig routing;
  PartialSums partial_sums = PartialSums::together;
  Replication replication = Replication::none;
  std::int64_t period_ticks = 0;  ///< target period for `period`
  std::int64_t search_steps = 200000;
  fabric::Cast cast = fabric::Cast::multicast;
};
void describe(CompileConfig& config, FieldList& fields);

/// A part of a stage's matrix on one core.
struct Tile {
  std::size_t copy = 0;               ///< copy of the stage's weights
  std::size_t group = 0;              ///< channel group
  std::size_t row = 0, column = 0;    ///< tile index
  std::size_t rows = 0, columns = 0;  ///< rows and columns in use
  std::uint32_t core = 0;
};

struct PlacedStage {
  std::size_t matrix_rows = 0, matrix_columns = 0, groups = 0;  ///< groups 0: no product
  std::size_t row_tiles = 0;
  /// Tiles of a column are consecutive, the last one holds the complete sum.
  std::vector<Tile> tiles;
};

/// Data sent from one core to others per image.
struct Transfer {
  std::size_t stage = 0;  ///< reading stage
  std::string value;      ///< "partial sums" within a stage
  fabric::Flow flow;      ///< cores; bytes per image
  std::size_t most_hops = 0;
};

/// Placement method that gave the result.
enum class PlacementMethod { natural_order, exact_search, improved };
std::span<const std::string_view> names_of(PlacementMethod);

struct Program {
  std::vector<fabric::PipelineStage> stages;
  std::vector<PlacedStage> places;
  std::vector<Transfer> transfers;
  std::size_t cores_used = 0;
  PlacementMethod placement = PlacementMethod::natural_order;
  std::size_t relayed = 0;   ///< transfers over more than one link
  fabric::ChannelLoad load;  ///< bytes per image on each channel
  double tick_s = 0.0;
  std::size_t period_ticks = 0;  ///< of the slowest stage
  std::uint64_t first_image_ticks = 0;
};

/// Compiles a pipeline for the cores of a fabric: tiles, copies, cores, routes, and buffers of the
/// sizes reached in a run with unlimited buffers. Throws InputError{where, …} if the cores or a
/// core's memory are insufficient, with the required number.
Program compile(const network::Graph& graph, const Pipeline& pipeline,
                const fabric::Topology& topology, const CompileConfig& config,
                const std::string& where, Observer& observer);

/// A run of `count` consecutive locations of an object, from `first` on. After location first + k
/// is written, the reader may run up to iteration `iteration` + k·`step` (-1: no iteration yet).
struct AllowedRun {
  std::uint32_t first = 0;
  std::int64_t iteration = -1;
  std::uint32_t count = 0;
  std::uint32_t step = 0;
};
/// Conversion to and from "written location → last reader iteration allowed" of arXiv:2003.04293.
std::vector<AllowedRun> allowed_runs(const fabric::PipelineObject& object);
std::vector<std::uint32_t> needed_of(const std::vector<AllowedRun>& runs, std::size_t iterations,
                                     std::size_t pixels);

/// Energy of one image: products with digital units, memories, links.
struct ProgramEnergy {
  double products_j = 0.0, memory_j = 0.0, links_j = 0.0;
  double total_j() const { return products_j + memory_j + links_j; }
};
ProgramEnergy energy_of(const Program& program, const fabric::CoreConfig& core);

}  // namespace imcsim::compiler
