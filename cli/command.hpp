#pragma once

#include <string>
#include <vector>

namespace imcsim::cli {

/// A command of the tool. `run` takes the words after the name and returns the exit code; it throws
/// InputError (exit 2) and RunError (exit 1).
struct Command {
  std::string name;
  std::string group;    ///< heading in the overview
  std::string summary;  ///< one line, starting with a capital, without a full stop
  int (*run)(const std::vector<std::string>& words);
};

/// All commands, in the order of the groups.
const std::vector<Command>& commands();

int run_train(const std::vector<std::string>& words);
int run_device(const std::vector<std::string>& words);
int run_mvm(const std::vector<std::string>& words);
int run_task(const std::vector<std::string>& words);
int run_logic(const std::vector<std::string>& words);
int run_arith(const std::vector<std::string>& words);
int run_fit(const std::vector<std::string>& words);
int run_infer(const std::vector<std::string>& words);
int run_ablate(const std::vector<std::string>& words);
int run_export(const std::vector<std::string>& words);
int run_compile(const std::vector<std::string>& words);
int run_execute(const std::vector<std::string>& words);
int run_compare(const std::vector<std::string>& words);
int run_topology(const std::vector<std::string>& words);
int run_verify(const std::vector<std::string>& words);
int run_selftest(const std::vector<std::string>& words);
int run_man(const std::vector<std::string>& words);
int run_report(const std::vector<std::string>& words);
int run_sweep(const std::vector<std::string>& words);
int run_explain(const std::vector<std::string>& words);
int run_presets(const std::vector<std::string>& words);
int run_data(const std::vector<std::string>& words);
int run_completion(const std::vector<std::string>& words);

}  // namespace imcsim::cli
