#include "compiler/tiling.hpp"

#include <algorithm>

namespace imcsim::compiler {
namespace {

std::size_t parts(std::size_t size, std::int64_t most) {
  const auto part = static_cast<std::size_t>(most);
  return (size + part - 1) / part;
}

std::size_t ticks_of(const Stage& stage, std::size_t copies) {
  return (stage.iterations() + copies - 1) / copies;
}

/// Rows and columns of a product's matrix, per group of channels.
void find_matrix(const network::Graph& graph, const network::Node& node, PlacedStage& place) {
  const network::Dimensions& weights = graph.values[node.inputs[1]].dims;
  if (const auto* conv = std::get_if<network::Convolution>(&node.operation)) {
    place.groups = conv->groups;
    place.matrix_rows = weights[1] * network::Window::product(conv->window.kernel);
    place.matrix_columns = weights[0] / conv->groups;
    return;
  }
  place.groups = 1;
  const auto* gemm = std::get_if<network::Gemm>(&node.operation);
  const bool transposed = gemm != nullptr && gemm->transpose_b;
  place.matrix_rows = transposed ? weights[1] : weights[0];
  place.matrix_columns = weights.size() < 2 ? 1 : (transposed ? weights[0] : weights[1]);
}

}  // namespace

std::vector<PlacedStage> cut_into_tiles(const network::Graph& graph, const Pipeline& pipeline,
                                        const fabric::CoreConfig& core) {
  std::vector<PlacedStage> places;
  places.reserve(pipeline.stages.size());
  for (const Stage& stage : pipeline.stages) {
    PlacedStage place;
    if (stage.product != network::absent) {
      find_matrix(graph, graph.nodes[stage.product], place);
      place.row_tiles = parts(place.matrix_rows, core.core_rows);
      const std::size_t column_tiles = parts(place.matrix_columns, core.core_columns);
      const auto rows = static_cast<std::size_t>(core.core_rows);
      const auto columns = static_cast<std::size_t>(core.core_columns);
      for (std::size_t g = 0; g < place.groups; ++g) {
        for (std::size_t c = 0; c < column_tiles; ++c) {
          for (std::size_t r = 0; r < place.row_tiles; ++r) {
            place.tiles.push_back({0, g, r, c, std::min(rows, place.matrix_rows - r * rows),
                                   std::min(columns, place.matrix_columns - c * columns), 0});
          }
        }
      }
    }
    places.push_back(std::move(place));
  }
  return places;
}

std::size_t cores_per_copy(const PlacedStage& stage) {
  return std::max<std::size_t>(1, stage.tiles.size());
}

std::vector<std::size_t> copies_of(const Pipeline& pipeline, const std::vector<PlacedStage>& places,
                                   const CompileConfig& config, std::size_t cores) {
  const std::size_t count = pipeline.stages.size();
  std::vector<std::size_t> copies(count, 1);
  if (config.replication == Replication::none) return copies;
  if (config.replication == Replication::period) {
    const auto period = static_cast<std::size_t>(std::max<std::int64_t>(1, config.period_ticks));
    for (std::size_t s = 0; s < count; ++s) {
      copies[s] = (pipeline.stages[s].iterations() + period - 1) / period;
    }
    return copies;
  }
  std::size_t used = 0;
  for (const PlacedStage& place : places) used += cores_per_copy(place);
  while (true) {
    std::size_t slowest = 0;
    for (std::size_t s = 1; s < count; ++s) {
      if (ticks_of(pipeline.stages[s], copies[s]) >
          ticks_of(pipeline.stages[slowest], copies[slowest])) {
        slowest = s;
      }
    }
    const std::size_t more = cores_per_copy(places[slowest]);
    if (ticks_of(pipeline.stages[slowest], copies[slowest]) == 1 || used + more > cores) break;
    used += more;
    ++copies[slowest];
  }
  return copies;
}

}  // namespace imcsim::compiler
