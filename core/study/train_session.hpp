#pragma once

#include <memory>
#include <vector>

#include "base/observer.hpp"
#include "dataset/dataset.hpp"
#include "study/json.hpp"
#include "study/safetensors.hpp"
#include "study/train_config.hpp"
#include "training/training.hpp"

namespace imcsim::study {

struct EpochResult {
  std::int64_t epoch = 0;
  double train_loss = 0.0;
  double test_accuracy = 0.0;
  std::uint64_t set_pulses = 0;
  std::uint64_t reset_pulses = 0;
  std::uint64_t refreshed_pairs = 0;
  double programmed_fraction = 0.0;
  double saturated_fraction = 0.0;
};
void describe(EpochResult& epoch, FieldList& fields);

struct TrainResult {
  double test_accuracy = 0.0;
  double train_loss = 0.0;
  std::vector<EpochResult> epochs;
  std::vector<training::Finding> diagnosis;  ///< of the last epoch
};

/// What a finished (or stopped) run has to say.
struct RunSummary {
  std::uint64_t seed = 0;
  TrainResult result;
  OperationCounts counts, evaluation_counts;
  std::uint64_t samples = 0;  ///< learnt, over all epochs
  std::uint64_t digest = 0;
};

/// Throws the InputError that a TrainSession would, in microseconds: the network is built with
/// layers of two weights instead of its own.
void require_trainable(const TrainConfig& config, const dataset::Dataset& data);

/// One training, driven by its host: `advance` by samples, inspect, continue. The result depends on
/// the configuration, its seed and the data alone, never on how it was advanced.
class TrainSession {
 public:
  /// Throws InputError where configuration and data do not go together.
  TrainSession(const TrainConfig& config, dataset::Dataset data, const Execution& execution);

  /// Learns up to `samples` more samples (whole batches, at least one), never past the end of an
  /// epoch; at an epoch's end the test set is evaluated. Throws RunError where the loss is not
  /// finite.
  void advance(std::uint64_t samples);
  bool finished() const { return epoch_ >= epochs_; }

  /// Advances to the end, or until the observer asks to stop. True when finished.
  bool run(Observer& observer, std::uint64_t samples_a_report = 16);

  Progress progress() const;
  std::int64_t epoch() const { return epoch_; }  ///< finished epochs
  const TrainConfig& config() const { return config_; }
  const TrainResult& result() const { return result_; }

  OperationCounts counts() { return trainer_->counts(); }
  const OperationCounts& evaluation_counts() const { return evaluation_counts_; }

  /// Accuracy on the first `images` of the test set as it stands now. Leaves no trace: another
  /// event names its noise and it is not counted.
  double probe(std::size_t images);

  /// One image of bytes on its way through the network as it stands now, with the noise of read
  /// number `number` of an evaluation of its own. Leaves no trace. Throws InputError where the
  /// image does not fit.
  std::vector<training::FollowedLayer> follow(std::span<const std::uint8_t> image,
                                              std::uint64_t number);

  /// One device, now. Throws InputError where there is none at `site`.
  crossbar::DeviceReading read_device(std::size_t layer, const crossbar::DeviceSite& site);

  /// Changes one device by hand. The run is `modified` afterwards: its configuration no longer
  /// reproduces it. Throws InputError where there is no device at `site`.
  void intervene(std::size_t layer, const crossbar::DeviceSite& site, crossbar::Intervention what);
  bool modified() const { return modified_; }

  training::Trainer& trainer() { return *trainer_; }

  /// The simulation's state and the predictions of the last evaluation.
  std::vector<StateArray> arrays() { return state(); }
  double time_s() const;

  RunSummary summary();

  /// XXH64 over the state and the predictions of the last evaluation.
  std::uint64_t digest();

  /// The complete state to resume, as a safetensors file.
  std::vector<std::uint8_t> checkpoint();

  /// Goes on where `file` was written. Throws InputError where it belongs to another data set or
  /// to a configuration that differs in anything but `epochs`.
  void resume(const Safetensors& file, const std::string& name);

  /// The trained network: weights, state and configuration, as a safetensors file.
  std::vector<std::uint8_t> model();

 private:
  std::vector<StateArray> state();
  std::uint64_t data_fingerprint() const;
  void start_epoch();
  void finish_epoch();
  double learn(std::uint32_t index, const training::Step& step);
  float warmup(std::uint64_t position) const;
  void evaluate_now();
  network::CrossbarLayer& devices_of(std::size_t layer);

  TrainConfig config_;
  dataset::Dataset data_;
  Execution execution_;
  std::unique_ptr<training::Trainer> trainer_;
  std::int64_t epochs_;

  bool modified_ = false;
  std::int64_t epoch_ = 0;
  std::uint64_t position_ = 0;  ///< samples of the present epoch
  double loss_sum_ = 0.0;
  float learning_rate_;
  std::vector<std::uint32_t> order_;
  OperationCounts epoch_start_counts_;
  OperationCounts evaluation_counts_;
  std::vector<std::uint32_t> predictions_;
  TrainResult result_;
};

/// Configuration of a checkpoint or model file, as settings.
Settings settings_of_file(const Safetensors& file, const std::string& name);

Json diagnosis_json(const std::vector<training::Finding>& findings);

/// The JSON result of CONTRACT section 1, without `execution` and `timing`, which are the host's.
/// With one run the result itself; with several, `mean`, `std` and `runs` beside the mean curve.
Json train_json(const TrainConfig& config, const std::vector<RunSummary>& runs);

/// What is priced: the training itself, over all runs; a sample is an image learnt.
PricedWork work_of(const TrainConfig& config, const std::vector<RunSummary>& runs);

/// Mean over runs of each epoch's figures; the findings of all, each once.
TrainResult mean_result(const std::vector<RunSummary>& runs);

}  // namespace imcsim::study
