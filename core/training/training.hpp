// training: training methods and evaluation.
//
// TrainingConfig   method, loss, schedule
// Trainer          forward pass, backward pass and weight update; one class per method
//   MixedPrecisionTrainer   products on devices, updates accumulated digitally (χ), then pulses
//   InSituTrainer           stochastic pulse trains after each sample, no accumulator
//   TikiTakaTrainer         pulse trains on a second array, transferred row by row
//   FloatTrainer            the reference: the same network in float
//   HardwareAwareTrainer    in float with noise on the weights; programmed into devices afterwards
// Samples          samples with their network: byte images, or tensors of a graph
// evaluate         predictions for all samples
// diagnose         likely causes of poor training, from operation counts and device state
// follow           signals of one image in each layer of a network
// Deployment       weight layers on devices, evaluated at any later time
//
// This folder contains no commands, no file access and no epoch loop; the epoch loop is in `study`.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/counts.hpp"
#include "base/describe.hpp"
#include "crossbar/crossbar.hpp"
#include "dataset/dataset.hpp"
#include "network/network.hpp"
#include "numeric/execution.hpp"
#include "numeric/numeric_kernels.hpp"
#include "numeric/random.hpp"
#include "numeric/tensor.hpp"

namespace imcsim::training {

enum class MethodName { mixed_precision, float32, in_situ, tiki_taka, hardware_aware };
std::span<const std::string_view> names_of(MethodName);

enum class Loss { quadratic, cross_entropy };
std::span<const std::string_view> names_of(Loss);

/// Writing of the initial weights into the array: exactly, with the pulses of a refresh, or with
/// the method of `programming`.
enum class InitialProgramming { exact, pulses, programmed };
std::span<const std::string_view> names_of(InitialProgramming);

/// Learning rate over the epochs: multiplied by `learning_rate_decay` after each epoch
/// (exponential), constant, multiplied by it every `learning_rate_step` epochs (step), half a
/// cosine or a straight line that ends at 0 after the last epoch.
enum class LearningRateSchedule { exponential, constant, step, cosine, linear };
std::span<const std::string_view> names_of(LearningRateSchedule);

/// Sources of the defaults: doi:10.3389/fnins.2020.00406; other methods: see the trainer classes.
struct TrainingConfig {
  MethodName method = MethodName::mixed_precision;
  std::int64_t epochs = 12;
  std::int64_t batch_size = 1;
  double learning_rate = 0.4;
  LearningRateSchedule learning_rate_schedule = LearningRateSchedule::exponential;
  double learning_rate_decay = 1.0;
  std::int64_t learning_rate_step = 4;
  double learning_rate_warmup = 0.0;
  double momentum = 0.0;
  Loss loss = Loss::quadratic;
  network::Activation activation = network::Activation::sigmoid;
  double granularity = 0.096;
  Numbers layer_granularity;
  crossbar::Rounding rounding = crossbar::Rounding::truncate;
  std::int64_t activation_bins = 0;
  std::int64_t error_bins = 0;
  InitialProgramming initial_programming = InitialProgramming::exact;
  double normalization_momentum = 0.99;
  Duration sample_period{1e-6};
  std::int64_t pulse_train_length = 31;
  bool tiki_taka_buffer = false;
  double tiki_taka_gamma = 0.0;
  bool tiki_taka_zero_shift = true;
  std::int64_t transfer_every = 1;
  double transfer_learning_rate = 0.02;
  double transfer_adc_full_scale = 1.0;
  double weight_noise = 0.038;
  double weight_clip = 2.0;
};
void describe(TrainingConfig& config, FieldList& fields);

/// Learning rate of epoch `epoch`, counted from 0, without warm-up.
float learning_rate(const TrainingConfig& config, std::int64_t epoch);

/// Granularity of each of `layers` weight layers: `layer_granularity`, or `granularity` for all.
/// Throws InputError if the number of values differs from the number of layers.
std::vector<double> granularities(const TrainingConfig& config, std::size_t layers);

/// Position of a sample in a training run.
struct Step {
  std::uint64_t sample = 0;  ///< samples seen before this one, over all epochs
  double t_s = 0.0;          ///< simulated time
  float learning_rate = 0.0F;
  bool ends_batch = true;
  std::uint64_t batch = 0;  ///< batches before this one, over all epochs
};

/// ADC conversions in training products, forward and transposed, and the number of clipped ones.
struct Conversions {
  std::uint64_t forward = 0;
  std::uint64_t forward_saturated = 0;
  std::uint64_t backward = 0;
  std::uint64_t backward_saturated = 0;
};

/// Summary of the state of a training run.
struct TrainingStatus {
  std::uint64_t accumulated = 0;  ///< entries of χ that are not 0
  std::uint64_t tiny = 0;         ///< nonzero entries of χ below a hundredth of the granularity
  std::uint64_t not_finite = 0;   ///< entries of χ that are not finite
  std::uint64_t devices = 0;
  std::uint64_t pulsed = 0;     ///< pairs (or single devices) that have received pulses
  std::uint64_t exhausted = 0;  ///< pulsed pairs with both devices in the upper third of their
                                ///< range (single devices: in the uppermost hundredth)
  double highest_us = 0.0;      ///< upper end of the range
};

/// A likely cause of poor training. `code` is for programs.
struct Finding {
  std::string code;
  std::string message;
  double value = 0.0;
};

/// Findings of an epoch, from its counts and the state at its end; thresholds: see diagnosis.cpp.
/// Empty if nothing is found.
std::vector<Finding> diagnose(const TrainingConfig& config,
                              const crossbar::CrossbarConfig& crossbar,
                              const OperationCounts& epoch, const Conversions& conversions,
                              const TrainingStatus& status);

/// A network with a training method. Random draws depend on the seed, the layer and the sample
/// only, not on previous calls.
class Trainer {
 public:
  virtual ~Trainer() = default;

  /// Trains on one sample and returns its loss: ½Σ(y − t)² or −ln y_label.
  double learn(std::span<const std::uint8_t> image, int label, const Step& step);

  const network::Network& network() const { return network_; }

  /// Operations of training so far, without evaluation.
  OperationCounts& counts() { return work_.scratch.counts; }

  /// Conversions of training since they were last set to zero.
  Conversions& conversions() { return conversions_; }

  virtual TrainingStatus training_status(double) const { return {}; }

  /// Location of the first value that is not finite: `the inputs of layer 1`, `the weights of layer
  /// 0`, `the outputs`. To be called after a sample whose loss is not finite.
  std::string where_not_finite() const;

  /// The network to evaluate: the trained network, or its copy on devices. The copy is calibrated
  /// with the images; its programming is added to `counts`. Valid until the next call.
  virtual const network::Network& deployed(const dataset::LabeledImages&, OperationCounts&) {
    return network_;
  }

  /// Updates the weights seen by products to time `t_s`.
  virtual void advance_to(double t_s) = 0;

  /// Updates the wire attenuation to time `t_s`; called after each epoch, because the attenuation
  /// changes too slowly to be updated at every sample.
  virtual void update_wire_attenuation(double) {}

  /// The simulation's state, layer by layer, in the order of the digest.
  virtual std::vector<StateArray> state() = 0;

  /// The devices of a weight layer; null if the layer does not have its own devices.
  network::CrossbarLayer* devices(std::size_t layer) {
    return layer < network_.layer_count()
               ? dynamic_cast<network::CrossbarLayer*>(&network_.layer(layer))
               : nullptr;
  }

  /// State of the normalization layers; follows `state()` in the digest. No other data is derived
  /// from it.
  std::vector<StateArray> normalization_state() { return network_.normalization_state(); }

  /// To be called after the arrays of `state()` have been overwritten.
  virtual void rebuild_derived(double t_s) = 0;

 protected:
  Trainer(network::Network network, const TrainingConfig& config, std::uint64_t seed,
          const Execution& execution);

  /// Computes new weights from the activations and δ of all layers in `work_`.
  virtual void update(const Step& step) = 0;

  network::Network network_;
  network::Workspace work_;
  TrainingConfig config_;

 private:
  const numeric::Kernels& kernels_;
  Stream read_noise_;
  Conversions conversions_;
};

/// gradient ← factor · row p of `delta`; false if a convolution's row is all zeros and needs no
/// update.
bool scaled_row(const Matrix<float>& delta, std::size_t p, float factor,
                AlignedVector<float>& gradient);

/// Builds the network of `architecture` with its initial weights and the trainer of
/// `config.method`. Throws InputError for incompatible values.
std::unique_ptr<Trainer> make_trainer(const TrainingConfig& config,
                                      const crossbar::CrossbarConfig& crossbar,
                                      const network::Architecture& architecture, std::uint64_t seed,
                                      const Execution& execution);

}  // namespace imcsim::training

#include "training/deployment.hpp"
#include "training/evaluation.hpp"
#include "training/follow.hpp"
#include "training/image_input.hpp"
#include "training/samples.hpp"
