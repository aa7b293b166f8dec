#include "training/samples.hpp"

#include <algorithm>
#include <iterator>

namespace imcsim::training {
namespace {

/// Calibration pass over images: a complete forward pass for each layer.
class ImagePass final : public CalibrationPass {
 public:
  ImagePass(const network::Network& network, const dataset::LabeledImages& images,
            const crossbar::Read& read, const numeric::Kernels& kernels)
      : network_(network),
        images_(images),
        read_(read),
        kernels_(kernels),
        work_(network.architecture()) {}

  std::vector<crossbar::DrivenLines> inputs(std::size_t layer,
                                            std::span<const ProductSite> sites) override {
    std::vector<crossbar::DrivenLines> inputs;
    for (std::size_t k = 0; k < sites.size(); ++k) {
      const std::size_t i = sites[k].sample;
      if (k == 0 || sites[k - 1].sample != i) {
        network_.forward(images_.image(i), {read_.noise, read_.event + i}, work_, kernels_);
      }
      inputs.push_back(work_.input[layer][sites[k].position]);
    }
    return inputs;
  }

 private:
  const network::Network& network_;
  const dataset::LabeledImages& images_;
  crossbar::Read read_;
  const numeric::Kernels& kernels_;
  network::Workspace work_;
};

/// Number of samples whose intermediate values fit into the memory limit. A sample is assumed to
/// hold four values of the size of the largest one at a time.
std::size_t most_waiting(const network::Graph& graph) {
  constexpr std::size_t most_bytes = std::size_t{128} << 20;
  std::size_t largest = 1;
  for (const network::Value& value : graph.values) {
    if (!value.constant) largest = std::max(largest, network::element_count(value.dims));
  }
  return most_bytes / (4 * sizeof(float) * largest);
}

class GraphPass final : public CalibrationPass {
 public:
  GraphPass(const network::GraphNetwork& network, const network::FillInput& fill,
            std::size_t waiting, const crossbar::Read& read, const Execution& execution)
      : network_(network), fill_(fill), read_(read), execution_(execution), waiting_(waiting) {}

  std::vector<crossbar::DrivenLines> inputs(std::size_t layer,
                                            std::span<const ProductSite> sites) override {
    if (sites.empty()) return {};
    const std::size_t node = network_.matrices()[layer].node;
    // The matrices of a node (groups of a convolution) have the same positions.
    if (node != node_ || !std::equal(sites.begin(), sites.end(), sites_.begin(), sites_.end())) {
      node_ = node;
      sites_.assign(sites.begin(), sites.end());
      collect();
    }
    return inputs_[network_.matrices()[layer].group];
  }

 private:
  /// State of a sample just before `node`.
  struct Waiting {
    network::GraphWorkspace work;
    std::size_t node = 0;
  };

  Waiting begin(std::size_t sample) const {
    Waiting w{network::GraphWorkspace(network_)};
    fill_(sample, network_.input(w.work, 0));
    return w;
  }

  void advance(std::size_t sample, Waiting& w) const {
    for (; w.node < node_; ++w.node) {
      network_.run(w.node, {read_.noise, read_.event + sample}, w.work);
    }
  }

  /// Inputs of all matrices of `node_` at `sites_`.
  void collect() {
    /// Sites of one sample and their inputs: for each group, one per site.
    struct OfSample {
      std::size_t sample = 0;
      std::vector<std::size_t> positions;
      std::vector<std::vector<crossbar::DrivenLines>> inputs;
    };
    std::vector<OfSample> samples;
    for (const ProductSite& site : sites_) {
      if (samples.empty() || samples.back().sample != site.sample) {
        samples.push_back({site.sample, {}, {}});
      }
      samples.back().positions.push_back(site.position);
    }
    parallel_for(execution_.threads, samples.size(), [&](std::size_t k) {
      OfSample& own = samples[k];
      if (own.sample < waiting_.size()) {
        std::optional<Waiting>& waiting = waiting_[own.sample];
        if (!waiting) waiting = begin(own.sample);
        advance(own.sample, *waiting);
        own.inputs = network_.product_inputs(node_, own.positions, waiting->work);
      } else {
        Waiting passing = begin(own.sample);
        advance(own.sample, passing);
        own.inputs = network_.product_inputs(node_, own.positions, passing.work);
      }
    });
    inputs_.assign(samples[0].inputs.size(), {});
    for (OfSample& own : samples) {
      for (std::size_t g = 0; g < inputs_.size(); ++g) {
        std::move(own.inputs[g].begin(), own.inputs[g].end(), std::back_inserter(inputs_[g]));
      }
    }
  }

  const network::GraphNetwork& network_;
  const network::FillInput& fill_;
  crossbar::Read read_;
  Execution execution_;
  std::vector<std::optional<Waiting>> waiting_;  ///< of the first samples
  std::size_t node_ = network::absent;           ///< node whose inputs were collected last
  std::vector<ProductSite> sites_;               ///< sites of the collected inputs
  std::vector<std::vector<crossbar::DrivenLines>> inputs_;  ///< per matrix of `node_`
};

}  // namespace

OperationCounts ImageSamples::run(const SamplePart& part, Matrix<float>& outputs) const {
  network::Workspace work(network_.architecture());
  for (std::size_t i = part.first; i < part.first + part.count; ++i) {
    network_.forward(images_.image(i), {part.read.noise, part.read.event + i}, work, kernels_);
    std::copy_n(work.output.data(), output_size(), outputs.data() + i * outputs.shape(1));
  }
  return work.scratch.counts;
}

std::unique_ptr<CalibrationPass> ImageSamples::calibration_pass(const crossbar::Read& read,
                                                                const Execution&) const {
  return std::make_unique<ImagePass>(network_, images_, read, kernels_);
}

OperationCounts run_node_by_node(const network::GraphNetwork& network,
                                 const network::FillInput& fill, const SamplePart& part,
                                 Matrix<float>& outputs) {
  network::GraphWorkspace work(network);
  for (std::size_t i = part.first; i < part.first + part.count; ++i) {
    fill(i, network.input(work, 0));
    network.forward({part.read.noise, part.read.event + i}, work);
    const network::Tensor& output = network.output(work, 0);
    std::copy(output.real.begin(), output.real.end(), outputs.data() + i * outputs.shape(1));
  }
  return work.scratch.counts;
}

std::size_t TensorSamples::output_size() const {
  const network::Graph& graph = network_.graph();
  return network::element_count(graph.values[graph.outputs[0]].dims);
}

std::uint64_t TensorSamples::most_positions() const {
  std::uint64_t most = 1;
  for (const network::WeightMatrix& m : network_.matrices()) {
    most = std::max<std::uint64_t>(most, m.positions);
  }
  return most;
}

std::unique_ptr<CalibrationPass> graph_pass(const network::GraphNetwork& network,
                                            const network::FillInput& fill, std::size_t waiting,
                                            const crossbar::Read& read,
                                            const Execution& execution) {
  return std::make_unique<GraphPass>(network, fill, waiting, read, execution);
}

std::unique_ptr<CalibrationPass> TensorSamples::calibration_pass(const crossbar::Read& read,
                                                                 const Execution& execution) const {
  return graph_pass(network_, fill_, std::min(count_, most_waiting(network_.graph())), read,
                    execution);
}

}  // namespace imcsim::training
