#pragma once

#include <functional>

#include "base/error.hpp"
#include "study/task_study.hpp"

namespace imcsim::study {

/// Where the host finds what an input names. `where` is how errors call the input; both throw
/// InputError{where, …}.
struct InputSource {
  std::function<std::vector<std::uint8_t>(const std::string& path, const Where& where)> file;
  /// Paths of the files in a folder, in the order of their names.
  std::function<std::vector<std::string>(const std::string& path, const Where& where)> folder;
};

/// The bytes behind the inputs, and what tasks see of them.
struct LoadedInputs {
  std::vector<std::vector<std::uint8_t>> bytes;
  std::vector<tasks::Input> inputs;
};

/// Everything that a configuration names. Throws InputError where stdin is asked for twice.
LoadedInputs load_inputs(const TaskConfig& config, const InputSource& source);

/// Words in their places as settings of the inputs' keys.
Settings settings_of_words(const TaskConfig& config, const std::vector<std::string>& words);

}  // namespace imcsim::study
