// imcsim completion bash|zsh|fish: generated from the help of the commands.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "arguments.hpp"
#include "base/error.hpp"
#include "command.hpp"
#include "data_sets.hpp"
#include "files.hpp"
#include "reference.hpp"
#include "run.hpp"
#include "study/ablation.hpp"
#include "study/device_study.hpp"
#include "study/presets.hpp"
#include "study/pricing.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::cli {
namespace {

/// An option of a command: names, and its values if they form a fixed list.
struct CompletedOption {
  std::vector<std::string> names;
  std::string help;
  std::vector<std::string> values;
  bool has_value = true;
};

struct CompletedCommand {
  std::string name;
  std::vector<CompletedOption> options;
  std::vector<std::string> words;  ///< arguments that may follow the name
};

std::vector<std::string> values_of(const study::Json& field) {
  const std::string key = field["key"].get<std::string>();
  if (field.contains("choices")) return field["choices"].get<std::vector<std::string>>();
  if (key == "device") return study::preset_names("device");
  if (key == "preset") return study::preset_names("");
  if (key == "cost") return study::cost_names();
  if (key == "dataset") {
    std::vector<std::string> names;
    for (const KnownDataset& known : known_datasets()) names.push_back(known.name);
    return names;
  }
  if (field["kind"] == "switch" && !is_flag(key)) return {"on", "off"};
  return {};
}

CompletedOption option_of(const study::Json& field) {
  const std::string key = field["key"].get<std::string>();
  CompletedOption option{
      {"--" + key}, field["help"].get<std::string>(), values_of(field), !is_flag(key)};
  if (field["output"] == true) option.names.insert(option.names.end(), {"--output", "-o"});
  return option;
}

/// Arguments that may follow a command's name.
std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words;
  for (const tasks::TaskEntry& entry : tasks::task_entries()) {
    if (entry.command == command) words.emplace_back(entry.word);
  }
  const auto add = [&](const auto& names) {
    words.insert(words.end(), names.begin(), names.end());
  };
  if (command == "device") add(names_of(study::DeviceCurve{}));
  if (command == "ablate") add(names_of(study::AblatedCommand{}));
  if (command == "topology") {
    for (const fabric::TopologyKind& kind : fabric::topology_kinds()) words.emplace_back(kind.name);
  }
  if (command == "explain") {
    for (const study::Term& term : study::list_terms()) words.push_back(term.name);
  }
  if (command == "presets") words = study::preset_names("");
  if (command == "data") words = {"list", "path", "check"};
  if (command == "completion") words = {"bash", "zsh", "fish"};
  return words;
}

/// All commands with their options. A command with tasks has the options of all its tasks; ablate
/// has those of the commands that it varies.
std::vector<CompletedCommand> completed_commands() {
  std::vector<CompletedCommand> all;
  const auto add_options = [](CompletedCommand& command, const study::Json& fields) {
    for (const study::Json& field : fields) {
      CompletedOption option = option_of(field);
      const auto known = std::find_if(
          command.options.begin(), command.options.end(),
          [&](const CompletedOption& other) { return other.names[0] == option.names[0]; });
      if (known == command.options.end()) command.options.push_back(std::move(option));
    }
  };
  const std::vector<CommandHelp> help = help_of_commands();
  for (const CommandHelp& one : help) {
    if (all.empty() || all.back().name != one.command) {
      all.push_back({one.command, {}, words_of(one.command)});
    }
    add_options(all.back(), one.json["fields"]);
    if (one.command != "ablate") continue;
    for (const CommandHelp& varied : help) {
      if (varied.command == "infer" || varied.command == "mvm") {
        add_options(all.back(), varied.json["fields"]);
      }
    }
  }
  return all;
}

std::vector<std::string> option_words(const CompletedCommand& command) {
  std::vector<std::string> words;
  for (const CompletedOption& option : command.options) {
    words.insert(words.end(), option.names.begin(), option.names.end());
  }
  words.insert(words.end(), {"-h", "--help"});
  return words;
}

std::string bash_script(const std::vector<CompletedCommand>& completed) {
  std::string values_cases;
  std::string commands_cases;
  std::vector<std::string> names;
  std::vector<std::string> done;
  for (const CompletedCommand& command : completed) {
    names.push_back(command.name);
    commands_cases += fmt::format(
        "    {}) if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"{}\" -- \"$word\"))\n"
        "      else COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); fi ;;\n",
        command.name, fmt::join(option_words(command), " "), fmt::join(command.words, " "));
    for (const CompletedOption& option : command.options) {
      const std::string& name = option.names.front();
      if (option.values.empty() || std::find(done.begin(), done.end(), name) != done.end())
        continue;
      done.push_back(name);
      values_cases +=
          fmt::format("    {}) COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); return ;;\n", name,
                      fmt::join(option.values, " "));
    }
  }
  names.emplace_back("help");
  commands_cases += fmt::format("    help) COMPREPLY=($(compgen -W \"{}\" -- \"$word\")) ;;\n",
                                fmt::join(names, " "));
  return fmt::format(
      "# bash completion of imcsim: source <(imcsim completion bash)\n"
      "_imcsim() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  if [[ $COMP_CWORD -eq 1 ]]; then\n"
      "    COMPREPLY=($(compgen -W \"{0} --help --version\" -- \"$word\")); return\n"
      "  fi\n"
      "  case $before in\n{1}  esac\n"
      "  case ${{COMP_WORDS[1]}} in\n{2}  esac\n"
      "}}\n"
      "complete -o default -F _imcsim imcsim\n",
      fmt::join(names, " "), values_cases, commands_cases);
}

std::string zsh_script(const std::vector<CompletedCommand>& completed) {
  return "#compdef imcsim\n# zsh completion of imcsim: source <(imcsim completion zsh)\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(completed);
}

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) {
    text.insert(at, "\\");
  }
  return "'" + text + "'";
}

std::string fish_script(const std::vector<CompletedCommand>& completed) {
  std::string text = "# fish completion of imcsim: imcsim completion fish | source\n";
  for (const Command& command : commands()) {
    text += fmt::format("complete -c imcsim -n __fish_use_subcommand -f -a {} -d {}\n",
                        command.name, quoted(command.summary));
  }
  for (const CompletedCommand& command : completed) {
    const std::string condition =
        fmt::format("complete -c imcsim -n '__fish_seen_subcommand_from {}'", command.name);
    if (!command.words.empty()) {
      text += fmt::format("{} -f -a '{}'\n", condition, fmt::join(command.words, " "));
    }
    for (const CompletedOption& option : command.options) {
      std::string names;
      for (const std::string& name : option.names) {
        names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      const std::string takes = !option.has_value ? ""
                                : option.values.empty()
                                    ? " -r"
                                    : fmt::format(" -x -a '{}'", fmt::join(option.values, " "));
      text += fmt::format("{}{}{} -d {}\n", condition, names, takes, quoted(option.help));
    }
  }
  return text;
}

const HelpText completion_help = {
    "imcsim completion bash|zsh|fish",
    "Prints a completion script with all commands, options and their values.",
    "  imcsim completion bash > imcsim.bash\n"
    "  imcsim completion fish > imcsim.fish\n"};

}  // namespace

int run_completion(const std::vector<std::string>& words) {
  const ParsedArguments arguments = parse_arguments("completion", FieldList{}, words, 1);
  if (show_help(arguments, completion_help, FieldList{})) return 0;
  const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  if (arguments.positional.empty()) {
    throw InputError("completion SHELL", "is missing", "bash, zsh or fish");
  }
  const std::string& shell = arguments.positional.front();
  if (std::find(shells.begin(), shells.end(), shell) == shells.end()) {
    throw InputError("completion", fmt::format("unknown shell \"{}\"", shell),
                     suggest(shell, shells));
  }
  const std::vector<CompletedCommand> completed = completed_commands();
  write_stdout(shell == "bash"  ? bash_script(completed)
               : shell == "zsh" ? zsh_script(completed)
                                : fish_script(completed));
  return 0;
}

}  // namespace imcsim::cli
