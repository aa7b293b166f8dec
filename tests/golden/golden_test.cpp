// Short runs whose final state is known bit by bit. Each is computed with every instruction set of
// this machine and with 1, 2 and 7 threads, natively and in WebAssembly: one constant for all.
// Who changes a constant says in the commit which physics changed.
#include <boost/test/unit_test.hpp>

#include "study/safetensors.hpp"
#include "study/settings.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "support.hpp"

namespace imcsim {
namespace {

/// 300 training images; 1,100 test images, so that an evaluation has several parts for threads.
const dataset::Dataset& digits() {
  static const dataset::Dataset data = testing::synthetic_digits(300, 1100);
  return data;
}

std::string digest_of_run(const std::string& toml, const Execution& execution) {
  study::Settings settings = study::parse_settings(toml, "golden", "file golden");
  const study::ResolvedTrainConfig resolved =
      study::resolve_train_config(settings, [](const auto&, auto&) { return false; });
  study::TrainSession session(resolved.config, digits(), execution);
  Observer nobody;
  session.run(nobody);
  return study::digest_text(session.digest());
}

void check(const std::string& toml, const std::string& digest) {
  for (const Isa isa : testing::supported_isas()) {
    for (const int threads : {1, 2, 7}) {
      const std::string found = digest_of_run(toml, {isa, threads});
      BOOST_TEST(found == digest, "isa " << names_of(isa)[static_cast<std::size_t>(isa)]
                                         << ", threads " << threads << ": " << found
                                         << " instead of " << digest);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(golden)

BOOST_AUTO_TEST_CASE(the_data_are_what_they_were) {
  BOOST_TEST(study::digest_text(study::hash_of(digits().training.pixels())) == "1f71eaddc9c2c12a");
}

BOOST_AUTO_TEST_CASE(mixed_precision_on_pcm) {
  check("network = \"784-30-10\"\nepochs = 2\n", "896f6ea106453c3b");
}

BOOST_AUTO_TEST_CASE(mixed_precision_on_ideal_devices) {
  check("network = \"784-30-10\"\nepochs = 2\ndevice = \"ideal\"\n", "08d1c2e3fced1111");
}

BOOST_AUTO_TEST_CASE(float_reference) {
  check("network = \"784-30-10\"\nepochs = 2\nmethod = \"float\"\nactivation = \"tanh\"\n",
        "437689fcf83f4f05");
}

BOOST_AUTO_TEST_CASE(softmax_and_cross_entropy) {
  check("network = \"784-30-10\"\nepochs = 2\npreset = \"softmax\"\nseed = 7\n",
        "49f42885ff71e74e");
}

BOOST_AUTO_TEST_CASE(drift_at_a_laboratorys_pace) {
  check("network = \"784-30-10\"\nepochs = 2\npreset = \"pcm-lab\"\n", "6846a052f8d62f85");
}

BOOST_AUTO_TEST_CASE(batches_with_stochastic_rounding) {
  check(
      "network = \"784-30-10\"\nepochs = 2\nbatch-size = 4\nrounding = \"stochastic\"\n"
      "learning-rate-decay = 0.5\n",
      "51d854f78fcb9679");
}

/// Three layers, ReLU, initial weights written by pulses, frequent refreshes, nearest rounding,
/// other converters.
BOOST_AUTO_TEST_CASE(three_layers_and_all_that_is_rare) {
  check(
      "network = \"784-24-17-10\"\nepochs = 1\nactivation = \"relu\"\nlearning-rate = 0.1\n"
      "initial-programming = \"pulses\"\nrefresh-every = 20\nrefresh-above-us = 2\n"
      "refresh-difference-us = 4\nrounding = \"nearest\"\ndac-bits = 5\nadc-bits = 6\n"
      "update-nonlinearity = false\n",
      "29fb1629b3036627");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
