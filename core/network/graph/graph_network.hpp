#pragma once

#include <memory>
#include <string>
#include <vector>

#include "crossbar/crossbar.hpp"
#include "network/graph/execute.hpp"
#include "network/graph/graph.hpp"
#include "network/weight_layer.hpp"

namespace imcsim::network {

/// A constant matrix of a graph: the weights of a convolution (of one group of channels), of a Gemm
/// or of a MatMul. The digital unit computes all other operations, such as bias and scale.
struct WeightMatrix {
  std::size_t node = 0;  ///< index of the node in the graph
  std::size_t group = 0;
  std::size_t columns = 0;
  std::size_t positions = 1;  ///< products per pass through the graph
  Matrix<float> weights;      ///< [rows × padded(columns)]

  std::size_t rows() const { return weights.shape(0); }
};

/// All weight matrices of a graph, in the order of the nodes.
std::vector<WeightMatrix> weight_matrices(const Graph& graph);

/// Writes sample `sample` into the input of a graph; type and shape of `input` are set.
using FillInput = std::function<void(std::size_t sample, Tensor& input)>;

class GraphNetwork;

/// Values of a graph for one sample; one workspace per thread.
struct GraphWorkspace {
  explicit GraphWorkspace(const GraphNetwork& network);

  std::vector<Tensor> values;  ///< values of the graph; released after their last read
  ProductScratch product;
  crossbar::Scratch scratch;

 private:
  friend class GraphNetwork;
  std::vector<AlignedVector<float>> spare_;
  std::vector<const Tensor*> inputs_;
  std::vector<Tensor> outputs_;
};

/// A graph with its weight matrices in layers: exact layers or crossbars.
class GraphNetwork {
 public:
  /// Reference in float, node by node.
  GraphNetwork(Graph graph, const Execution& execution);

  /// On devices: a crossbar (in tiles, if configured) for each weight matrix, not programmed. The
  /// largest weight of each matrix corresponds to the whole range of the device. Throws InputError
  /// for more than 256 matrices.
  GraphNetwork(Graph graph, const crossbar::CrossbarConfig& config, std::uint64_t seed,
               const Execution& execution);

  const Graph& graph() const { return graph_; }
  const std::vector<WeightMatrix>& matrices() const { return matrices_; }
  const WeightLayer& layer(std::size_t m) const { return *layers_[m]; }
  /// The crossbars of each matrix; empty for a network in float.
  const std::vector<CrossbarLayer*>& crossbars() const { return crossbars_; }

  /// The k-th input, which must be set before `forward`, and the k-th output after `forward`.
  Tensor& input(GraphWorkspace& work, std::size_t k) const;
  const Tensor& output(const GraphWorkspace& work, std::size_t k) const;

  /// Runs all nodes in order. Product p of P products of a matrix has the event read.event·P + p.
  void forward(const crossbar::Read& read, GraphWorkspace& work) const;

  /// Runs one node; all previous nodes must have run.
  void run(std::size_t node, const crossbar::Read& read, GraphWorkspace& work) const;

  /// First matrix of a node, or `absent`; a convolution has one matrix per group.
  std::size_t first_matrix(std::size_t node) const { return first_matrix_[node]; }

  /// Inputs of the products of a node before it runs, for each of its matrices, at `positions`
  /// (ascending).
  std::vector<std::vector<crossbar::DrivenLines>> product_inputs(
      std::size_t node, std::span<const std::size_t> positions, GraphWorkspace& work) const;

 private:
  explicit GraphNetwork(Graph graph);
  void take_inputs(const Node& node, GraphWorkspace& work) const;
  void take_outputs(const Node& node, GraphWorkspace& work) const;
  void run_product(std::size_t n, const Multiply& multiply, GraphWorkspace& work, Tensor& y) const;
  void release_dead_values(std::size_t n, GraphWorkspace& work) const;

  Graph graph_;
  std::vector<WeightMatrix> matrices_;
  std::vector<std::size_t> first_matrix_;             ///< for each node, or absent
  std::vector<std::vector<std::size_t>> last_reads_;  ///< values to release after each node
  std::vector<std::unique_ptr<WeightLayer>> layers_;
  std::vector<CrossbarLayer*> crossbars_;
};

}  // namespace imcsim::network
