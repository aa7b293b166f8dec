#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/describe.hpp"

namespace imcsim::study {

/// A value given as text.
struct Setting {
  std::string key;
  std::string text;
  Where where = "";    ///< in error messages: `--epochs`, `run.toml:3`
  std::string origin;  ///< shown to users: `flag`, `file run.toml`, `preset pcm`
};
using Settings = std::vector<Setting>;

/// Location of a setting's value for errors: `--epochs`, `run.toml:3: epochs`.
Where place_of_value(const Setting& setting);

/// `error`, with its field name replaced by the place where `settings` set this field. A field that
/// is not in `settings` is unchanged.
InputError located(const InputError& error, const Settings& settings);

/// Origin of each value that was set.
using Origins = std::map<std::string, std::string>;

/// The `key = value` lines of a TOML text. `name` is the name of the text in errors, `origin` the
/// origin of the settings. Tables other than those in `ignored_tables` are errors.
/// Throws InputError{name:line, …}.
Settings parse_settings(std::string_view toml, const std::string& name, const std::string& origin,
                        const std::vector<std::string>& ignored_tables = {});

/// A string at `table.key` of a TOML text, or empty.
std::string table_text(std::string_view toml, std::string_view table, std::string_view key);

/// All tables of a TOML text in order: name, and its strings (lists as items separated by line
/// ends).
using TextTable = std::map<std::string, std::string>;
std::vector<std::pair<std::string, TextTable>> text_tables(std::string_view toml,
                                                           const std::string& name);

/// The last value given for `key`, or nullptr.
const Setting* find_last(const Settings& settings, std::string_view key);

/// Applies the settings to the fields, in order. Throws InputError; for an unknown key, with the
/// nearest keys.
void apply(const Settings& settings, const FieldList& fields, Origins& origins);

/// The fields as a TOML file, one `key = value` per line, followed by unit, origin and source.
std::string to_toml(const FieldList& fields, const Origins& origins);

/// `text` as a TOML string with its quotes.
std::string toml_quoted(std::string_view text);

}  // namespace imcsim::study
