// Runs a task as on the command line: options by name, inputs as bytes.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::testing {

struct TaskRun {
  std::string word;
  std::vector<std::pair<std::string, std::string>> options{};
  std::vector<std::pair<std::string, std::string>> files{};  ///< key and bytes
  std::uint64_t seed = 1;
  int threads = 1;
  std::string command = "task";
  std::vector<std::pair<std::string, std::string>> texts{};  ///< key and text

  tasks::Answer operator()() const {
    const std::unique_ptr<tasks::Task> task = tasks::find_task(command, word).make(word);
    if (task->device() != nullptr && task->default_device() == "pcm-inference") {
      task->device()->model = device::ModelName::pcm_inference;
    }
    FieldList fields;
    task->describe(fields);
    for (const auto& [key, value] : options) {
      const Field* field = fields.find(key);
      if (field == nullptr) throw InputError(key, "is no option");
      read_field(*field, value, key);
    }
    std::vector<tasks::Input> inputs;
    for (const auto& [key, bytes] : files) {
      inputs.push_back(
          {key, key, {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, {}});
    }
    for (const auto& [key, text] : texts) inputs.push_back({key, key, {}, text});
    Observer observer;
    Execution execution;
    execution.threads = threads;
    return task->run({inputs, seed, execution, observer, {}});
  }
};

/// A column of a table in a section.
inline std::vector<tasks::Cell> column(const tasks::Section& section, const std::string& table,
                                       const std::string& name) {
  for (const tasks::Result& result : section) {
    const auto* held = std::get_if<tasks::Table>(&result.value);
    if (result.name != table || held == nullptr) continue;
    std::vector<tasks::Cell> cells;
    for (std::size_t c = 0; c < held->columns.size(); ++c) {
      if (held->columns[c] != name) continue;
      for (const std::vector<tasks::Cell>& row : held->rows) cells.push_back(row[c]);
    }
    return cells;
  }
  throw InputError(table, "is no table");
}

inline double number(const tasks::Section& section, const std::string& name) {
  for (const tasks::Result& result : section) {
    if (result.name != name) continue;
    if (const auto* real = std::get_if<double>(&result.value)) return *real;
    if (const auto* whole = std::get_if<std::int64_t>(&result.value)) {
      return static_cast<double>(*whole);
    }
  }
  throw InputError(name, "is no result");
}

}  // namespace imcsim::testing
