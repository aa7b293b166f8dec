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

/// Where the tiles of a stage add up: all within the tick of the product, as in a group of cores
/// with wires of its own, or from core to core, a tick each.
enum class PartialSums { together, chained };
std::span<const std::string_view> names_of(PartialSums);

/// Whether stages get several copies of their weights: none; as many as bring every stage to
/// `period_ticks`; or those that shorten the period most, until the fabric is full.
enum class Replication { none, period, balance };
std::span<const std::string_view> names_of(Replication);

struct CompileConfig {
  fabric::CoreConfig core;
  fabric::RoutingConfig routing;
  PartialSums partial_sums = PartialSums::together;
  Replication replication = Replication::none;
  std::int64_t period_ticks = 0;  ///< that `period` aims at
  std::int64_t search_steps = 200000;
  fabric::Cast cast = fabric::Cast::multicast;
};
void describe(CompileConfig& config, FieldList& fields);

/// A part of a stage's matrix on a core of its own.
struct Tile {
  std::size_t copy = 0;               ///< of the stage's weights
  std::size_t group = 0;              ///< of channels
  std::size_t row = 0, column = 0;    ///< which tile
  std::size_t rows = 0, columns = 0;  ///< in use
  std::uint32_t core = 0;
};

struct PlacedStage {
  std::size_t matrix_rows = 0, matrix_columns = 0, groups = 0;  ///< groups 0: no product
  std::size_t row_tiles = 0;
  std::vector<Tile> tiles;  ///< those of a column follow one another, the last one gives its sum
};

/// What one core sends others for each image.
struct Transfer {
  std::size_t stage = 0;  ///< that reads
  std::string value;      ///< "partial sums" within a stage
  fabric::Flow flow;      ///< cores; bytes an image
  std::size_t most_hops = 0;
};

/// How the tiles got their cores.
enum class PlacementMethod { natural_order, exact_search, improved };
std::span<const std::string_view> names_of(PlacementMethod);

struct Program {
  std::vector<fabric::PipelineStage> stages;
  std::vector<PlacedStage> places;
  std::vector<Transfer> transfers;
  std::size_t cores_used = 0;
  PlacementMethod placement = PlacementMethod::natural_order;
  std::size_t relayed = 0;   ///< transfers over more than one link
  fabric::ChannelLoad load;  ///< bytes an image on each channel
  double tick_s = 0.0;
  std::size_t period_ticks = 0;  ///< of the slowest stage
  std::uint64_t first_image_ticks = 0;
};

/// A pipeline on the cores of a fabric: tiles, copies, cores, routes, buffers as large as a run
/// without limits fills them. Throws InputError{where, …} where cores or a core's memory do not
/// suffice, saying how many would.
Program compile(const network::Graph& graph, const Pipeline& pipeline,
                const fabric::Topology& topology, const CompileConfig& config,
                const std::string& where, Observer& observer);

/// For each run of locations of an object: `first` location, its reader iteration, how many
/// follow, and whether the iteration continues with them. -1: none is allowed yet.
struct AllowedRun {
  std::uint32_t first = 0;
  std::int64_t iteration = -1;
  std::uint32_t count = 0;
  std::uint32_t step = 0;
};
/// "written location → last reader iteration allowed" of arXiv:2003.04293, and back.
std::vector<AllowedRun> allowed_runs(const fabric::PipelineObject& object);
std::vector<std::uint32_t> needed_of(const std::vector<AllowedRun>& runs, std::size_t iterations,
                                     std::size_t pixels);

/// Energy of one image: products, digital units, memories; links apart.
struct ProgramEnergy {
  double products_j = 0.0, memory_j = 0.0, links_j = 0.0;
  double total_j() const { return products_j + memory_j + links_j; }
};
ProgramEnergy energy_of(const Program& program, const fabric::CoreConfig& core);

}  // namespace imcsim::compiler
