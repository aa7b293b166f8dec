// Comparison of results: common figures, differences, and errors of differences.
#include "study/comparison.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "numeric/statistics.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(comparison)

namespace {

using study::ComparedFigure;
using study::Comparison;
using study::ErrorKind;
using study::FinishedRun;
using study::Json;
using testing::contains;

Json train_result(double learning_rate, const std::vector<double>& accuracy,
                  std::uint64_t first_seed = 1) {
  const MeanAndDeviation of = mean_and_deviation(accuracy);
  Json runs = Json::array();
  for (std::size_t r = 0; r < accuracy.size(); ++r) {
    runs.push_back({{"seed", first_seed + r}, {"test_accuracy", accuracy[r]}});
  }
  return {{"imcsim", "0"},
          {"command", "train"},
          {"config", {{"learning-rate", learning_rate}, {"runs", accuracy.size()}}},
          {"result",
           {{"test_accuracy", of.mean},
            {"epochs", Json::array({{{"epoch", 1}, {"test_accuracy", 0.5}}})},
            {"mean", {{"test_accuracy", of.mean}}},
            {"std", {{"test_accuracy", of.deviation}}},
            {"runs", std::move(runs)}}},
          {"digest", "00"}};
}

Json small(const std::string& command, Json result) {
  return {{"imcsim", "0"},
          {"command", command},
          {"config", Json::object()},
          {"result", std::move(result)},
          {"digest", command}};
}

std::string refusal(const std::vector<FinishedRun>& runs) {
  try {
    study::compare_runs(runs);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

BOOST_AUTO_TEST_CASE(same_seeds_are_paired_others_are_not) {
  const Json a = train_result(0.4, {0.90, 0.94});
  const Json b = train_result(0.2, {0.93, 0.95});
  const auto tolerance = boost::test_tools::tolerance(1e-12);
  const Comparison paired = study::compare_runs({{"a", a}, {"b", b}});
  BOOST_REQUIRE(paired.figures.size() == 1U);  // the curve over epochs is not a figure
  const ComparedFigure& accuracy = paired.figures[0];
  BOOST_TEST(accuracy.name == "test_accuracy");
  BOOST_TEST(accuracy.differences[0].difference == 0.02, tolerance);
  BOOST_TEST((accuracy.differences[0].kind == ErrorKind::paired));
  BOOST_TEST(*accuracy.differences[0].error == 0.01, tolerance);
  BOOST_TEST(*accuracy.std[0] == 0.04 / std::sqrt(2.0), tolerance);
  BOOST_REQUIRE(paired.config.size() == 1U);
  BOOST_TEST(paired.config[0].key == "learning-rate");
  BOOST_TEST(*paired.config[0].values[1] == "0.2");
  BOOST_TEST(paired.same_digest);

  const Comparison apart =
      study::compare_runs({{"a", a}, {"c", train_result(0.2, {0.93, 0.95}, 7)}});
  BOOST_TEST((apart.figures[0].differences[0].kind == ErrorKind::independent));
  // √((0.04² / 2 + 0.02² / 2) / 2)
  BOOST_TEST(*apart.figures[0].differences[0].error == std::sqrt(0.0005), tolerance);
}

BOOST_AUTO_TEST_CASE(numbers_are_found_in_objects_and_lists) {
  const Json result = {{"error", 1.5},
                       {"by", {{"dac", 2.0}}},
                       {"rows", {{{"t_s", 1.0}, {"mean_us", 3.0}, {"std_us", 0.5}}}},
                       {"word", "x"},
                       {"x", {1.0, 2.0}}};
  const Comparison done =
      study::compare_runs({{"a", small("device", result)}, {"b", small("device", result)}});
  std::vector<std::string> names;
  for (const ComparedFigure& figure : done.figures) names.push_back(figure.name);
  const std::vector<std::string> expected = {"error", "by.dac", "rows[1s].t_s", "rows[1s].mean_us",
                                             "rows[1s].std_us"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  BOOST_TEST(done.figures[3].same);
  BOOST_TEST(!done.figures[3].std[0].has_value());  // between devices, not between runs
}

BOOST_AUTO_TEST_CASE(accuracies_over_time_are_paired_seed_by_seed) {
  const auto infer = [](double first, double second) {
    Json json = small("infer", {{"times", Json::array()}, {"runs", Json::array()}});
    json["config"] = {{"runs", 2}};
    json["result"]["times"].push_back(
        {{"t_s", 1}, {"accuracy_mean", 0.5 * (first + second)}, {"accuracy_std", 0.1}});
    json["result"]["runs"].push_back({{"seed", 1}, {"accuracy", {first}}});
    json["result"]["runs"].push_back({{"seed", 2}, {"accuracy", {second}}});
    return json;
  };
  const Comparison done = study::compare_runs({{"a", infer(0.8, 0.9)}, {"b", infer(0.7, 0.8)}});
  const ComparedFigure& figure = done.figures.at(1);
  BOOST_TEST(figure.name == "times[1s].accuracy_mean");
  BOOST_TEST(*figure.std[0] == 0.1);
  BOOST_TEST((figure.differences[0].kind == ErrorKind::paired));
  BOOST_TEST(std::fabs(*figure.differences[0].error) < 1e-12);  // both seeds lose 0.1
}

BOOST_AUTO_TEST_CASE(invalid_results_are_refused) {
  const Json result = train_result(0.4, {0.9});
  BOOST_TEST(contains(refusal({{"a", result}}), "at least two runs"));
  BOOST_TEST(contains(refusal({{"a", result}, {"b", Json::array()}}), "b: is not a result"));
  BOOST_TEST(contains(refusal({{"a", result}, {"b", {{"imcsim", "0"}}}}), "b: is not a result"));
  BOOST_TEST(contains(refusal({{"a", result}, {"b", small("mvm", {{"other", 1.0}})}}),
                      "no value in common"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace imcsim
