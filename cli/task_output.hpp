#pragma once

#include <string>

#include "run.hpp"
#include "study/task_study.hpp"

namespace imcsim::cli {

/// A task's answer for people: its table, single results, pictures, remarks, cost and digest.
std::string text_of_task(study::TaskConfig& config, const study::TaskStudy& study,
                         const Timing& timing, const Style& style);

/// The files of its run directory beside result.json.
NamedFiles files_of_task(study::TaskConfig& config, study::TaskStudy& study,
                         const study::Origins& origins);

}  // namespace imcsim::cli
