#include "study/presets.hpp"

#include <fmt/format.h>

namespace imcsim::study {

std::vector<PresetAbout> list_presets() {
  std::vector<PresetAbout> presets;
  for (const EmbeddedPreset& preset : embedded_presets()) {
    presets.push_back({std::string(preset.name), table_text(preset.toml, "about", "kind"),
                       table_text(preset.toml, "about", "summary"),
                       table_text(preset.toml, "about", "source")});
  }
  return presets;
}

std::vector<std::string> preset_names(std::string_view kind) {
  std::vector<std::string> names;
  for (const PresetAbout& about : list_presets()) {
    if (kind.empty() || about.kind == kind) names.push_back(about.name);
  }
  return names;
}

const EmbeddedPreset* find_preset(std::string_view name) {
  for (const EmbeddedPreset& preset : embedded_presets()) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

Settings preset_settings(std::string_view toml, const std::string& name) {
  return parse_settings(toml, name, fmt::format("preset {}", name), {"about"});
}

}  // namespace imcsim::study
