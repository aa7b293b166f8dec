#include "study/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "study/presets.hpp"
#include "study/train_config.hpp"

namespace imcsim::study {
namespace {

/// Keys known to any command; training has all keys of presets.
const std::vector<std::string>& all_keys() {
  static const std::vector<std::string> keys = [] {
    TrainConfig config;
    return fields_of(config).keys();
  }();
  return keys;
}

/// Builds a configuration layer by layer; in each layer, presets come first, then the device, then
/// the layer's own values.
class Resolver {
 public:
  Resolver(const ConfigReference& config, const PresetReader& read_file)
      : config_(config), read_file_(read_file) {
    for (const Field& field : config.fields.all()) {
      defaults_[std::string(field.text.key)] = text_of(field);
    }
  }

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
    apply(values, config_.fields, config_.origins);
  }

  /// Selects another device and resets all values of the previous one.
  void apply_device(const Setting& request) {
    if (!has_device()) {
      throw InputError(request.where, "this task has no devices", "no device preset");
    }
    std::string name = request.text;
    if (name != custom_device) {
      bool from_file = false;
      const Settings values = load_preset(request, "device", read_file_, from_file);
      reset_device();
      for (const Setting& setting : known(values)) {
        apply({setting}, config_.fields, config_.origins);
        of_device_[setting.key] = setting.origin;
      }
      if (from_file) name = custom_device;
    }
    config_.device_name = name;
    config_.origins["device"] = request.origin;
  }

  /// False for tasks without devices.
  bool has_device() const { return config_.fields.find("device") != nullptr; }

 private:
  void apply_preset(const Setting& request) {
    const EmbeddedPreset* built_in = find_preset(request.text);
    const std::string kind = built_in == nullptr ? "" : table_text(built_in->toml, "about", "kind");
    if (kind == "device") return apply_device(request);
    if (kind == "cost")
      return apply_layer(known({{"cost", request.text, request.where, request.origin}}));
    bool from_file = false;
    const Settings values = known(load_preset(request, "", read_file_, from_file));
    if (kind == "task") require_known(values, request, table_text(built_in->toml, "about", "task"));
    apply_layer(values);
  }

  /// Throws for the preset of another task.
  void require_known(const Settings& values, const Setting& request,
                     const std::string& task) const {
    for (const Setting& setting : values) {
      if (config_.fields.find(setting.key) != nullptr) continue;
      throw InputError(request.where,
                       fmt::format("\"{}\" is a preset of task {}", request.text, task),
                       "a preset for this command");
    }
  }

  /// Removes keys that apply only to other commands.
  Settings known(Settings values) const {
    std::erase_if(values, [&](const Setting& setting) {
      const std::vector<std::string>& keys = all_keys();
      return config_.fields.find(setting.key) == nullptr && setting.key != "preset" &&
             std::find(keys.begin(), keys.end(), setting.key) != keys.end();
    });
    return values;
  }

  /// Resets all parameters of the previous device, and other values set by its preset, to the
  /// defaults; switches of the experiment are kept.
  void reset_device() {
    static constexpr std::string_view switches[] = {"read-noise",    "programming-noise",
                                                    "drift",         "update-nonlinearity",
                                                    "device-spread", "temperature-k"};
    const auto reset_field = [&](const std::string& key) {
      const Field* field = config_.fields.find(key);
      if (field == nullptr) return;  // the command uses only some parameters of the device
      read_field(*field, defaults_.at(key), key);
      config_.origins.erase(key);
    };
    for (const std::string& key : fields_of(config_.device).keys()) {
      if (std::find(std::begin(switches), std::end(switches), key) == std::end(switches)) {
        reset_field(key);
      }
    }
    for (const auto& [key, origin] : of_device_) {
      const auto now = config_.origins.find(key);
      if (now != config_.origins.end() && now->second == origin) reset_field(key);
    }
    of_device_.clear();
  }

  const ConfigReference& config_;
  const PresetReader& read_file_;
  std::map<std::string, std::string> defaults_;  ///< of all fields, as text
  Origins of_device_;                            ///< values set by the preset of the present device
};

}  // namespace

void apply_layers(const ConfigReference& config, const Settings& settings,
                  const PresetReader& read_file) {
  Resolver resolver(config, read_file);
  if (resolver.has_device()) {
    resolver.apply_device({"device", config.device_name, at_field("device"), "default"});
  }
  // Consecutive settings of the same origin form a layer: a file, then the flags.
  for (auto first = settings.begin(); first != settings.end();) {
    const auto last = std::find_if(first, settings.end(), [&](const Setting& setting) {
      return setting.origin != first->origin;
    });
    resolver.apply_layer({first, last});
    first = last;
  }
}

void refuse_idle_flags(const Settings& settings, const FieldList& fields) {
  for (const Setting& setting : settings) {
    if (setting.origin != "flag") continue;
    const Field* field = fields.find(setting.key);
    if (field == nullptr || field->active) continue;
    if (const Field* method = fields.find("method");
        method != nullptr && field->group == "Training") {
      throw InputError(
          setting.where,
          fmt::format("has no effect with method = {} and the other settings", text_of(*method)),
          "a method or schedule that uses it");
    }
    const Field* model = fields.find("device-model");
    throw InputError(setting.where,
                     fmt::format("has no effect with device-model = {}", text_of(*model)),
                     "a device or device-model that uses it");
  }
}

}  // namespace imcsim::study
