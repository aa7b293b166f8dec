#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "command.hpp"

namespace imcsim::cli {

/// Runs a command of the tool in this process with the arguments `words` and returns its output on
/// stdout. Redirects stdout meanwhile: one thread only. Throws the exceptions of the command, and
/// RunError if its exit code is not 0.
std::string output_of(const Command& command, const std::vector<std::string>& words);

/// The command with this name. Throws InputError{where, …} with the nearest name.
const Command& command_named(const std::string& name, const Where& where);

}  // namespace imcsim::cli
