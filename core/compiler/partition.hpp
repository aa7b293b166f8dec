#pragma once

#include <string>
#include <vector>

#include "compiler/access.hpp"

namespace imcsim::compiler {

/// A value that a stage reads and that another stage or a network input provides: the content of a
/// buffer in its core's memory. Pixels are numbered from the first one of an image, row by row.
struct StageInput {
  std::size_t value = 0;                   ///< value number in the graph
  std::size_t producer = network::absent;  ///< stage; absent: an input of the network
  PixelGrid grid;
  /// Pixels that must have arrived before iteration i may run: 1 + the last pixel read by any
  /// iteration up to i.
  std::vector<std::uint32_t> needed;
  /// First pixel that is still read by iteration i or a later one.
  std::vector<std::uint32_t> kept_from;
  /// True: input of the crossbar product; false: combined with its output.
  bool reaches_product = false;
  bool accumulates = false;  ///< only the mean over all pixels is used: memory for one pixel

  /// Pixels that must be in memory at the same time: max needed(i) − kept_from(i).
  std::size_t window() const;
};

/// One stage of the pipeline: at most one product with a weight matrix, and the operations computed
/// with it, pixel by pixel of its output.
struct Stage {
  std::string name;                ///< name of its product, otherwise of its first node
  std::vector<std::size_t> nodes;  ///< node numbers in the graph, in order
  std::size_t product = network::absent;
  std::vector<std::size_t> outputs;  ///< values read by other stages; all have the stage's pixels
  PixelGrid grid;
  std::vector<StageInput> inputs;

  std::size_t iterations() const { return grid.pixels(); }
};

/// A network as stages; each stage reads only from earlier stages.
struct Pipeline {
  std::vector<Stage> stages;
  std::vector<std::size_t> outputs;  ///< stage of each output of the graph
};

/// Partitions a graph into stages. Each product with constant weights starts a stage. Pixelwise
/// operations join the latest stage that they read from, so that an addition joins the deeper of
/// its branches (the one with more products in series). Pooling windows are separate stages.
/// Operations that only select, move or gather pixels are executed by the reading stage. Source:
/// arXiv:2003.04293. Throws InputError{where, …} for more than one sample at a time, or a graph
/// without nodes.
Pipeline partition(const network::Graph& graph, const std::string& where);

}  // namespace imcsim::compiler
