#pragma once

#include <string>
#include <vector>

namespace imcsim::cli {

/// What another program said and how it ended.
struct ChildOutput {
  int code = 0;      ///< exit code; 127 where there is no such program
  std::string text;  ///< stdout and stderr
};

/// Runs a program (looked up in PATH) and waits for it. Throws RunError where this machine starts
/// none.
ChildOutput run_child(const std::vector<std::string>& words);

}  // namespace imcsim::cli
