#pragma once

#include <string>
#include <vector>

#include "run.hpp"
#include "study/ablation.hpp"

namespace imcsim::cli {

/// Table for the terminal: figure ± standard deviation between seeds, effect ± standard error, bar.
std::string ablation_text(study::AblatedCommand command,
                          const std::vector<study::AblationRow>& rows, const std::string& digest,
                          const Timing& timing, const Style& style);

/// CSV with one line per row.
std::string ablation_csv(const std::vector<study::AblationRow>& rows);

/// CSV with one line per run.
std::string ablation_runs_csv(const std::vector<study::AblationRow>& rows);

}  // namespace imcsim::cli
