#include <algorithm>
#include <array>
#include <cmath>

#include "numeric/events.hpp"
#include "numeric/float_math.hpp"
#include "training/float_trainer.hpp"
#include "training/hardware_aware.hpp"
#include "training/in_situ.hpp"
#include "training/mixed_precision.hpp"
#include "training/tiki_taka.hpp"
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
    // A probability below the smallest normal float is replaced by it; NaN stays NaN.
    sum = -static_cast<double>(p < 1.2e-38F ? -87.33F : numeric::log(p));
    if (!std::isfinite(p)) sum = static_cast<double>(p);
  }
  return sum;
}

}  // namespace

std::span<const std::string_view> names_of(MethodName) {
  static constexpr std::array<std::string_view, 5> names = {"mixed-precision", "float", "in-situ",
                                                            "tiki-taka", "hardware-aware"};
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

std::span<const std::string_view> names_of(LearningRateSchedule) {
  static constexpr std::array<std::string_view, 5> names = {"exponential", "constant", "step",
                                                            "cosine", "linear"};
  return names;
}

namespace {

bool follows_gradients(MethodName method) {
  return method != MethodName::in_situ && method != MethodName::tiki_taka;
}

/// Fields used only by the methods without a digital accumulator.
void describe_methods_without_accumulator(TrainingConfig& c, FieldList& f) {
  constexpr std::string_view first = "doi:10.3389/fnins.2020.00103";
  constexpr std::string_view second = "doi:10.3389/frai.2021.699148";
  constexpr std::string_view assumed = "assumed; after doi:10.3389/fnins.2020.00103";
  const bool tiki_taka = c.method == MethodName::tiki_taka;
  const bool before = f.active(tiki_taka || c.method == MethodName::in_situ);
  f.field("pulse-train-length", c.pulse_train_length, Unit::pulses,
          {1.0, static_cast<double>(PulseTrain::longest)},
          "Maximum number of time slots of a stochastic pulse train",
          "doi:10.3389/fnins.2016.00333");
  f.active(tiki_taka);
  f.field("tiki-taka-buffer", c.tiki_taka_buffer, Unit::none, {},
          "Digital buffer between the arrays A and C (second version of Tiki-Taka)", second);
  f.field("tiki-taka-gamma", c.tiki_taka_gamma, Unit::none, {0.0, 100.0},
          "Weight gamma of array A in products: W = C + gamma A", first);
  f.field("tiki-taka-zero-shift", c.tiki_taka_zero_shift, Unit::none, {},
          "Reference array A to the symmetry points of its devices", "arXiv:1907.10228");
  f.field("transfer-learning-rate", c.transfer_learning_rate, Unit::none, {1e-9, 1e3},
          "Learning rate of the transfer from array A to array C", assumed);
  f.field("transfer-adc-full-scale", c.transfer_adc_full_scale, Unit::weight, {1e-6, 1e6},
          "Full scale of the converters of array A, in weight units", assumed);
  f.active(before);
}

void describe_schedule(TrainingConfig& c, FieldList& f) {
  using enum LearningRateSchedule;
  constexpr std::string_view choice = "set by the experiment";
  const LearningRateSchedule schedule = c.learning_rate_schedule;
  f.field("learning-rate-schedule", c.learning_rate_schedule, Unit::none, {},
          "Schedule of the learning rate over the epochs", choice);
  const bool before = f.active(schedule == exponential || schedule == step);
  f.field(
      "learning-rate-decay", c.learning_rate_decay, Unit::none, {1e-6, 10.0},
      "Factor applied to the learning rate after each epoch, or after learning-rate-step epochs",
      "1: constant, as published");
  f.active(schedule == step);
  f.field("learning-rate-step", c.learning_rate_step, Unit::epochs, {1.0, 1e6},
          "Number of epochs between two decays of the step schedule", choice);
  f.active(before);
  f.field("learning-rate-warmup", c.learning_rate_warmup, Unit::epochs, {0.0, 1e6},
          "Length of the linear warm-up from 0, in epochs (may be fractional)", "arXiv:1706.02677");
  f.active(follows_gradients(c.method));
  f.field("momentum", c.momentum, Unit::none, {0.0, 0.999},
          "Momentum m of the gradient of a batch: v = m v + gradient",
          "doi:10.1016/0041-5553(64)90137-5");
  f.active(before);
}

/// Fields for the conversion of gradients to whole pulses.
void describe_granularity(TrainingConfig& c, FieldList& f) {
  constexpr std::string_view paper = "doi:10.3389/fnins.2020.00406";
  constexpr std::string_view bins =
      "doi:10.3389/fnins.2020.00406; coarse products: public simulator";
  constexpr Range most_bins{0.0, 65535.0};
  const bool mixed = c.method == MethodName::mixed_precision;
  const bool without_accumulator =
      c.method == MethodName::in_situ || c.method == MethodName::tiki_taka;
  const bool before = f.active(mixed || without_accumulator);
  f.field(
      "layer-granularity", c.layer_granularity, Unit::weight, {1e-6, 100.0},
      "Granularity of each layer, which also scales the conductance per weight (none: granularity)",
      "set by the experiment");
  f.active(!without_accumulator);
  f.field("rounding", c.rounding, Unit::none, {},
          "Rounding of accumulator/granularity to whole pulses", paper);
  f.active(mixed);
  f.field("activation-bins", c.activation_bins, Unit::none, most_bins,
          "Levels of activations in the weight gradient (0: exact)", bins);
  f.field("error-bins", c.error_bins, Unit::none, most_bins,
          "Levels of errors in the weight gradient (0: exact)", bins);
  f.active(mixed || c.method == MethodName::tiki_taka);
  f.field("transfer-every", c.transfer_every, Unit::none, {1.0, 1e9},
          "Batches between transfers to the devices, or from array A to array C",
          "assumed; after doi:10.3389/fnins.2020.00103");
  f.active(before);
}

}  // namespace

void describe(TrainingConfig& c, FieldList& f) {
  constexpr std::string_view paper = "doi:10.3389/fnins.2020.00406";
  f.group("Training");
  f.field("method", c.method, Unit::none, {}, "Training method", paper);
  f.field("epochs", c.epochs, Unit::epochs, {0.0, 1e6}, "Number of training epochs", paper);
  f.field("batch-size", c.batch_size, Unit::samples, {1.0, 1e6}, "Samples per update", paper);
  f.field("learning-rate", c.learning_rate, Unit::none, {1e-9, 1e3}, "Learning rate per sample",
          "assumed; after doi:10.3389/fnins.2020.00406");
  describe_schedule(c, f);
  f.field("loss", c.loss, Unit::none, {},
          "Loss function: quadratic with sigmoid outputs, or cross-entropy with softmax", paper);
  f.field("activation", c.activation, Unit::none, {}, "Activation function of the hidden layers",
          paper);
  f.field("granularity", c.granularity, Unit::weight, {1e-6, 100.0},
          "Weight change of one pulse; the accumulator triggers one pulse per granularity", paper);
  describe_granularity(c, f);
  f.field(
      "initial-programming", c.initial_programming, Unit::none, {},
      "Initial weights: exact, by SET pulses as in a refresh, or as set by the option programming",
      "exact: assumed");
  f.field("normalisation-momentum", c.normalization_momentum, Unit::none, {0.0, 0.999999},
          "Weight of previous samples in the running statistics of normalization layers",
          "assumed: a hundred samples; arXiv:1502.03167, arXiv:1702.03275");
  f.field("sample-period", c.sample_period, Unit::seconds, {0.0, 1e9},
          "Simulated time per training sample",
          "assumed for a chip; laboratory experiments are nearer 1 s");
  describe_methods_without_accumulator(c, f);
  const bool before = f.active(c.method == MethodName::hardware_aware);
  constexpr std::string_view joshi = "doi:10.1038/s41467-020-16108-9";
  f.field("weight-noise", c.weight_noise, Unit::none, {0.0, 10.0},
          "Weight noise in forward products, relative to the largest weight of the layer", joshi);
  f.field("weight-clip", c.weight_clip, Unit::none, {0.0, 1e3},
          "Weight clipping, in standard deviations of the layer (0: off)", joshi);
  f.active(before);
}

Trainer::Trainer(network::Network network, const TrainingConfig& config, std::uint64_t seed,
                 const Execution& execution)
    : network_(std::move(network)),
      work_(network_.architecture()),
      config_(config),
      kernels_(numeric::kernels(execution.isa)),
      read_noise_(seed, Purpose::training_read) {
  work_.learning.emplace(seed, Purpose::dropout);
}

double Trainer::learn(std::span<const std::uint8_t> image, int label, const Step& step) {
  const crossbar::Read read{read_noise_, events::training_samples(step.sample)};
  advance_to(step.t_s);
  const OperationCounts& counts = work_.scratch.counts;
  const std::uint64_t conversions = counts.adc_conversions;
  const std::uint64_t saturated = counts.adc_saturated;
  network_.forward(image, read, work_, kernels_);
  const std::uint64_t conversions_forward = counts.adc_conversions - conversions;
  const std::uint64_t saturated_forward = counts.adc_saturated - saturated;
  const std::size_t outputs = network_.outputs();
  const double loss = loss_and_error(config_.loss, {work_.output.data(), outputs}, label,
                                     {work_.delta.back().data(), outputs});
  network_.backward(read, work_);
  conversions_.forward += conversions_forward;
  conversions_.forward_saturated += saturated_forward;
  conversions_.backward += counts.adc_conversions - conversions - conversions_forward;
  conversions_.backward_saturated += counts.adc_saturated - saturated - saturated_forward;
  network_.learn_normalization(
      work_,
      {step.learning_rate, static_cast<float>(config_.normalization_momentum), step.ends_batch});
  update(step);
  return loss;
}

bool scaled_row(const Matrix<float>& delta, std::size_t p, float factor,
                AlignedVector<float>& gradient) {
  const std::size_t width = delta.shape(1);
  const float* const row = delta.data() + p * width;
  for (std::size_t j = 0; j < width; ++j) gradient[j] = factor * row[j];
  if (delta.shape(0) == 1) return true;
  return std::any_of(row, row + width, [](float d) { return d != 0.0F; });
}

std::unique_ptr<Trainer> make_trainer(const TrainingConfig& config,
                                      const crossbar::CrossbarConfig& crossbar,
                                      const network::Architecture& architecture, std::uint64_t seed,
                                      const Execution& execution) {
  granularities(config,
                architecture.weight_stages().size());  // throws for a wrong number of granularities
  network::Network network(architecture, config.activation, output_unit(config.loss));
  std::vector<Matrix<float>> weights = network::initial_weights(architecture, seed);
  switch (config.method) {
    case MethodName::float32:
      return std::make_unique<FloatTrainer>(std::move(network), std::move(weights), config, seed,
                                            execution);
    case MethodName::in_situ:
      return std::make_unique<InSituTrainer>(std::move(network), weights, config, crossbar, seed,
                                             execution);
    case MethodName::tiki_taka:
      return std::make_unique<TikiTakaTrainer>(std::move(network), weights, config, crossbar, seed,
                                               execution);
    case MethodName::hardware_aware:
      return std::make_unique<HardwareAwareTrainer>(std::move(network), std::move(weights), config,
                                                    crossbar, output_unit(config.loss), seed,
                                                    execution);
    case MethodName::mixed_precision: break;
  }
  return std::make_unique<MixedPrecisionTrainer>(std::move(network), weights, config, crossbar,
                                                 seed, execution);
}

}  // namespace imcsim::training
