#include <fmt/format.h>

#include <array>

#include "base/error.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {

// Each source file of a task provides its entries through one function, declared here.
std::span<const TaskEntry> solve_entries();
std::span<const TaskEntry> correlate_entries();
std::span<const TaskEntry> recover_entries();
std::span<const TaskEntry> eigen_entries();
std::span<const TaskEntry> cluster_entries();
std::span<const TaskEntry> components_entries();
std::span<const TaskEntry> sparse_code_entries();
std::span<const TaskEntry> factorize_entries();
std::span<const TaskEntry> logic_file_entries();
std::span<const TaskEntry> multiply_entries();
std::span<const TaskEntry> accumulate_entries();
std::span<const TaskEntry> factor_entries();
std::span<const TaskEntry> random_entries();
std::span<const TaskEntry> language_entries();
std::span<const TaskEntry> logic_arithmetic_entries();
std::span<const TaskEntry> logic_netlist_entries();
std::span<const TaskEntry> logic_query_entries();

namespace {

using Entries = std::span<const TaskEntry> (*)();

// The functions in the order of help and documentation.
constexpr Entries closed_list[] = {
    solve_entries,       correlate_entries,  recover_entries,          eigen_entries,
    cluster_entries,     components_entries, language_entries,         sparse_code_entries,
    factorize_entries,   logic_file_entries, logic_arithmetic_entries, logic_netlist_entries,
    logic_query_entries, multiply_entries,   accumulate_entries,       factor_entries,
    random_entries,
};

}  // namespace

std::span<const TaskEntry> task_entries() {
  static const std::vector<TaskEntry> all = [] {
    std::vector<TaskEntry> entries;
    for (const std::string_view command : {"task", "logic", "arith"}) {
      for (const Entries list : closed_list) {
        for (const TaskEntry& entry : list()) {
          if (entry.command == command) entries.push_back(entry);
        }
      }
    }
    return entries;
  }();
  return all;
}

const TaskEntry& find_task(std::string_view command, std::string_view word) {
  std::vector<std::string> words;
  for (const TaskEntry& entry : task_entries()) {
    if (entry.command != command) continue;
    if (entry.word == word) return entry;
    words.emplace_back(entry.word);
  }
  throw InputError(std::string(command), fmt::format("unknown task \"{}\"", word),
                   suggest(word, words));
}

const Input* Request::find(std::string_view key) const {
  for (const Input& input : inputs) {
    if (input.key == key) return &input;
  }
  return nullptr;
}

std::vector<const Input*> Request::all(std::string_view key) const {
  std::vector<const Input*> found;
  for (const Input& input : inputs) {
    if (input.key == key) found.push_back(&input);
  }
  return found;
}

}  // namespace imcsim::tasks
