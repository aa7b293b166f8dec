#pragma once

#include <string>
#include <vector>

#include "prepared_run.hpp"
#include "study/sweep_study.hpp"

namespace imcsim::cli {

/// Every point of a study's grid, checked and ready to run.
class SweepVariants {
 public:
  /// Prepares all points. Throws InputError for the first invalid point, before anything runs.
  SweepVariants(const study::SweepStudy& study, const std::string& name, SharedInputs& inputs);

  /// Prepares only the points of `variants`; other variants must not be run.
  SweepVariants(const study::SweepStudy& study, const std::string& name, SharedInputs& inputs,
                const std::vector<std::size_t>& variants);

  /// Runs a variant and returns its journal line. Never throws: a failure gives a line, too.
  std::string line(std::size_t variant, const Execution& execution) const;

 private:
  void prepare(const std::string& name, SharedInputs& inputs,
               const std::vector<std::size_t>& points);

  const study::SweepStudy& study_;
  std::vector<PreparedRun> runs_;
};

/// `variant 7 (adc-bits=4, seed 2)`.
std::string variant_words(const study::SweepStudy& study, std::size_t variant);

}  // namespace imcsim::cli
