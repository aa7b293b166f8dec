// imcsim completion bash|zsh|fish: made from the same descriptions as the options.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "arguments.hpp"
#include "base/error.hpp"
#include "command.hpp"
#include "data_sets.hpp"
#include "files.hpp"
#include "run.hpp"
#include "study/ablation.hpp"
#include "study/compile_study.hpp"
#include "study/execute_study.hpp"
#include "study/fit_study.hpp"
#include "study/infer.hpp"
#include "study/infer_onnx.hpp"
#include "study/mvm.hpp"
#include "study/task_study.hpp"
#include "study/topology_study.hpp"
#include "sweep_options.hpp"

namespace imcsim::cli {
namespace {

/// Words that may stand behind an option; empty where anything may.
std::vector<std::string> values_of(const Field& field) {
  if (const auto* choice = std::get_if<EnumReference>(&field.value)) {
    return {choice->names.begin(), choice->names.end()};
  }
  if (field.text.key == "device") return study::preset_names("device");
  if (field.text.key == "preset") return study::preset_names("");
  if (field.text.key == "cost") return study::cost_names();
  if (field.text.key == "dataset") {
    std::vector<std::string> names;
    for (const KnownDataset& known : known_datasets()) names.push_back(known.name);
    return names;
  }
  if (std::holds_alternative<bool*>(field.value) && !is_flag(field)) return {"on", "off"};
  return {};
}

/// A command with what may stand behind its name: options, and words.
struct Completed {
  std::string name;
  FieldList fields;
  std::vector<std::string> words;
};

std::vector<std::string> option_words(const FieldList& fields) {
  std::vector<std::string> options;
  for (const Field& field : fields.all()) options.push_back(fmt::format("--{}", field.text.key));
  options.emplace_back("--help");
  return options;
}

std::string bash_script(const std::vector<Completed>& completed) {
  std::string values_cases;
  std::string commands_cases;
  std::vector<std::string> names;
  std::vector<std::string> done;
  for (const Completed& command : completed) {
    names.push_back(command.name);
    commands_cases += fmt::format(
        "    {}) if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"{}\" -- \"$word\"))\n"
        "      else COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); fi ;;\n",
        command.name, fmt::join(option_words(command.fields), " "), fmt::join(command.words, " "));
    for (const Field& field : command.fields.all()) {
      const std::string key(field.text.key);
      const std::vector<std::string> values = values_of(field);
      if (values.empty() || std::find(done.begin(), done.end(), key) != done.end()) continue;
      done.push_back(key);
      values_cases +=
          fmt::format("    --{}) COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); return ;;\n", key,
                      fmt::join(values, " "));
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
      "  case ${{COMP_WORDS[1]}} in\n{2}  esac\n"
      "}}\n"
      "complete -o default -F _imcsim imcsim\n",
      fmt::join(names, " "), values_cases, commands_cases);
}

std::string zsh_script(const std::vector<Completed>& completed) {
  return "#compdef imcsim\n# zsh completion of imcsim: source <(imcsim completion zsh)\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(completed);
}

std::string fish_script(const std::vector<Completed>& completed) {
  std::string text = "# fish completion of imcsim: imcsim completion fish | source\n";
  for (const Command& command : commands()) {
    text += fmt::format("complete -c imcsim -n __fish_use_subcommand -f -a {} -d '{}'\n",
                        command.name, command.summary);
  }
  for (const Completed& command : completed) {
    const std::string condition =
        fmt::format("complete -c imcsim -n '__fish_seen_subcommand_from {}'", command.name);
    if (!command.words.empty()) {
      text += fmt::format("{} -f -a '{}'\n", condition, fmt::join(command.words, " "));
    }
    for (const Field& field : command.fields.all()) {
      std::string help(field.text.help);
      for (std::size_t at = 0; (at = help.find('\'', at)) != std::string::npos; at += 2) {
        help.insert(at, "\\");
      }
      const std::vector<std::string> values = values_of(field);
      const std::string takes = is_flag(field) ? ""
                                : values.empty()
                                    ? " -r"
                                    : fmt::format(" -x -a '{}'", fmt::join(values, " "));
      text += fmt::format("{} -l {}{} -d '{}'\n", condition, field.text.key, takes, help);
    }
  }
  return text;
}

/// What the descriptions refer to.
struct Described {
  study::TrainConfig train;
  study::DeviceStudyConfig device;
  study::MvmConfig mvm;
  study::FitConfig fit;
  study::AblatedTrainConfig ablated_train;
  study::AblatedInferConfig ablated_infer;
  study::AblatedMvmConfig ablated_mvm;
  study::TopologyStudyConfig topology;
  study::InferConfig infer;
  study::OnnxInferConfig onnx_infer;
  study::CompileStudyConfig compile;
  study::ExecuteConfig execute;
  SweepOptions sweep;
  HostOptions host;
  ViewOptions view;

  /// The options of all three commands that can be taken apart.
  FieldList ablate_fields() {
    FieldList fields = command_fields(ablated_train, host);
    describe_data_dir(host, fields);
    for (const FieldList& more : {fields_of(ablated_infer), fields_of(ablated_mvm)}) {
      for (const Field& field : more.all()) {
        if (fields.find(field.text.key) == nullptr) fields.add(field);
      }
    }
    return fields;
  }

  /// Of a model of imcsim, or of an ONNX file.
  FieldList infer_fields() {
    FieldList fields = command_fields(infer, host);
    const FieldList onnx_fields = fields_of(onnx_infer);
    for (const Field& field : onnx_fields.all()) {
      if (fields.find(field.text.key) == nullptr) fields.add(field);
    }
    describe_data_dir(host, fields);
    return fields;
  }

  std::vector<study::TaskConfig> tasks_described;
  std::string out_file;

  /// The options of all tasks of a command together.
  FieldList task_fields(std::string_view command) {
    FieldList fields;
    for (const tasks::TaskEntry& entry : tasks::task_entries()) {
      if (entry.command != command) continue;
      const FieldList own = fields_of(tasks_described.emplace_back(entry));
      for (const Field& field : own.all()) {
        if (fields.find(field.text.key) == nullptr) fields.add(field);
      }
    }
    return add_outputs(std::move(fields));
  }

  FieldList add_outputs(FieldList fields) {
    describe_shared(host, fields);
    fields.field("out-file", out_file, Unit::none, {}, "writes a file (-o)");
    return fields;
  }

  static std::vector<std::string> task_words(std::string_view command) {
    std::vector<std::string> words;
    for (const tasks::TaskEntry& entry : tasks::task_entries()) {
      if (entry.command == command) words.emplace_back(entry.word);
    }
    return words;
  }

  std::vector<Completed> all() {
    tasks_described.reserve(tasks::task_entries().size());  // fields point into it
    FieldList train_fields = fields_of(train);
    describe(host, train_fields);
    const FieldList view_fields = fields_of(view);
    const auto ablated = names_of(study::AblatedCommand{});
    const auto curves = names_of(study::DeviceCurve{});
    std::vector<std::string> terms;
    for (const study::Term& term : study::list_terms()) terms.push_back(term.name);
    std::vector<std::string> topologies;
    for (const fabric::TopologyKind& kind : fabric::topology_kinds()) {
      topologies.emplace_back(kind.name);
    }
    return {{"train", train_fields, {}},
            {"device", command_fields(device, host), {curves.begin(), curves.end()}},
            {"infer", infer_fields(), {}},
            {"mvm", command_fields(mvm, host), {}},
            {"task", task_fields("task"), task_words("task")},
            {"logic", task_fields("logic"), task_words("logic")},
            {"arith", task_fields("arith"), task_words("arith")},
            {"fit", command_fields(fit, host), {}},
            {"ablate", ablate_fields(), {ablated.begin(), ablated.end()}},
            {"compare", view_fields, {}},
            {"topology", command_fields(topology, host), topologies},
            {"compile", command_fields(compile, host), {}},
            {"export", add_outputs({}), {}},
            {"execute", command_fields(execute, host), {}},
            {"sweep", fields_of(sweep), {}},
            {"verify", view_fields, {}},
            {"report", FieldList{}, {}},
            {"selftest", view_fields, {}},
            {"man", FieldList{}, {}},
            {"explain", view_fields, terms},
            {"presets", view_fields, study::preset_names("")},
            {"data", view_fields, {"list", "path", "check"}},
            {"completion", FieldList{}, {"bash", "zsh", "fish"}}};
  }
};

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
  Described described;
  const std::vector<Completed> completed = described.all();
  if (words[0] == "bash") {
    write_stdout(bash_script(completed));
  } else if (words[0] == "zsh") {
    write_stdout(zsh_script(completed));
  } else if (words[0] == "fish") {
    write_stdout(fish_script(completed));
  } else {
    throw InputError("completion", fmt::format("unknown shell \"{}\"", words[0]),
                     suggest(words[0], shells));
  }
  return 0;
}

}  // namespace imcsim::cli
