#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "numeric/statistics.hpp"
#include "study/train_session.hpp"

namespace imcsim::study {
namespace {

Json result_json(const TrainResult& result) {
  Json epochs = Json::array();
  for (const EpochResult& epoch : result.epochs) epochs.push_back(to_json_object(epoch));
  return {{"test_accuracy", result.test_accuracy},
          {"train_loss", result.train_loss},
          {"epochs", std::move(epochs)},
          {"diagnosis", diagnosis_json(result.diagnosis)}};
}

/// Mean and standard deviation of a figure over runs.
template <class Figure>
MeanAndDeviation over_runs(const std::vector<RunSummary>& runs, Figure figure) {
  std::vector<double> values;
  values.reserve(runs.size());
  for (const RunSummary& run : runs) values.push_back(figure(run));
  return mean_and_deviation(values);
}

}  // namespace

Json diagnosis_json(const std::vector<training::Finding>& findings) {
  Json list = Json::array();
  for (const training::Finding& finding : findings) {
    list.push_back(
        {{"code", finding.code}, {"message", finding.message}, {"value", finding.value}});
  }
  return list;
}

TrainResult mean_result(const std::vector<RunSummary>& runs) {
  TrainResult mean;
  mean.test_accuracy = over_runs(runs, [](const auto& r) { return r.result.test_accuracy; }).mean;
  mean.train_loss = over_runs(runs, [](const auto& r) { return r.result.train_loss; }).mean;
  mean.epochs = runs.front().result.epochs;
  for (std::size_t e = 0; e < mean.epochs.size(); ++e) {
    const auto of_epoch = [&](auto member) {
      return over_runs(runs,
                       [&](const RunSummary& run) {
                         return static_cast<double>(run.result.epochs[e].*member);
                       })
          .mean;
    };
    const auto rounded = [](double value) {
      return static_cast<std::uint64_t>(std::llround(value));
    };
    EpochResult& epoch = mean.epochs[e];
    epoch.train_loss = of_epoch(&EpochResult::train_loss);
    epoch.test_accuracy = of_epoch(&EpochResult::test_accuracy);
    epoch.set_pulses = rounded(of_epoch(&EpochResult::set_pulses));
    epoch.reset_pulses = rounded(of_epoch(&EpochResult::reset_pulses));
    epoch.refreshed_pairs = rounded(of_epoch(&EpochResult::refreshed_pairs));
    epoch.programmed_fraction = of_epoch(&EpochResult::programmed_fraction);
    epoch.saturated_fraction = of_epoch(&EpochResult::saturated_fraction);
  }
  for (const RunSummary& run : runs) {
    for (const training::Finding& finding : run.result.diagnosis) {
      const bool known =
          std::any_of(mean.diagnosis.begin(), mean.diagnosis.end(), [&](const auto& other) {
            return other.code == finding.code &&
                   (finding.code != "no-effect" || other.message == finding.message);
          });
      if (!known) mean.diagnosis.push_back(finding);
    }
  }
  return mean;
}

PricedWork work_of(const TrainConfig& config, const std::vector<RunSummary>& runs) {
  PricedWork work;
  for (const RunSummary& run : runs) {
    work.counts += run.counts;
    work.samples += run.samples;
  }
  work.sample_counts = work.counts;
  work.converters = config.crossbar.converters;
  return work;
}

Json train_json(const TrainConfig& config, const std::vector<RunSummary>& runs) {
  OperationCounts counts;
  OperationCounts evaluation_counts;
  std::vector<std::uint64_t> digests;
  for (const RunSummary& run : runs) {
    counts += run.counts;
    evaluation_counts += run.evaluation_counts;
    digests.push_back(run.digest);
  }
  Json result = result_json(mean_result(runs));
  if (runs.size() > 1) {
    const auto accuracy = over_runs(runs, [](const auto& r) { return r.result.test_accuracy; });
    const auto loss = over_runs(runs, [](const auto& r) { return r.result.train_loss; });
    result["mean"] = {{"test_accuracy", accuracy.mean}, {"train_loss", loss.mean}};
    result["std"] = {{"test_accuracy", accuracy.deviation}, {"train_loss", loss.deviation}};
    result["runs"] = Json::array();
    for (const RunSummary& run : runs) {
      Json entry = {{"seed", run.seed}, {"digest", digest_text(run.digest)}};
      entry.update(result_json(run.result));
      result["runs"].push_back(std::move(entry));
    }
  }
  Json cost = cost_json(config.cost, work_of(config, runs));
  if (!cost.is_null()) cost["evaluation"] = totals_json(config.cost, evaluation_counts);
  Json json = envelope("train", config.seed, to_json_object(config), std::move(result), counts,
                       digests.size() == 1 ? digests.front() : digest_of(digests), std::move(cost));
  Json ordered;
  for (auto& [key, value] : json.items()) {
    ordered[key] = std::move(value);
    if (key == "counts") ordered["evaluation_counts"] = to_json_object(evaluation_counts);
  }
  return ordered;
}

}  // namespace imcsim::study
