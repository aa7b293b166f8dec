// imcsim task|logic|arith TASK: in-memory computing tasks.
#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

#include "base/error.hpp"
#include "captured_output.hpp"
#include "command.hpp"
#include "files.hpp"
#include "npy.hpp"
#include "run.hpp"
#include "run_observer.hpp"
#include "signals.hpp"
#include "study/task_inputs.hpp"
#include "study/task_study.hpp"
#include "task_output.hpp"

namespace imcsim::cli {
namespace {

namespace fs = std::filesystem;

struct TaskHost {
  HostOptions shared;
  std::string out_file;
};

void describe(TaskHost& host, FieldList& fields, const tasks::Task& task) {
  describe_shared(host.shared, fields);
  if (task.output().empty()) return;
  describe_output("out-file", host.out_file, "FILE", "Main output file (-: stdout)", fields);
}

class TaskObserver final : public Observer {
 public:
  explicit TaskObserver(ProgressView& view) : view_(view) {}
  bool should_continue(const Progress& progress) override {
    view_.report(0, progress, {});
    return stop_signal() == 0;
  }

 private:
  ProgressView& view_;
};

std::vector<std::string> files_of_folder(const std::string& path, const Where& where) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!name.starts_with('.') && it->is_regular_file(error)) names.push_back(it->path().string());
  }
  if (error) {
    throw InputError(where, fmt::format("cannot read \"{}\": {}", path, error.message()),
                     "a folder of files");
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::size_t most_words(const study::TaskConfig& config) {
  std::size_t words = 0;
  for (const tasks::InputSpec& spec : config.inputs) {
    if (!spec.word.empty()) words += spec.repeats ? 64 : 1;
  }
  return words;
}

HelpText help_of(const study::TaskConfig& config) {
  std::string usage = fmt::format("imcsim {}", study::task_name(config.entry));
  for (const tasks::InputSpec& spec : config.inputs) {
    if (spec.word.empty()) continue;
    const std::string dots = spec.repeats ? " …" : "";
    usage += spec.required ? fmt::format(" {}{}", spec.word, dots)
                           : fmt::format(" [{}{}]", spec.word, dots);
  }
  std::string description(config.entry.about);
  if (!config.task->output().empty()) {
    usage += " [-o FILE]";
    description += fmt::format(" -o writes {}.", config.task->output());
  }
  return {usage + " [OPTIONS]", description, std::string(config.entry.examples),
          std::string(config.entry.summary)};
}

void write_output(const std::string& path, study::TaskStudy& study) {
  tasks::Answer& answer = study.answer;
  if (path.empty()) return;
  for (tasks::NamedArray& array : answer.arrays) {
    if (array.name == answer.output_array) return write_file(path, npy_of(study::view_of(array)));
    const auto* bytes = std::get_if<std::vector<std::uint8_t>>(&array.values);
    if (bytes != nullptr && array.name == answer.output_raw) return write_file(path, *bytes);
  }
  write_file(path, answer.output_bytes);
}

/// Exit code of a task that was stopped.
int stopped() {
  write_stderr(fmt::format("imcsim: stopped by {}; no result was saved\n",
                           stop_signal() == 2 ? "Ctrl-C" : "TERM"));
  return 128 + stop_signal();
}

int report(TaskHost& host, study::ResolvedTask& resolved, study::TaskStudy& study,
           const Execution& execution, const Timing& timing) {
  study::Json execution_info = execution_json(execution);
  execution_info["out"] = host.shared.out;
  execution_info["out-file"] = host.out_file;
  const std::string json =
      host_json(study::task_json(resolved.config, study), execution_info, execution, timing);
  const auto table = study::table_rows(study.answer, false);
  const std::string csv = csv_of(table.empty() ? study::figure_rows(study.answer, false) : table);
  if (study.answer.failure.empty()) write_output(host.out_file, study);
  const NamedFiles files = host.shared.out.empty()
                               ? NamedFiles{}
                               : files_of_task(resolved.config, study, resolved.origins);
  if (host.out_file == "-") {
    if (!host.shared.view.quiet) {
      write_stderr(text_of_task(resolved.config, study, timing, style_for(STDERR_FILENO)));
    }
    if (!host.shared.out.empty()) {
      finish(
          host.shared, json, csv, [](const Style&) { return std::string(); }, files);
    }
  } else {
    finish(
        host.shared, json, csv,
        [&](const Style& style) { return text_of_task(resolved.config, study, timing, style); },
        files);
  }
  if (!study.answer.failure.empty()) throw RunError(study.answer.failure);
  return 0;
}

/// Prints the help with the values that the settings select.
bool show_help_of_task(const tasks::TaskEntry& entry, const ParsedArguments& arguments,
                       const study::Settings& settings, const FieldList& host_fields) {
  if (!arguments.asks_for_help()) return false;
  study::ResolvedTask shown = study::layered_task(entry, settings, read_preset_file);
  FieldList fields = fields_of(shown.config);
  fields.add(host_fields);
  return show_help(arguments, help_of(shown.config), fields);
}

int run_word(const tasks::TaskEntry& entry, const std::vector<std::string>& words) {
  study::TaskConfig reference(entry);
  TaskHost host;
  FieldList host_fields;
  describe(host, host_fields, *reference.task);
  const FieldList config_fields = fields_of(reference);
  FieldList fields = config_fields;
  fields.add(host_fields);
  const ParsedArguments arguments =
      parse_arguments(study::task_name(entry), fields, words, most_words(reference));
  const study::Settings settings =
      split_settings(arguments, host_fields, config_fields,
                     study::settings_of_words(reference, arguments.positional));
  if (show_help_of_task(entry, arguments, settings, host_fields)) return 0;
  study::ResolvedTask resolved = study::resolve_task(entry, settings, read_preset_file);
  if (show_config(host.shared, fields_of(resolved.config), resolved.origins)) return 0;
  const Execution execution = execution_of(host.shared);
  check_outputs(host.shared, "out-file", host.out_file);

  const Stopwatch watch;
  const study::LoadedInputs loaded =
      study::load_inputs(resolved.config, {read_bytes, files_of_folder});
  ProgressView view(host.shared, 1, 0);
  TaskObserver observer(view);
  catch_stop_signals();
  study::TaskStudy study =
      study::run_task(resolved.config, loaded.inputs, execution, observer, host.out_file);
  view.finish();
  if (stop_signal() != 0) return stopped();
  return report(host, resolved, study, execution, watch.elapsed());
}

/// List of the tasks of a command, with two examples that fit on one line.
std::string list_of(std::string_view command) {
  const std::string name(command);
  std::string text = fmt::format("{}\n\nUsage: imcsim {} TASK [OPTIONS]\n\nTasks\n",
                                 command_named(name, "help").summary, command);
  std::string examples;
  std::size_t count = 0;
  for (const tasks::TaskEntry& entry : tasks::task_entries()) {
    if (entry.command != command) continue;
    text += fmt::format("  {:<12} {}\n", entry.word, entry.summary);
    const std::string_view example = entry.examples.substr(0, entry.examples.find('\n') + 1);
    const bool repeated = examples.find(example) != std::string::npos;
    if (repeated || example.size() > 80 || ++count > 2) continue;
    examples += example;
  }
  return text +
         fmt::format("\nExamples\n{}\nHelp of a task: imcsim help {} TASK\n", examples, command);
}

/// Accepts TASK --help, and --help TASK as passed by `imcsim help`.
int run_command(const std::string& command, const std::vector<std::string>& words) {
  const bool help_first = !words.empty() && (words[0] == "-h" || words[0] == "--help");
  if (words.empty() || (help_first && words.size() == 1)) {
    write_stdout(list_of(command));
    return 0;
  }
  const std::string& task = help_first ? words[1] : words[0];
  std::vector<std::string> rest(words.begin() + (help_first ? 2 : 1), words.end());
  if (help_first) rest.insert(rest.begin(), words[0]);
  return run_word(tasks::find_task(command, task), rest);
}

}  // namespace

int run_task(const std::vector<std::string>& words) { return run_command("task", words); }
int run_logic(const std::vector<std::string>& words) { return run_command("logic", words); }
int run_arith(const std::vector<std::string>& words) { return run_command("arith", words); }

}  // namespace imcsim::cli
