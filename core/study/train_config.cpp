#include "study/train_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "study/presets.hpp"

namespace imcsim::study {
namespace {

/// Values of a built-in preset of `kind` or of a preset file.
Settings load_preset(const Setting& request, std::string_view kind, const PresetReader& read_file,
                     bool& from_file) {
  from_file = false;
  if (const EmbeddedPreset* preset = find_preset(request.text)) {
    const std::string is = table_text(preset->toml, "about", "kind");
    if (!kind.empty() && is != kind) {
      throw InputError(request.where,
                       fmt::format("\"{}\" is a preset of kind {}", request.text, is),
                       fmt::format("one of {}", fmt::join(preset_names(kind), ", ")));
    }
    return preset_settings(preset->toml, std::string(preset->name));
  }
  std::string toml;
  if (read_file(request.text, toml)) {
    from_file = true;
    return preset_settings(toml, request.text);
  }
  throw InputError(request.where, fmt::format("unknown preset \"{}\"", request.text),
                   fmt::format("{} — or a TOML file", suggest(request.text, preset_names(kind))));
}

}  // namespace

void describe(TrainConfig& c, FieldList& f) {
  f.group("Task");
  f.field("dataset", c.dataset, Unit::none, {},
          "mnist, fashion-mnist, or a folder of four IDX files", "doi:10.1109/5.726791",
          Audience::everyone);
  f.field("train-limit", c.train_limit, Unit::samples, {0.0, 1e9},
          "only the first so many training images; 0: all", "", Audience::everyone);
  f.field("test-limit", c.test_limit, Unit::samples, {0.0, 1e9},
          "only the first so many test images; 0: all", "", Audience::everyone);
  f.field("network", c.network, Unit::none, {}, "widths of a perceptron, input to output",
          "doi:10.3389/fnins.2020.00406", Audience::everyone);
  f.field("device", c.device, Unit::none, {}, "device preset, or a file of its values",
          "see imcsim presets", Audience::everyone);
  f.field("seed", c.seed, Unit::none, {}, "the same seed and configuration give the same bits", "",
          Audience::everyone);
  f.field("runs", c.runs, Unit::none, {1.0, 1e6}, "so many runs, with seeds from seed on", "",
          Audience::everyone);
  describe(c.training, f);
  describe(c.crossbar.device, f);
  describe(c.crossbar.array, f);
  describe(c.crossbar.converters, f);
}

namespace {

/// Builds a configuration layer by layer; within a layer presets come first, then the device, then
/// the layer's own values.
class Resolver {
 public:
  explicit Resolver(const PresetReader& read_file)
      : read_file_(read_file), fields_(fields_of(resolved_.config)) {}

  void apply_layer(const Settings& layer) {
    Settings values;
    for (const Setting& setting : layer) {
      if (setting.key == "preset") {
        apply_preset(setting);
      } else if (setting.key != "device") {
        values.push_back(setting);
      }
    }
    if (const Setting* device = find_last(layer, "device")) apply_device(*device);
    apply(values, fields_, resolved_.origins);
  }

  /// Another device: nothing of the former one's values is left.
  void apply_device(const Setting& request) {
    std::string name = request.text;
    if (name != custom_device) {
      bool from_file = false;
      const Settings values = load_preset(request, "device", read_file_, from_file);
      forget_device();
      apply(values, fields_, resolved_.origins);
      if (from_file) name = custom_device;
    }
    resolved_.config.device = name;
    resolved_.origins["device"] = request.origin;
  }

  const ResolvedTrainConfig& resolved() const { return resolved_; }

 private:
  void apply_preset(const Setting& request) {
    const EmbeddedPreset* built_in = find_preset(request.text);
    if (built_in != nullptr && table_text(built_in->toml, "about", "kind") == "device") {
      return apply_device(request);
    }
    bool from_file = false;
    apply_layer(load_preset(request, "", read_file_, from_file));
  }

  void forget_device() {
    device::DeviceConfig& device = resolved_.config.crossbar.device;
    device.model = device::ModelName::pcm;
    device.pcm = {};
    for (const std::string& key : fields_of(device.pcm).keys()) resolved_.origins.erase(key);
    resolved_.origins.erase("device-model");
  }

  const PresetReader& read_file_;
  ResolvedTrainConfig resolved_;
  FieldList fields_;  ///< of `resolved_`, which must stay where it is
};

}  // namespace

ResolvedTrainConfig resolve_train_config(const Settings& settings, const PresetReader& read_file) {
  Resolver resolver(read_file);
  resolver.apply_device({"device", TrainConfig{}.device, "--device", "default"});
  // Settings of one origin make a layer: a file, then the flags.
  for (auto first = settings.begin(); first != settings.end();) {
    const auto last = std::find_if(first, settings.end(), [&](const Setting& setting) {
      return setting.origin != first->origin;
    });
    resolver.apply_layer({first, last});
    first = last;
  }
  return resolver.resolved();
}

}  // namespace imcsim::study
