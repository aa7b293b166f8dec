// tasks: computation with device physics other than neural networks: linear systems, correlation,
// logic, arithmetic, signals.
//
// Task           one task: configuration, inputs, execution
// Answer         result of a task as data (tasks/answer.hpp)
// TaskEntry      command and word of a task; task_entries() lists all
// DeviceMatrix   a real matrix on tiles of differential pairs, with forward and transposed products
//
// This folder contains no file access and no JSON: inputs are byte spans, results are data.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/observer.hpp"
#include "crossbar/crossbar.hpp"
#include "tasks/answer.hpp"
#include "tasks/device_matrix.hpp"
#include "tasks/image.hpp"

namespace imcsim::tasks {

/// Meaning of an input's value.
enum class InputKind {
  file,    ///< the bytes of the file; `-` is stdin
  folder,  ///< the bytes of each file in the folder, in the order of their names
  text     ///< the text itself
};

/// An input of a task. It is an option `--key` and, if `word` is set, also a positional argument
/// after the task's name.
struct InputSpec {
  std::string_view key;   ///< name as option and in configuration files
  std::string_view word;  ///< positional argument in the usage: `A.mtx`; empty: option only
  std::string_view help;  ///< one phrase
  InputKind kind = InputKind::file;
  bool required = false;
  bool repeats = false;  ///< last input only: one or more values, separated by commas in the option
};

/// A given input. `name` is used in error messages.
struct Input {
  std::string_view key;
  std::string name;
  std::span<const std::uint8_t> bytes;  ///< of the file
  std::string text;                     ///< for InputKind::text
};

/// All external inputs of a run. Equal configuration, seed and inputs give equal answers.
struct Request {
  std::span<const Input> inputs;
  std::uint64_t seed = 1;
  Execution execution;
  Observer& observer;
  std::string output_name;  ///< file name given with -o; empty: none

  /// The first input under `key`, or null.
  const Input* find(std::string_view key) const;
  std::vector<const Input*> all(std::string_view key) const;
};

/// A task: a described configuration and a run. Each object is used once.
class Task {
 public:
  virtual ~Task() = default;

  /// The task's own fields, in groups; fields of its devices follow last (see describe_arrays).
  virtual void describe(FieldList& fields) = 0;

  /// The crossbars of the task, or only its devices, or neither (then there is no --device).
  virtual crossbar::CrossbarConfig* crossbar() { return nullptr; }
  virtual device::DeviceConfig* device() {
    return crossbar() == nullptr ? nullptr : &crossbar()->device;
  }
  virtual std::string_view default_device() const { return "pcm-inference"; }

  virtual std::vector<InputSpec> inputs() const { return {}; }

  /// Output of -o: `x as .npy or .mtx`; empty: none.
  virtual std::string_view output() const { return {}; }

  /// Throws InputError for errors that a user can correct, RunError for failures. Reports progress,
  /// and returns early with an incomplete answer if the observer stops the run.
  virtual Answer run(const Request& request) = 0;
};

/// A word of the command line. One source file provides one or more of them.
struct TaskEntry {
  std::string_view command;   ///< `task`, `logic` or `arith`
  std::string_view word;      ///< `solve`
  std::string_view summary;   ///< one phrase, for the list
  std::string_view about;     ///< two or three lines for the help
  std::string_view examples;  ///< two valid command lines, each indented by two spaces
  std::unique_ptr<Task> (*make)(std::string_view word);
};

/// All tasks, grouped by command, in the order of the list in registry.cpp.
std::span<const TaskEntry> task_entries();

/// Throws InputError for an unknown word, with the nearest known words.
const TaskEntry& find_task(std::string_view command, std::string_view word);

}  // namespace imcsim::tasks
