#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "dataset/dataset.hpp"
#include "network/network.hpp"

namespace imcsim::training {

/// Consecutive samples for one thread: the reads of sample i use the event read.event + i, its
/// outputs are written to row i of a matrix.
struct SamplePart {
  std::size_t first = 0, count = 0;
  crossbar::Read read;
};

/// A product of a weight layer: sample and position within the layer.
struct ProductSite {
  std::size_t sample = 0, position = 0;
  bool operator==(const ProductSite&) const = default;
};

/// Samples passing through a network whose layers are calibrated one after the other.
class CalibrationPass {
 public:
  virtual ~CalibrationPass() = default;

  /// Inputs of layer `layer` at each of `sites`, in ascending order. Layers must be requested in
  /// order, each after all layers before it are calibrated.
  virtual std::vector<crossbar::DrivenLines> inputs(std::size_t layer,
                                                    std::span<const ProductSite> sites) = 0;
};

/// Samples together with the network that processes them: the interface of a network to evaluation
/// and calibration. Samples and network must outlive this object.
class Samples {
 public:
  virtual ~Samples() = default;

  virtual std::size_t count() const = 0;

  /// Number of network outputs per sample: one score per class.
  virtual std::size_t output_size() const = 0;

  /// Largest number of products per layer and sample; factor between samples and read events.
  virtual std::uint64_t most_positions() const = 0;

  /// Images with the labels of the samples; null if there are no labels.
  virtual const dataset::LabeledImages* labels() const = 0;

  /// Runs a part of the samples through the network.
  virtual OperationCounts run(const SamplePart& part, Matrix<float>& outputs) const = 0;

  /// The reads of sample i use the event read.event + i.
  virtual std::unique_ptr<CalibrationPass> calibration_pass(const crossbar::Read& read,
                                                            const Execution& execution) const = 0;
};

/// Byte images, converted to pixel/255.
class ImageSamples final : public Samples {
 public:
  ImageSamples(const network::Network& network, dataset::LabeledImages images, Isa isa)
      : network_(network), images_(std::move(images)), kernels_(numeric::kernels(isa)) {}

  std::size_t count() const override { return images_.size(); }
  std::size_t output_size() const override { return network_.outputs(); }
  std::uint64_t most_positions() const override { return network_.architecture().most_positions(); }
  const dataset::LabeledImages* labels() const override { return &images_; }
  OperationCounts run(const SamplePart& part, Matrix<float>& outputs) const override;
  std::unique_ptr<CalibrationPass> calibration_pass(const crossbar::Read& read,
                                                    const Execution& execution) const override;

 private:
  const network::Network& network_;
  dataset::LabeledImages images_;
  const numeric::Kernels& kernels_;
};

/// Function that runs a part of the samples through a graph.
using RunPart = std::function<OperationCounts(const network::GraphNetwork& network,
                                              const network::FillInput& fill,
                                              const SamplePart& part, Matrix<float>& outputs)>;
/// Runs one sample after the other, node by node.
OperationCounts run_node_by_node(const network::GraphNetwork& network,
                                 const network::FillInput& fill, const SamplePart& part,
                                 Matrix<float>& outputs);

/// Tensors for the first input of a graph; the scores are its first output.
class TensorSamples final : public Samples {
 public:
  TensorSamples(const network::GraphNetwork& network, std::size_t count, network::FillInput fill,
                std::optional<dataset::LabeledImages> labels = {}, RunPart run = run_node_by_node)
      : network_(network),
        count_(count),
        fill_(std::move(fill)),
        labels_(std::move(labels)),
        run_(std::move(run)) {}

  std::size_t count() const override { return count_; }
  std::size_t output_size() const override;
  std::uint64_t most_positions() const override;
  const dataset::LabeledImages* labels() const override { return labels_ ? &*labels_ : nullptr; }
  OperationCounts run(const SamplePart& part, Matrix<float>& outputs) const override {
    return run_(network_, fill_, part, outputs);
  }
  std::unique_ptr<CalibrationPass> calibration_pass(const crossbar::Read& read,
                                                    const Execution& execution) const override;

 private:
  const network::GraphNetwork& network_;
  std::size_t count_;
  network::FillInput fill_;
  std::optional<dataset::LabeledImages> labels_;
  RunPart run_;
};

/// The calibration pass of a graph. The state of the first `waiting` samples is kept in memory
/// between nodes, the other samples are computed again for each node. This changes memory use and
/// run time only, not the results. `fill` and `network` must outlive the pass.
std::unique_ptr<CalibrationPass> graph_pass(const network::GraphNetwork& network,
                                            const network::FillInput& fill, std::size_t waiting,
                                            const crossbar::Read& read, const Execution& execution);

}  // namespace imcsim::training
