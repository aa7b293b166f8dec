#pragma once

#include <functional>
#include <string>

#include "base/base.hpp"
#include "crossbar/crossbar.hpp"
#include "study/settings.hpp"
#include "training/training.hpp"

namespace imcsim::study {

/// Everything that decides the result of `imcsim train`. What only decides how it is executed or
/// shown (threads, paths, progress) is the host's.
struct TrainConfig {
  std::string dataset = "mnist";
  std::int64_t train_limit = 0;
  std::int64_t test_limit = 0;
  std::string network = "784-250-10";
  std::string device = "pcm";
  std::uint64_t seed = 1;
  std::int64_t runs = 1;
  training::TrainingConfig training;
  crossbar::CrossbarConfig crossbar;
};
void describe(TrainConfig& config, FieldList& fields);

/// Text of a preset that is not built in: the host looks for a file of that name. Returns false
/// where there is none.
using PresetReader = std::function<bool(const std::string& name, std::string& toml)>;

/// A configuration and where each of its values came from.
struct ResolvedTrainConfig {
  TrainConfig config;
  Origins origins;
};

/// Defaults, then `settings` layer by layer: settings of one origin that follow one another (a
/// file, the flags) are a layer. In each, presets come first, then the device, then single values,
/// so that a higher layer's preset or device wins over a lower layer's values. A device takes all
/// values of the former device away. Throws InputError.
ResolvedTrainConfig resolve_train_config(const Settings& settings, const PresetReader& read_file);

/// The name under which a device that is not a built-in preset stands in a complete configuration:
/// all its values are given, so nothing is looked up.
inline constexpr std::string_view custom_device = "custom";

}  // namespace imcsim::study
