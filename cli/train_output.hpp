#pragma once

#include <string>
#include <vector>

#include "run.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"

namespace imcsim::cli {

/// Results of a finished training, with the data that is printed with them.
struct TrainReport {
  const study::ResolvedTrainConfig& resolved;
  const std::vector<study::RunSummary>& runs;
  const HostOptions& host;
  Execution execution;
  std::string data_folder;
  Timing timing;
};

/// The JSON result with `execution` and `timing`.
std::string report_json(const TrainReport& report);

/// CSV with one row per epoch and run.
std::string report_csv(const TrainReport& report);

/// Text for the terminal: table, curve, summary.
std::string report_text(const TrainReport& report, const Style& style);

/// Writes the run directory of --out. `session` (nullptr with several runs) gives the arrays.
void write_run_directory(const TrainReport& report, study::TrainSession* session);

}  // namespace imcsim::cli
