// Provokes each finding of the diagnosis; a normal run has none.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "study/json.hpp"
#include "study/safetensors.hpp"
#include "study/settings.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(training_diagnosis)

namespace {

using study::TrainSession;

const dataset::Dataset& digits() {
  static const dataset::Dataset data = testing::synthetic_digits(300, 100);
  return data;
}

TrainSession session_of(const std::string& toml) {
  const std::string epochs = testing::contains(toml, "epochs") ? "" : "epochs = 1\n";
  const std::string network = testing::contains(toml, "network") ? "" : "network = \"784-20-10\"\n";
  const study::Settings settings =
      study::parse_settings(network + epochs + toml, "own", "file own");
  return {study::resolve_train_config(settings, [](const auto&, auto&) { return false; }).config,
          digits(),
          {best_isa(), 1}};
}

std::string codes_of(const std::string& toml) {
  TrainSession session = session_of(toml);
  Observer no_observer;
  session.run(no_observer);
  std::string codes;
  for (const training::Finding& finding : session.result().diagnosis) codes += finding.code + " ";
  return codes;
}

std::string end_of(const std::string& toml) {
  TrainSession session = session_of(toml);
  Observer no_observer;
  try {
    session.run(no_observer);
  } catch (const RunError& error) {
    return error.what();
  }
  return "nothing";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_healthy_run_has_no_findings) {
  for (const char* toml :
       {"", "epochs = 3\n", "device = \"ideal\"\n", "preset = \"softmax\"\n",
        "method = \"float\"\n", "method = \"hardware-aware\"\ndevice = \"pcm-inference\"\n",
        "epochs = 0\n", "momentum = 0.9\nlearning-rate = 0.04\n"}) {
    BOOST_TEST(codes_of(toml) == "", toml << codes_of(toml));
  }
}

BOOST_AUTO_TEST_CASE(saturated_converters) {
  BOOST_TEST(testing::contains(codes_of("adc-full-scale-forward = 0.1\nlearning-rate = 0.1\n"),
                               "adc-saturated-forward "));
  BOOST_TEST(testing::contains(codes_of("adc-full-scale-backward = 0.05\nlearning-rate = 0.1\n"),
                               "adc-saturated-backward "));
  BOOST_TEST(testing::contains(codes_of("dac-full-scale = 0.3\n"), "dac-saturated "));
}

BOOST_AUTO_TEST_CASE(missing_pulses) {
  const std::string codes = codes_of("granularity = 50\n");
  BOOST_TEST(testing::contains(codes, "no-pulses "), codes);
  BOOST_TEST(testing::contains(codes, "granularity-too-large "), codes);
}

BOOST_AUTO_TEST_CASE(exhausted_pairs) {
  const std::string crowded = "conductance-per-weight-us = 40\ngranularity = 0.02\n";
  const std::string codes = codes_of(crowded + "epochs = 6\nrefresh-every = 0\n");
  BOOST_TEST(codes == "range-exhausted ");
}

BOOST_AUTO_TEST_CASE(settings_without_effect) {
  BOOST_TEST(codes_of("method = \"float\"\nerror-bins = 4\n") == "no-effect ");
  BOOST_TEST(codes_of("device = \"ideal\"\nrefresh-above-us = 500\nrefresh-every = 50\n") ==
             "no-effect ");
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_is_located) {
  const std::string end = end_of(
      "method = \"float\"\nactivation = \"relu\"\nloss = \"cross-entropy\"\n"
      "network = \"784-100-100-100-100-10\"\nlearning-rate = 10\nmomentum = 0.99\n");
  BOOST_TEST(testing::contains(end, "loss is not finite at sample "), end);
  BOOST_TEST(testing::contains(end, " of epoch "), end);
  BOOST_TEST(testing::contains(end, " layer "), end);
}

BOOST_AUTO_TEST_CASE(an_update_that_is_too_large_is_located) {
  const std::string end = end_of("learning-rate = 1e3\n");
  BOOST_TEST(testing::contains(end, "training diverged"), end);
  BOOST_TEST(testing::contains(end, "in layer "), end);
  BOOST_TEST(testing::contains(end, "at sample 1 of epoch 1"), end);
}

BOOST_AUTO_TEST_CASE(findings_are_in_results_and_checkpoints) {
  TrainSession session = session_of("granularity = 50\nepochs = 2\n");
  session.advance(1000);
  session.advance(40);
  TrainSession resumed = session_of("granularity = 50\nepochs = 2\n");
  const std::vector<std::uint8_t> bytes = session.checkpoint();
  resumed.resume(study::read_safetensors(bytes, "run.ckpt"), "run.ckpt");
  const study::Json json = study::train_json(resumed.config(), {resumed.summary()});
  const study::Json& findings = json["result"]["diagnosis"];
  BOOST_REQUIRE(findings.size() == 2U);
  BOOST_TEST(findings[0]["code"].get<std::string>() == "no-pulses");
  BOOST_TEST(findings[1]["value"].get<double>() > 0.6);
  BOOST_TEST(resumed.trainer().conversions().forward == 40U * 30U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
