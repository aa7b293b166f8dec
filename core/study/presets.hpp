#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "study/settings.hpp"

namespace imcsim::study {

/// A file of data/presets, built into the program.
struct EmbeddedPreset {
  std::string_view name;
  std::string_view toml;
};
std::span<const EmbeddedPreset> embedded_presets();

/// What a preset says of itself in its table [about].
struct PresetAbout {
  std::string name;
  std::string kind;  ///< `device`, `experiment`, `cost` or `task`
  std::string summary;
  std::string source;
  std::string task;  ///< for which one, of kind `task`: `solve`
};

std::vector<PresetAbout> list_presets();

/// Names of the presets of one kind; all for an empty `kind`.
std::vector<std::string> preset_names(std::string_view kind);

/// The TOML text of a preset, or nullptr where there is none of that name.
const EmbeddedPreset* find_preset(std::string_view name);

/// Values of a preset's text; `name` is used in errors and origins. Its tables [about] and
/// [source] (words on each value) are passed over.
Settings preset_settings(std::string_view toml, const std::string& name);

/// Text of a preset that is not built in: the host looks for a file of that name. Returns false
/// where there is none.
using PresetReader = std::function<bool(const std::string& name, std::string& toml)>;

struct LoadedPreset {
  std::string toml, name;
  bool from_file = false;
};
/// A built-in preset of `kind` (any where that is empty) or a preset file. Throws InputError that
/// names the nearest presets.
LoadedPreset load_preset_text(const Setting& request, std::string_view kind,
                              const PresetReader& read_file);

/// Values of such a preset.
Settings load_preset(const Setting& request, std::string_view kind, const PresetReader& read_file,
                     bool& from_file);

/// An entry of data/terms.toml: what a term of the field means.
struct Term {
  std::string name, text, equation, source;
  std::vector<std::string> see;  ///< parameters that go with it
};
std::vector<Term> list_terms();

/// data/terms.toml, built into the program.
std::string_view embedded_terms();

}  // namespace imcsim::study
