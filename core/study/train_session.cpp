#include "study/train_session.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.hpp"
#include "base/observer.hpp"
#include "numeric/events.hpp"
#include "study/version.hpp"

namespace imcsim::study {
namespace {

/// Order of the training images in an epoch: Fisher–Yates shuffle, with draws selected by seed and
/// epoch.
std::vector<std::uint32_t> shuffled_order(std::size_t count, std::uint64_t seed,
                                          std::int64_t epoch) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  const Stream stream(seed, Purpose::shuffle, entities::epochs(static_cast<std::uint64_t>(epoch)));
  for (std::size_t i = count; i > 1; --i) {
    const auto j =
        static_cast<std::size_t>((std::uint64_t{stream.word(events::places(i))} * i) >> 32);
    std::swap(order[i - 1], order[j]);
  }
  return order;
}

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

void require_fit(const TrainConfig& config, const dataset::Dataset& data,
                 const network::Architecture& architecture) {
  dataset::require_same_shape(data);
  if (architecture.input.size() != data.training.features()) {
    throw InputError(
        at_field("network"),
        fmt::format("\"{}\" has {} inputs", config.network, architecture.input.size()),
        fmt::format("{}, one per pixel of {}", data.training.features(), config.dataset));
  }
  data.training.require_labels_below(architecture.outputs());
  data.test.require_labels_below(architecture.outputs());
}

std::size_t limit_of(std::int64_t limit, std::size_t all) {
  return limit == 0 ? all : static_cast<std::size_t>(limit);
}

/// Throws InputError unless all products of training and evaluation have event numbers for their
/// noise.
void require_events(const TrainConfig& config, const network::Architecture& architecture) {
  const std::int64_t evaluations = std::max<std::int64_t>(1, config.training.epochs);
  training::require_evaluations(static_cast<std::uint64_t>(evaluations),
                                architecture.most_positions(), at_field("epochs"));
}

Json conversions_json(const training::Conversions& c) {
  return {c.forward, c.forward_saturated, c.backward, c.backward_saturated};
}

}  // namespace

void describe(EpochResult& e, FieldList& f) {
  f.field("epoch", e.epoch, Unit::none, {}, "Epoch");
  f.field("train_loss", e.train_loss, Unit::none, {}, "Mean training loss of the epoch");
  f.field("test_accuracy", e.test_accuracy, Unit::fraction, {},
          "Fraction of test images classified correctly");
  f.field("set_pulses", e.set_pulses, Unit::none, {}, "SET pulses in the epoch");
  f.field("reset_pulses", e.reset_pulses, Unit::none, {}, "RESET pulses in the epoch");
  f.field("refreshed_pairs", e.refreshed_pairs, Unit::none, {},
          "Device pairs refreshed in the epoch");
  f.field("programmed_fraction", e.programmed_fraction, Unit::fraction, {},
          "Programmed weights per updated weight");
  f.field("saturated_fraction", e.saturated_fraction, Unit::fraction, {},
          "Fraction of conversions at the limit of the output converter");
}

void require_trainable(const TrainConfig& config, const dataset::Dataset& data) {
  const network::Architecture architecture =
      network::parse_architecture(config.network, at_field("network"));
  require_fit(config, data, architecture);
  std::string small = "2";
  for (std::size_t l = 0; l < architecture.weight_stages().size(); ++l) small += "-2";
  training::make_trainer(config.training, config.crossbar,
                         network::parse_architecture(small, at_field("network")), config.seed, {});
}

TrainSession::TrainSession(const TrainConfig& config, dataset::Dataset data,
                           const Execution& execution)
    : config_(config),
      data_(std::move(data)),
      execution_(execution),
      epochs_(config.training.epochs),
      learning_rate_(training::learning_rate(config.training, 0)) {
  const network::Architecture architecture =
      network::parse_architecture(config.network, at_field("network"));
  data_.training.limit(limit_of(config.train_limit, data_.training.size()));
  data_.test.limit(limit_of(config.test_limit, data_.test.size()));
  require_fit(config, data_, architecture);
  require_events(config, architecture);
  trainer_ = training::make_trainer(config.training, config.crossbar, architecture, config.seed,
                                    execution);
  predictions_.resize(data_.test.size());
  if (epochs_ == 0) evaluate_now();
  start_epoch();
}

double TrainSession::time_s() const {
  const std::uint64_t samples =
      static_cast<std::uint64_t>(epoch_) * data_.training.size() + position_;
  return static_cast<double>(samples) * config_.training.sample_period.seconds;
}

Progress TrainSession::progress() const {
  const std::uint64_t size = data_.training.size();
  return {static_cast<std::uint64_t>(epoch_) * size + position_,
          static_cast<std::uint64_t>(epochs_) * size};
}

void TrainSession::start_epoch() {
  position_ = 0;
  loss_sum_ = 0.0;
  epoch_start_counts_ = trainer_->counts();
  trainer_->conversions() = {};
  if (!finished()) order_ = shuffled_order(data_.training.size(), config_.seed, epoch_);
}

void TrainSession::advance(std::uint64_t samples) {
  if (finished()) return;
  const std::uint64_t size = order_.size();
  const auto batch = static_cast<std::uint64_t>(config_.training.batch_size);
  const std::uint64_t batches = std::max<std::uint64_t>(1, samples / batch);
  const std::uint64_t end = std::min(size, position_ + batches * batch);
  const std::uint64_t before = static_cast<std::uint64_t>(epoch_) * size;
  for (; position_ < end; ++position_) {
    const std::uint32_t index = order_[static_cast<std::size_t>(position_)];
    training::Step step;
    step.sample = before + position_;
    step.t_s = static_cast<double>(step.sample) * config_.training.sample_period.seconds;
    step.batch =
        static_cast<std::uint64_t>(epoch_) * ((size + batch - 1) / batch) + position_ / batch;
    step.learning_rate = learning_rate_ * warmup(position_ / batch * batch);
    step.ends_batch = (position_ + 1) % batch == 0 || position_ + 1 == size;
    loss_sum_ += learn(index, step);
  }
  if (position_ == size) finish_epoch();
}

/// Trains on one sample; if the run fails, the error states epoch and sample.
double TrainSession::learn(std::uint32_t index, const training::Step& step) {
  const auto where = [&] {
    return fmt::format("at sample {} of epoch {}", position_ + 1, epoch_ + 1);
  };
  double loss = 0.0;
  try {
    loss = trainer_->learn(data_.training.image(index), data_.training.label(index), step);
  } catch (const RunError& error) {
    throw RunError(fmt::format("{} {}", error.what(), where()));
  }
  if (std::isfinite(loss)) return loss;
  throw RunError(
      fmt::format("loss is not finite {}; {} are not finite either; decrease learning-rate",
                  where(), trainer_->where_not_finite()));
}

/// Warm-up factor on the learning rate of the batch whose first sample is at `position` in its
/// epoch.
float TrainSession::warmup(std::uint64_t position) const {
  const double epochs = config_.training.learning_rate_warmup;
  if (epochs == 0.0) return 1.0F;
  const auto batch = static_cast<std::uint64_t>(config_.training.batch_size);
  const double part = static_cast<double>(epoch_) +
                      static_cast<double>(position + batch) / static_cast<double>(order_.size());
  return static_cast<float>(std::min(1.0, part / epochs));
}

void TrainSession::finish_epoch() {
  const OperationCounts done = trainer_->counts() - epoch_start_counts_;
  EpochResult epoch;
  epoch.epoch = epoch_ + 1;
  epoch.train_loss = loss_sum_ / static_cast<double>(order_.size());
  epoch.set_pulses = done.set_pulses;
  epoch.reset_pulses = done.reset_pulses;
  epoch.refreshed_pairs = done.refreshed_pairs;
  epoch.programmed_fraction = ratio(done.programmed_weights, done.weight_updates);
  epoch.saturated_fraction = ratio(done.adc_saturated, done.adc_conversions);
  trainer_->update_wire_attenuation(time_s());
  evaluate_now();
  epoch.test_accuracy = result_.test_accuracy;
  result_.train_loss = epoch.train_loss;
  result_.epochs.push_back(epoch);
  const training::TrainingStatus status = trainer_->training_status(time_s());
  if (status.not_finite > 0) {
    throw RunError(
        fmt::format("{} accumulator entries are not finite after epoch {}; decrease learning-rate",
                    status.not_finite, epoch_ + 1));
  }
  result_.diagnosis =
      training::diagnose(config_.training, config_.crossbar, done, trainer_->conversions(), status);
  ++epoch_;
  learning_rate_ = training::learning_rate(config_.training, epoch_);
  start_epoch();
}

void TrainSession::evaluate_now() {
  trainer_->advance_to(time_s());
  const crossbar::Read read{
      Stream(config_.seed, Purpose::evaluation_read),
      events::evaluations.row(static_cast<std::uint64_t>(epoch_), data_.test.size())};
  training::Evaluation evaluation = training::evaluate(
      trainer_->deployed(data_.training, evaluation_counts_), data_.test, read, execution_);
  evaluation_counts_ += evaluation.counts;
  result_.test_accuracy = evaluation.accuracy;
  predictions_ = std::move(evaluation.predictions);
}

double TrainSession::probe(std::size_t images) {
  dataset::LabeledImages some = data_.test;
  some.limit(images);
  trainer_->advance_to(time_s());
  OperationCounts uncounted;
  const crossbar::Read read{
      Stream(config_.seed, Purpose::probe_read),
      some.size() == 0 ? 0 : events::probed_image(progress().done, data_.test.size(), 0)};
  return training::evaluate(trainer_->deployed(data_.training, uncounted), some, read, execution_)
      .accuracy;
}

bool TrainSession::run(Observer& observer, std::uint64_t samples_per_report) {
  while (!finished()) {
    if (!observer.should_continue(progress())) return false;
    advance(samples_per_report);
  }
  observer.should_continue(progress());
  return true;
}

std::vector<StateArray> TrainSession::state() {
  std::vector<StateArray> arrays = trainer_->state();
  for (StateArray& array : trainer_->normalization_state()) arrays.push_back(std::move(array));
  arrays.push_back({"predictions", array_view(predictions_, 1, predictions_.size()), true});
  return arrays;
}

RunSummary TrainSession::summary() {
  return {config_.seed, result_, counts(), evaluation_counts_, progress().done, digest()};
}

std::uint64_t TrainSession::digest() { return digest_of(state()); }

std::uint64_t TrainSession::data_fingerprint() const {
  std::uint64_t hash = 0;
  for (const dataset::LabeledImages* set : {&data_.training, &data_.test}) {
    hash = hash_of(set->labels(), hash_of(set->pixels(), hash));
  }
  return hash;
}

std::vector<std::uint8_t> TrainSession::checkpoint() {
  Json progress = {{"epoch", epoch_},
                   {"position", position_},
                   {"loss_sum", loss_sum_},
                   {"test_accuracy", result_.test_accuracy},
                   {"train_loss", result_.train_loss},
                   {"data", digest_text(data_fingerprint())},
                   {"counts", to_json_object(trainer_->counts())},
                   {"epoch_start_counts", to_json_object(epoch_start_counts_)},
                   {"evaluation_counts", to_json_object(evaluation_counts_)},
                   {"conversions", conversions_json(trainer_->conversions())},
                   {"diagnosis", diagnosis_json(result_.diagnosis)},
                   {"epochs", Json::array()}};
  for (const EpochResult& epoch : result_.epochs) {
    progress["epochs"].push_back(to_json_object(epoch));
  }
  const std::string config = to_toml(fields_of(config_), {});
  const std::string progress_text = progress.dump();
  const std::vector<StateArray> arrays = state();
  return write_safetensors(
      arrays,
      {{"imcsim", std::string(version)},
       {"kind", "train-checkpoint"},
       {"config", config},
       {"progress", progress_text},
       {"content", digest_text(content_hash(arrays, hash_of_text(config + progress_text)))}});
}

std::vector<std::uint8_t> TrainSession::model() {
  std::vector<StateArray> arrays;
  std::vector<Matrix<float>> weights;
  const network::Network& network = trainer_->network();
  for (std::size_t l = 0; l < network.layer_count(); ++l) {
    weights.push_back(network.layer(l).weights());
  }
  for (std::size_t l = 0; l < weights.size(); ++l) {
    arrays.push_back({fmt::format("layer{}.weight", l),
                      array_view(weights[l], network.weight_stages()[l].outputs()), false});
  }
  for (StateArray& array : trainer_->state()) {
    const bool has_weight = std::any_of(arrays.begin(), arrays.end(),
                                        [&](const StateArray& a) { return a.name == array.name; });
    if (!has_weight) arrays.push_back(std::move(array));
  }
  for (StateArray& array : trainer_->normalization_state()) arrays.push_back(std::move(array));
  std::map<std::string, std::string> about = {{"imcsim", std::string(version)},
                                              {"kind", "model"},
                                              {"config", to_toml(fields_of(config_), {})},
                                              {"time_s", fmt::format("{}", time_s())},
                                              {"digest", digest_text(digest())}};
  if (!config_.training.layer_granularity.empty()) {
    const double pulse_us =
        config_.training.granularity * config_.crossbar.array.conductance_per_weight_us;
    std::vector<double> per_weight_us;
    for (const double own : config_.training.layer_granularity) {
      per_weight_us.push_back(pulse_us / own);
    }
    about["conductance_per_weight_us"] = fmt::format("[{}]", fmt::join(per_weight_us, ", "));
  }
  return write_safetensors(arrays, about);
}

}  // namespace imcsim::study
