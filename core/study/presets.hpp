#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "study/settings.hpp"

namespace imcsim::study {

/// A file of data/presets, embedded in the program.
struct EmbeddedPreset {
  std::string_view name;
  std::string_view toml;
};
std::span<const EmbeddedPreset> embedded_presets();

/// Contents of a preset's table [about].
struct PresetAbout {
  std::string name;
  std::string kind;  ///< `device`, `experiment`, `cost` or `task`
  std::string summary;
  std::string source;
  std::string task;  ///< kind `task`: the task, for example `solve`
};

std::vector<PresetAbout> list_presets();

/// Names of the presets of one kind; all presets for an empty `kind`.
std::vector<std::string> preset_names(std::string_view kind);

/// The preset of this name, or nullptr.
const EmbeddedPreset* find_preset(std::string_view name);

/// Values of a preset's text; `name` is used in errors and origins. The tables [about] and [source]
/// (comments on the values) are ignored.
Settings preset_settings(std::string_view toml, const std::string& name);

/// Reads the text of a preset that is not built in, from a file of that name. Returns false if
/// there is no such file.
using PresetReader = std::function<bool(const std::string& name, std::string& toml)>;

struct LoadedPreset {
  std::string toml, name;
  bool from_file = false;
};
/// A built-in preset of `kind` (any kind if empty) or a preset file. Throws InputError with the
/// nearest preset names.
LoadedPreset load_preset_text(const Setting& request, std::string_view kind,
                              const PresetReader& read_file);

/// The values of a built-in preset or preset file.
Settings load_preset(const Setting& request, std::string_view kind, const PresetReader& read_file,
                     bool& from_file);

/// An entry of data/terms.toml: the explanation of a technical term.
struct Term {
  std::string name, text, equation, source;
  std::vector<std::string> see;  ///< related parameters
};
std::vector<Term> list_terms();

/// data/terms.toml, embedded in the program.
std::string_view embedded_terms();

}  // namespace imcsim::study
