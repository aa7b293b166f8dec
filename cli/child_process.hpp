#pragma once

#include <string>
#include <vector>

namespace imcsim::cli {

/// Exit code and output of a child process.
struct ChildOutput {
  int code = 0;      ///< exit code; 127 if the program is not found
  std::string text;  ///< stdout and stderr
};

/// Runs a program (looked up in PATH) and waits for it. Throws RunError if no process can be
/// started, as in WebAssembly builds.
ChildOutput run_child(const std::vector<std::string>& words);

}  // namespace imcsim::cli
