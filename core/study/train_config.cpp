#include "study/train_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

ResolvedTrainConfig resolve_train_config(const Settings& settings, const PresetReader& read_file) {
  ResolvedTrainConfig resolved;
  bool from_file = false;

  Settings layers;
  Settings explicit_settings;
  for (const Setting& setting : settings) {
    if (setting.key != "preset") explicit_settings.push_back(setting);
  }
  Settings preset;
  if (const Setting* request = find_last(settings, "preset")) {
    preset = load_preset(*request, "", read_file, from_file);
  }
  Settings upper = preset;
  upper.insert(upper.end(), explicit_settings.begin(), explicit_settings.end());

  const Setting default_device{"device", resolved.config.device, "--device", "default"};
  const Setting* device = find_last(upper, "device");
  if (device == nullptr) device = &default_device;
  from_file = false;
  if (device->text != custom_device) {
    layers = load_preset(*device, "device", read_file, from_file);
  }
  const std::string device_name = from_file ? std::string(custom_device) : device->text;
  layers.insert(layers.end(), upper.begin(), upper.end());

  const FieldList fields = fields_of(resolved.config);
  apply(layers, fields, resolved.origins);
  resolved.config.device = device_name;
  return resolved;
}

}  // namespace imcsim::study
