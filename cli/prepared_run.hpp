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

/// Data sets and files that many runs share: each is read once. Any thread may ask.
class SharedInputs {
 public:
  explicit SharedInputs(std::string data_dir) : data_dir_(std::move(data_dir)) {}

  /// Throw InputError where there is no such thing.
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

/// A command with its complete, checked configuration. `run` gives the JSON of CONTRACT section 1
/// (`execution` and `timing` may be missing) for a seed, or for the configuration's own where
/// `seed` is null. It may be called any number of times; it throws what the command would.
struct PreparedRun {
  std::function<study::Json(const std::uint64_t* seed, const Execution& execution)> run;
};

/// Commands that this process can run without their words being read anew: `train`, `infer`,
/// `mvm`, `device`. `words` stand behind the command's name. Throws InputError.
bool runs_directly(const std::string& command);
PreparedRun prepare_directly(const std::string& command, const std::vector<std::string>& words,
                             const study::Settings& settings, SharedInputs& inputs);

/// The same for any command of the tool, by its words as on the command line. Changes stdout while
/// it runs: one thread only. Throws InputError for what --print-config of the command refuses.
PreparedRun prepare_by_words(const std::string& command, const std::vector<std::string>& words,
                             const study::Settings& settings);

/// One of both.
PreparedRun prepare_run(const std::string& command, const std::vector<std::string>& words,
                        const study::Settings& settings, SharedInputs& inputs);

}  // namespace imcsim::cli
