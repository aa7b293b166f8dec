// Normalized networks: training, checkpoints, and folding for inference.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "numeric/events.hpp"
#include "study/infer.hpp"
#include "study/safetensors.hpp"
#include "study/settings.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(study_normalized_network)

namespace {

const Execution one_thread{best_isa(), 1};

const dataset::Dataset& digits() {
  static const dataset::Dataset data = testing::synthetic_digits(400, 200);
  return data;
}

template <class Config>
Config config_of(const std::string& toml) {
  return study::resolve_config<Config>(study::parse_settings(toml, "test", "file test"),
                                       [](const auto&, auto&) { return false; })
      .config;
}

study::TrainSession session_of(const std::string& toml, const Execution& execution = one_thread) {
  return {config_of<study::TrainConfig>(toml), digits(), execution};
}

const std::string convolutions =
    "epochs = 1\nmethod = \"float\"\nactivation = \"relu\"\nloss = \"cross-entropy\"\n"
    "learning-rate = 0.01\n";
const std::string normalized = "network = \"28x28-c4k5-n-p2-c8k5-n-p2-10\"\n" + convolutions;
const std::string plain = "network = \"28x28-c4k5-p2-c8k5-p2-10\"\n" + convolutions;

}  // namespace

/// 400 samples, same seeds: normalized convolutions reach a higher accuracy than plain ones.
BOOST_AUTO_TEST_CASE(normalized_convolutions_learn_faster) {
  Observer no_observer;
  study::TrainSession with = session_of(normalized);
  study::TrainSession without = session_of(plain);
  with.run(no_observer);
  without.run(no_observer);
  BOOST_TEST_MESSAGE("with " << with.result().train_loss << " " << with.result().test_accuracy
                             << ", without " << without.result().train_loss << " "
                             << without.result().test_accuracy);
  BOOST_TEST(with.result().train_loss < 0.8 * without.result().train_loss);
  BOOST_TEST(with.result().test_accuracy > without.result().test_accuracy + 0.05);
}

/// Dropout and normalization, with devices and in float: the digest does not depend on
/// interruptions, threads and kernels.
BOOST_AUTO_TEST_CASE(a_checkpoint_keeps_the_state_of_the_digital_unit) {
  for (const char* method : {"float", "mixed-precision", "in-situ"}) {
    const std::string toml = "network = \"784-d0.2-20-n-d0.5-10\"\nepochs = 2\nmethod = \"" +
                             std::string(method) + "\"\n";
    Observer no_observer;
    study::TrainSession whole = session_of(toml);
    whole.run(no_observer);
    study::TrainSession first = session_of(toml, {Isa::baseline, 2});
    first.advance(250);
    const std::vector<std::uint8_t> bytes = first.checkpoint();
    study::TrainSession second = session_of(toml);
    second.resume(study::read_safetensors(bytes, "checkpoint"), "checkpoint");
    second.run(no_observer);
    BOOST_TEST(second.digest() == whole.digest(), method);
    auto statistics = whole.trainer().normalization_state();
    BOOST_TEST(statistics.size() == 5U);
    const std::uint64_t before = whole.digest();
    reinterpret_cast<float*>(statistics[0].view.row(0))[3] += 0.5F;
    BOOST_TEST(whole.digest() != before, method);
  }
}

/// Ideal devices without converters: scale and offset in the digital unit replace the
/// normalization. Scores differ by the float rounding of sums of hundreds of terms near 1.
BOOST_AUTO_TEST_CASE(a_folded_network_equals_the_network) {
  Observer no_observer;
  study::TrainSession session = session_of(normalized);
  session.run(no_observer);
  const training::Evaluation unfolded = training::evaluate(
      session.trainer().network(), digits().test,
      {Stream(1, Purpose::evaluation_read), events::evaluations(0, 0)}, one_thread);
  const std::vector<std::uint8_t> bytes = session.model();
  const study::Safetensors file = study::read_safetensors(bytes, "model");
  for (const char* tile : {"none", "50x3"}) {
    const auto config = config_of<study::InferConfig>(
        "network = \"28x28-c4k5-n-p2-c8k5-n-p2-10\"\nactivation = \"relu\"\n"
        "loss = \"cross-entropy\"\ndevice = \"ideal\"\nreprogram = \"exact\"\ndac-bits = 0\n"
        "adc-bits = 0\ntimes = \"0s\"\ncompensation = \"none\"\ntile = \"" +
        std::string(tile) + "\"\n");
    const study::InferRun folded =
        study::infer_once(config, study::read_model(file, config, "model"), digits(), one_thread);
    float largest = 0.0F;
    for (std::size_t i = 0; i < digits().test.size(); ++i) {
      for (std::size_t c = 0; c < 10; ++c) {
        largest = std::max(largest, std::fabs(folded.scores(i, c) - unfolded.scores(i, c)));
      }
    }
    BOOST_TEST(largest < 2e-5F, tile);
    BOOST_TEST(folded.accuracy[0] == unfolded.accuracy);
  }
}

/// On devices with a single drift exponent, compensation restores a normalized network, because it
/// is applied before the offsets. ν = 0.04: weights decrease to 0.58 in a year.
BOOST_AUTO_TEST_CASE(compensation_comes_before_scale_and_offset) {
  Observer no_observer;
  study::TrainSession session = session_of(normalized);
  session.run(no_observer);
  const std::vector<std::uint8_t> bytes = session.model();
  const study::Safetensors file = study::read_safetensors(bytes, "model");
  const auto accuracy = [&](const std::string& compensation) {
    const auto config = config_of<study::InferConfig>(
        "network = \"28x28-c4k5-n-p2-c8k5-n-p2-10\"\nactivation = \"relu\"\n"
        "loss = \"cross-entropy\"\ndevice = \"pcm\"\nreprogram = \"exact\"\nread-noise = \"off\"\n"
        "dac-bits = 0\nadc-bits = 0\ntimes = \"1s,1y\"\ncompensation = \"" +
        compensation + "\"\n");
    return study::infer_once(config, study::read_model(file, config, "model"), digits(), one_thread)
        .accuracy;
  };
  const std::vector<double> global = accuracy("global");
  const std::vector<double> none = accuracy("none");
  BOOST_TEST_MESSAGE(global[0] << " " << global[1] << " " << none[1]);
  BOOST_TEST(global[0] > 0.8);                            // chance level: 0.1
  BOOST_TEST(std::fabs(global[1] - global[0]) <= 0.005);  // one image
  BOOST_TEST(none[1] < global[1]);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
