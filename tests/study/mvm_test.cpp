// `imcsim mvm`: synthetic tasks, tasks from files, and results.
#include "study/mvm.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(study_mvm)

namespace {

using study::Distribution;
using study::FileMatrix;
using study::MvmConfig;
using study::MvmStudy;
using study::MvmTask;

MvmConfig small(const std::string& device) {
  const auto no_files = [](const std::string&, std::string&) { return false; };
  MvmConfig config =
      study::resolve_config<MvmConfig>({{"device", device, "--device", "flag"}}, no_files).config;
  config.rows = 40;
  config.cols = 30;
  config.samples = 70;
  return config;
}

MvmConfig without_converters(MvmConfig config) {
  config.crossbar.converters.dac_bits = 0;
  config.crossbar.converters.adc_bits = 0;
  return config;
}

testing::Sample sample_of(const Matrix<float>& m, std::size_t columns) {
  testing::Sample sample;
  for (std::size_t i = 0; i < m.shape(0); ++i) {
    for (std::size_t j = 0; j < columns; ++j) sample.add(static_cast<double>(m(i, j)));
  }
  return sample;
}

std::pair<float, float> limits(const Matrix<float>& m) {
  float low = m.data()[0];
  float high = low;
  for (std::size_t i = 0; i < m.size(); ++i) {
    low = std::min(low, m.data()[i]);
    high = std::max(high, m.data()[i]);
  }
  return {low, high};
}

}  // namespace

/// 256 × 64 weights: mean and standard deviation of the three distributions, k = 4. The normal
/// distribution is clipped at 3 standard deviations, which reduces its standard deviation by 0.5 %.
BOOST_AUTO_TEST_CASE(synthetic_numbers_have_the_requested_distribution) {
  struct Row {
    Distribution distribution;
    double mean, deviation;
    float low, high;
  };
  const Row rows[] = {
      {Distribution::uniform, 0.0, 1.0 / std::sqrt(3.0), -1.0F, 1.0F},
      {Distribution::positive, 0.5, 1.0 / std::sqrt(12.0), 0.0F, 1.0F},
      {Distribution::normal, 0.0, 1.0 / 3.0, -1.0F, 1.0F},
  };
  for (const Row& row : rows) {
    MvmConfig config = small("ideal");
    config.rows = 256;
    config.cols = 64;
    config.samples = 64;
    config.weight_distribution = row.distribution;
    config.input_distribution = row.distribution;
    const MvmTask task = study::make_mvm_task(config, nullptr, nullptr);
    for (const testing::Sample& s :
         {sample_of(task.product.weights, 64), sample_of(task.product.inputs, 256)}) {
      BOOST_TEST(s.n() == 16384.0);
      BOOST_TEST(std::fabs(s.mean() - row.mean) < 4.0 * testing::mean_error(row.deviation, s.n()));
      BOOST_TEST(std::fabs(s.deviation() - row.deviation) <
                 0.005 * row.deviation + 4.0 * testing::deviation_error(row.deviation, s.n()));
    }
    const auto [low, high] = limits(task.product.inputs);
    BOOST_TEST(low >= row.low);
    BOOST_TEST(high <= row.high);
    BOOST_TEST(high > 0.99F * row.high);
  }
}

/// 70 × 40 inputs of which a fifth are nonzero; k = 4.
BOOST_AUTO_TEST_CASE(density_is_the_fraction_of_driven_inputs) {
  MvmConfig config = small("ideal");
  config.input_density = 0.2;
  const MvmTask task = study::make_mvm_task(config, nullptr, nullptr);
  double driven = 0.0;
  for (std::size_t k = 0; k < 70; ++k) {
    for (std::size_t i = 0; i < 40; ++i) driven += task.product.inputs(k, i) != 0.0F ? 1.0 : 0.0;
  }
  BOOST_TEST(std::fabs(driven / 2800.0 - 0.2) < 4.0 * std::sqrt(0.16 / 2800.0));
}

BOOST_AUTO_TEST_CASE(files_determine_sizes_and_scales) {
  MvmConfig config = without_converters(small("ideal"));
  const FileMatrix matrix{{1.0, 2.0, -3.0, 4.0, 0.0, 8.0}, 3, 2};
  const FileMatrix vectors{{10.0, 20.0, 5.0, 0.0, -40.0, 1.0}, 2, 3};
  const MvmTask task = study::make_mvm_task(config, &matrix, &vectors);
  BOOST_TEST(config.rows == 3);
  BOOST_TEST(config.cols == 2);
  BOOST_TEST(config.samples == 2);
  BOOST_TEST(task.weight_scale == 8.0);
  BOOST_TEST(task.input_scale == 40.0);
  BOOST_TEST(task.product.weights(2, 1) == 1.0F);
  const MvmStudy study = study::run_mvm(config, task, {best_isa(), 1});
  // [10 20 5]·[[1 2] [−3 4] [0 8]] = [−50 140];  [0 −40 1]·… = [120 −152]
  const float expected[2][2] = {{-50.0F, 140.0F}, {120.0F, -152.0F}};
  for (std::size_t k = 0; k < 2; ++k) {
    for (std::size_t j = 0; j < 2; ++j) {
      BOOST_TEST(std::fabs(study.product.output(k, j) - expected[k][j]) < 1e-4F);
      BOOST_TEST(std::fabs(study.product.exact(k, j) - expected[k][j]) < 1e-4F);
    }
  }
  BOOST_TEST(study.rms_error < 1e-4);
}

BOOST_AUTO_TEST_CASE(files_that_do_not_fit_are_refused) {
  MvmConfig config = small("ideal");
  const FileMatrix matrix{{1.0, 2.0, 3.0, 4.0}, 2, 2};
  const FileMatrix vectors{{1.0, 2.0, 3.0}, 1, 3};
  const FileMatrix empty;
  BOOST_CHECK_THROW(study::make_mvm_task(config, &matrix, &vectors), InputError);
  BOOST_CHECK_THROW(study::make_mvm_task(config, &empty, nullptr), InputError);
  const FileMatrix zeros{{0.0, 0.0, 0.0, 0.0}, 2, 2};
  BOOST_TEST(study::make_mvm_task(config, &zeros, nullptr).weight_scale == 1.0);
}

/// The absolute error and the bits of the output, computed from the returned products.
BOOST_AUTO_TEST_CASE(errors_are_those_of_the_returned_products) {
  MvmConfig config = small("pcm-inference");
  const FileMatrix matrix{{0.5, 2.0, -3.0, 4.0, 0.0, 7.0}, 3, 2};
  MvmTask task = study::make_mvm_task(config, &matrix, nullptr);
  const MvmStudy study = study::run_mvm(config, task, {best_isa(), 1});
  double squares = 0.0;
  double all = 0.0;
  double most = 0.0;
  for (std::size_t k = 0; k < 70; ++k) {
    for (std::size_t j = 0; j < 2; ++j) {
      const auto exact = static_cast<double>(study.product.exact(k, j));
      const double off = static_cast<double>(study.product.output(k, j)) - exact;
      squares += off * off;
      all += exact * exact;
      most = std::max(most, std::fabs(exact));
    }
  }
  const double rms = std::sqrt(squares / 140.0);
  BOOST_TEST(rms > 0.0);
  BOOST_TEST(std::fabs(study.rms_error / rms - 1.0) < 1e-5);
  BOOST_TEST(std::fabs(study.product.error.relative_rms / std::sqrt(squares / all) - 1.0) < 1e-5);
  BOOST_TEST(std::fabs(study.output_bits - std::log2(most / (std::sqrt(12.0) * rms))) < 1e-4);
}

/// Calibration keeps 99.9 % of the outputs of mvm within the converter range for any array size; a
/// fixed range does not.
BOOST_AUTO_TEST_CASE(the_range_of_the_output_is_calibrated) {
  MvmConfig config = small("ideal");
  config.rows = 400;
  config.samples = 100;
  const MvmTask task = study::make_mvm_task(config, nullptr, nullptr);
  const Execution execution{best_isa(), 1};
  const MvmStudy fitted = study::run_mvm(config, task, execution);
  BOOST_TEST(fitted.product.counts.adc_saturated <= 30U);  // 3,000 outputs
  config.crossbar.converters.adc_range_quantile = 0.0;
  const MvmStudy given = study::run_mvm(config, task, execution);
  BOOST_TEST(given.product.counts.adc_saturated > 200U);
  BOOST_TEST(fitted.product.error.relative_rms < 0.1 * given.product.error.relative_rms);
}

BOOST_AUTO_TEST_CASE(the_digest_follows_from_configuration_and_seed_alone) {
  MvmConfig config = small("pcm");
  const MvmTask task = study::make_mvm_task(config, nullptr, nullptr);
  const std::uint64_t digest = study::run_mvm(config, task, {best_isa(), 1}).digest;
  BOOST_TEST(study::run_mvm(config, task, {Isa::baseline, 3}).digest == digest);
  config.by_source = false;
  BOOST_TEST(study::run_mvm(config, task, {best_isa(), 1}).digest == digest);
  config.seed = 2;
  const MvmTask other = study::make_mvm_task(config, nullptr, nullptr);
  BOOST_TEST(study::run_mvm(config, other, {best_isa(), 1}).digest != digest);
}

BOOST_AUTO_TEST_CASE(the_json_lists_the_error_sources) {
  const MvmConfig config = small("pcm-inference");
  MvmConfig copy = config;
  const MvmTask task = study::make_mvm_task(copy, nullptr, nullptr);
  const MvmStudy study = study::run_mvm(config, task, {best_isa(), 1});
  const study::Json json = study::mvm_json(config, study);
  BOOST_TEST(json["command"] == "mvm");
  const study::Json& result = json["result"];
  BOOST_TEST(result["relative_rms_error"] == study.product.error.relative_rms);
  BOOST_TEST(result["programmed_devices"] == 2 * 40 * 30);
  BOOST_TEST(result["converged_devices"] == 2 * 40 * 30);
  BOOST_TEST(result["error_by_source"].size() == 8U);
  BOOST_TEST(result["error_by_source"]["programming"] > result["error_by_source"]["dac"]);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
