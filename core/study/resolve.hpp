#pragma once

#include <string>

#include "base/describe.hpp"
#include "device/device.hpp"
#include "study/presets.hpp"
#include "study/pricing.hpp"
#include "study/settings.hpp"

namespace imcsim::study {

/// A configuration and where each of its values came from.
template <class Config>
struct Resolved {
  Config config;
  Origins origins;
};

/// The name under which a device that is not a built-in preset stands in a complete configuration:
/// all its values are given, so nothing is looked up.
inline constexpr std::string_view custom_device = "custom";

/// What the layers of settings are applied to: the fields of a configuration, and within it the
/// name of the device and its values.
struct ConfigReference {
  const FieldList& fields;
  std::string& device_name;
  device::DeviceConfig& device;
  Origins& origins;
};

/// Defaults, then `settings` layer by layer: settings of one origin that follow one another (a
/// file, the flags) are a layer. In each, presets come first, then the device, then single values,
/// so that a higher layer's preset or device wins over a lower layer's values. A device takes all
/// values of the former device away. Keys of a preset that another command has and this one has
/// not are passed over. Throws InputError.
void apply_layers(const ConfigReference& config, const Settings& settings,
                  const PresetReader& read_file);

/// Throws InputError where a flag set a value that has no effect as the others stand: a parameter
/// of a device model that is not the chosen one. `fields`: described anew.
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
