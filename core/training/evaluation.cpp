#include <fmt/format.h>

#include <algorithm>

#include "numeric/events.hpp"
#include "training/training.hpp"

namespace imcsim::training {

void require_evaluations(std::uint64_t count, std::uint64_t positions, const Where& where) {
  const std::uint64_t most = events::most_evaluations(positions);
  if (count <= most) return;
  throw InputError(where,
                   fmt::format("{} evaluations of a network with {} products per layer and sample",
                               count, positions),
                   fmt::format("at most {}", most));
}

Evaluation evaluate(const network::Network& network, const dataset::LabelledImages& images,
                    const crossbar::Read& read, const Execution& execution) {
  constexpr std::size_t images_a_part = 500;
  const std::size_t parts = (images.size() + images_a_part - 1) / images_a_part;
  const numeric::Kernels& kernels = numeric::kernels(execution.isa);
  if (images.size() > 0) {  // products are noexcept: they can refuse no event
    const std::uint64_t positions = network.architecture().most_positions();
    events::product(read.event + (images.size() - 1), positions, positions - 1);
  }

  Evaluation result;
  result.predictions.resize(images.size());
  result.scores = padded_matrix<float>(images.size(), network.outputs());
  std::vector<OperationCounts> counts(parts);
  parallel_for(execution.threads, parts, [&](std::size_t part) {
    network::Workspace work(network.architecture());
    const std::size_t end = std::min(images.size(), (part + 1) * images_a_part);
    for (std::size_t i = part * images_a_part; i < end; ++i) {
      network.forward(images.image(i), {read.noise, read.event + i}, work, kernels);
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

}  // namespace imcsim::training
