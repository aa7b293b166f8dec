#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "study/json.hpp"

namespace imcsim::study {

/// A finished run of any command: the name that people gave, and its JSON result.
struct FinishedRun {
  std::string name;
  Json json;
};

/// A key of the configuration whose values are not all alike. Nothing: the run has no such key.
struct ConfigDifference {
  std::string key;
  std::vector<std::optional<std::string>> values;  ///< one a run
};

/// How the error of a difference was found: from the differences seed by seed, where both runs
/// have the same seeds; from both deviations, as if the seeds were independent; or not at all.
enum class ErrorKind { none, paired, independent };
std::span<const std::string_view> names_of(ErrorKind);

/// A run's value minus the first one's, and the standard error of that.
struct FigureDifference {
  double difference = 0.0;
  std::optional<double> error;
  ErrorKind kind = ErrorKind::none;
};

/// A number that all results have.
struct ComparedFigure {
  std::string name;                           ///< `test_accuracy`, `times[1h].accuracy_mean`
  std::vector<double> values;                 ///< one a run; of several seeds, the mean
  std::vector<std::optional<double>> std;     ///< between the seeds, where there are several
  std::vector<FigureDifference> differences;  ///< of all runs but the first
  bool same = false;
};

struct Comparison {
  std::vector<std::string> names, commands, digests;
  std::vector<ConfigDifference> config;  ///< `imcsim` and `command` among them where they differ
  std::vector<ComparedFigure> figures;
  bool same_digest = false;
};

/// Throws InputError{name, …} where a JSON is no result of this tool, where there are fewer than
/// two, or where they have no figure in common.
Comparison compare_runs(const std::vector<FinishedRun>& runs);

/// {"imcsim": …, "command": "compare", "result": {runs, same_digest, config, figures}}.
Json comparison_json(const Comparison& comparison);

}  // namespace imcsim::study
