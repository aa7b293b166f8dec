#pragma once

#include <string>

#include "run.hpp"
#include "study/task_study.hpp"

namespace imcsim::cli {

/// Text for the terminal: table, plots, figures, cost, digest and remarks.
std::string text_of_task(study::TaskConfig& config, const study::TaskStudy& study,
                         const Timing& timing, const Style& style);

/// Files of the run directory in addition to result.json.
NamedFiles files_of_task(study::TaskConfig& config, study::TaskStudy& study,
                         const study::Origins& origins);

}  // namespace imcsim::cli
