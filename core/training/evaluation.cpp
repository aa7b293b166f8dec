#include "training/evaluation.hpp"

#include <algorithm>

namespace imcsim::training {

Evaluation evaluate(const network::Network& network, const dataset::LabelledImages& images,
                    std::uint64_t seed, std::uint64_t event, const Execution& execution) {
  constexpr std::size_t images_a_part = 500;
  const std::size_t parts = (images.size() + images_a_part - 1) / images_a_part;
  const numeric::Kernels& kernels = numeric::kernels(execution.isa);
  const Stream noise(seed, Purpose::evaluation_read);

  Evaluation result;
  result.predictions.resize(images.size());
  result.scores = padded_matrix<float>(images.size(), network.outputs());
  std::vector<OperationCounts> counts(parts);
  parallel_for(execution.threads, parts, [&](std::size_t part) {
    network::Workspace work(network.architecture());
    const std::size_t end = std::min(images.size(), (part + 1) * images_a_part);
    for (std::size_t i = part * images_a_part; i < end; ++i) {
      network.forward(images.image(i), {noise, event + i}, work, kernels);
      result.predictions[i] = static_cast<std::uint32_t>(
          network::predicted_class({work.output.data(), network.outputs()}));
      std::copy_n(work.output.data(), network.outputs(),
                  result.scores.data() + i * result.scores.shape(1));
    }
    counts[part] = work.scratch.counts;
  });
  for (const OperationCounts& part : counts) result.counts += part;
  for (std::size_t i = 0; i < images.size(); ++i) {
    result.correct +=
        result.predictions[i] == static_cast<std::uint32_t>(images.label(i)) ? 1U : 0U;
  }
  if (images.size() > 0) {
    result.accuracy = static_cast<double>(result.correct) / static_cast<double>(images.size());
  }
  return result;
}

OperationCounts run_node_by_node(const network::GraphNetwork& network, const SamplePart& part,
                                 Matrix<float>& outputs) {
  network::GraphWorkspace work(network);
  for (std::size_t i = part.first; i < part.first + part.count; ++i) {
    part.fill(i, network.input(work, 0));
    network.forward({part.read.noise, part.read.event + i}, work);
    const network::Tensor& output = network.output(work, 0);
    std::copy(output.real.begin(), output.real.end(), outputs.data() + i * outputs.shape(1));
  }
  return work.scratch.counts;
}

Evaluation outputs_of(const network::GraphNetwork& network, std::size_t count,
                      const network::FillInput& fill, std::uint64_t seed, std::uint64_t event,
                      const Execution& execution, const RunPart& run) {
  // Long enough that a pipeline is full most of the time, short enough that all threads have work.
  constexpr std::size_t samples_a_part = 50;
  const std::size_t parts = (count + samples_a_part - 1) / samples_a_part;
  const network::Graph& graph = network.graph();
  const std::size_t classes = network::element_count(graph.values[graph.outputs[0]].dims);
  const Stream noise(seed, Purpose::evaluation_read);
  Evaluation result;
  result.predictions.resize(count);
  result.scores = padded_matrix<float>(count, classes);
  std::vector<OperationCounts> counts(parts);
  parallel_for(execution.threads, parts, [&](std::size_t part) {
    const std::size_t first = part * samples_a_part;
    const SamplePart own = {first, std::min(count - first, samples_a_part), fill, {noise, event}};
    counts[part] = run(network, own, result.scores);
  });
  for (const OperationCounts& part : counts) result.counts += part;
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const float> scores(result.scores.data() + i * result.scores.shape(1), classes);
    result.predictions[i] = static_cast<std::uint32_t>(network::predicted_class(scores));
  }
  return result;
}

void score(const dataset::LabelledImages& images, Evaluation& evaluation) {
  evaluation.correct = 0;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto label = static_cast<std::uint32_t>(images.label(i));
    evaluation.correct += evaluation.predictions[i] == label ? 1U : 0U;
  }
  if (images.size() == 0) return;
  evaluation.accuracy =
      static_cast<double>(evaluation.correct) / static_cast<double>(images.size());
}

}  // namespace imcsim::training
