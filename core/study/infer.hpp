#pragma once

#include <optional>

#include "dataset/dataset.hpp"
#include "study/device_study.hpp"
#include "study/infer_runs.hpp"
#include "study/json.hpp"
#include "study/resolve.hpp"
#include "study/safetensors.hpp"
#include "training/training.hpp"

namespace imcsim::study {

/// Source of the conductances: the devices of the trained model, or the weights programmed into new
/// devices. automatic: the trained devices, if the model has them and no other device is
/// configured.
enum class Reprogram { automatic, off, exact, single_shot, program_and_verify };
std::span<const std::string_view> names_of(Reprogram);

/// All parameters that determine the result of `imcsim infer`; the network is that of the model.
struct InferConfig {
  std::string model;
  std::string dataset = "mnist";
  std::int64_t test_limit = 0;
  std::string network = "784-250-10";
  network::Activation activation = network::Activation::sigmoid;
  training::Loss loss = training::Loss::quadratic;
  std::string device = "pcm";
  std::string times = "1s,1h,1d,1mo,1y,10y";
  training::Compensation compensation = training::Compensation::global;
  Reprogram reprogram = Reprogram::automatic;
  std::uint64_t seed = 1;
  std::int64_t runs = 1;
  CostChoice cost;
  crossbar::CrossbarConfig crossbar;
};
void describe(InferConfig& config, FieldList& fields);

/// The configuration of a model file, as settings for a command with the fields `known`, without
/// fields of training alone (runs, seed, limits, cost).
Settings settings_of_model(const Safetensors& file, const std::string& name,
                           const FieldList& known);

/// If a flag selects another device than the model's, the weights are programmed with the method of
/// `programming`. Throws InputError if the devices of the model are to be kept.
void resolve_reprogramming(Resolved<InferConfig>& resolved);

/// The trained network in a model file.
struct TrainedModel {
  std::vector<Matrix<float>> weights;
  std::vector<std::optional<network::Normalization>> normalizations;  ///< one per weight layer
  const Safetensors* file = nullptr;
  double time_s = 0.0;       ///< simulated time at the end of training
  bool has_devices = false;  ///< the file holds the conductances of devices
  /// Conductance per weight of each layer [µS], if it differs between layers.
  std::vector<double> per_weight_us;
};
/// Throws InputError{name, …} if the file is not a model of this network.
TrainedModel read_model(const Safetensors& file, const InferConfig& config,
                        const std::string& name);

/// A trained network on devices: programmed and calibrated once, then evaluated at any later time.
class InferSession {
 public:
  /// Throws InputError if configuration, model and data are incompatible.
  InferSession(const InferConfig& config, const TrainedModel& model, const dataset::Dataset& data,
               const Execution& execution);

  /// Advances to `t_s` after programming. `observation` selects the draws of 1/f noise and read
  /// noise.
  void age(double t_s, std::uint64_t observation, training::Compensation compensation) {
    deployment_.age(programmed_at_s_ + t_s, observation, compensation);
  }

  /// Predictions for the images of the configuration, at the time of the last `age`.
  training::Evaluation evaluate() const { return deployment_.evaluate(images_, execution_); }

  /// Ages and evaluates at each of `times_s` after programming.
  InferRun run(std::vector<double> times_s, training::Compensation compensation);

  /// Simulated time at `t_s` after programming.
  double at_s(double t_s) const { return programmed_at_s_ + t_s; }

  const network::Network& network() const { return network_.network(); }
  const training::Deployment& deployment() const { return deployment_; }

 private:
  bool keeps_;
  Execution execution_;
  training::NetworkOnCrossbars network_;
  training::Deployment deployment_;
  training::ImageSamples images_;
  double programmed_at_s_ = 0.0;
  OperationCounts counts_;
};

/// One run with the seed of `config`. Throws InputError if configuration, model and data are
/// incompatible.
InferRun infer_once(const InferConfig& config, const TrainedModel& model,
                    const dataset::Dataset& data, const Execution& execution);

/// One run per seed, starting at the seed of `config`.
std::vector<InferRun> infer_runs(const InferConfig& config, const TrainedModel& model,
                                 const dataset::Dataset& data, const Execution& execution);

/// The JSON result of the command, without `execution` and `timing`.
Json infer_json(const InferConfig& config, const std::vector<InferRun>& runs);

}  // namespace imcsim::study
