#pragma once

#include <string>
#include <vector>

#include "numeric/execution.hpp"
#include "study/json.hpp"
#include "study/pricing.hpp"
#include "training/deployment.hpp"

namespace imcsim::study {

/// Results of one run of `imcsim infer`, for either kind of model.
struct InferRun {
  std::vector<double> accuracy;  ///< per time
  std::vector<double> weight_rms_error;
  std::vector<std::uint32_t> predictions;  ///< at the last time
  Matrix<float> scores;                    ///< at the last time, [samples × padded(classes)]
  OperationCounts counts;                  ///< of programming and products
  std::uint64_t digest = 0;
};

/// Parts of an evaluation included in a digest.
enum class DigestOf { predictions, predictions_and_scores };

/// XXH64 of an evaluation, continued from `seed`.
std::uint64_t digest_of_evaluation(const training::Evaluation& evaluation, std::size_t classes,
                                   DigestOf what, std::uint64_t seed);

/// Evaluation times of a deployment, and the compensation method.
struct InferSchedule {
  double programmed_at_s = 0.0;
  std::vector<double> times_s;  ///< after programming
  training::Compensation compensation = training::Compensation::global;
};

/// Ages a programmed, calibrated deployment to each of the times and evaluates `samples` there.
InferRun infer_over_time(training::Deployment& deployment, const training::Samples& samples,
                         const InferSchedule& schedule, DigestOf what, const Execution& execution);

/// One run per seed, starting at the seed of `config`, in parallel: run_once(config of the run,
/// execution).
template <class Config, class RunOnce>
std::vector<InferRun> run_each_seed(const Config& config, const Execution& execution,
                                    const RunOnce& run_once) {
  std::vector<InferRun> runs(static_cast<std::size_t>(config.runs));
  const bool many = runs.size() > 1;
  parallel_for(many ? execution.threads : 1, runs.size(), [&](std::size_t r) {
    Config own = config;
    own.seed = config.seed + r;
    runs[r] = run_once(own, Execution{execution.isa, many ? 1 : execution.threads});
  });
  return runs;
}

/// Statistics of the network at one time, over all runs.
struct InferPoint {
  double t_s = 0.0;
  double accuracy_mean = 0.0;
  double accuracy_std = 0.0;
  double weight_rms_error = 0.0;
};
/// Statistics of runs with these `times`; empty without runs.
std::vector<InferPoint> summarize(const std::string& times, const std::vector<InferRun>& runs);

/// `times` of the JSON result.
Json times_json(const std::vector<InferPoint>& points);

/// Totals over all runs.
struct InferTotals {
  OperationCounts counts;
  std::uint64_t images = 0;  ///< over all times
  std::vector<std::uint64_t> digests;
};
InferTotals totals_of(const std::vector<InferRun>& runs);

/// Fields common to both kinds of configurations.
struct InferCommon {
  std::uint64_t seed = 1;
  const CostChoice& cost;
  const crossbar::ConverterConfig& converters;
};
/// The JSON result of the command, without `execution` and `timing`; `result` without
/// `runs`.
Json infer_envelope(const InferCommon& common, Json config, Json result,
                    const std::vector<InferRun>& runs, const InferTotals& totals);

}  // namespace imcsim::study
