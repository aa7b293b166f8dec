#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "command.hpp"

namespace imcsim::cli {

/// What a command of the tool prints on stdout when it is run in this process with `words` behind
/// its name. Changes stdout while it runs: one thread only. Throws what the command throws, and
/// RunError where it ends with another code than 0.
std::string output_of(const Command& command, const std::vector<std::string>& words);

/// The command of a name. Throws InputError{where, …} with the nearest of those in `names`.
const Command& command_named(const std::string& name, const Where& where);

}  // namespace imcsim::cli
