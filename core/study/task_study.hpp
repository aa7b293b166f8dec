#pragma once

#include "study/json.hpp"
#include "study/resolve.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::study {

/// All parameters that determine the result of a task: its own and those common to all tasks.
struct TaskConfig {
  explicit TaskConfig(const tasks::TaskEntry& its_entry);

  tasks::TaskEntry entry;
  std::unique_ptr<tasks::Task> task;
  std::vector<tasks::InputSpec> inputs;
  std::vector<std::string> given;  ///< value of each of `inputs`: a file, a folder or a text
  std::string device;
  std::uint64_t seed = 1;
  CostChoice cost;
};
void describe(TaskConfig& config, FieldList& fields);

struct ResolvedTask {
  TaskConfig config;
  Origins origins;
};

/// Like layered_config, for the configuration of a task.
ResolvedTask layered_task(const tasks::TaskEntry& entry, const Settings& settings,
                          const PresetReader& read_file);

/// Like resolve_config, for the configuration of a task; positional arguments are settings of the
/// inputs' keys. Throws InputError if an input is missing.
ResolvedTask resolve_task(const tasks::TaskEntry& entry, const Settings& settings,
                          const PresetReader& read_file);

/// Command and word: `task solve`.
std::string task_name(const tasks::TaskEntry& entry);

struct TaskStudy {
  tasks::Answer answer;
  std::uint64_t digest = 0;  ///< of the digested arrays, or of the results if there are none
};
/// A configuration can be used for one run only. `output_name`: see tasks::Request.
TaskStudy run_task(TaskConfig& config, std::span<const tasks::Input> inputs,
                   const Execution& execution, Observer& observer,
                   const std::string& output_name = {});

/// A view of an array of an answer.
ArrayView view_of(tasks::NamedArray& array);

Json to_json(const tasks::Value& value);

/// Cost of the run by the configured cost model.
Json task_cost_json(TaskConfig& config, const TaskStudy& study);

/// The JSON result of the command, without `execution` and `timing`.
Json task_json(TaskConfig& config, const TaskStudy& study);

/// The table of the answer as rows of text, for CSV or, with few digits, for the terminal; empty if
/// it has no table.
std::vector<std::vector<std::string>> table_rows(const tasks::Answer& answer, bool for_display);

/// The scalar results, and those of `exact` and `error`, as rows of name and value.
std::vector<std::vector<std::string>> figure_rows(const tasks::Answer& answer, bool for_display);

/// A scalar number, word or switch as text; empty for other values.
std::string text_of(const tasks::Value& value, bool for_display);

}  // namespace imcsim::study
