#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "dataset/dataset.hpp"
#include "network/network.hpp"

namespace imcsim::training {

/// Consecutive samples for one thread: the reads of sample i have the event read.event + i, its
/// outputs become row i of a matrix.
struct SamplePart {
  std::size_t first = 0, count = 0;
  crossbar::Read read;
};

/// A product of a layer with weights: of which sample, at which of the layer's positions.
struct ProductSite {
  std::size_t sample = 0, position = 0;
  bool operator==(const ProductSite&) const = default;
};

/// Samples on their way through a network whose layers are calibrated one after the other.
class CalibrationPass {
 public:
  virtual ~CalibrationPass() = default;

  /// Inputs of layer `layer` at each of `sites`, which ascend. Layers are requested in order, each
  /// after all before it are calibrated.
  virtual std::vector<crossbar::DrivenLines> inputs(std::size_t layer,
                                                    std::span<const ProductSite> sites) = 0;
};

/// Samples together with the network that takes them: what evaluation and calibration need to know
/// of a network. Both must outlive this.
class Samples {
 public:
  virtual ~Samples() = default;

  virtual std::size_t count() const = 0;

  /// Outputs of the network for one sample: a score for each class.
  virtual std::size_t output_size() const = 0;

  /// Most products of a layer a sample: what the events of a sample's reads are multiplied by.
  virtual std::uint64_t most_positions() const = 0;

  /// Images whose labels are those of the samples; null where there are no labels.
  virtual const dataset::LabelledImages* labels() const = 0;

  /// Runs a part of the samples through the network.
  virtual OperationCounts run(const SamplePart& part, Matrix<float>& outputs) const = 0;

  /// The reads of sample i have the event read.event + i.
  virtual std::unique_ptr<CalibrationPass> calibration_pass(const crossbar::Read& read,
                                                            const Execution& execution) const = 0;
};

/// Images of bytes, taken as pixel/255.
class ImageSamples final : public Samples {
 public:
  ImageSamples(const network::Network& network, dataset::LabelledImages images, Isa isa)
      : network_(network), images_(std::move(images)), kernels_(numeric::kernels(isa)) {}

  std::size_t count() const override { return images_.size(); }
  std::size_t output_size() const override { return network_.outputs(); }
  std::uint64_t most_positions() const override { return network_.architecture().most_positions(); }
  const dataset::LabelledImages* labels() const override { return &images_; }
  OperationCounts run(const SamplePart& part, Matrix<float>& outputs) const override;
  std::unique_ptr<CalibrationPass> calibration_pass(const crossbar::Read& read,
                                                    const Execution& execution) const override;

 private:
  const network::Network& network_;
  dataset::LabelledImages images_;
  const numeric::Kernels& kernels_;
};

/// How a part of the samples goes through a graph.
using RunPart = std::function<OperationCounts(const network::GraphNetwork& network,
                                              const network::FillInput& fill,
                                              const SamplePart& part, Matrix<float>& outputs)>;
/// One sample after the other, node by node.
OperationCounts run_node_by_node(const network::GraphNetwork& network,
                                 const network::FillInput& fill, const SamplePart& part,
                                 Matrix<float>& outputs);

/// Tensors for the first input of a graph; its first output is the scores.
class TensorSamples final : public Samples {
 public:
  TensorSamples(const network::GraphNetwork& network, std::size_t count, network::FillInput fill,
                std::optional<dataset::LabelledImages> labels = {}, RunPart run = run_node_by_node)
      : network_(network),
        count_(count),
        fill_(std::move(fill)),
        labels_(std::move(labels)),
        run_(std::move(run)) {}

  std::size_t count() const override { return count_; }
  std::size_t output_size() const override;
  std::uint64_t most_positions() const override;
  const dataset::LabelledImages* labels() const override { return labels_ ? &*labels_ : nullptr; }
  OperationCounts run(const SamplePart& part, Matrix<float>& outputs) const override {
    return run_(network_, fill_, part, outputs);
  }
  std::unique_ptr<CalibrationPass> calibration_pass(const crossbar::Read& read,
                                                    const Execution& execution) const override;

 private:
  const network::GraphNetwork& network_;
  std::size_t count_;
  network::FillInput fill_;
  std::optional<dataset::LabelledImages> labels_;
  RunPart run_;
};

/// The calibration pass of a graph. The first `waiting` samples wait in front of the node whose
/// inputs were requested last, the others start anew for each node: it takes memory or time, and
/// changes no bit. `fill` and `network` must outlive it.
std::unique_ptr<CalibrationPass> graph_pass(const network::GraphNetwork& network,
                                            const network::FillInput& fill, std::size_t waiting,
                                            const crossbar::Read& read, const Execution& execution);

}  // namespace imcsim::training
