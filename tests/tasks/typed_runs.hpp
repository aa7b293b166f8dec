// Runs a task with presets, as on the command line: --device and all other options by name.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "study/task_study.hpp"

namespace imcsim::testing {

struct TypedRun {
  std::string command;
  std::string word;
  std::vector<std::pair<std::string, std::string>> options{};
  std::vector<std::pair<std::string, std::string>> words{};  ///< for text inputs
  /// For file and folder inputs: key, name, bytes.
  struct File {
    std::string key, name, bytes;
  };
  std::vector<File> files{};
  std::uint64_t seed = 1;
  int threads = 1;

  tasks::Answer operator()() const {
    study::Settings settings;
    for (const auto& [key, text] : options) settings.push_back({key, text, key, "flag"});
    for (const auto& [key, text] : words) settings.push_back({key, text, key, "flag"});
    for (const File& file : files) settings.push_back({file.key, file.name, file.key, "flag"});
    const auto no_file = [](const std::string&, std::string&) { return false; };
    study::ResolvedTask resolved =
        study::resolve_task(tasks::find_task(command, word), settings, no_file);
    resolved.config.seed = seed;
    std::vector<tasks::Input> inputs;
    for (const auto& [key, text] : words) inputs.push_back({key, key, {}, text});
    for (const File& file : files) {
      inputs.push_back(
          {file.key,
           file.name,
           {reinterpret_cast<const std::uint8_t*>(file.bytes.data()), file.bytes.size()},
           {}});
    }
    Observer observer;
    Execution execution;
    execution.threads = threads;
    return study::run_task(resolved.config, inputs, execution, observer).answer;
  }
};

}  // namespace imcsim::testing
