#include <array>
#include <cmath>

#include "numeric/float_math.hpp"
#include "training/float_trainer.hpp"
#include "training/mixed_precision.hpp"
#include "training/training.hpp"

namespace imcsim::training {
namespace {

network::OutputUnit output_unit(Loss loss) {
  return loss == Loss::quadratic ? network::OutputUnit::sigmoid : network::OutputUnit::softmax;
}

/// Loss, and δ of the last layer: (y − t)∘f′ for the quadratic loss on sigmoids, y − t for
/// cross-entropy on a softmax.
double loss_and_error(Loss loss, std::span<const float> y, int label, std::span<float> delta) {
  double sum = 0.0;
  for (std::size_t j = 0; j < y.size(); ++j) {
    const float target = static_cast<int>(j) == label ? 1.0F : 0.0F;
    const float difference = y[j] - target;
    if (loss == Loss::quadratic) {
      sum += 0.5 * static_cast<double>(difference) * static_cast<double>(difference);
      delta[j] = difference * (y[j] * (1.0F - y[j]));
    } else {
      delta[j] = difference;
    }
  }
  if (loss == Loss::cross_entropy) {
    const float p = y[static_cast<std::size_t>(label)];
    // A probability below the smallest normal float counts as that; not a number stays one.
    sum = -static_cast<double>(p < 1.2e-38F ? -87.33F : numeric::log(p));
    if (!std::isfinite(p)) sum = static_cast<double>(p);
  }
  return sum;
}

}  // namespace

std::span<const std::string_view> names_of(MethodName) {
  static constexpr std::array<std::string_view, 2> names = {"mixed-precision", "float"};
  return names;
}

std::span<const std::string_view> names_of(Loss) {
  static constexpr std::array<std::string_view, 2> names = {"quadratic", "cross-entropy"};
  return names;
}

std::span<const std::string_view> names_of(InitialProgramming) {
  static constexpr std::array<std::string_view, 3> names = {"exact", "pulses", "programmed"};
  return names;
}

void describe(TrainingConfig& c, FieldList& f) {
  constexpr std::string_view paper = "doi:10.3389/fnins.2020.00406";
  f.group("Training");
  f.field("method", c.method, Unit::none, {}, "how the weights learn", paper, Audience::everyone);
  f.field("epochs", c.epochs, Unit::epochs, {0.0, 1e6}, "walks through the training set", paper,
          Audience::everyone);
  f.field("batch-size", c.batch_size, Unit::samples, {1.0, 1e6},
          "samples accumulated before pulses leave", paper, Audience::everyone);
  f.field("learning-rate", c.learning_rate, Unit::none, {1e-9, 1e3},
          "step size of the digital update, a sample",
          "assumed; after doi:10.3389/fnins.2020.00406", Audience::everyone);
  f.field("learning-rate-decay", c.learning_rate_decay, Unit::none, {1e-6, 10.0},
          "factor on the learning rate after each epoch", "1: constant, as published");
  f.field("loss", c.loss, Unit::none, {},
          "quadratic: sigmoid outputs; cross-entropy: softmax (learning rate about 0.05)", paper,
          Audience::everyone);
  f.field("activation", c.activation, Unit::none, {}, "of the hidden layers", paper,
          Audience::everyone);
  f.field("granularity", c.granularity, Unit::weight, {1e-6, 100.0},
          "weight change of one pulse (of N, with N devices); pulses leave when |chi| reaches it",
          paper, Audience::everyone);
  f.field("rounding", c.rounding, Unit::none, {},
          "of chi/granularity to pulses, once it is 1 or more", paper);
  f.field("initial-programming", c.initial_programming, Unit::none, {},
          "exact: weights appear in the array; pulses: written as refresh does; programmed: as "
          "programming says",
          "exact: assumed");
  f.field("sample-period", c.sample_period, Unit::seconds, {0.0, 1e9},
          "simulated time that a training sample takes",
          "assumed: a chip; a laboratory's experiment is nearer 1 s", Audience::everyone);
}

Trainer::Trainer(network::Perceptron network, const TrainingConfig& config, std::uint64_t seed,
                 const Execution& execution)
    : network_(std::move(network)),
      work_(network_.widths()),
      config_(config),
      kernels_(numeric::kernels(execution.isa)),
      read_noise_(seed, Purpose::training_read) {}

double Trainer::learn(std::span<const std::uint8_t> image, int label, const Step& step) {
  const crossbar::Read read{read_noise_, step.sample};
  bring_up_to(step.t_s);
  network_.forward(image, read, work_, kernels_);
  const std::size_t outputs = network_.outputs();
  const double loss = loss_and_error(config_.loss, {work_.output.data(), outputs}, label,
                                     {work_.error.back().data(), outputs});
  network_.backward(read, work_);
  update(step);
  return loss;
}

std::unique_ptr<Trainer> make_trainer(const TrainingConfig& config,
                                      const crossbar::CrossbarConfig& crossbar,
                                      std::span<const std::size_t> widths, std::uint64_t seed,
                                      const Execution& execution) {
  network::Perceptron network({widths.begin(), widths.end()}, config.activation,
                              output_unit(config.loss));
  std::vector<Matrix<float>> weights = network::initial_weights(widths, seed);
  switch (config.method) {
    case MethodName::float32:
      return std::make_unique<FloatTrainer>(std::move(network), std::move(weights), config, seed,
                                            execution);
    case MethodName::mixed_precision: break;
  }
  return std::make_unique<MixedPrecisionTrainer>(std::move(network), std::move(weights), config,
                                                 crossbar, seed, execution);
}

}  // namespace imcsim::training
