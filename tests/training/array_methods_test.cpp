// Training methods in the array without a digital accumulator.
#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "study/safetensors.hpp"
#include "study/settings.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "support.hpp"
#include "training/pulse_train.hpp"
#include "training/tiki_taka.hpp"
#include "training/training.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(training_array_methods)

namespace {

using study::TrainConfig;
using study::TrainSession;
using training::MethodName;
using training::PulseTrain;

struct Expected {
  std::vector<float> x, d;
  float learning_rate;
  std::int64_t slots;
};

/// Mean number of pulses at each crossing over `events` draws, row by row.
std::vector<double> mean_pulses(const Expected& e, double step, std::uint64_t events) {
  PulseTrain train(e.d.size(), step, e.slots, 1, Purpose::pulse_train, 0);
  crossbar::DrivenLines lines(e.x.size());
  lines.gather(e.x);
  std::vector<double> mean(e.x.size() * e.d.size(), 0.0);
  for (std::uint64_t event = 0; event < events; ++event) {
    for (const crossbar::PulseRequest& r : train.draw(lines, e.d, e.learning_rate, event)) {
      mean[r.crossing] += r.count / static_cast<double>(events);
    }
  }
  return mean;
}

/// Configuration of a device preset with a small network, resolved as for `train`.
TrainConfig config_of(const std::string& toml) {
  study::Settings settings =
      study::parse_settings("network = \"784-20-10\"\n" + toml, "rivals", "file rivals");
  return study::resolve_train_config(settings, [](const auto&, auto&) { return false; }).config;
}

const dataset::Dataset& digits() {
  static const dataset::Dataset data = testing::synthetic_digits(300, 200);
  return data;
}

double accuracy_of(const std::string& toml) {
  TrainSession session(config_of(toml), digits(), {best_isa(), 1});
  Observer no_observer;
  session.run(no_observer);
  return session.result().test_accuracy;
}

const std::string in_situ = "method = \"in-situ\"\n";
const std::string tiki_taka = "method = \"tiki-taka\"\n";
const std::string buffered = tiki_taka + "tiki-taka-buffer = true\n";

}  // namespace

BOOST_AUTO_TEST_CASE(lines_fire_with_their_probability) {
  constexpr std::uint32_t lines = 4000;
  for (const float p : {0.001F, 0.25F, 0.3F, 0.97F}) {
    const Stream stream(5, Purpose::pulse_train);
    testing::Sample slots;
    for (std::uint32_t line = 0; line < lines; ++line) {
      const std::uint32_t fired = training::firing_slots(stream.name(3), line, p, 0x7FFFFFFFU);
      BOOST_REQUIRE((fired & 0x80000000U) == 0U);
      slots.add(std::popcount(fired));
    }
    // A sum of 31 slots; 4.5 standard errors.
    const double deviation =
        std::sqrt(31.0 * static_cast<double>(p) * (1.0 - static_cast<double>(p)));
    BOOST_TEST(std::fabs(slots.mean() - 31.0 * static_cast<double>(p)) <
               4.5 * testing::mean_error(deviation, lines));
    BOOST_TEST(std::fabs(slots.deviation() / deviation - 1.0) < 0.15);
  }
  const Stream stream(5, Purpose::pulse_train);
  BOOST_TEST(training::firing_slots(stream.name(0), 0, 0.0F, 31U) == 0U);
  BOOST_TEST(training::firing_slots(stream.name(0), 0, 1.5F, 31U) == 31U);
  BOOST_TEST(training::firing_slots(stream.name(0), 0, std::nanf(""), 31U) == 0U);
}

/// The mean is -lr·x·d/step, for K below 1, for a few slots, and for more slots than available. The
/// sign corresponds to gradient descent.
BOOST_AUTO_TEST_CASE(the_mean_number_of_pulses_is_the_gradient_over_the_step) {
  constexpr std::uint64_t events = 20000;
  const std::vector<float> x = {1.0F, 0.0F, -0.5F, 0.125F};
  const std::vector<float> d = {0.2F, -0.1F, 0.0F, 0.05F, -0.01F};
  for (const float rate : {0.01F, 0.3F, 1.5F}) {
    const double step = 0.02;
    const std::vector<double> mean = mean_pulses({x, d, rate, 31}, step, events);
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t j = 0; j < d.size(); ++j) {
        const double wanted = -static_cast<double>(rate * x[i] * d[j]) / step;
        // The standard deviation of the pulses in at most 31 slots is below sqrt(mean); 5 standard
        // errors.
        const double bound =
            5.0 * testing::mean_error(std::sqrt(std::fabs(wanted) + 1e-9), events) + 1e-6;
        BOOST_TEST(std::fabs(mean[i * d.size() + j] - wanted) < bound,
                   "rate " << rate << ", " << i << ", " << j << ": " << mean[i * d.size() + j]
                           << " instead of " << wanted);
      }
    }
  }
}

/// If K exceeds the number of slots, update management uses all slots: the largest crossing gets
/// one pulse per slot; smaller errors keep their true mean relative to it until they are clipped as
/// well.
BOOST_AUTO_TEST_CASE(a_pulse_train_that_is_too_short_clips_the_largest_errors) {
  const Expected e{{1.0F, 0.5F}, {1.0F, 0.1F}, 1.0F, 10};  // K = 50, 10 slots
  const std::vector<double> mean = mean_pulses(e, 0.02, 4000);
  BOOST_TEST(std::fabs(mean[0] + 10.0) < 1e-9);
  BOOST_TEST(std::fabs(mean[1] + 5.0) < 0.15);
  BOOST_TEST(std::fabs(mean[2] + 5.0) < 0.15);
  BOOST_TEST(std::fabs(mean[3] + 2.5) < 0.15);
}

BOOST_AUTO_TEST_CASE(methods_learn_on_ideal_and_graded_devices, *boost::unit_test::label("long")) {
  // Chance level is 10 %.
  const std::string longer = "epochs = 30\nloss = \"cross-entropy\"\n";
  const std::string ideal = longer + "device = \"ideal\"\ngranularity = 0.005\n";
  const std::string ecram = longer + "device = \"ecram\"\n";
  for (const std::string& device : {ideal, ecram}) {
    BOOST_TEST(accuracy_of(in_situ + device + "learning-rate = 0.02\n") > 0.8);
    const std::string rates = "learning-rate = 0.02\ntransfer-learning-rate = 0.2\n";
    // On ideal devices, A does not decay, which makes C overshoot.
    const double least = device == ideal ? 0.3 : 0.6;
    BOOST_TEST(accuracy_of(tiki_taka + device + rates) > least);
    BOOST_TEST(accuracy_of(buffered + device + rates) > least);
  }
}

/// One pass over the rows on ideal devices without noise: C moves in the direction of A.
BOOST_AUTO_TEST_CASE(a_transfer_moves_c_towards_a) {
  for (const std::string& method : {tiki_taka, buffered}) {
    TrainConfig config =
        config_of(method +
                  "device = \"ideal\"\ngranularity = 0.001\nlearning-rate = 0.5\nadc-bits = 0\n"
                  "dac-bits = 0\ntransfer-learning-rate = 0.5\n");
    const auto trainer =
        training::make_trainer(config.training, config.crossbar,
                               network::parse_architecture(config.network, ""), 1, {best_isa(), 1});
    const auto& both = dynamic_cast<const training::TikiTakaTrainer&>(*trainer);
    const Matrix<float> before = both.slow(1).weights();
    for (std::size_t s = 0; s < 21; ++s) {  // each of the 21 rows of the last layer once
      trainer->learn(digits().training.image(s), digits().training.label(s), {s, 0.0, 0.5F, true});
    }
    double along = 0.0;
    double moved = 0.0;
    for (std::size_t i = 0; i < 21; ++i) {
      for (std::size_t j = 0; j < 10; ++j) {
        const float change = both.slow(1).weights()(i, j) - before(i, j);
        along += static_cast<double>(change * both.fast(1).weights()(i, j));
        moved += static_cast<double>(change * change);
      }
    }
    BOOST_TEST(moved > 1e-3);
    BOOST_TEST(along > 0.0);
    BOOST_TEST(trainer->counts().weight_updates == 21U * (785U * 20U + 21U * 10U + 20U + 10U));
    BOOST_TEST(trainer->counts().set_pulses > 0U);
  }
}

/// With identical devices: up = down where 0.1153/1.1724 and 0.5085/0.8276 of the window cancel, at
/// the origin of the preset, 13.276 µS, while the reference of a synapse is 15 µS.
BOOST_AUTO_TEST_CASE(symmetry_points_are_those_of_the_devices) {
  TrainConfig config = config_of("device = \"ecram\"\ndevice-spread = false\n" + tiki_taka);
  const std::shared_ptr<const device::DeviceModel> model =
      device::make_model(config.crossbar.device, 1.0);
  const auto points = [&](const crossbar::CrossbarConfig& crossbar) {
    const network::CrossbarLayer layer(crossbar, model, 6, 5, false, {4, 3}, 0, 0, 1,
                                       {best_isa(), 1});
    return training::symmetry_points(layer, crossbar);
  };
  const Matrix<float> alike = points(config.crossbar);
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 5; ++j) BOOST_TEST(std::fabs(alike(i, j) + 0.1724F) < 0.003F);
  }
  config.crossbar.array.synapse = crossbar::Synapse::differential;
  BOOST_TEST(points(config.crossbar)(2, 2) == 0.0F);
}

BOOST_AUTO_TEST_CASE(unsupported_settings_are_refused) {
  const auto error = [](const std::string& toml) {
    try {
      TrainSession session(config_of(toml), digits(), {best_isa(), 1});
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  BOOST_TEST(testing::contains(error(in_situ + "batch-size = 2\n"), "batch-size"));
  BOOST_TEST(testing::contains(error(tiki_taka + "batch-size = 2\n"), "batch-size"));
  const std::string keep = "refresh-remainder = \"accumulate\"\n";
  BOOST_TEST(testing::contains(error(in_situ + keep), "refresh-remainder"));
  BOOST_TEST(testing::contains(error(tiki_taka + keep), "refresh-remainder"));
  BOOST_TEST(error(buffered + keep) == "accepted");
}

/// The digest does not depend on instruction set, number of threads, or interruption and resuming:
/// for all methods, with tiles, convolutions, gamma and refreshes.
BOOST_AUTO_TEST_CASE(the_bits_depend_on_the_configuration_alone) {
  const dataset::Dataset data = testing::synthetic_digits(60, 300);
  const std::string pcm = "learning-rate = 0.2\nrefresh-every = 10\nrefresh-above-us = 2\n";
  const std::vector<std::string> cases = {
      in_situ + pcm,
      tiki_taka + pcm,
      buffered + pcm + "refresh-remainder = \"accumulate\"\n",
      in_situ + "device = \"ecram\"\ntile = \"256x16\"\ndevices-per-weight = 2\n",
      buffered + "device = \"ecram\"\ntile = \"256x16\"\ntiki-taka-gamma = 0.5\n",
      tiki_taka + pcm + "network = \"28x28-c4k9s4-10\"\ntransfer-every = 3\n"};
  for (const std::string& toml : cases) {
    study::Settings settings = study::parse_settings(
        testing::contains(toml, "network") ? toml : "network = \"784-12-10\"\n" + toml, "rivals",
        "file rivals");
    TrainConfig config =
        study::resolve_train_config(settings, [](const auto&, auto&) { return false; }).config;
    config.training.epochs = 2;
    Observer no_observer;
    TrainSession whole(config, data, {Isa::baseline, 1});
    whole.run(no_observer);
    for (const Isa isa : testing::supported_isas()) {
      TrainSession other(config, data, {isa, 3});
      for (const std::uint64_t samples : {17U, 43U, 31U}) {
        other.advance(samples);
        const std::vector<std::uint8_t> bytes = other.checkpoint();
        other = TrainSession(config, data, {isa, 3});
        other.resume(study::read_safetensors(bytes, "run.ckpt"), "run.ckpt");
      }
      other.run(no_observer);
      BOOST_TEST(study::digest_text(other.digest()) == study::digest_text(whole.digest()), toml);
      BOOST_TEST((other.counts() == whole.counts()));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
