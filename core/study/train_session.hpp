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

/// Results of a finished or stopped run.
struct RunSummary {
  std::uint64_t seed = 0;
  TrainResult result;
  OperationCounts counts, evaluation_counts;
  std::uint64_t samples = 0;  ///< training samples, over all epochs
  std::uint64_t digest = 0;
};

/// Throws the same InputError as TrainSession, within microseconds: the network is built with
/// layers of two weights instead of its own.
void require_trainable(const TrainConfig& config, const dataset::Dataset& data);

/// One training run, advanced by its host in steps of samples. The result depends only on the
/// configuration, its seed and the data, not on the steps.
class TrainSession {
 public:
  /// Throws InputError if configuration and data are incompatible.
  TrainSession(const TrainConfig& config, dataset::Dataset data, const Execution& execution);

  /// Trains on up to `samples` further samples (whole batches, at least one), up to the end of the
  /// epoch; at the end of an epoch, evaluates the test set. Throws RunError if the loss is not
  /// finite.
  void advance(std::uint64_t samples);
  bool finished() const { return epoch_ >= epochs_; }

  /// Advances to the end, or until the observer stops the run. True when finished.
  bool run(Observer& observer, std::uint64_t samples_per_report = 16);

  Progress progress() const;
  std::int64_t epoch() const { return epoch_; }  ///< completed epochs
  const TrainConfig& config() const { return config_; }
  const TrainResult& result() const { return result_; }

  OperationCounts counts() { return trainer_->counts(); }
  const OperationCounts& evaluation_counts() const { return evaluation_counts_; }

  /// Accuracy on the first `images` of the test set in the present state. Does not affect the run:
  /// it uses separate noise events and is not counted.
  double probe(std::size_t images);

  /// Traces one byte image through the network in its present state, with the noise of read
  /// `number` of a separate evaluation. Does not affect the run. Throws InputError if the image
  /// does not fit.
  std::vector<training::FollowedLayer> follow(std::span<const std::uint8_t> image,
                                              std::uint64_t number);

  /// Present state of one device. Throws InputError if there is no device at `site`.
  crossbar::DeviceReading read_device(std::size_t layer, const crossbar::DeviceSite& site);

  /// Changes one device manually. Afterwards, the run is `modified`: it can no longer be reproduced
  /// from its configuration. Throws InputError if there is no device at `site`.
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

  /// Continues from checkpoint `file`. Throws InputError if it belongs to another data set or to a
  /// configuration that differs in anything except `epochs`.
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
  std::uint64_t position_ = 0;  ///< samples processed in the present epoch
  double loss_sum_ = 0.0;
  float learning_rate_;
  std::vector<std::uint32_t> order_;
  OperationCounts epoch_start_counts_;
  OperationCounts evaluation_counts_;
  std::vector<std::uint32_t> predictions_;
  TrainResult result_;
};

/// Configuration in a checkpoint or model file, as settings.
Settings settings_of_file(const Safetensors& file, const std::string& name);

Json diagnosis_json(const std::vector<training::Finding>& findings);

/// The JSON result of the command, without `execution` and `timing`, which are added by the
/// host. For a single run, the result itself; for several runs, `mean`, `std` and `runs` with the
/// mean curve.
Json train_json(const TrainConfig& config, const std::vector<RunSummary>& runs);

/// Priced work: training without evaluation, over all runs; a sample is one training image.
PricedWork work_of(const TrainConfig& config, const std::vector<RunSummary>& runs);

/// Mean over runs of each epoch's figures; findings of all runs without duplicates.
TrainResult mean_result(const std::vector<RunSummary>& runs);

}  // namespace imcsim::study
