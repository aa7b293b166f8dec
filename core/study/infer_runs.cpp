#include "study/infer_runs.hpp"

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "numeric/statistics.hpp"
#include "study/device_study.hpp"
#include "study/safetensors.hpp"

namespace imcsim::study {

std::uint64_t digest_of_evaluation(const training::Evaluation& e, std::size_t classes,
                                   DigestOf what, std::uint64_t seed) {
  const auto* predictions = reinterpret_cast<const std::uint8_t*>(e.predictions.data());
  std::uint64_t digest = hash_of({predictions, e.predictions.size() * 4}, seed);
  if (what == DigestOf::predictions) return digest;
  for (std::size_t i = 0; i < e.predictions.size(); ++i) {
    const float* const row = e.scores.data() + i * e.scores.shape(1);
    digest = hash_of({reinterpret_cast<const std::uint8_t*>(row), classes * sizeof(float)}, digest);
  }
  return digest;
}

InferRun infer_over_time(training::Deployment& deployment, const training::Samples& samples,
                         const InferSchedule& schedule, DigestOf what, const Execution& execution) {
  InferRun run;
  for (std::size_t k = 0; k < schedule.times_s.size(); ++k) {
    deployment.age(schedule.programmed_at_s + schedule.times_s[k], k + 1, schedule.compensation);
    training::Evaluation evaluation = deployment.evaluate(samples, execution);
    run.counts += evaluation.counts;
    run.accuracy.push_back(evaluation.accuracy);
    run.weight_rms_error.push_back(deployment.weight_rms_error());
    run.digest = digest_of_evaluation(evaluation, samples.output_size(), what, run.digest);
    run.predictions = std::move(evaluation.predictions);
    run.scores = std::move(evaluation.scores);
  }
  return run;
}

std::vector<InferPoint> summarize(const std::string& times, const std::vector<InferRun>& runs) {
  std::vector<InferPoint> points;
  if (runs.empty()) return points;
  const std::vector<double> times_s = parse_times(times, at_field("times"));
  for (std::size_t k = 0; k < times_s.size(); ++k) {
    std::vector<double> accuracy;
    std::vector<double> error;
    for (const InferRun& run : runs) {
      accuracy.push_back(run.accuracy[k]);
      error.push_back(run.weight_rms_error[k]);
    }
    const MeanAndDeviation of_accuracy = mean_and_deviation(accuracy);
    points.push_back(
        {times_s[k], of_accuracy.mean, of_accuracy.deviation, mean_and_deviation(error).mean});
  }
  return points;
}

Json times_json(const std::vector<InferPoint>& points) {
  Json times = Json::array();
  for (const InferPoint& point : points) {
    times.push_back({{"t_s", point.t_s},
                     {"accuracy_mean", point.accuracy_mean},
                     {"accuracy_std", point.accuracy_std},
                     {"weight_rms_error", point.weight_rms_error}});
  }
  return times;
}

InferTotals totals_of(const std::vector<InferRun>& runs) {
  InferTotals totals;
  for (const InferRun& run : runs) {
    totals.counts += run.counts;
    totals.images += run.predictions.size() * run.accuracy.size();
    totals.digests.push_back(run.digest);
  }
  return totals;
}

Json infer_envelope(const InferCommon& common, Json config, Json result,
                    const std::vector<InferRun>& runs, const InferTotals& totals) {
  if (runs.size() > 1) {
    Json list = Json::array();
    for (std::size_t r = 0; r < runs.size(); ++r) {
      list.push_back({{"seed", common.seed + r},
                      {"accuracy", runs[r].accuracy},
                      {"digest", digest_text(runs[r].digest)}});
    }
    result["runs"] = std::move(list);
  }
  return envelope("infer", common.seed, std::move(config), std::move(result), totals.counts,
                  totals.digests.size() == 1 ? totals.digests.front() : digest_of(totals.digests),
                  cost_json(common.cost, {totals.counts, products_of(totals.counts), totals.images,
                                          common.converters}));
}

}  // namespace imcsim::study
