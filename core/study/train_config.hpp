#pragma once

#include <string>

#include "base/describe.hpp"
#include "crossbar/crossbar.hpp"
#include "study/resolve.hpp"
#include "training/training.hpp"

namespace imcsim::study {

/// All parameters that determine the result of `imcsim train`. Parameters of execution and display
/// only (threads, paths, progress) belong to the host.
struct TrainConfig {
  std::string dataset = "mnist";
  std::int64_t train_limit = 0;
  std::int64_t test_limit = 0;
  std::string network = "784-250-10";
  std::string device = "pcm";
  std::uint64_t seed = 1;
  std::int64_t runs = 1;
  CostChoice cost;
  training::TrainingConfig training;
  crossbar::CrossbarConfig crossbar;
};
void describe(TrainConfig& config, FieldList& fields);

using ResolvedTrainConfig = Resolved<TrainConfig>;

/// See resolve_config. Throws InputError.
ResolvedTrainConfig resolve_train_config(const Settings& settings, const PresetReader& read_file);

}  // namespace imcsim::study
