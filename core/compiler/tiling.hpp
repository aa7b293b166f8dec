#pragma once

#include "compiler/program.hpp"

namespace imcsim::compiler {

/// The matrix of each stage's product, cut into tiles of a core, without cores yet.
std::vector<PlacedStage> cut_into_tiles(const network::Graph& graph, const Pipeline& pipeline,
                                        const fabric::CoreConfig& core);

/// Cores of one copy of a stage: its tiles, or one for a stage without a product.
std::size_t cores_a_copy(const PlacedStage& stage);

/// Copies of each stage.
std::vector<std::size_t> copies_of(const Pipeline& pipeline, const std::vector<PlacedStage>& places,
                                   const CompileConfig& config, std::size_t cores);

}  // namespace imcsim::compiler
