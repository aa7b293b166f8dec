// Resuming from a checkpoint: the counterpart of TrainSession::checkpoint.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "study/train_session.hpp"
#include "study/version.hpp"

namespace imcsim::study {
namespace {

std::string metadata_of(const Safetensors& file, const std::string& key, const std::string& name) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) {
    throw InputError(name, fmt::format("has no \"{}\" in its metadata", key),
                     "a file written by imcsim");
  }
  return found->second;
}

void read_counts(const Json& from, OperationCounts& counts) {
  const FieldList fields = fields_of(counts);
  for (const Field& field : fields.all()) {
    *std::get<std::uint64_t*>(field.value) = from.at(std::string(field.text.key));
  }
}

EpochResult read_epoch(const Json& from) {
  EpochResult epoch;
  const FieldList fields = fields_of(epoch);
  for (const Field& field : fields.all()) {
    const Json& value = from.at(std::string(field.text.key));
    if (auto* const* count = std::get_if<std::uint64_t*>(&field.value)) **count = value;
    if (auto* const* number = std::get_if<std::int64_t*>(&field.value)) **number = value;
    if (auto* const* number = std::get_if<double*>(&field.value)) **number = value;
  }
  return epoch;
}

/// True if the learning rate of each epoch depends on the total number of epochs.
bool needs_all_epochs(const TrainConfig& config) {
  return config.training.learning_rate_schedule == training::LearningRateSchedule::cosine ||
         config.training.learning_rate_schedule == training::LearningRateSchedule::linear;
}

/// The first key in which two configurations differ, or nullptr. Ignores `cost` and, unless
/// `same_epochs`, `epochs`.
const Field* first_difference(const FieldList& a, const FieldList& b, bool same_epochs) {
  for (const Field& field : a.all()) {
    if (!field.active) continue;  // the value has no effect in either configuration
    if ((field.text.key == "epochs" && !same_epochs) || field.text.key == "cost") continue;
    if (text_of(field) != text_of(*b.find(field.text.key))) {
      return &field;
    }
  }
  return nullptr;
}

void require_same_config(TrainConfig requested, const Safetensors& file, const std::string& name) {
  const auto no_files = [](const std::string&, std::string&) { return false; };
  Settings settings = settings_of_file(file, name);
  std::erase_if(settings, [](const Setting& setting) { return setting.key == "cost"; });
  TrainConfig kept = resolve_train_config(settings, no_files).config;
  const FieldList requested_fields = fields_of(requested);
  const FieldList kept_fields = fields_of(kept);
  if (const Field* field =
          first_difference(requested_fields, kept_fields, needs_all_epochs(requested))) {
    throw InputError(at_field(field->text.key),
                     fmt::format("\"{}\" differs from the value in {}", text_of(*field), name),
                     fmt::format("\"{}\"", text_of(*kept_fields.find(field->text.key))));
  }
}

}  // namespace

Settings settings_of_file(const Safetensors& file, const std::string& name) {
  return parse_settings(metadata_of(file, "config", name), name, fmt::format("file {}", name));
}

void TrainSession::resume(const Safetensors& file, const std::string& name) {
  if (metadata_of(file, "kind", name) != "train-checkpoint") {
    throw InputError(name, fmt::format("is a file of kind {}", metadata_of(file, "kind", name)),
                     "a checkpoint of imcsim train");
  }
  if (metadata_of(file, "imcsim", name) != version) {
    throw InputError(
        name, fmt::format("was written by imcsim {}", metadata_of(file, "imcsim", name)),
        fmt::format("a checkpoint of imcsim {}; other versions can differ in bits", version));
  }
  require_same_config(config_, file, name);
  try {
    const Json progress = Json::parse(metadata_of(file, "progress", name));
    if (progress.at("data").get<std::string>() != digest_text(data_fingerprint())) {
      throw InputError(name, "was written by a training run on a different data set",
                       fmt::format("the original data set instead of {}", config_.dataset));
    }
    const std::int64_t epoch = progress.at("epoch");
    const std::uint64_t position = progress.at("position");
    if (epoch < 0 || epoch > epochs_ || position > data_.training.size()) {
      throw InputError(name, fmt::format("ends at epoch {}", epoch),
                       fmt::format("epochs of at least {}", epoch));
    }
    const std::vector<StateArray> arrays = state();
    const std::uint64_t texts =
        hash_of_text(metadata_of(file, "config", name) + metadata_of(file, "progress", name));
    if (metadata_of(file, "content", name) != digest_text(content_hash(file, arrays, texts))) {
      throw InputError(name, "is damaged", "an unmodified checkpoint");
    }
    load_arrays(file, arrays, name);
    epoch_ = epoch;
    result_.epochs.clear();
    for (const Json& entry : progress.at("epochs")) {
      result_.epochs.push_back(read_epoch(entry));
    }
    learning_rate_ = training::learning_rate(config_.training, epoch);
    read_counts(progress.at("counts"), trainer_->counts());
    read_counts(progress.at("evaluation_counts"), evaluation_counts_);
    if (epoch == 0) evaluation_counts_ = {};  // evaluations before training are not part of the run
    start_epoch();
    read_counts(progress.at("epoch_start_counts"), epoch_start_counts_);
    position_ = position;
    const std::vector<std::uint64_t> conversions = progress.at("conversions");
    trainer_->conversions() = {conversions.at(0), conversions.at(1), conversions.at(2),
                               conversions.at(3)};
    result_.diagnosis.clear();
    for (const Json& f : progress.at("diagnosis")) {
      result_.diagnosis.push_back({f.at("code"), f.at("message"), f.at("value")});
    }
    loss_sum_ = progress.at("loss_sum");
    result_.test_accuracy = progress.at("test_accuracy");
    result_.train_loss = progress.at("train_loss");
  } catch (const Json::exception&) {
    throw InputError(name, "progress is unreadable", "a checkpoint of imcsim train");
  }
  trainer_->rebuild_derived(time_s());
}

}  // namespace imcsim::study
