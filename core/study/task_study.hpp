#pragma once

#include "study/json.hpp"
#include "study/resolve.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::study {

/// Everything that decides the result of a task: its own configuration, and what all tasks share.
struct TaskConfig {
  explicit TaskConfig(const tasks::TaskEntry& its_entry);

  tasks::TaskEntry entry;
  std::unique_ptr<tasks::Task> task;
  std::vector<tasks::InputSpec> inputs;
  std::vector<std::string> given;  ///< what stands for each of `inputs`: a file, a folder, a text
  std::string device;
  std::uint64_t seed = 1;
  CostChoice cost;
};
void describe(TaskConfig& config, FieldList& fields);

struct ResolvedTask {
  TaskConfig config;
  Origins origins;
};

/// As layered_config, for the configuration of a task.
ResolvedTask layered_task(const tasks::TaskEntry& entry, const Settings& settings,
                          const PresetReader& read_file);

/// As resolve_config, for the configuration of a task; positional words are settings of the keys of
/// inputs. Throws InputError if an input is missing.
ResolvedTask resolve_task(const tasks::TaskEntry& entry, const Settings& settings,
                          const PresetReader& read_file);

/// `task solve`: command and word.
std::string task_name(const tasks::TaskEntry& entry);

struct TaskStudy {
  tasks::Answer answer;
  std::uint64_t digest = 0;  ///< of the digested arrays; of the results where there are none
};
/// The configuration serves one run. `output_name`: see tasks::Request.
TaskStudy run_task(TaskConfig& config, std::span<const tasks::Input> inputs,
                   const Execution& execution, Observer& observer,
                   const std::string& output_name = {});

/// A view of an array of an answer.
ArrayView view_of(tasks::NamedArray& array);

Json to_json(const tasks::Value& value);

/// What it cost, by the prices that the configuration asks for.
Json task_cost_json(TaskConfig& config, const TaskStudy& study);

/// The JSON result of CONTRACT section 1, without `execution` and `timing`.
Json task_json(TaskConfig& config, const TaskStudy& study);

/// The table of the answer as rows of text, for CSV or, with few digits, for people; empty where it
/// has none.
std::vector<std::vector<std::string>> table_rows(const tasks::Answer& answer, bool for_people);

/// Its single results, and those of `exact` and `error`, as rows of name and value.
std::vector<std::vector<std::string>> figure_rows(const tasks::Answer& answer, bool for_people);

/// A single number, word or switch as text; empty for what is larger.
std::string text_of(const tasks::Value& value, bool for_people);

}  // namespace imcsim::study
