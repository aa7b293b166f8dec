#include "study/presets.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.hpp"

namespace imcsim::study {

std::vector<PresetAbout> list_presets() {
  std::vector<PresetAbout> presets;
  for (const EmbeddedPreset& preset : embedded_presets()) {
    presets.push_back({std::string(preset.name), table_text(preset.toml, "about", "kind"),
                       table_text(preset.toml, "about", "summary"),
                       table_text(preset.toml, "about", "source"),
                       table_text(preset.toml, "about", "task")});
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
  return parse_settings(toml, name, fmt::format("preset {}", name), {"about", "source"});
}

LoadedPreset load_preset_text(const Setting& request, std::string_view kind,
                              const PresetReader& read_file) {
  if (const EmbeddedPreset* preset = find_preset(request.text)) {
    const std::string is = table_text(preset->toml, "about", "kind");
    if (!kind.empty() && is != kind) {
      throw InputError(request.where,
                       fmt::format("\"{}\" is a preset of kind {}", request.text, is),
                       fmt::format("one of {}", fmt::join(preset_names(kind), ", ")));
    }
    return {std::string(preset->toml), std::string(preset->name), false};
  }
  std::string toml;
  if (read_file(request.text, toml)) return {std::move(toml), request.text, true};
  throw InputError(request.where, fmt::format("unknown preset \"{}\"", request.text),
                   fmt::format("a TOML file; {}", suggest(request.text, preset_names(kind))));
}

Settings load_preset(const Setting& request, std::string_view kind, const PresetReader& read_file,
                     bool& from_file) {
  const LoadedPreset preset = load_preset_text(request, kind, read_file);
  from_file = preset.from_file;
  return preset_settings(preset.toml, preset.name);
}

std::vector<Term> list_terms() {
  std::vector<Term> terms;
  for (auto& [name, table] : text_tables(embedded_terms(), "terms.toml")) {
    Term term{name, table["text"], table["equation"], table["source"], {}};
    const std::string& see = table["see"];
    for (std::size_t at = 0; at < see.size();) {
      const std::size_t end = std::min(see.find('\n', at), see.size());
      term.see.push_back(see.substr(at, end - at));
      at = end + 1;
    }
    terms.push_back(std::move(term));
  }
  return terms;
}

}  // namespace imcsim::study
