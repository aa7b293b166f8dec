// tasks: what the physics of the devices computes besides networks: linear systems, correlation,
// logic, arithmetic, signals.
//
// Task           one task: its configuration, the inputs it wants, its run
// Answer         what it found, as data (tasks/answer.hpp)
// TaskEntry      under which command and word a task is found; task_entries() lists all
// DeviceMatrix   a real matrix on tiles of differential pairs, with both products
//
// It opens no file and knows no JSON: bytes come in as spans, answers leave as data.
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

/// What stands behind an input's name.
enum class InputKind {
  file,    ///< its bytes; `-` is stdin
  folder,  ///< the bytes of each file in it, in the order of their names
  text     ///< the word itself
};

/// An input that a task wants. It is an option `--key` and, where it has a place, a word behind the
/// task's name.
struct InputSpec {
  std::string_view key;   ///< as option and in files
  std::string_view word;  ///< as a word in the usage: `A.mtx`; empty: as option only
  std::string_view help;  ///< one clause
  InputKind kind = InputKind::file;
  bool required = false;
  bool repeats = false;  ///< the last: one or more, separated by commas in the option
};

/// What was given. `name` is how errors call it.
struct Input {
  std::string_view key;
  std::string name;
  std::span<const std::uint8_t> bytes;  ///< of a file
  std::string text;                     ///< of InputKind::text
};

/// All that a run gets from outside. Equal configuration, seed and inputs give equal answers.
struct Request {
  std::span<const Input> inputs;
  std::uint64_t seed = 1;
  Execution execution;
  Observer& observer;
  std::string output_name;  ///< of the file that is asked for with -o; empty: none

  /// The first input under `key`, or null.
  const Input* find(std::string_view key) const;
  std::vector<const Input*> all(std::string_view key) const;
};

/// A task: a configuration with one description, and a run. Objects are used once.
class Task {
 public:
  virtual ~Task() = default;

  /// The task's own fields, in groups; those of its devices last (see describe_arrays).
  virtual void describe(FieldList& fields) = 0;

  /// The crossbars it computes on, or only devices, or neither (then there is no --device).
  virtual crossbar::CrossbarConfig* crossbar() { return nullptr; }
  virtual device::DeviceConfig* device() {
    return crossbar() == nullptr ? nullptr : &crossbar()->device;
  }
  virtual std::string_view default_device() const { return "pcm-inference"; }

  virtual std::vector<InputSpec> inputs() const { return {}; }

  /// What -o writes: `x as .npy or .mtx`; empty: nothing.
  virtual std::string_view output() const { return {}; }

  /// Throws InputError for what a user can mend, RunError where it must stop; reports progress and
  /// stops early where the observer says so (then what the answer holds does not matter).
  virtual Answer run(const Request& request) = 0;
};

/// A word of the command line. One source file offers one or more of them.
struct TaskEntry {
  std::string_view command;   ///< `task`, `logic` or `arith`
  std::string_view word;      ///< `solve`
  std::string_view summary;   ///< one clause, for the list
  std::string_view about;     ///< two or three lines for the help
  std::string_view examples;  ///< two lines that run, each indented by two
  std::unique_ptr<Task> (*make)(std::string_view word);
};

/// All tasks, those of a command together, in the order of the list in registry.cpp.
std::span<const TaskEntry> task_entries();

/// Throws InputError: an unknown word names its nearest neighbours.
const TaskEntry& find_task(std::string_view command, std::string_view word);

}  // namespace imcsim::tasks
