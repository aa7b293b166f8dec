// Hardware-aware training: weight noise in float training, then deployment on devices.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "study/safetensors.hpp"
#include "study/settings.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "support.hpp"
#include "training/noisy_layer.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(training_hardware_aware)

namespace {

using study::TrainConfig;
using study::TrainSession;

const dataset::Dataset& digits() {
  static const dataset::Dataset data = testing::synthetic_digits(300, 500);
  return data;
}

TrainConfig config_of(const std::string& toml) {
  const study::Settings settings =
      study::parse_settings("network = \"784-20-10\"\nepochs = 2\n" + toml, "own", "file own");
  return study::resolve_train_config(settings, [](const auto&, auto&) { return false; }).config;
}

TrainSession trained(const std::string& toml) {
  TrainSession session(config_of(toml), digits(), {best_isa(), 1});
  Observer no_observer;
  session.run(no_observer);
  return session;
}

const std::string aware = "method = \"hardware-aware\"\ndevice = \"pcm-inference\"\n";

std::vector<float> weights_of(TrainSession& session, std::size_t l) {
  const Matrix<float>& weights = session.trainer().network().layer(l).weights();
  return {weights.data(), weights.data() + weights.size()};
}

double deviation_of(const std::vector<float>& weights, std::size_t count) {
  double sum = 0.0;
  double squares = 0.0;
  for (const float w : weights) {  // the padding adds zeros
    sum += static_cast<double>(w);
    squares += static_cast<double>(w) * static_cast<double>(w);
  }
  const auto n = static_cast<double>(count);
  return std::sqrt(squares / n - sum / n * (sum / n));
}

float largest(const std::vector<float>& weights) {
  float most = 0.0F;
  for (const float w : weights) most = std::max(most, std::fabs(w));
  return most;
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_noise_and_clipping_training_equals_float) {
  TrainSession own = trained(aware + "weight-noise = 0\nweight-clip = 0\n");
  TrainSession reference = trained("method = \"float\"\n");
  TrainSession noisy = trained(aware + "weight-clip = 0\n");
  for (std::size_t l = 0; l < 2; ++l) {
    BOOST_TEST((weights_of(own, l) == weights_of(reference, l)));
    BOOST_TEST((weights_of(noisy, l) != weights_of(reference, l)));
  }
}

/// y = Σ x·w + N(0, σ²·Σx²): 20,000 draws of each of 3 outputs; mean and variance within 4 sigma.
BOOST_AUTO_TEST_CASE(the_noise_of_an_output_has_the_variance_of_its_weights_sum) {
  constexpr std::size_t draws = 20'000;
  Matrix<float> weights = testing::random_matrix(6, 3, 0.5F, 3);
  const Matrix<float> kept = weights;
  const Execution execution{best_isa(), 1};
  training::NoisyLayer layer(
      std::make_unique<network::ExactLayer>(std::move(weights), 3, false, execution), 3, 0,
      execution);
  layer.deviation() = 0.25F;
  const std::vector<float> x = {0.5F, 0.0F, 1.0F, -0.25F, 0.75F, 1.0F};
  crossbar::DrivenLines lines(6);
  lines.gather(x);
  crossbar::Scratch scratch(16);
  AlignedVector<float> z(padded(3));
  std::vector<testing::Sample> samples(3);
  for (std::uint64_t event = 0; event < draws; ++event) {
    layer.forward(lines, {Stream(1, Purpose::training_read), event}, scratch, z.data());
    for (std::size_t j = 0; j < 3; ++j) samples[j].add(static_cast<double>(z[j]));
    BOOST_REQUIRE(z[3] == 0.0F);
  }
  double squares = 0.0;
  for (const float value : x) squares += static_cast<double>(value) * static_cast<double>(value);
  const double sigma = 0.25 * std::sqrt(squares);
  for (std::size_t j = 0; j < 3; ++j) {
    double mean = 0.0;
    for (std::size_t i = 0; i < 6; ++i) {
      mean += static_cast<double>(x[i]) * static_cast<double>(kept(i, j));
    }
    BOOST_TEST(std::fabs(samples[j].mean() - mean) < 4.0 * testing::mean_error(sigma, draws));
    BOOST_TEST(std::fabs(samples[j].variance() - sigma * sigma) <
               4.0 * testing::variance_error(sigma, draws));
  }
}

/// Clipping occurs after every 100 samples; 600 samples were trained. W lies within α·σ, with σ
/// before the last clip, which can only decrease σ.
BOOST_AUTO_TEST_CASE(weights_are_clipped_to_a_multiple_of_the_standard_deviation) {
  TrainSession clipped = trained(aware + "weight-clip = 2\n");
  TrainSession free = trained(aware + "weight-clip = 0\n");
  const std::size_t counts[] = {785 * 20, 21 * 10};
  const auto ratio = [&](TrainSession& session, std::size_t l) {
    const std::vector<float> weights = weights_of(session, l);
    return static_cast<double>(largest(weights)) / deviation_of(weights, counts[l]);
  };
  BOOST_TEST(ratio(free, 0) > 3.5);
  BOOST_TEST(ratio(clipped, 0) > 2.0 * 0.999);
  BOOST_TEST(ratio(clipped, 0) < 2.2);
  BOOST_TEST(ratio(clipped, 1) < 2.2);
}

BOOST_AUTO_TEST_CASE(the_reported_accuracy_is_that_of_the_network_on_devices) {
  TrainSession session = trained(aware);
  BOOST_TEST(session.evaluation_counts().adc_conversions == 2U * 500U * 30U);
  BOOST_TEST(session.counts().adc_conversions == 0U);
  BOOST_TEST(session.result().test_accuracy > 0.8);
  BOOST_TEST(session.result().diagnosis.empty());
  // Half of the devices are stuck, which affects the network on devices but not the float network.
  TrainSession lost = trained(aware + "fault-rate = 0.5\n");
  BOOST_TEST(lost.result().test_accuracy < session.result().test_accuracy);
  BOOST_TEST((weights_of(lost, 0) == weights_of(session, 0)));
}

BOOST_AUTO_TEST_CASE(a_resumed_run_keeps_its_noise) {
  const std::string toml = aware + "batch-size = 7\n";
  TrainSession whole = trained(toml);
  TrainSession stopped(config_of(toml), digits(), {best_isa(), 1});
  stopped.advance(154);  // half-way between two clips
  const std::vector<std::uint8_t> bytes = stopped.checkpoint();
  TrainSession resumed(config_of(toml), digits(), {best_isa(), 1});
  resumed.resume(study::read_safetensors(bytes, "run.ckpt"), "run.ckpt");
  Observer no_observer;
  resumed.run(no_observer);
  BOOST_TEST(resumed.digest() == whole.digest());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
