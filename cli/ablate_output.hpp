#pragma once

#include <string>
#include <vector>

#include "run.hpp"
#include "study/ablation.hpp"

namespace imcsim::cli {

/// The table for people: figure ± deviation between seeds, what each costs ± its error, a bar.
std::string ablation_text(study::AblatedCommand command,
                          const std::vector<study::AblationRow>& rows, const std::string& digest,
                          const Timing& timing, const Style& style);

/// One line a row.
std::string ablation_csv(const std::vector<study::AblationRow>& rows);

/// One line a run.
std::string ablation_runs_csv(const std::vector<study::AblationRow>& rows);

}  // namespace imcsim::cli
