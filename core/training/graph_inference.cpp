#include "training/graph_inference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"

namespace imcsim::training {
namespace {

constexpr std::size_t calibration_images = 16;
constexpr std::size_t inputs_an_image = 16;

float entry(const std::vector<float>& list, std::size_t c, float otherwise) {
  if (list.empty()) return otherwise;
  return list.size() == 1 ? list[0] : list[c];
}

}  // namespace

void require_takes_images(const network::Graph& graph, const dataset::LabelledImages& images,
                          const PixelScale& scale, const Where& where) {
  if (graph.inputs.size() != 1) {
    throw InputError(where, fmt::format("the graph has {} inputs", graph.inputs.size()), "one");
  }
  const network::Value& input = graph.values[graph.inputs[0]];
  const std::size_t rank = input.dims.size();
  const bool is_row = rank == 2 && input.dims[1] == images.features();
  const bool is_picture = rank == 4 && input.dims[1] == images.channels() &&
                          input.dims[2] == images.rows() && input.dims[3] == images.columns();
  if (!network::is_real(input.type) || !(is_row || is_picture) || input.dims[0] != 1) {
    throw InputError(
        where,
        fmt::format("the graph takes {} {}", name_of(input.type), network::dims_text(input.dims)),
        fmt::format("floats, one image at a time: 1x{}x{}x{} or 1x{}", images.channels(),
                    images.rows(), images.columns(), images.features()));
  }
  for (const auto* list : {&scale.mean, &scale.deviation}) {
    if (list->size() > 1 && list->size() != images.channels()) {
      throw InputError(at_field(list == &scale.mean ? "input-mean" : "input-std"),
                       fmt::format("has {} numbers", list->size()),
                       fmt::format("one, or {}: one per channel", images.channels()));
    }
  }
  const network::Value& output = graph.values[graph.outputs[0]];
  if (!network::is_real(output.type) || network::element_count(output.dims) == 0) {
    throw InputError(where, fmt::format("the graph output is {}", network::dims_text(output.dims)),
                     "one score per class");
  }
  images.require_labels_below(network::element_count(output.dims));
}

void fill_input(const dataset::LabelledImages& images, std::size_t i, const PixelScale& scale,
                network::Tensor& input) {
  const std::span<const std::uint8_t> pixels = images.image(i);
  const std::size_t channels = images.channels();
  const std::size_t plane = images.rows() * images.columns();
  for (std::size_t c = 0; c < channels; ++c) {
    const float mean = entry(scale.mean, c, 0.0F);
    const float deviation = entry(scale.deviation, c, 1.0F);
    for (std::size_t p = 0; p < plane; ++p) {
      const float value = static_cast<float>(pixels[p * channels + c]) / 255.0F;
      input.real[c * plane + p] = (value - mean) / deviation;
    }
  }
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
  for (const network::WeightMatrix& m : network.matrices()) {
    if (count > 0) events::product(event + (count - 1), m.positions, m.positions - 1);
  }
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

GraphInference::GraphInference(network::Graph graph, const crossbar::CrossbarConfig& config,
                               std::uint64_t seed, const Execution& execution)
    : network_(std::move(graph), config, seed, execution),
      noise_(seed, Purpose::calibration_read),
      known_noise_(seed, Purpose::compensation_read) {}

crossbar::WriteReport GraphInference::program(double t_s, OperationCounts& counts) {
  return network_.program(t_s, counts);
}

/// Σ|output| of each column over the known inputs of a matrix.
std::vector<double> GraphInference::responses(std::size_t matrix, std::uint64_t observation) const {
  const network::CrossbarLayer& array = *network_.crossbars()[matrix];
  crossbar::Scratch scratch(std::max(array.rows(), array.columns()));
  AlignedVector<float> z(padded(array.columns()));
  std::vector<double> sums(array.columns(), 0.0);
  const auto& inputs = known_inputs_[matrix];
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    array.forward(inputs[k], {known_noise_, events::known_inputs(observation, k)}, scratch,
                  z.data());
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += std::fabs(static_cast<double>(z[j]));
  }
  return sums;
}

void GraphInference::calibrate(std::size_t count, const network::FillInput& fill, double t_s) {
  const std::vector<network::CrossbarLayer*>& arrays = network_.crossbars();
  network_.observe(t_s, 0);
  known_inputs_.assign(arrays.size(), {});
  std::vector<network::GraphWorkspace> works;
  for (std::size_t k = 0; k < std::min(count, calibration_images); ++k) {
    works.emplace_back(network_);
    fill(k, network_.input(works.back(), 0));
  }
  // All images go through the graph side by side, so that one pass is enough.
  for (std::size_t n = 0; n < network_.graph().nodes.size(); ++n) {
    const std::size_t first = network_.first_matrix(n);
    if (first != network::absent) {
      const std::size_t positions = network_.matrices()[first].positions;
      const std::size_t step = std::max<std::size_t>(1, positions / inputs_an_image);
      for (network::GraphWorkspace& work : works) {
        network_.collect_inputs(n, step, work, known_inputs_);
      }
      for (std::size_t m = first; m < arrays.size() && network_.matrices()[m].node == n; ++m) {
        crossbar::Scratch scratch(std::max(arrays[m]->rows(), arrays[m]->columns()));
        const std::uint64_t event = events::range_inputs.block(0, known_inputs_[m].size());
        arrays[m]->calibrate(known_inputs_[m], {noise_, event}, scratch);
      }
    }
    for (std::size_t k = 0; k < works.size(); ++k) {
      network_.run(n, {noise_, events::calibration_samples(k)}, works[k]);
    }
  }
  baseline_.clear();
  for (std::size_t m = 0; m < arrays.size(); ++m) baseline_.push_back(responses(m, 0));
}

void GraphInference::age(double t_s, std::uint64_t observation, Compensation compensation) {
  for (std::size_t m = 0; m < network_.crossbars().size(); ++m) {
    network::CrossbarLayer& array = *network_.crossbars()[m];
    array.set_gain({});
    array.observe(t_s, observation);
    if (compensation == Compensation::none) continue;
    const std::vector<double> now = responses(m, observation);
    std::vector<float> gain(array.columns(), 1.0F);
    double before_all = 0.0;
    double now_all = 0.0;
    for (std::size_t j = 0; j < gain.size(); ++j) {
      before_all += baseline_[m][j];
      now_all += now[j];
      if (now[j] > 0.0) gain[j] = static_cast<float>(baseline_[m][j] / now[j]);
    }
    if (compensation == Compensation::global && now_all > 0.0) {
      std::fill(gain.begin(), gain.end(), static_cast<float>(before_all / now_all));
    }
    array.set_gain(std::move(gain));
  }
}

double GraphInference::weight_rms_error() const {
  double off = 0.0;
  double all = 0.0;
  for (std::size_t m = 0; m < network_.crossbars().size(); ++m) {
    const network::CrossbarLayer& array = *network_.crossbars()[m];
    const Matrix<float>& wanted = network_.matrices()[m].weights;
    const Matrix<float>& now = array.weights();
    for (std::size_t i = 0; i < array.rows(); ++i) {
      for (std::size_t j = 0; j < array.columns(); ++j) {
        const auto target = static_cast<double>(wanted(i, j));
        const double difference = static_cast<double>(now(i, j) * array.gain(j)) - target;
        off += difference * difference;
        all += target * target;
      }
    }
  }
  return all > 0.0 ? std::sqrt(off / all) : 0.0;
}

}  // namespace imcsim::training
