#pragma once

#include "instrument/instrument.hpp"
#include "study/json.hpp"

namespace imcsim::study {

/// All parameters that determine the result of `imcsim fit`, except file contents.
struct FitConfig {
  std::string curves;
  instrument::FitModel model = instrument::FitModel::measured;
  std::uint64_t seed = 1;
};
void describe(FitConfig& config, FieldList& fields);

/// A file of measured curves.
struct CurveFile {
  std::string name, text;
};

struct FitStudy {
  std::vector<instrument::Curve> curves;
  std::vector<instrument::FitCheck> checks;  ///< one per curve
  std::vector<instrument::Estimate> estimates;
  std::vector<std::string> assumed;  ///< assumptions for parameters that were not measured, as text
  std::string preset;                ///< TOML
  std::uint64_t digest = 0;
};

/// Fits the curves, writes the preset, and repeats the measurement on simulated devices. Throws
/// InputError.
FitStudy run_fit_study(const FitConfig& config, std::span<const CurveFile> files);

/// The JSON result of the command, without `execution` and `timing`.
Json fit_study_json(const FitConfig& config, const FitStudy& study);

}  // namespace imcsim::study
