#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "study/json.hpp"

namespace imcsim::cli {

/// The help of a command, or of one of its tasks, as `--help --json` prints it.
struct CommandHelp {
  std::string command, task;
  study::Json json;
};

/// Help of every command and task, in the order of the overview.
std::vector<CommandHelp> help_of_commands();

/// Every command and parameter as Markdown: default, unit, range, description and source.
std::string reference();

}  // namespace imcsim::cli
