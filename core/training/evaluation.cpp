#include "training/evaluation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "numeric/events.hpp"

namespace imcsim::training {

void require_evaluations(std::uint64_t count, std::uint64_t positions, const Where& where) {
  const std::uint64_t most = events::most_evaluations(positions);
  if (count <= most) return;
  throw InputError(where,
                   fmt::format("{} evaluations of a network with {} products per layer and sample",
                               count, positions),
                   fmt::format("at most {}", most));
}

Evaluation evaluate(const Samples& samples, const crossbar::Read& read,
                    const Execution& execution) {
  // Long enough to keep a pipeline full most of the time, short enough to give work to all threads.
  constexpr std::size_t samples_per_part = 100;
  const std::size_t count = samples.count();
  if (count > 0) {  // products are noexcept and cannot reject an event number
    const std::uint64_t positions = samples.most_positions();
    events::product(read.event + (count - 1), positions, positions - 1);
  }
  const std::size_t parts = (count + samples_per_part - 1) / samples_per_part;
  Evaluation result;
  result.predictions.resize(count);
  result.scores = padded_matrix<float>(count, samples.output_size());
  std::vector<OperationCounts> counts(parts);
  parallel_for(execution.threads, parts, [&](std::size_t part) {
    const std::size_t first = part * samples_per_part;
    counts[part] =
        samples.run({first, std::min(count - first, samples_per_part), read}, result.scores);
  });
  for (const OperationCounts& part : counts) result.counts += part;
  for (std::size_t i = 0; i < count; ++i) {
    const float* const row = result.scores.data() + i * result.scores.shape(1);
    result.predictions[i] =
        static_cast<std::uint32_t>(network::predicted_class({row, samples.output_size()}));
  }
  const dataset::LabeledImages* const labels = samples.labels();
  if (labels == nullptr || count == 0) return result;
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::uint32_t>(labels->label(i));
    result.correct += result.predictions[i] == label ? 1U : 0U;
  }
  result.accuracy = static_cast<double>(result.correct) / static_cast<double>(count);
  return result;
}

Evaluation evaluate(const network::Network& network, const dataset::LabeledImages& images,
                    const crossbar::Read& read, const Execution& execution) {
  return evaluate(ImageSamples(network, images, execution.isa), read, execution);
}

}  // namespace imcsim::training
