#pragma once

#include "compiler/program.hpp"

namespace imcsim::compiler {

/// Divides the matrix of each stage's product into tiles of core size, not yet placed.
std::vector<PlacedStage> cut_into_tiles(const network::Graph& graph, const Pipeline& pipeline,
                                        const fabric::CoreConfig& core);

/// Cores per copy of a stage: its tiles, or one for a stage without a product.
std::size_t cores_per_copy(const PlacedStage& stage);

/// Number of copies of each stage.
std::vector<std::size_t> copies_of(const Pipeline& pipeline, const std::vector<PlacedStage>& places,
                                   const CompileConfig& config, std::size_t cores);

}  // namespace imcsim::compiler
