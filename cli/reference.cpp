// imcsim man --markdown: every command and parameter, from their descriptions.
#include "reference.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "captured_output.hpp"
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
  std::string usage, summary, description, examples;
  std::vector<Group> groups;
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

std::string values_cell(const Json& field) {
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
  return fmt::format("{} to {}", field["low"].get<double>(), field["high"].get<double>());
}

std::string row_of(const Json& field) {
  const auto text = [&](const char* key) { return field[key].get<std::string>(); };
  return fmt::format("| `--{}` | {} | {} | {} | {} | {} |\n", text("key"), code(text("value")),
                     cell(text("unit")), values_cell(field), cell(text("help")),
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

Page page_of(const CommandHelp& help) {
  Page page;
  page.title = fmt::format("imcsim {}", help.command);
  if (!help.task.empty()) page.title += " " + help.task;
  page.usage = help.json["usage"].get<std::string>();
  page.summary = help.json["summary"].get<std::string>();
  page.description = help.json["description"].get<std::string>();
  page.examples = help.json["examples"].get<std::string>();
  page.groups = groups_of(help.json["fields"]);
  return page;
}

}  // namespace

std::vector<CommandHelp> help_of_commands() {
  std::vector<CommandHelp> all;
  const auto add = [&](const Command& command, const std::string& task) {
    std::vector<std::string> words = {"--help", "--json"};
    if (!task.empty()) words.insert(words.begin(), task);
    all.push_back({command.name, task, Json::parse(output_of(command, words))});
  };
  for (const Command& command : commands()) {
    bool has_tasks = false;
    for (const tasks::TaskEntry& entry : tasks::task_entries()) {
      if (entry.command != command.name) continue;
      add(command, std::string(entry.word));
      has_tasks = true;
    }
    if (!has_tasks) add(command, {});
  }
  return all;
}

namespace {

/// Parameter groups that are identical in several commands, each with a unique title.
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

  /// Title of a group; null if only one command has the group.
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
    "| option | default | unit | values | description | source |\n|---|---|---|---|---|---|\n";

/// Anchor of a heading in rendered Markdown: lower case, dashes for spaces.
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
  text += fmt::format("{}.\n\n", page.summary);
  if (!page.description.empty()) text += fmt::format("{}\n\n", page.description);
  text += fmt::format("```\n{}\n```\n\nExamples\n\n```\n{}```\n\n", page.usage, page.examples);
  std::vector<std::string> also;
  for (const Group& group : page.groups) {
    if (const std::string* title = shared.title(group)) {
      also.push_back(fmt::format("[{}](#{})", *title, anchor(*title)));
    } else {
      text += fmt::format("**{}**\n\n{}{}\n", group.name, table_head, group.table);
    }
  }
  if (!also.empty()) text += fmt::format("Shared parameters: {}.\n\n", fmt::join(also, ", "));
  return text;
}

}  // namespace

std::string reference() {
  std::vector<Page> all;
  for (const CommandHelp& help : help_of_commands()) all.push_back(page_of(help));
  const SharedGroups shared(all);
  std::string text = fmt::format(
      "# Reference of imcsim {}\n\n"
      "Generated by `imcsim man --markdown` from the descriptions of the parameters in the "
      "code.\n"
      "`imcsim help COMMAND` prints the same texts, `imcsim explain NAME` one parameter with\n"
      "equation and source.\n\n",
      version);
  for (const Page& page : all) {
    text += fmt::format("- [{}](#{})\n", page.title, anchor(page.title));
  }
  text += "\n";
  for (const Page& page : all) text += section(page, shared);
  text += "# Shared parameters\n\n";
  for (const Group& group : shared.all()) {
    text += fmt::format("## {}\n\n{}{}\n", *shared.title(group), table_head, group.table);
  }
  text.pop_back();
  return text;
}

}  // namespace imcsim::cli
