#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/describe.hpp"

namespace imcsim::study {

/// A given value, as text.
struct Setting {
  std::string key;
  std::string text;
  Where where = "";    ///< for errors: `--epochs`, `run.toml:3`
  std::string origin;  ///< for users: `flag`, `file run.toml`, `preset pcm`
};
using Settings = std::vector<Setting>;

/// For errors in the value of a setting: `--epochs`, `run.toml:3: epochs`.
Where place_of_value(const Setting& setting);

/// `error`, with the field that it names replaced by the place where `settings` set the field.
/// A field that is not in `settings` remains.
InputError located(const InputError& error, const Settings& settings);

/// Origin of the value of each key that was set.
using Origins = std::map<std::string, std::string>;

/// The `key = value` lines of a TOML text. `name` stands for the text in errors, `origin` is that
/// of the settings. Tables other than those in `ignored_tables` are refused.
/// Throws InputError{name:line, …}.
Settings parse_settings(std::string_view toml, const std::string& name, const std::string& origin,
                        const std::vector<std::string>& ignored_tables = {});

/// A string at `table.key` of a TOML text, or empty.
std::string table_text(std::string_view toml, std::string_view table, std::string_view key);

/// All tables of a TOML text in the order in which they stand: name, and its strings (a list as
/// its items with line ends between).
using TextTable = std::map<std::string, std::string>;
std::vector<std::pair<std::string, TextTable>> text_tables(std::string_view toml,
                                                           const std::string& name);

/// The last value given for `key`, or nullptr.
const Setting* find_last(const Settings& settings, std::string_view key);

/// Reads the settings into the fields, in order. Throws InputError: an unknown key names its
/// nearest neighbours.
void apply(const Settings& settings, const FieldList& fields, Origins& origins);

/// The fields as a TOML file, one `key = value` a line with unit, origin and source behind it.
std::string to_toml(const FieldList& fields, const Origins& origins);

/// `text` as a TOML string with its quotes.
std::string toml_quoted(std::string_view text);

}  // namespace imcsim::study
