#include "help.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "arguments.hpp"

namespace imcsim::cli {
namespace {

constexpr std::size_t most_choice_width = 24;  // of choices next to the option's name
constexpr std::size_t most_name_width = 30;    // of a name with its help on the same line

/// Type or choices of the value.
std::string value_name(const Field& field) {
  if (is_flag(field.text.key)) return "";
  if (!field.text.placeholder.empty()) return fmt::format(" {}", field.text.placeholder);
  if (const auto* choice = std::get_if<EnumReference>(&field.value)) {
    std::string all = fmt::format(" {}", fmt::join(choice->names, "|"));
    return display_width(all) <= most_choice_width ? all : " NAME";
  }
  if (std::holds_alternative<bool*>(field.value)) return " on|off";
  if (std::holds_alternative<Duration*>(field.value)) return " TIME";
  if (std::holds_alternative<Numbers*>(field.value)) return " X,…";
  return std::holds_alternative<double*>(field.value) ? " X" : " N";
}

std::string option_name(const Field& field) {
  const std::string key(field.text.key);
  const std::string name = field.is_output ? "-o, --output" : "--" + key;
  return name + value_name(field);
}

/// Units that the help text does not already name.
std::string_view shown_unit(Unit unit) {
  switch (unit) {
    case Unit::pulses:
    case Unit::samples:
    case Unit::epochs:
    case Unit::fraction: return "";
    default: return unit_name(unit);
  }
}

/// The word that the help gives for a value of 0, `all` of `(0: all)`; empty if there is none.
std::string meaning_of_zero(std::string_view help, std::string_view value) {
  constexpr std::size_t most = 16;
  if (value != "0" && value != "0s") return {};
  const std::string mark = fmt::format("({}: ", value);
  const std::size_t found = help.find(mark);
  if (found == std::string_view::npos) return {};
  const std::size_t from = found + mark.size();
  const std::size_t end = help.find_first_of("),;", from);
  const std::string_view word = help.substr(from, end - from);
  return word.size() <= most ? std::string(word) : std::string();
}

std::string default_text(const Field& field) {
  if (is_flag(field.text.key)) return "";
  std::string value = text_of(field);
  if (std::holds_alternative<Numbers*>(field.value)) value = value.substr(1, value.size() - 2);
  if (value.empty()) return "[none]";
  const bool special = field.text.help.find(fmt::format("({}: ", value)) != std::string_view::npos;
  if (const std::string word = meaning_of_zero(field.text.help, value); !word.empty()) {
    return fmt::format("[{}]", word);
  }
  const bool is_time = std::holds_alternative<Duration*>(field.value);
  const std::string_view unit = is_time || special ? "" : shown_unit(field.text.unit);
  return fmt::format("[{}{}{}]", value, unit.empty() ? "" : " ", unit);
}

/// Help, choices that do not fit next to the name, alias, default.
std::string option_text(const Field& field) {
  std::string text(field.text.help);
  if (const auto* choice = std::get_if<EnumReference>(&field.value)) {
    if (value_name(field) == " NAME") {
      text += fmt::format(" ({})", fmt::join(choice->names, ", "));
    }
  }
  if (field.is_output && field.text.key != "output") {
    text += fmt::format(", same as --{}", field.text.key);
  }
  const std::string value = default_text(field);
  return value.empty() ? text : text + " " + value;
}

/// Fields sorted by group; groups in the order of their first field.
std::vector<Field> by_group(const std::vector<Field>& fields) {
  std::vector<std::string_view> groups;
  for (const Field& field : fields) {
    if (std::find(groups.begin(), groups.end(), field.group) == groups.end()) {
      groups.push_back(field.group);
    }
  }
  std::vector<Field> sorted = fields;
  const auto place = [&](const Field& field) {
    return std::find(groups.begin(), groups.end(), field.group) - groups.begin();
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Field& a, const Field& b) { return place(a) < place(b); });
  return sorted;
}

/// The help in at most `width` columns: without its brackets, or only its first clause, if it is
/// longer, and without the default if there is no room.
std::string short_text(const Field& field, std::size_t width) {
  const std::string_view help = field.text.help;
  const std::string value = default_text(field);
  const std::string last = value.empty() || value == "[none]" ? "" : " " + value;
  const std::size_t bracket = std::min(help.find(" ("), help.size());
  const std::size_t clause = std::min(help.find_first_of(",;:("), bracket);
  for (const std::size_t length : {help.size(), bracket, clause}) {
    std::string text(help.substr(0, length));
    text.erase(text.find_last_not_of(' ') + 1);
    if (display_width(text + last) <= width) return text + last;
  }
  std::string text(help.substr(0, clause));
  return display_width(text) <= width ? text : std::string(help.substr(0, width));
}

/// One line per option.
std::string short_lines(const std::vector<Field>& fields, std::size_t width) {
  const auto name_of = [](const Field& field) {
    const bool is_choice = std::holds_alternative<EnumReference>(field.value);
    return is_choice ? fmt::format("--{} NAME", field.text.key) : option_name(field);
  };
  std::size_t column = 0;
  for (const Field& field : fields) column = std::max(column, display_width(name_of(field)) + 4);
  std::string text;
  for (const Field& field : fields) {
    const std::string name = "  " + name_of(field);
    text += name + std::string(column - display_width(name), ' ');
    text += short_text(field, width - column) + "\n";
  }
  return text;
}

/// Options in two columns: names and wrapped texts.
std::string option_lines(const std::vector<Field>& fields, std::size_t width) {
  std::size_t column = 0;
  for (const Field& field : fields) {
    const std::size_t name = display_width(option_name(field));
    if (name <= most_name_width) column = std::max(column, name);
  }
  column += 4;
  std::string text;
  for (const Field& field : fields) {
    const std::string name = "  " + option_name(field);
    const std::size_t used = display_width(name);
    text += used + 2 <= column ? name + std::string(column - used, ' ')
                               : name + "\n" + std::string(column, ' ');
    text += wrapped(option_text(field), width - column, column) + "\n";
  }
  return text;
}

/// A command line wrapped to `width` columns with trailing backslashes, as a shell accepts it.
std::string wrapped_command(std::string_view line, std::size_t width) {
  std::string text;
  std::size_t used = 0;
  std::string word;
  const auto add_word = [&] {
    if (used > 0 && used + 1 + display_width(word) + 2 > width) {
      text += " \\\n      ";
      used = 5;
    }
    if (used > 0) text += " ";
    text += word;
    used += 1 + display_width(word);
    word.clear();
  };
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == ' ' && !quoted) {
      if (!word.empty()) add_word();
    } else {
      word += c;
    }
  }
  if (!word.empty()) add_word();
  return text;
}

std::string example_lines(const std::string& examples, std::size_t width) {
  std::string text;
  for (std::size_t at = 0; at < examples.size();) {
    const std::size_t end = std::min(examples.find('\n', at), examples.size());
    const std::string line = examples.substr(at, end - at);
    text += "  " + wrapped_command(line, width - 2) + "\n";
    at = end + 1;
  }
  return text;
}

/// `device = pcm, method = in-situ`: the values that determine which options have an effect.
std::string choices_text(const FieldList& fields) {
  std::string text;
  for (const std::string_view key : {"curve", "device", "device-model", "method"}) {
    const Field* field = fields.find(key);
    if (field == nullptr || (key == "device-model" && fields.find("device") != nullptr)) continue;
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", key, text_of(*field));
  }
  return text;
}

std::vector<std::string> group_words(const FieldList& fields, bool applicable) {
  std::vector<std::string> words;
  for (const Field& field : by_group(fields.all())) {
    if (applicable && !field.active) continue;
    std::string word = group_word(field.group);
    if (std::find(words.begin(), words.end(), word) == words.end()) {
      words.push_back(std::move(word));
    }
  }
  return words;
}

bool is_shown(const Field& field, const HelpRequest& request) {
  switch (request.part) {
    case HelpRequest::Part::common: return field.common;
    case HelpRequest::Part::applicable: return field.active;
    case HelpRequest::Part::group: return group_word(field.group) == request.group;
    case HelpRequest::Part::all: return true;
    case HelpRequest::Part::none: break;
  }
  return false;
}

/// Removes fields from the end until `count` are left; the main output file stays.
void shorten(std::vector<Field>& fields, std::size_t count) {
  while (fields.size() > count) {
    const auto last = std::find_if(fields.rbegin(), fields.rend(),
                                   [](const Field& field) { return !field.is_output; });
    fields.erase(std::next(last).base());
  }
}

/// One screen of 24 lines, with at most ten of the common options.
std::string short_page(const HelpText& text, const std::string& summary, const FieldList& fields,
                       std::vector<Field> shown, std::size_t width, const Style& style) {
  constexpr std::size_t screen_lines = 24;
  constexpr std::size_t most_fields = 10;
  shorten(shown, most_fields);
  std::string page = fmt::format("{}\n\n{} {}\n", wrapped(summary, width, 0), style.bold("Usage:"),
                                 wrapped_command(text.usage, width - 7));
  if (!shown.empty()) page += "\n" + short_lines(shown, width);
  if (shown.size() < fields.all().size()) {
    const std::string more =
        fmt::format("All {} options: --help. One group: --help GROUP, with {}.",
                    fields.all().size(), fmt::join(group_words(fields, true), ", "));
    page += "\n" + wrapped(more, width, 0) + "\n";
  }
  page += fmt::format("\n{}\n{}", style.bold("Examples"), example_lines(text.examples, width));
  const auto lines = static_cast<std::size_t>(std::count(page.begin(), page.end(), '\n'));
  if (lines <= screen_lines || shown.size() <= 3) return page;
  shorten(shown, shown.size() - std::min(shown.size() - 3, lines - screen_lines));
  return short_page(text, summary, fields, std::move(shown), width, style);
}

}  // namespace

std::string group_word(std::string_view heading) {
  std::string word;
  for (const char c : heading) {
    if (c >= 'A' && c <= 'Z') {
      word += static_cast<char>(c - 'A' + 'a');
    } else {
      word += c == ' ' || c == '/' ? '-' : c;
    }
  }
  return word;
}

std::string help_page(const HelpText& text, const std::string& summary, const FieldList& fields,
                      const HelpRequest& request, std::size_t width, const Style& style) {
  std::vector<Field> shown;
  std::size_t idle = 0;
  for (const Field& field : fields.all()) {
    if (is_shown(field, request)) shown.push_back(field);
    idle += field.active ? 0 : 1;
  }
  shown = by_group(shown);
  if (request.part == HelpRequest::Part::common) {
    return short_page(text, summary, fields, shown, width, style);
  }
  std::string page = wrapped(summary, width, 0) + "\n\n";
  const bool whole = request.part != HelpRequest::Part::group;
  if (whole && !text.description.empty()) page += wrapped(text.description, width, 0) + "\n\n";
  page += fmt::format("{} {}\n", style.bold("Usage:"), wrapped_command(text.usage, width - 7));
  for (auto from = shown.begin(); from != shown.end();) {
    const auto to = std::find_if(from, shown.end(),
                                 [&](const Field& field) { return field.group != from->group; });
    page += fmt::format("\n{}\n{}", style.bold(from->group), option_lines({from, to}, width));
    from = to;
  }
  if (whole) {
    page += fmt::format("\n{}\n{}", style.bold("Examples"), example_lines(text.examples, width));
  }
  if (request.part == HelpRequest::Part::applicable && idle > 0) {
    const std::string note = fmt::format(
        "{} options without effect at {} are not listed: --help all", idle, choices_text(fields));
    page += "\n" + wrapped(note, width, 0) + "\n";
  }
  return page;
}

}  // namespace imcsim::cli
