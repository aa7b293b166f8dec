// Inference over time from a model file, entirely in memory.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "study/infer.hpp"
#include "study/safetensors.hpp"
#include "study/settings.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(study_infer)

namespace {

using study::InferConfig;

const dataset::Dataset& digits() {
  static const dataset::Dataset data = testing::synthetic_digits(400, 200);
  return data;
}

/// A model file from a short training run.
std::vector<std::uint8_t> model_of(const std::string& toml) {
  const study::ResolvedTrainConfig resolved = study::resolve_train_config(
      study::parse_settings(toml, "train", "file train"), [](const auto&, auto&) { return false; });
  study::TrainSession session(resolved.config, digits(), {best_isa(), 1});
  Observer no_observer;
  session.run(no_observer);
  return session.model();
}

study::InferRun infer(const std::vector<std::uint8_t>& bytes, InferConfig config,
                      const Execution& execution = {best_isa(), 1}) {
  config.network = "784-20-10";
  const study::Safetensors file = study::read_safetensors(bytes, "model");
  return study::infer_once(config, study::read_model(file, config, "model"), digits(), execution);
}

InferConfig config_of(const std::string& toml) {
  return study::resolve_config<InferConfig>(study::parse_settings(toml, "infer", "file infer"),
                                            [](const auto&, auto&) { return false; })
      .config;
}

const std::vector<std::uint8_t>& pcm_model() {
  static const std::vector<std::uint8_t> model = model_of("network = \"784-20-10\"\nepochs = 2\n");
  return model;
}

const std::vector<std::uint8_t>& float_model() {
  static const std::vector<std::uint8_t> model =
      model_of("network = \"784-20-10\"\nepochs = 2\nmethod = \"float\"\n");
  return model;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_trained_array_is_evaluated_unchanged) {
  const study::InferRun run = infer(pcm_model(), config_of("times = \"1s,1d,10y\"\n"));
  BOOST_TEST(run.accuracy.size() == 3U);
  BOOST_TEST(run.accuracy[0] > 0.8);
  // The common exponent of pcm gives a common factor: after compensation only noise remains.
  BOOST_TEST(run.accuracy[2] > run.accuracy[0] - 0.05);
  BOOST_TEST(run.counts.set_pulses == 0U);
}

/// ν = 0.04 from 38.6 s on: without compensation, every weight decreases by (1 y/38.6 s)^−0.04.
BOOST_AUTO_TEST_CASE(drift_without_compensation_is_the_power_law) {
  const study::InferRun run = infer(
      pcm_model(), config_of("times = \"1s,1y\"\ncompensation = \"none\"\nread-noise = \"off\"\n"));
  const double left = std::pow(31536000.0 / 38.6, -0.04);
  BOOST_TEST(run.weight_rms_error[0] < 1e-3);
  BOOST_TEST(std::fabs(run.weight_rms_error[1] - (1.0 - left)) < 2e-3);
}

BOOST_AUTO_TEST_CASE(compensation_restores_the_common_factor) {
  const std::string base =
      "device = \"pcm-inference\"\nreprogram = \"single-shot\"\ntimes = "
      "\"1s,1y\"\n";
  const study::InferRun none = infer(float_model(), config_of(base + "compensation = \"none\"\n"));
  const study::InferRun global = infer(float_model(), config_of(base));
  const study::InferRun column =
      infer(float_model(), config_of(base + "compensation = \"per-column\"\n"));
  BOOST_TEST(none.weight_rms_error[1] > 0.4);
  BOOST_TEST(global.weight_rms_error[1] < 0.7 * none.weight_rms_error[1]);
  BOOST_TEST(column.weight_rms_error[1] < 0.7 * none.weight_rms_error[1]);
  BOOST_TEST(global.accuracy[1] >= none.accuracy[1]);
  BOOST_TEST(global.counts.forward_mvm == 2U * 2U * 200U);
}

/// All devices of `pcm` drift by the same factor, so that one factor per layer compensates
/// completely, also if the converters clip most outputs: the clipped outputs do not enter the
/// factor.
BOOST_AUTO_TEST_CASE(clipped_outputs_do_not_hide_drift) {
  for (const char* compensation : {"global", "per-column"}) {
    const study::InferRun run =
        infer(pcm_model(), config_of("times = \"1s,1y\"\nread-noise = \"off\"\n"
                                     "adc-full-scale-forward = 0.5\ncompensation = \"" +
                                     std::string(compensation) + "\"\n"));
    BOOST_TEST(run.weight_rms_error[0] < 1e-3, compensation);
    // Drift is updated in steps of 0.1 %; a code is 0.4 % of the range of 0.5.
    BOOST_TEST(run.weight_rms_error[1] < 0.01, compensation << run.weight_rms_error[1]);
  }
}

BOOST_AUTO_TEST_CASE(ideal_devices_give_the_float_network) {
  const study::InferRun run = infer(
      float_model(),
      config_of("device = \"ideal\"\nreprogram = \"exact\"\ndac-bits = 0\nadc-bits = 0\ntimes = "
                "\"0s\"\n"));
  const study::ResolvedTrainConfig resolved = study::resolve_train_config(
      study::parse_settings("network = \"784-20-10\"\nepochs = 2\nmethod = \"float\"\n", "train",
                            "file train"),
      [](const auto&, auto&) { return false; });
  study::TrainSession session(resolved.config, digits(), {best_isa(), 1});
  Observer no_observer;
  session.run(no_observer);
  BOOST_TEST(run.accuracy[0] == session.result().test_accuracy);
  BOOST_TEST(run.weight_rms_error[0] < 1e-6);
}

BOOST_AUTO_TEST_CASE(the_same_bits_with_any_kernels_and_threads) {
  const InferConfig config = config_of(
      "device = \"pcm-inference\"\nreprogram = \"program-and-verify\"\ntile = \"128x16\"\n"
      "wire-resistance-ohm = 1.0\nadc-range-quantile = 0.999\n");
  const std::uint64_t reference = infer(float_model(), config).digest;
  for (const Isa isa : testing::supported_isas()) {
    for (const int threads : {1, 3}) {
      BOOST_TEST(infer(float_model(), config, {isa, threads}).digest == reference);
    }
  }
}

BOOST_AUTO_TEST_CASE(incompatible_models_are_refused) {
  const study::Safetensors file = study::read_safetensors(pcm_model(), "model");
  InferConfig other = config_of("");
  other.network = "784-30-10";
  BOOST_CHECK_THROW(study::read_model(file, other, "model"), InputError);
  InferConfig keep = config_of("reprogram = \"off\"\n");
  BOOST_CHECK_THROW(infer(float_model(), keep), InputError);
  BOOST_CHECK_THROW(infer(pcm_model(), config_of("times = \"now\"\n")), InputError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
