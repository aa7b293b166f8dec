// imcsim man --markdown: every command and parameter, from what the core says about each.
#include "reference.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "caught_output.hpp"
#include "study/json.hpp"
#include "study/version.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::cli {
namespace {

using study::Json;

struct Group {
  std::string name;
  std::string table;
};

struct Page {
  std::string title;
  std::string usage, summary, examples;
  std::vector<Group> groups;
  std::string plain;  ///< the help of a command that has no list of parameters
};

std::string cell(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '|') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted;
}

std::string code(const std::string& text) {
  return text.empty() ? "" : fmt::format("`{}`", cell(text));
}

std::string values_of(const Json& field) {
  if (field.contains("choices")) {
    std::vector<std::string> names;
    for (const Json& name : field["choices"]) names.push_back(code(name.get<std::string>()));
    return fmt::format("{}", fmt::join(names, " "));
  }
  std::string kind = field["kind"].get<std::string>();
  if (kind == "switch") return "`on` `off`";
  const bool low = field.contains("low");
  const bool high = field.contains("high");
  if (!low && !high) return kind;
  if (!high) return fmt::format("≥ {}", field["low"].get<double>());
  if (!low) return fmt::format("≤ {}", field["high"].get<double>());
  return fmt::format("{} … {}", field["low"].get<double>(), field["high"].get<double>());
}

std::string row_of(const Json& field) {
  const auto text = [&](const char* key) { return field[key].get<std::string>(); };
  return fmt::format("| `--{}` | {} | {} | {} | {} | {} |\n", text("key"), code(text("value")),
                     cell(text("unit")), values_of(field), cell(text("help")),
                     cell(text("source")));
}

std::vector<Group> groups_of(const Json& fields) {
  std::vector<Group> groups;
  for (const Json& field : fields) {
    const std::string name = field["group"].get<std::string>();
    auto found = std::find_if(groups.begin(), groups.end(),
                              [&](const Group& group) { return group.name == name; });
    if (found == groups.end()) found = groups.insert(groups.end(), {name, ""});
    found->table += row_of(field);
  }
  return groups;
}

/// The help as JSON where the command has a list of fields, else as text.
std::string help_of(const Command& command, std::vector<std::string> words) {
  words.emplace_back("--help");
  std::vector<std::string> as_json = words;
  as_json.emplace_back("--json");
  try {
    return output_of(command, as_json);
  } catch (const InputError&) {
    return output_of(command, words);
  }
}

Page page_of(const Command& command, const std::vector<std::string>& words) {
  Page page;
  page.title = fmt::format("imcsim {}", command.name);
  for (const std::string& own : words) page.title += " " + own;
  const std::string text = help_of(command, words);
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    page.plain = text;
    return page;
  }
  page.usage = json["usage"].get<std::string>();
  page.summary = json["summary"].get<std::string>();
  page.examples = json["examples"].get<std::string>();
  page.groups = groups_of(json["fields"]);
  return page;
}

std::vector<Page> pages() {
  std::vector<Page> all;
  for (const Command& command : commands()) {
    const std::size_t before = all.size();
    for (const tasks::TaskEntry& entry : tasks::task_entries()) {
      if (entry.command == command.name) {
        all.push_back(page_of(command, {std::string(entry.word)}));
      }
    }
    if (all.size() == before) all.push_back(page_of(command, {}));
  }
  return all;
}

/// Groups that several commands have word for word, each under a name of its own.
class SharedGroups {
 public:
  explicit SharedGroups(const std::vector<Page>& pages) {
    std::map<std::string, std::size_t> uses;
    for (const Page& page : pages) {
      for (const Group& group : page.groups) ++uses[group.name + "\n" + group.table];
    }
    std::map<std::string, std::size_t> variants;
    for (const Page& page : pages) {
      for (const Group& group : page.groups) {
        const std::string key = group.name + "\n" + group.table;
        if (uses[key] < 2 || titles_.contains(key)) continue;
        const std::size_t number = ++variants[group.name];
        titles_[key] = number == 1 ? group.name : fmt::format("{} ({})", group.name, number);
        order_.push_back(group);
      }
    }
  }

  /// Its title, or null where one command alone has it.
  const std::string* title(const Group& group) const {
    const auto found = titles_.find(group.name + "\n" + group.table);
    return found == titles_.end() ? nullptr : &found->second;
  }
  const std::vector<Group>& all() const { return order_; }

 private:
  std::map<std::string, std::string> titles_;
  std::vector<Group> order_;
};

constexpr std::string_view table_head =
    "| option | default | unit | values | what | source |\n|---|---|---|---|---|---|\n";

/// As the anchors of rendered headings are made: small letters, dashes for blanks.
std::string anchor(std::string_view title) {
  std::string name;
  for (const char c : title) {
    if (c >= 'A' && c <= 'Z') {
      name += static_cast<char>(c - 'A' + 'a');
    } else if (c == ' ') {
      name += '-';
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-') {
      name += c;
    }
  }
  return name;
}

std::string section(const Page& page, const SharedGroups& shared) {
  std::string text = fmt::format("## {}\n\n", page.title);
  if (!page.plain.empty()) return text + fmt::format("```\n{}```\n\n", page.plain);
  text += fmt::format("{}\n\n```\n{}\n```\n\nExamples\n\n```\n{}```\n\n", page.summary, page.usage,
                      page.examples);
  std::vector<std::string> also;
  for (const Group& group : page.groups) {
    if (const std::string* title = shared.title(group)) {
      also.push_back(fmt::format("[{}](#{})", *title, anchor(*title)));
    } else {
      text += fmt::format("**{}**\n\n{}{}\n", group.name, table_head, group.table);
    }
  }
  if (!also.empty()) text += fmt::format("Also takes: {}.\n\n", fmt::join(also, ", "));
  return text;
}

}  // namespace

std::string reference() {
  const std::vector<Page> all = pages();
  const SharedGroups shared(all);
  std::string text = fmt::format(
      "# Reference of imcsim {}\n\n"
      "Written by `imcsim man --markdown` from what the core says about each parameter: nothing "
      "in\n"
      "it is kept by hand. The same text is `imcsim COMMAND --help`; one parameter with equation\n"
      "and source is `imcsim explain NAME`.\n\n",
      version);
  for (const Page& page : all) {
    text += fmt::format("- [{}](#{})\n", page.title, anchor(page.title));
  }
  text += "\n";
  for (const Page& page : all) text += section(page, shared);
  text += "# Parameters that several commands share\n\n";
  for (const Group& group : shared.all()) {
    text += fmt::format("## {}\n\n{}{}\n", *shared.title(group), table_head, group.table);
  }
  text.pop_back();
  return text;
}

}  // namespace imcsim::cli
