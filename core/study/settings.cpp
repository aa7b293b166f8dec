#include "study/settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "study/toml_nodes.hpp"

namespace imcsim::study {
namespace {

bool is_number(const Field& field) {
  return std::holds_alternative<double*>(field.value) ||
         std::holds_alternative<std::int64_t*>(field.value) ||
         std::holds_alternative<std::uint64_t*>(field.value);
}

/// A double is written so that TOML reads it as a float, not as an integer.
std::string toml_value(const Field& field) {
  std::string text = text_of(field);
  if (std::holds_alternative<Numbers*>(field.value)) return text;
  if (!is_number(field)) return toml_quoted(text);
  // TOML integers are signed 64-bit numbers; larger seeds are written as strings.
  if (const auto* const* number = std::get_if<std::uint64_t*>(&field.value)) {
    return **number > (std::uint64_t{1} << 62) ? toml_quoted(text) : text;
  }
  const bool is_float = std::holds_alternative<double*>(field.value);
  if (is_float && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

Where place_of_value(const Setting& setting) {
  const std::string& origin = setting.origin;
  const bool in_file =
      origin.starts_with("file ") || origin.starts_with("preset ") || origin == "axis";
  return in_file ? Where(fmt::format("{}: {}", setting.where.text, setting.key)) : setting.where;
}

InputError located(const InputError& error, const Settings& settings) {
  const Setting* setting = error.names_field() ? find_last(settings, error.where()) : nullptr;
  if (setting == nullptr) return error;
  return InputError(place_of_value(*setting), error.problem(), error.expected());
}

std::string toml_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (code < 0x20 || code == 0x7F) {
      quoted += fmt::format("\\u{:04X}", code);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

Settings parse_settings(std::string_view text, const std::string& name, const std::string& origin,
                        const std::vector<std::string>& ignored_tables) {
  const toml::table table = parse_toml(text, name);
  std::vector<std::pair<toml::source_index, Setting>> found;
  for (const auto& [key, node] : table) {
    const std::string where = fmt::format("{}:{}", name, node.source().begin.line);
    const std::string key_text(key.str());
    if (node.is_table() &&
        std::find(ignored_tables.begin(), ignored_tables.end(), key_text) != ignored_tables.end()) {
      continue;
    }
    found.emplace_back(node.source().begin.line,
                       Setting{key_text, scalar_text(node, where, key_text), where, origin});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Settings settings;
  for (auto& [line, setting] : found) settings.push_back(std::move(setting));
  return settings;
}

std::string table_text(std::string_view text, std::string_view table, std::string_view key) {
  const toml::table root = parse_toml(text, "preset");
  return root[table][key].value_or(std::string{});
}

std::vector<std::pair<std::string, TextTable>> text_tables(std::string_view text,
                                                           const std::string& name) {
  std::vector<std::pair<std::string, TextTable>> tables;
  const toml::table root = parse_toml(text, name);
  for (const auto& [key, node] : root) {
    const auto* table = node.as_table();
    if (table == nullptr) continue;
    TextTable values;
    for (const auto& [item, value] : *table) {
      std::string& words = values[std::string(item.str())];
      if (const auto* list = value.as_array()) {
        for (const toml::node& word : *list) {
          words += (words.empty() ? "" : "\n") + word.value_or(std::string{});
        }
      } else {
        words = value.value_or(std::string{});
      }
    }
    tables.emplace_back(std::string(key.str()), std::move(values));
  }
  return tables;
}

const Setting* find_last(const Settings& settings, std::string_view key) {
  const auto found = std::find_if(settings.rbegin(), settings.rend(),
                                  [&](const Setting& setting) { return setting.key == key; });
  return found == settings.rend() ? nullptr : &*found;
}

void apply(const Settings& settings, const FieldList& fields, Origins& origins) {
  for (const Setting& setting : settings) {
    const Field* field = fields.find(setting.key);
    if (field == nullptr) {
      throw InputError(setting.where, fmt::format("unknown key \"{}\"", setting.key),
                       suggest(setting.key, fields.keys()));
    }
    read_field(*field, setting.text, place_of_value(setting));
    origins[setting.key] = setting.origin;
  }
}

std::string to_toml(const FieldList& fields, const Origins& origins) {
  std::string text;
  std::string_view group;
  for (const Field& field : fields.all()) {
    if (!field.active) continue;
    if (field.group != group) {
      group = field.group;
      text += fmt::format("{}# {}\n", text.empty() ? "" : "\n", group);
    }
    const auto origin = origins.find(std::string(field.text.key));
    std::string comment = origin == origins.end() ? "default" : origin->second;
    if (field.text.unit != Unit::none) comment += fmt::format("; {}", unit_name(field.text.unit));
    if (!field.text.source.empty()) comment += fmt::format("; {}", field.text.source);
    text += fmt::format("{:<44} # {}\n", fmt::format("{} = {}", field.text.key, toml_value(field)),
                        comment);
  }
  return text;
}

}  // namespace imcsim::study
