#include "training/graph_inference.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace imcsim::training {
namespace {

constexpr std::size_t calibration_images = 16;
constexpr std::size_t inputs_an_image = 16;
/// Events of reads that calibrate, apart from those of any image.
constexpr std::uint64_t calibration_events = std::uint64_t{1} << 44;
constexpr std::uint64_t events_an_observation = 256;

}  // namespace

GraphInference::GraphInference(network::Graph graph, const crossbar::CrossbarConfig& config,
                               std::uint64_t seed, const Execution& execution)
    : network_(std::move(graph), config, seed, execution),
      noise_(seed, Purpose::calibration_read) {}

crossbar::WriteReport GraphInference::program(double t_s, OperationCounts& counts) {
  return network_.program(t_s, counts);
}

/// Σ|output| of each column over the known inputs of a matrix.
std::vector<double> GraphInference::responses(std::size_t matrix, std::uint64_t event) const {
  const network::CrossbarLayer& array = *network_.crossbars()[matrix];
  crossbar::Scratch scratch(std::max(array.rows(), array.columns()));
  AlignedVector<float> z(padded(array.columns()));
  std::vector<double> sums(array.columns(), 0.0);
  const auto& inputs = known_inputs_[matrix];
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    array.forward(inputs[k], {noise_, calibration_events + event + k}, scratch, z.data());
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
        arrays[m]->calibrate(known_inputs_[m], {noise_, 0}, scratch);
      }
    }
    for (std::size_t k = 0; k < works.size(); ++k) {
      network_.run(n, {noise_, calibration_events + k}, works[k]);
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
    const std::vector<double> now = responses(m, observation * events_an_observation);
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
