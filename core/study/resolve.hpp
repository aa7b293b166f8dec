#pragma once

#include <string>

#include "base/describe.hpp"
#include "device/device.hpp"
#include "study/presets.hpp"
#include "study/pricing.hpp"
#include "study/settings.hpp"

namespace imcsim::study {

/// A configuration and the origin of each value.
template <class Config>
struct Resolved {
  Config config;
  Origins origins;
};

/// Name of a device that is not a built-in preset in a complete configuration: all its values are
/// given, so no preset is read.
inline constexpr std::string_view custom_device = "custom";

/// Target of layers of settings: the fields of a configuration, its device name and its device
/// values.
struct ConfigReference {
  const FieldList& fields;
  std::string& device_name;
  device::DeviceConfig& device;
  Origins& origins;
};

/// Applies defaults, then `settings` layer by layer: consecutive settings of one origin (a file,
/// the flags) form a layer. In each layer, presets come first, then the device, then single values,
/// so that a preset or device of a later layer overrides values of an earlier layer. A device
/// resets all values of the previous device. Keys of a preset that apply only to other commands are
/// ignored. Throws InputError.
void apply_layers(const ConfigReference& config, const Settings& settings,
                  const PresetReader& read_file);

/// Throws InputError if a flag set a value that has no effect in this configuration, such as a
/// parameter of another device model. `fields`: described after all settings are applied.
void refuse_idle_flags(const Settings& settings, const FieldList& fields);

/// The device of a configuration, in `config.crossbar` or in `config` itself.
template <class Config>
device::DeviceConfig& device_of(Config& config) {
  if constexpr (requires { config.crossbar; }) {
    return config.crossbar.device;
  } else {
    return config.device_config;
  }
}

/// The values of a configuration with a device, without the checks of resolve_config.
template <class Config>
Resolved<Config> layered_config(const Settings& settings, const PresetReader& read_file) {
  Resolved<Config> resolved;
  const FieldList fields = fields_of(resolved.config);
  apply_layers({fields, resolved.config.device, device_of(resolved.config), resolved.origins},
               settings, read_file);
  return resolved;
}

/// The checked configuration of any command with a device.
template <class Config>
Resolved<Config> resolve_config(const Settings& settings, const PresetReader& read_file) {
  Resolved<Config> resolved = layered_config<Config>(settings, read_file);
  refuse_idle_flags(settings, fields_of(resolved.config));
  if constexpr (requires { resolved.config.cost.prices; }) {
    read_prices(resolved.config.cost, at_field("cost"), read_file);
  }
  return resolved;
}

}  // namespace imcsim::study
