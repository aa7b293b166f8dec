// training: how a network learns, and how well it has learnt.
//
// TrainingConfig   method, loss, schedule
// Trainer          one sample forward, backward and into the weights; one class a method
//   MixedPrecisionTrainer   products on devices, updates accumulated digitally (χ), then pulses
//   InSituTrainer           stochastic pulse trains after each sample, no accumulator
//   TikiTakaTrainer         such trains on a second array, carried over row by row
//   FloatTrainer            the reference: the same network in float
//   HardwareAwareTrainer    in float with noise on the weights; programmed into devices afterwards
// Samples          samples and the network that takes them: images of bytes, or tensors of a graph
// evaluate         predictions for all of them
// diagnose         what may be wrong with a training, told from what it counted
// follow           one image on its way through a network, stage by stage
// Deployment       layers of weights on devices, of either kind of network, at any later time
//
// It knows no command, no file and no epoch loop: `study` walks the data.
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

/// How the first weights get into the array: they are there; as refresh writes a pair; or device
/// by device, as `programming` says.
enum class InitialProgramming { exact, pulses, programmed };
std::span<const std::string_view> names_of(InitialProgramming);

/// How the learning rate changes over the epochs: by the factor `learning_rate_decay` after each,
/// not at all, by that factor every `learning_rate_step` epochs, as half a cosine or a straight
/// line that ends at 0 after the last.
enum class LearningRateSchedule { exponential, constant, step, cosine, linear };
std::span<const std::string_view> names_of(LearningRateSchedule);

/// Sources of the defaults: doi:10.3389/fnins.2020.00406; other methods: see their classes.
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
  double normalisation_momentum = 0.99;
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

/// Learning rate of epoch `epoch`, counted from 0, without the warm-up.
float learning_rate(const TrainingConfig& config, std::int64_t epoch);

/// Granularity of each of `layers` layers with weights: `layer_granularity`, or `granularity` for
/// all. Throws InputError where there is not one for each.
std::vector<double> granularities(const TrainingConfig& config, std::size_t layers);

/// Where in a training a sample stands.
struct Step {
  std::uint64_t sample = 0;  ///< samples seen before this one, over all epochs
  double t_s = 0.0;          ///< simulated time
  float learning_rate = 0.0F;
  bool ends_batch = true;
  std::uint64_t batch = 0;  ///< batches before this one, over all epochs
};

/// Conversions of the products of training, forward and transposed, and how many ended at the
/// converter's limit.
struct Conversions {
  std::uint64_t forward = 0;
  std::uint64_t forward_saturated = 0;
  std::uint64_t backward = 0;
  std::uint64_t backward_saturated = 0;
};

/// What the state of a training shows at a glance.
struct TrainingStatus {
  std::uint64_t accumulated = 0;  ///< entries of χ that are not 0 …
  std::uint64_t tiny = 0;         ///< … and of these, below a hundredth of the granularity
  std::uint64_t not_finite = 0;   ///< entries of χ that are not finite
  std::uint64_t devices = 0;
  std::uint64_t pulsed = 0;     ///< pairs (or single devices) that pulses have reached …
  std::uint64_t exhausted = 0;  ///< … and of these, without room: both devices in the upper third
                                ///< of their range (a single one in its uppermost hundredth)
  double highest_us = 0.0;      ///< end of that range
};

/// Something that explains why a training learns badly. `code` is for programs.
struct Finding {
  std::string code;
  std::string message;
  double value = 0.0;
};

/// What is found in an epoch, from its counts and the state at its end; see diagnosis.cpp for the
/// thresholds. Empty where all is well.
std::vector<Finding> diagnose(const TrainingConfig& config,
                              const crossbar::CrossbarConfig& crossbar,
                              const OperationCounts& epoch, const Conversions& conversions,
                              const TrainingStatus& status);

/// A network with a way of changing its weights. Random draws are named by the seed, the layer
/// and the sample: nothing depends on what was asked before.
class Trainer {
 public:
  virtual ~Trainer() = default;

  /// Learns one sample; returns its loss: ½Σ(y − t)² or −ln y_label.
  double learn(std::span<const std::uint8_t> image, int label, const Step& step);

  const network::Network& network() const { return network_; }

  /// Operations of the learning so far, evaluation apart.
  OperationCounts& counts() { return work_.scratch.counts; }

  /// Conversions of the learning since they were last set to zero.
  Conversions& conversions() { return conversions_; }

  virtual TrainingStatus training_status(double) const { return {}; }

  /// The first layer in which something is not finite: `the weights of layer 0`, `what enters
  /// layer 1`, `the outputs`; after a sample whose loss is not.
  std::string where_not_finite() const;

  /// The network that is evaluated: the trained one, or its copy on devices. `known`
  /// are images for the calibration of that; what programming it takes is added to `counts`. Valid
  /// until the next call.
  virtual const network::Network& deployed(const dataset::LabelledImages&, OperationCounts&) {
    return network_;
  }

  /// Makes products see the weights of time `t_s`.
  virtual void advance_to(double t_s) = 0;

  /// What changes too slowly to be followed at every sample (the attenuation of wires) is brought
  /// to the time `t_s`; asked for after each epoch.
  virtual void settle(double) {}

  /// The simulation's state, layer by layer, in the order of the digest.
  virtual std::vector<StateArray> state() = 0;

  /// The devices of a layer with weights; null where its weights are not on devices of their own.
  network::CrossbarLayer* devices(std::size_t layer) {
    return layer < network_.layer_count()
               ? dynamic_cast<network::CrossbarLayer*>(&network_.layer(layer))
               : nullptr;
  }

  /// What normalised layers keep; behind `state()` in the digest. Nothing is derived from it.
  std::vector<StateArray> normalisation_state() { return network_.normalisation_state(); }

  /// To be called after the arrays of `state()` were overwritten.
  virtual void rebuild_derived(double t_s) = 0;

 protected:
  Trainer(network::Network network, const TrainingConfig& config, std::uint64_t seed,
          const Execution& execution);

  /// From activations and δ of all layers, in `work_`, to new weights.
  virtual void update(const Step& step) = 0;

  network::Network network_;
  network::Workspace work_;
  TrainingConfig config_;

 private:
  const numeric::Kernels& kernels_;
  Stream read_noise_;
  Conversions conversions_;
};

/// gradient ← factor · row p of `delta`; false where a convolution's row is all zeros, so that
/// there is nothing to learn from it.
bool scaled_row(const Matrix<float>& delta, std::size_t p, float factor,
                AlignedVector<float>& gradient);

/// Builds the network of `architecture` with its initial weights and the trainer of
/// `config.method`. Throws InputError for values that do not go together.
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
