#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "dataset/dataset.hpp"
#include "study/json.hpp"
#include "study/mvm.hpp"
#include "study/settings.hpp"

namespace imcsim::cli {

/// Data sets and files shared by many runs; each is read once. Thread-safe.
class SharedInputs {
 public:
  explicit SharedInputs(std::string data_dir) : data_dir_(std::move(data_dir)) {}

  /// Throw InputError if the data set or file cannot be read.
  const dataset::Dataset& dataset(const std::string& name);
  const std::vector<std::uint8_t>& bytes(const std::string& path, const Where& where);
  const study::FileMatrix& matrix(const std::string& path, const Where& where);

 private:
  std::string data_dir_;
  std::mutex guard_;
  std::map<std::string, dataset::Dataset> datasets_;
  std::map<std::string, std::vector<std::uint8_t>> files_;
  std::map<std::string, study::FileMatrix> matrices_;
};

/// A command with its complete, checked configuration. `run` returns the JSON result of the command
/// (`execution` and `timing` may be missing) for `seed`, or for the configuration's seed if `seed`
/// is null. It can be called repeatedly; it throws the exceptions of the command.
struct PreparedRun {
  std::function<study::Json(const std::uint64_t* seed, const Execution& execution)> run;
};

/// Commands whose configuration is resolved once and run many times: `train`, `infer`, `mvm`,
/// `device`. `words`: positional arguments. Throws InputError.
bool runs_directly(const std::string& command);
PreparedRun prepare_directly(const std::string& command, const std::vector<std::string>& words,
                             const study::Settings& settings, SharedInputs& inputs);

/// The same for any command that computes a result, run by its command line. Redirects stdout: one
/// thread only. Throws InputError if the command with --print-config does.
PreparedRun prepare_by_words(const std::string& command, const std::vector<std::string>& words,
                             const study::Settings& settings);

/// prepare_directly if runs_directly(command), else prepare_by_words.
PreparedRun prepare_run(const std::string& command, const std::vector<std::string>& words,
                        const study::Settings& settings, SharedInputs& inputs);

}  // namespace imcsim::cli
