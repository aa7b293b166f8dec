// Results of a training run, and invalid configurations.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "study/json.hpp"
#include "study/safetensors.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(study_train)

namespace {

using study::Json;
using study::RunSummary;
using study::TrainConfig;
using study::TrainSession;

const dataset::Dataset& small_data() {
  static const dataset::Dataset data = testing::synthetic_digits(50, 30);
  return data;
}

TrainConfig small_config() {
  TrainConfig config;
  config.network = "784-8-10";
  config.training.epochs = 2;
  return config;
}

RunSummary run(const TrainConfig& config) {
  TrainSession session(config, small_data(), {best_isa(), 1});
  Observer no_observer;
  session.run(no_observer);
  RunSummary summary;
  summary.seed = config.seed;
  summary.result = session.result();
  summary.counts = session.counts();
  summary.evaluation_counts = session.evaluation_counts();
  summary.digest = session.digest();
  return summary;
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

std::string refusal(const TrainConfig& config, const dataset::Dataset& data = small_data()) {
  try {
    TrainSession(config, data, {best_isa(), 1});
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_result_of_one_run_has_the_specified_keys) {
  const TrainConfig config = small_config();
  const RunSummary summary = run(config);
  const Json json = study::train_json(config, {summary});
  for (const char* key :
       {"imcsim", "command", "seed", "config", "result", "counts", "cost", "digest"}) {
    BOOST_TEST(json.contains(key), key);
  }
  BOOST_TEST(json["command"] == "train");
  BOOST_TEST(json["seed"] == 1);
  BOOST_TEST(json["cost"]["preset"] == "hermes-14nm");
  BOOST_TEST(!json.contains("execution"));  // added by the host
  BOOST_TEST(!json.contains("timing"));
  BOOST_TEST(json["digest"] == study::digest_text(summary.digest));
  BOOST_TEST(json["digest"].get<std::string>().size() == 16U);
  for (const char* key :
       {"forward_mvm", "backward_mvm", "dac_conversions", "adc_conversions", "set_pulses",
        "reset_pulses", "verify_reads", "digital_mac", "digital_bytes"}) {
    BOOST_TEST(json["counts"].contains(key), key);
    BOOST_TEST(json["evaluation_counts"].contains(key), key);
  }
  BOOST_TEST(json["counts"]["forward_mvm"] == 2U * 2U * 50U);
  BOOST_TEST(json["evaluation_counts"]["forward_mvm"] == 2U * 2U * 30U);
  const Json& result = json["result"];
  BOOST_TEST(keys_of(result) ==
                 (std::vector<std::string>{"test_accuracy", "train_loss", "epochs", "diagnosis"}),
             boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(result["epochs"].size() == 2U);
  for (const Json& epoch : result["epochs"]) {
    for (const char* key : {"epoch", "train_loss", "test_accuracy", "set_pulses", "reset_pulses",
                            "refreshed_pairs", "programmed_fraction", "saturated_fraction"}) {
      BOOST_TEST(epoch.contains(key), key);
    }
  }
  BOOST_TEST(result["epochs"][0]["epoch"] == 1);
  BOOST_TEST(result["epochs"][1]["epoch"] == 2);
  BOOST_TEST(result["test_accuracy"] == result["epochs"][1]["test_accuracy"]);
  BOOST_TEST(json["counts"]["set_pulses"].get<std::uint64_t>() ==
             result["epochs"][0]["set_pulses"].get<std::uint64_t>() +
                 result["epochs"][1]["set_pulses"].get<std::uint64_t>());
  // Every option that has an effect is in the configuration, with dashes.
  TrainConfig copy = config;
  std::vector<std::string> active;
  const FieldList fields = fields_of(copy);
  for (const Field& field : fields.all()) {
    if (field.active) active.emplace_back(field.text.key);
  }
  BOOST_TEST(keys_of(json["config"]) == active, boost::test_tools::per_element());
  BOOST_TEST(json["config"]["learning-rate"] == 0.4);
  BOOST_TEST(json["config"]["sample-period"] == 1e-6);
  BOOST_TEST(json["config"]["read-noise"] == true);
  BOOST_TEST(json["config"]["method"] == "mixed-precision");
}

BOOST_AUTO_TEST_CASE(several_runs_give_mean_deviation_and_each) {
  TrainConfig config = small_config();
  config.runs = 3;
  std::vector<RunSummary> runs;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    TrainConfig one = config;
    one.seed = seed;
    runs.push_back(run(one));
  }
  const Json json = study::train_json(config, runs);
  const Json& result = json["result"];
  double sum = 0.0;
  double squares = 0.0;
  std::uint64_t pulses = 0;
  for (std::size_t r = 0; r < 3; ++r) {
    BOOST_TEST(result["runs"][r]["seed"] == runs[r].seed);
    BOOST_TEST(result["runs"][r]["digest"] == study::digest_text(runs[r].digest));
    BOOST_TEST(result["runs"][r]["epochs"].size() == 2U);
    const double accuracy = result["runs"][r]["test_accuracy"];
    sum += accuracy;
    squares += accuracy * accuracy;
    pulses += runs[r].counts.set_pulses;
  }
  const double mean = sum / 3.0;
  BOOST_TEST(result["mean"]["test_accuracy"].get<double>() == mean,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(result["test_accuracy"] == result["mean"]["test_accuracy"]);
  BOOST_TEST(std::fabs(result["std"]["test_accuracy"].get<double>() -
                       std::sqrt(std::max(0.0, squares - 3.0 * mean * mean) / 2.0)) < 1e-6);
  BOOST_TEST(json["counts"]["set_pulses"] == pulses);
  const std::vector<std::uint64_t> digests = {runs[0].digest, runs[1].digest, runs[2].digest};
  BOOST_TEST(json["digest"] == study::digest_text(study::digest_of(digests)));
  BOOST_TEST(runs[0].digest != runs[1].digest);
}

BOOST_AUTO_TEST_CASE(no_epochs_evaluate_the_initial_network) {
  TrainConfig config = small_config();
  config.training.epochs = 0;
  TrainSession session(config, small_data(), {best_isa(), 1});
  BOOST_TEST(session.finished());
  BOOST_TEST(session.result().epochs.empty());
  BOOST_TEST(session.evaluation_counts().forward_mvm == 60U);
  session.advance(5);
  BOOST_TEST(session.progress().done == 0U);
}

/// 50 images in batches of 7: seven full batches and one with a single image, which also counts.
BOOST_AUTO_TEST_CASE(the_last_batch_of_an_epoch_may_be_short) {
  constexpr std::uint64_t weights = 785 * 8 + 9 * 10;
  TrainConfig config = small_config();
  config.training.batch_size = 7;
  BOOST_TEST(run(config).counts.weight_updates == 2U * 8U * weights);
  config.training.method = training::MethodName::float32;
  BOOST_TEST(run(config).counts.weight_updates == 2U * 8U * weights);
  config.training.batch_size = 1000;  // all at once
  BOOST_TEST(run(config).counts.weight_updates == 2U * weights);
}

BOOST_AUTO_TEST_CASE(limits_take_the_first_images) {
  TrainConfig config = small_config();
  config.train_limit = 20;
  config.test_limit = 10;
  const RunSummary limited = run(config);
  BOOST_TEST(limited.counts.forward_mvm == 2U * 2U * 20U);
  BOOST_TEST(limited.evaluation_counts.forward_mvm == 2U * 2U * 10U);
  config.train_limit = 1000;  // more than there are: all
  BOOST_TEST(run(config).counts.forward_mvm == 2U * 2U * 50U);
}

BOOST_AUTO_TEST_CASE(an_incompatible_configuration_is_refused) {
  TrainConfig config = small_config();
  config.network = "100-8-10";
  BOOST_TEST(testing::contains(refusal(config),
                               "network: \"100-8-10\" has 100 inputs (784, one "
                               "per pixel of mnist)"));
  config.network = "784-8-9";
  BOOST_TEST(testing::contains(refusal(config), "train-labels: label 9 at index 9"));
  config.network = "784";
  BOOST_TEST(testing::contains(refusal(config), "network: "));
  config = small_config();
  config.crossbar.device.common.conductance_min_us = 50.0;
  BOOST_TEST(refusal(config) != "accepted");
}

/// The codes of a converter of b bits are −(2^(b−1) − 1) … 2^(b−1) − 1: one bit has no code except
/// 0, and must not be confused with "exact", which is 0 bits.
BOOST_AUTO_TEST_CASE(converters_of_one_bit_are_refused) {
  for (const bool dac : {true, false}) {
    TrainConfig config = small_config();
    (dac ? config.crossbar.converters.dac_bits : config.crossbar.converters.adc_bits) = 1;
    BOOST_TEST(refusal(config) != "accepted", (dac ? "dac-bits = 1" : "adc-bits = 1"));
  }
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_ends_the_run_with_a_reason) {
  TrainConfig config = small_config();
  config.training.method = training::MethodName::float32;
  config.training.loss = training::Loss::cross_entropy;
  config.training.activation = network::Activation::relu;
  config.training.learning_rate = 1000.0;
  config.training.epochs = 100;
  TrainSession session(config, small_data(), {best_isa(), 1});
  Observer no_observer;
  try {
    session.run(no_observer);
    // If everything saturated before divergence, the result must be finite.
    BOOST_TEST(std::isfinite(session.result().train_loss));
  } catch (const RunError& error) {
    BOOST_TEST(testing::contains(error.what(), "loss is not finite at sample "));
  }
}

BOOST_AUTO_TEST_CASE(a_model_file_holds_weights_state_and_configuration) {
  TrainSession session(small_config(), small_data(), {best_isa(), 1});
  session.advance(20);
  const std::vector<std::uint8_t> bytes = session.model();
  const study::Safetensors file = study::read_safetensors(bytes, "m");
  BOOST_TEST(file.metadata.at("kind") == "model");
  BOOST_TEST(file.metadata.at("digest") == study::digest_text(session.digest()));
  BOOST_TEST(file.tensors.at("layer0.weight").shape == (std::vector<std::uint64_t>{785, 8}),
             boost::test_tools::per_element());
  BOOST_TEST(file.tensors.count("layer1.conductance_us_minus") == 1U);
  BOOST_TEST(file.tensors.count("layer0.chi_half_granularity") == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
