// The tables that `imcsim device` returns for each curve.
#include "study/device_study.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(study_device_study)

namespace {

using study::DeviceCurve;
using study::DeviceStudy;
using study::DeviceStudyConfig;

DeviceStudyConfig config_of(const std::string& device, DeviceCurve curve, std::int64_t count = 50) {
  const auto no_files = [](const std::string&, std::string&) { return false; };
  DeviceStudyConfig config =
      study::resolve_config<DeviceStudyConfig>({{"device", device, "--device", "flag"}}, no_files)
          .config;
  config.curve = curve;
  config.count = count;
  config.trace_samples = 512;
  config.traces = 2;
  return config;
}

double figure(const DeviceStudy& study, const std::string& name) {
  for (const auto& [key, value] : study.figures) {
    if (key == name) return value;
  }
  BOOST_ERROR("no figure " << name);
  return 0.0;
}

void check_table(const study::Table& table, const std::vector<std::string>& columns,
                 std::size_t rows) {
  BOOST_TEST(table.columns == columns, boost::test_tools::per_element());
  BOOST_TEST(table.rows.size() == rows);
  for (const std::vector<double>& row : table.rows) {
    BOOST_TEST_REQUIRE(row.size() == columns.size());
    for (const double value : row) BOOST_TEST(std::isfinite(value));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(pulses) {
  DeviceStudyConfig config = config_of("pcm", DeviceCurve::pulse);
  config.pulses = 7;
  const DeviceStudy study = study::run_device_study(config, true);
  check_table(study.table,
              {"pulse", "mean_us", "std_us", "quantile_05_us", "median_us", "quantile_95_us",
               "change_mean_us", "change_std_us"},
              8);
  BOOST_TEST(study.points == 8U);
  BOOST_TEST_REQUIRE(study.dump.size() == 8U * 50U);
  for (std::size_t n = 0; n < 8; ++n) {
    testing::Sample g;
    for (std::size_t i = 0; i < 50; ++i) g.add(static_cast<double>(study.dump[50 * n + i]));
    BOOST_TEST(std::fabs(study.table.rows[n][1] - g.mean()) < 1e-6);
    BOOST_TEST(std::fabs(study.table.rows[n][2] - g.deviation()) < 1e-6);
    const double before = n == 0 ? g.mean() : study.table.rows[n - 1][1];
    BOOST_TEST(std::fabs(study.table.rows[n][6] - (g.mean() - before)) < 1e-5);
  }
  BOOST_TEST(study.counts.set_pulses == 350U);
}

BOOST_AUTO_TEST_CASE(drift) {
  DeviceStudyConfig config = config_of("pcm", DeviceCurve::drift);
  config.programming.method = device::ProgrammingMethod::exact;
  const DeviceStudy study = study::run_device_study(config, false);
  check_table(study.table,
              {"t_s", "mean_us", "std_us", "quantile_05_us", "median_us", "quantile_95_us"}, 8);
  BOOST_TEST(std::fabs(figure(study, "target_us") - 6.05) < 1e-5);  // the middle of the range
  BOOST_TEST(std::fabs(figure(study, "exponent_mean") - 0.04) < 1e-6);
  BOOST_TEST(figure(study, "exponent_std") < 1e-6);
  BOOST_TEST(study.dump.empty());
  BOOST_TEST(study.points == 8U);
  const double left = study.table.rows[7][1] / study.table.rows[0][1];
  BOOST_TEST(std::fabs(left - std::pow(3.1536e7 / 38.6, -0.04)) < 1e-5);
  config.targets_us = {3.0, 4.0};
  BOOST_TEST(figure(study::run_device_study(config, false), "target_us") == 3.0);
}

BOOST_AUTO_TEST_CASE(noise) {
  DeviceStudyConfig config = config_of("pcm-inference", DeviceCurve::noise);
  config.targets_us = {2.5, 25.0};
  config.times = "0s,1d";
  const DeviceStudy study = study::run_device_study(config, false);
  check_table(study.table, {"target_us", "t_s", "mean_us", "read_noise", "slow_noise", "measured"},
              4);
  BOOST_TEST(study.table.rows[1][0] == 2.5);
  BOOST_TEST(study.table.rows[1][1] == 86400.0);
  BOOST_TEST(study.spectrum.rows.size() >= 3U);
  check_table(study.spectrum, {"frequency_hz", "density_per_hz"}, study.spectrum.rows.size());
  BOOST_TEST(figure(study, "spectrum_target_us") == 2.5);
  BOOST_TEST(figure(study, "spectrum_slope") < 0.0);
}

BOOST_AUTO_TEST_CASE(programming) {
  const DeviceStudy study =
      study::run_device_study(config_of("pcm-inference", DeviceCurve::program), true);
  check_table(
      study.table,
      {"target_us", "mean_us", "std_us", "rms_error_us", "iterations_mean", "converged_fraction"},
      11);
  double squares = 0.0;
  for (std::size_t k = 0; k < 11; ++k) {
    BOOST_TEST(std::fabs(study.table.rows[k][0] - 2.5 * static_cast<double>(k)) < 1e-5);
    BOOST_TEST(study.table.rows[k][4] == 1.0);  // single-shot programming
    squares += study.table.rows[k][3] * study.table.rows[k][3] / 11.0;
  }
  BOOST_TEST(std::fabs(figure(study, "rms_error_us") - std::sqrt(squares)) < 1e-9);
  BOOST_TEST(std::fabs(figure(study, "converged_fraction") - 1.0) < 1e-12);
  BOOST_TEST(study.dump.size() == 11U * 50U);
  BOOST_TEST(study.counts.reset_pulses == 11U * 50U);
}

BOOST_AUTO_TEST_CASE(temperature) {
  DeviceStudyConfig config = config_of("pcm", DeviceCurve::temperature);
  config.programming.method = device::ProgrammingMethod::exact;
  config.temperatures_k = {300.0, 350.0};
  const DeviceStudy study = study::run_device_study(config, false);
  check_table(
      study.table,
      {"temperature_k", "mean_us", "std_us", "quantile_05_us", "median_us", "quantile_95_us"}, 2);
  BOOST_TEST(std::fabs(study.table.rows[1][1] / study.table.rows[0][1] - 3.0198) < 5.5e-5);
}

/// Digests differ between results, and do not depend on `keep_devices`.
BOOST_AUTO_TEST_CASE(digests_identify_results) {
  for (const DeviceCurve curve : {DeviceCurve::pulse, DeviceCurve::drift, DeviceCurve::noise,
                                  DeviceCurve::program, DeviceCurve::temperature}) {
    DeviceStudyConfig config = config_of("pcm", curve);
    const DeviceStudy kept = study::run_device_study(config, true);
    const std::uint64_t digest = study::run_device_study(config, false).digest;
    BOOST_TEST(digest == kept.digest);
    config.seed = 2;
    BOOST_TEST(study::run_device_study(config, false).digest != digest);
  }
}

BOOST_AUTO_TEST_CASE(the_json_has_the_table_and_the_configuration) {
  const DeviceStudyConfig config = config_of("pcm", DeviceCurve::drift);
  const DeviceStudy study = study::run_device_study(config, false);
  const study::Json json = study::device_study_json(config, study);
  BOOST_TEST(json["command"] == "device");
  BOOST_TEST(json["seed"] == 1);
  BOOST_TEST(json["config"]["device"] == "pcm");
  const study::Json& result = json["result"];
  BOOST_TEST(result["curve"] == "drift");
  BOOST_TEST(result["rows"].size() == 8U);
  BOOST_TEST(result["rows"][3]["t_s"] == 1000.0);
  BOOST_TEST(result["rows"][3]["mean_us"] == study.table.rows[3][1]);
  BOOST_TEST(result["exponent_mean"] == figure(study, "exponent_mean"));
  BOOST_TEST(!result.contains("spectrum"));
}

BOOST_AUTO_TEST_CASE(times_are_durations_with_commas) {
  BOOST_TEST((study::parse_times("0s,2s,1h,1mo", "--times") ==
              std::vector<double>{0.0, 2.0, 3600.0, 2.592e6}));
  BOOST_TEST(std::fabs(study::parse_times("250ns", "--times")[0] - 250e-9) < 1e-20);
  for (const std::string bad : {"", "1s,", "1s,,2s", "soon", "-1s"}) {
    BOOST_CHECK_THROW(study::parse_times(bad, "--times"), InputError);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
