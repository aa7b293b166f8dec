#pragma once

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
  std::string kind;  ///< `device` or `experiment`
  std::string summary;
  std::string source;
};

std::vector<PresetAbout> list_presets();

/// Names of the presets of one kind; all for an empty `kind`.
std::vector<std::string> preset_names(std::string_view kind);

/// The TOML text of a preset, or nullptr where there is none of that name.
const EmbeddedPreset* find_preset(std::string_view name);

/// Values of a preset's text; `name` is used in errors and origins.
Settings preset_settings(std::string_view toml, const std::string& name);

/// An entry of data/terms.toml: what a term of the field means.
struct Term {
  std::string name, text, equation, source;
  std::vector<std::string> see;  ///< parameters that go with it
};
std::vector<Term> list_terms();

/// data/terms.toml, built into the program.
std::string_view embedded_terms();

}  // namespace imcsim::study
