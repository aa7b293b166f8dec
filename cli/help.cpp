#include "help.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "arguments.hpp"

namespace imcsim::cli {
namespace {

std::string value_name(const Field& field) {
  if (is_flag(field)) return "";
  if (std::holds_alternative<bool*>(field.value)) return " on|off";
  if (std::holds_alternative<Duration*>(field.value)) return " TIME";
  if (std::holds_alternative<std::string*>(field.value)) return " TEXT";
  if (std::holds_alternative<EnumReference>(field.value)) return " " + expected_of(field);
  return " N";
}

std::string default_text(const Field& field) {
  if (is_flag(field)) return "";
  const std::string value = text_of(field);
  if (value.empty()) return "";
  const std::string_view unit = unit_name(field.text.unit);
  const bool says_unit = unit.empty() || std::holds_alternative<Duration*>(field.value);
  return fmt::format(" [{}{}{}]", value, says_unit ? "" : " ", says_unit ? "" : unit);
}

/// Groups in the order in which they begin, each in one piece.
std::vector<Field> by_group(const FieldList& fields) {
  std::vector<std::string_view> groups;
  for (const Field& field : fields.all()) {
    if (std::find(groups.begin(), groups.end(), field.group) == groups.end()) {
      groups.push_back(field.group);
    }
  }
  std::vector<Field> sorted = fields.all();
  const auto place = [&](const Field& field) {
    return std::find(groups.begin(), groups.end(), field.group) - groups.begin();
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Field& a, const Field& b) { return place(a) < place(b); });
  return sorted;
}

}  // namespace

std::string help_page(const HelpText& text, const FieldList& fields, bool is_long,
                      const Style& style) {
  constexpr std::size_t column = 40;
  std::string page = fmt::format("{}\n\n{} {}\n", text.summary, style.bold("Usage:"), text.usage);
  std::string_view group;
  for (const Field& field : by_group(fields)) {
    if (!is_long && field.text.audience != Audience::everyone) continue;
    if (field.group != group) {
      group = field.group;
      page += fmt::format("\n{}\n", style.bold(group));
    }
    const std::string name = fmt::format("  --{}{}", field.text.key, value_name(field));
    const std::size_t width = display_width(name);
    page += width < column ? name + std::string(column - width, ' ')
                           : name + "\n" + std::string(column, ' ');
    page += fmt::format("{}{}\n", field.text.help, style.dim(default_text(field)));
  }
  page += fmt::format("\n{}\n{}", style.bold("Examples"), text.examples);
  if (!is_long) page += style.dim("\n--help lists every option.\n");
  return page;
}

}  // namespace imcsim::cli
