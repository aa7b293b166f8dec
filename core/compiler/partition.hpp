#pragma once

#include <string>
#include <vector>

#include "compiler/access.hpp"

namespace imcsim::compiler {

/// A value that a stage reads and another one, or the outside, writes: what stands in its core's
/// memory. All numbers of pixels count from the first one of an image, row by row.
struct StageInput {
  std::size_t value = 0;                   ///< of the graph
  std::size_t producer = network::absent;  ///< stage; absent: an input of the network
  PixelGrid grid;
  /// Pixels that must have arrived before iteration i may run: 1 + the last one that any iteration
  /// up to i reads.
  std::vector<std::uint32_t> needed;
  /// First pixel that iteration i or a later one still reads.
  std::vector<std::uint32_t> kept_from;
  bool reaches_product = false;  ///< it goes into the crossbar; false: it joins what comes out
  bool accumulates = false;      ///< only its mean over all pixels is wanted: one pixel of memory

  /// Pixels that must stand in memory at once: max needed(i) − kept_from(i).
  std::size_t window() const;
};

/// One stage of the pipeline: at most one product with a matrix, and what belongs to it, carried
/// out pixel by pixel of its output.
struct Stage {
  std::string name;                ///< of its product, else of its first node
  std::vector<std::size_t> nodes;  ///< of the graph, in order
  std::size_t product = network::absent;
  std::vector<std::size_t> outputs;  ///< values that others read; all have the stage's pixels
  PixelGrid grid;
  std::vector<StageInput> inputs;

  std::size_t iterations() const { return grid.pixels(); }
};

/// A network as stages; each reads only what stages before it write.
struct Pipeline {
  std::vector<Stage> stages;
  std::vector<std::size_t> outputs;  ///< stage of each output of the graph
};

/// Cuts a graph: each product with constant weights opens a stage; what follows pixel by pixel
/// joins the latest stage that it reads from, so that a sum joins the deeper of its branches (the
/// one with more products behind one another); windows of pooling are stages of their own; what
/// only chooses, moves or gathers pixels is done where it is read. Source: arXiv:2003.04293. Throws
/// InputError{where, …}: more than one sample at a time, or a graph without a node.
Pipeline partition(const network::Graph& graph, const std::string& where);

}  // namespace imcsim::compiler
