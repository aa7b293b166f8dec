#pragma once

#include <functional>

#include "base/error.hpp"
#include "study/task_study.hpp"

namespace imcsim::study {

/// Access of the host to the data named by an input. `where` is the input in error messages; both
/// functions throw InputError{where, …}.
struct InputSource {
  std::function<std::vector<std::uint8_t>(const std::string& path, const Where& where)> file;
  /// Paths of the files in a folder, in the order of their names.
  std::function<std::vector<std::string>(const std::string& path, const Where& where)> folder;
};

/// The bytes of the inputs, and the inputs as passed to tasks.
struct LoadedInputs {
  std::vector<std::vector<std::uint8_t>> bytes;
  std::vector<tasks::Input> inputs;
};

/// Loads all inputs named in a configuration. Throws InputError if stdin is used more than once.
LoadedInputs load_inputs(const TaskConfig& config, const InputSource& source);

/// Positional arguments as settings of the inputs' keys.
Settings settings_of_words(const TaskConfig& config, const std::vector<std::string>& words);

}  // namespace imcsim::study
