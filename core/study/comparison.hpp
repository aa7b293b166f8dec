#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "study/json.hpp"

namespace imcsim::study {

/// A finished run of any command: a name given by the user, and its JSON result.
struct FinishedRun {
  std::string name;
  Json json;
};

/// A configuration key with differing values. Empty: the run does not have this key.
struct ConfigDifference {
  std::string key;
  std::vector<std::optional<std::string>> values;  ///< one per run
};

/// Method for the error of a difference: from the differences per seed, if both runs have the same
/// seeds; from both standard deviations, assuming independent seeds; or none.
enum class ErrorKind { none, paired, independent };
std::span<const std::string_view> names_of(ErrorKind);

/// Difference of a run's value to that of the first run, and its standard error.
struct FigureDifference {
  double difference = 0.0;
  std::optional<double> error;
  ErrorKind kind = ErrorKind::none;
};

/// A number in all results.
struct ComparedFigure {
  std::string name;                           ///< `test_accuracy`, `times[1h].accuracy_mean`
  std::vector<double> values;                 ///< per run; mean over seeds
  std::vector<std::optional<double>> std;     ///< between seeds, if there are several
  std::vector<FigureDifference> differences;  ///< all runs except the first
  bool same = false;
};

struct Comparison {
  std::vector<std::string> names, commands, digests;
  std::vector<ConfigDifference> config;  ///< including `imcsim` and `command` where they differ
  std::vector<ComparedFigure> figures;
  bool same_digest = false;
};

/// Throws InputError{name, …} for a JSON that is not a result of this tool, fewer than two runs, or
/// runs without a common figure.
Comparison compare_runs(const std::vector<FinishedRun>& runs);

/// {"imcsim": …, "command": "compare", "result": {runs, same_digest, config, figures}}.
Json comparison_json(const Comparison& comparison);

}  // namespace imcsim::study
