// imcsim completion bash|zsh|fish: made from the same descriptions as the options.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arguments.hpp"
#include "command.hpp"
#include "data_sets.hpp"
#include "files.hpp"

namespace imcsim::cli {
namespace {

/// Words that may stand behind an option; empty where anything may.
std::vector<std::string> values_of(const Field& field) {
  if (const auto* choice = std::get_if<EnumReference>(&field.value)) {
    return {choice->names.begin(), choice->names.end()};
  }
  if (field.text.key == "device") return study::preset_names("device");
  if (field.text.key == "preset") return study::preset_names("");
  if (field.text.key == "dataset") {
    std::vector<std::string> names;
    for (const KnownDataset& known : known_datasets()) names.push_back(known.name);
    return names;
  }
  if (std::holds_alternative<bool*>(field.value) && !is_flag(field)) return {"on", "off"};
  return {};
}

std::string bash_script(const FieldList& fields, const std::vector<std::string>& names) {
  std::string cases;
  std::vector<std::string> options;
  for (const Field& field : fields.all()) {
    options.push_back(fmt::format("--{}", field.text.key));
    const std::vector<std::string> values = values_of(field);
    if (!values.empty()) {
      cases += fmt::format("    --{}) COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); return ;;\n",
                           field.text.key, fmt::join(values, " "));
    }
  }
  return fmt::format(
      "# bash completion of imcsim: source <(imcsim completion bash)\n"
      "_imcsim() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  if [[ $COMP_CWORD -eq 1 ]]; then\n"
      "    COMPREPLY=($(compgen -W \"{0} --help --version\" -- \"$word\")); return\n"
      "  fi\n"
      "  case $before in\n{1}  esac\n"
      "  case ${{COMP_WORDS[1]}} in\n"
      "    train) [[ $word == -* ]] && COMPREPLY=($(compgen -W \"{2} --help\" -- \"$word\")) ;;\n"
      "    presets) COMPREPLY=($(compgen -W \"{3} --json --csv --help\" -- \"$word\")) ;;\n"
      "    data) COMPREPLY=($(compgen -W \"list path check --json --csv --help\" -- \"$word\")) "
      ";;\n"
      "    completion) COMPREPLY=($(compgen -W \"bash zsh fish\" -- \"$word\")) ;;\n"
      "  esac\n"
      "}}\n"
      "complete -o default -F _imcsim imcsim\n",
      fmt::join(names, " "), cases, fmt::join(options, " "),
      fmt::join(study::preset_names(""), " "));
}

std::string zsh_script(const FieldList& fields, const std::vector<std::string>& names) {
  return "#compdef imcsim\n# zsh completion of imcsim: source <(imcsim completion zsh)\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(fields, names);
}

std::string fish_script(const FieldList& fields) {
  std::string text = "# fish completion of imcsim: imcsim completion fish | source\n";
  for (const Command& command : commands()) {
    text += fmt::format("complete -c imcsim -n __fish_use_subcommand -f -a {} -d '{}'\n",
                        command.name, command.summary);
  }
  for (const Field& field : fields.all()) {
    std::string help(field.text.help);
    for (std::size_t at = 0; (at = help.find('\'', at)) != std::string::npos; at += 2) {
      help.insert(at, "\\");
    }
    const std::vector<std::string> values = values_of(field);
    const std::string takes = is_flag(field)   ? ""
                              : values.empty() ? " -r"
                                               : fmt::format(" -x -a '{}'", fmt::join(values, " "));
    text +=
        fmt::format("complete -c imcsim -n '__fish_seen_subcommand_from train' -l {}{} -d '{}'\n",
                    field.text.key, takes, help);
  }
  text += fmt::format("complete -c imcsim -n '__fish_seen_subcommand_from presets' -f -a '{}'\n",
                      fmt::join(study::preset_names(""), " "));
  text += "complete -c imcsim -n '__fish_seen_subcommand_from data' -f -a 'list path check'\n";
  text += "complete -c imcsim -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n";
  return text;
}

}  // namespace

int run_completion(const std::vector<std::string>& words) {
  const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  const std::string usage = "imcsim completion bash|zsh|fish";
  if (words.size() == 1 && (words[0] == "-h" || words[0] == "--help")) {
    write_stdout(
        fmt::format("Prints a completion script.\n\nUsage: {}\n\nExamples\n"
                    "  source <(imcsim completion bash)\n"
                    "  imcsim completion fish | source\n",
                    usage));
    return 0;
  }
  if (words.size() != 1) throw InputError("completion", "wants the name of a shell", usage);
  HostOptions host;
  study::TrainConfig config;
  FieldList fields;
  describe(config, fields);
  describe(host, fields);
  std::vector<std::string> names;
  for (const Command& command : commands()) names.push_back(command.name);
  if (words[0] == "bash") {
    write_stdout(bash_script(fields, names));
  } else if (words[0] == "zsh") {
    write_stdout(zsh_script(fields, names));
  } else if (words[0] == "fish") {
    write_stdout(fish_script(fields));
  } else {
    throw InputError("completion", fmt::format("unknown shell \"{}\"", words[0]),
                     suggest(words[0], shells));
  }
  return 0;
}

}  // namespace imcsim::cli
