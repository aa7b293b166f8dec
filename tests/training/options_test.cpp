// Options of mixed precision: momentum, coarse products, infrequent transfers, granularities of
// layers; and learning-rate schedules.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "study/infer.hpp"
#include "study/safetensors.hpp"
#include "study/settings.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "support.hpp"
#include "training/bins.hpp"
#include "training/mixed_precision.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(training_options)

namespace {

using study::TrainConfig;
using study::TrainSession;
using training::LearningRateSchedule;
using training::TrainingConfig;

const dataset::Dataset& digits() {
  static const dataset::Dataset data = testing::synthetic_digits(120, 100);
  return data;
}

TrainConfig config_of(const std::string& toml) {
  const std::string once = testing::contains(toml, "epochs") ? "" : "epochs = 1\n";
  const study::Settings settings =
      study::parse_settings("network = \"784-20-10\"\n" + once + toml, "own", "file own");
  return study::resolve_train_config(settings, [](const auto&, auto&) { return false; }).config;
}

TrainSession session_of(const std::string& toml) {
  return {config_of(toml), digits(), {best_isa(), 1}};
}

void finish(TrainSession& session) {
  Observer no_observer;
  session.run(no_observer);
}

std::string digest_of(const std::string& toml) {
  TrainSession session = session_of(toml);
  finish(session);
  return study::digest_text(session.digest());
}

double largest_difference(TrainSession& a, TrainSession& b) {
  double largest = 0.0;
  for (std::size_t l = 0; l < 2; ++l) {
    const network::Stage& stage = a.trainer().network().weight_stages()[l];
    const Matrix<float>& one = a.trainer().network().layer(l).weights();
    const Matrix<float>& other = b.trainer().network().layer(l).weights();
    for (std::size_t i = 0; i < stage.rows(); ++i) {
      for (std::size_t j = 0; j < stage.outputs(); ++j) {
        largest = std::max(largest, std::fabs(static_cast<double>(one(i, j) - other(i, j))));
      }
    }
  }
  return largest;
}

const std::string fine_ideal =
    "device = \"ideal\"\ngranularity = 2e-4\nrefresh-every = 0\ndac-bits = 0\nadc-bits = 0\n";

}  // namespace

/// One gradient g, then zero gradients: v_k = mᵏ·g, and χ = −η·g·(1 − mᵏ⁺¹)/(1 − m).
BOOST_AUTO_TEST_CASE(momentum_is_a_geometric_sum_of_past_gradients) {
  crossbar::Accumulator chi(3, 2, 0.5, 1, crossbar::Rounding::truncate,
                            Stream(1, Purpose::rounding), {best_isa(), 1});
  Matrix<float> velocity = padded_matrix<float>(3, 2);
  velocity(1, 0) = -0.125F;  // −g
  double power = 1.0;
  for (int k = 0; k < 30; ++k) {
    chi.advance(velocity, 0.25F, 0.75F);
    power *= 0.75;
    BOOST_TEST(chi.weight(1, 0) == -0.25 * 0.125 * (1.0 - power) / 0.25,
               boost::test_tools::tolerance(1e-6));
    BOOST_TEST(chi.weight(1, 1) == 0.0);
    BOOST_TEST(chi.transfer(0).empty());
  }
  velocity(1, 0) = 3.0F;
  chi.advance(velocity, 1.0F, 0.0F);
  const auto pulses = chi.transfer(0);
  BOOST_REQUIRE(pulses.size() == 1U);
  BOOST_TEST(pulses[0].crossing == 2U);
  BOOST_TEST(velocity(1, 0) == 0.0F);
}

BOOST_AUTO_TEST_CASE(ideal_devices_of_fine_granularity_follow_float_with_momentum) {
  for (const std::string batch : {"batch-size = 1\n", "batch-size = 7\n"}) {
    const std::string with = batch + "momentum = 0.9\nlearning-rate = 0.04\n";
    TrainSession mixed = session_of(fine_ideal + with);
    TrainSession exact = session_of("method = \"float\"\n" + with);
    TrainSession without = session_of("method = \"float\"\nlearning-rate = 0.04\n" + batch);
    for (TrainSession* session : {&mixed, &exact, &without}) finish(*session);
    // The remainder in χ is below the granularity; the rest is due to the resulting gradient
    // differences.
    BOOST_TEST(largest_difference(mixed, exact) < 20.0 * 2e-4);
    BOOST_TEST(largest_difference(without, exact) > 0.05);
  }
}

BOOST_AUTO_TEST_CASE(bins_round_to_the_nearest_level_of_the_largest_entry) {
  std::vector<float> values = {-4.0F, -2.9F, -1.1F, -0.9F, 0.0F, 0.9F, 1.1F, 3.1F, 4.0F};
  const training::Bins four("error-bins", 4);  // levels −4, −2, 0, 2, 4
  four.round(values);
  const std::vector<float> expected = {-4, -2, -2, 0, 0, 0, 2, 4, 4};
  BOOST_TEST(values == expected, boost::test_tools::per_element());

  crossbar::DrivenLines lines(8);
  crossbar::DrivenLines buffer(8);
  lines.gather(std::vector<float>{0.2F, 0.0F, 0.6F, 1.0F});
  const crossbar::DrivenLines& rounded = four.rounded(lines, buffer);  // levels 0, 0.5, 1
  BOOST_REQUIRE(rounded.count == 2U);
  BOOST_TEST(rounded.line[0] == 2U);
  BOOST_TEST(rounded.value[0] == 0.5F);
  BOOST_TEST(rounded.value[1] == 1.0F);

  const training::Bins off("error-bins", 0);
  BOOST_TEST(&off.rounded(lines, buffer) == &lines);
  std::vector<float> zeros(4, 0.0F);
  four.round(zeros);
  BOOST_TEST(zeros == std::vector<float>(4, 0.0F), boost::test_tools::per_element());
  BOOST_CHECK_THROW(training::Bins("error-bins", 1), InputError);
}

/// If one side is binned, the other stays exact; with many bins the results change only slightly.
BOOST_AUTO_TEST_CASE(many_bins_are_nearly_exact_and_few_are_not) {
  TrainSession exact = session_of(fine_ideal);
  TrainSession many = session_of(fine_ideal + "activation-bins = 65535\nerror-bins = 65535\n");
  TrainSession few = session_of(fine_ideal + "error-bins = 3\n");
  for (TrainSession* session : {&exact, &many, &few}) finish(*session);
  BOOST_TEST(largest_difference(exact, many) < 10.0 * 2e-4);
  BOOST_TEST(largest_difference(exact, few) > 0.02);
}

BOOST_AUTO_TEST_CASE(a_transfer_every_third_batch) {
  const std::string toml = "batch-size = 4\ngranularity = 0.01\ntransfer-every = 3\n";
  TrainSession session = session_of(toml);
  session.advance(8);
  BOOST_TEST(session.counts().set_pulses == 0U);
  BOOST_TEST(session.counts().weight_updates == 0U);
  session.advance(4);
  BOOST_TEST(session.counts().set_pulses > 0U);
  BOOST_TEST(session.counts().weight_updates == 785U * 20U + 21U * 10U);
  finish(session);
  BOOST_TEST(session.counts().weight_updates == 10U * (785U * 20U + 21U * 10U));
}

BOOST_AUTO_TEST_CASE(batches_are_counted_across_epochs) {
  // 120 images in batches of 50: three batches per epoch, of 50, 50 and 20 images.
  TrainSession session = session_of("batch-size = 50\ntransfer-every = 2\nepochs = 2\n");
  finish(session);
  BOOST_TEST(session.counts().weight_updates == 3U * (785U * 20U + 21U * 10U));
}

BOOST_AUTO_TEST_CASE(equal_granularities_of_layers_equal_a_common_granularity) {
  BOOST_TEST(digest_of("layer-granularity = [0.096, 0.096]\n") == digest_of(""));
  BOOST_TEST(digest_of("layer-granularity = [0.096, 0.05]\n") != digest_of(""));
}

BOOST_AUTO_TEST_CASE(a_layers_pulse_moves_its_weights_by_its_granularity) {
  TrainSession session =
      session_of("device = \"ideal\"\nlayer-granularity = [0.02, 0.005]\nrefresh-every = 0\n");
  TrainSession start =
      session_of("device = \"ideal\"\nlayer-granularity = [0.02, 0.005]\nrefresh-every = 0\n");
  BOOST_TEST(largest_difference(session, start) == 0.0);
  finish(session);
  for (std::size_t l = 0; l < 2; ++l) {
    const double step = l == 0 ? 0.02 : 0.005;
    const network::Stage& stage = session.trainer().network().weight_stages()[l];
    const Matrix<float>& now = session.trainer().network().layer(l).weights();
    const Matrix<float>& then = start.trainer().network().layer(l).weights();
    double worst = 0.0;
    std::size_t moved = 0;
    for (std::size_t i = 0; i < stage.rows(); ++i) {
      for (std::size_t j = 0; j < stage.outputs(); ++j) {
        const double steps = static_cast<double>(now(i, j) - then(i, j)) / step;
        worst = std::max(worst, std::fabs(steps - std::round(steps)));
        moved += std::fabs(steps) > 0.5 ? 1 : 0;
      }
    }
    BOOST_TEST(worst < 1e-3);
    BOOST_TEST(moved > 10U);
  }
  for (const char* method : {"in-situ", "tiki-taka"}) {
    const std::string rival = fmt::format("method = \"{}\"\n", method);
    BOOST_TEST(digest_of(rival + "layer-granularity = [0.096, 0.096]\n") == digest_of(rival));
  }
}

BOOST_AUTO_TEST_CASE(granularities_that_do_not_fit_the_network_are_refused) {
  try {
    session_of("layer-granularity = [0.1]\n");
    BOOST_ERROR("was accepted");
  } catch (const InputError& error) {
    BOOST_TEST(error.what() ==
               std::string("layer-granularity: 1 number (2, one for each layer with weights, or "
                           "none)"));
  }
}

BOOST_AUTO_TEST_CASE(infer_restores_devices_of_layers_with_their_own_scale) {
  TrainSession session =
      session_of("device = \"ideal\"\nlayer-granularity = [0.05, 0.1]\nepochs = 4\n");
  finish(session);
  const std::vector<std::uint8_t> bytes = session.model();
  const study::Safetensors file = study::read_safetensors(bytes, "model");
  study::InferConfig config =
      study::resolve_config<study::InferConfig>(
          study::parse_settings("device = \"ideal\"\ntimes = \"0s\"\nnetwork = \"784-20-10\"\n",
                                "i", "file i"),
          [](const auto&, auto&) { return false; })
          .config;
  const study::InferRun run = study::infer_once(config, study::read_model(file, config, "model"),
                                                digits(), {best_isa(), 1});
  BOOST_TEST(run.weight_rms_error[0] < 1e-6);
}

BOOST_AUTO_TEST_CASE(learning_rates_follow_their_schedule) {
  TrainingConfig config;
  config.learning_rate = 0.5;
  config.epochs = 8;
  config.learning_rate_decay = 0.5;
  config.learning_rate_step = 3;
  const auto rates = [&](LearningRateSchedule schedule) {
    config.learning_rate_schedule = schedule;
    std::vector<double> all;
    for (std::int64_t e = 0; e < config.epochs; ++e) {
      all.push_back(static_cast<double>(training::learning_rate(config, e)));
    }
    return all;
  };
  const std::vector<double> constant = rates(LearningRateSchedule::constant);
  const std::vector<double> exponential = rates(LearningRateSchedule::exponential);
  const std::vector<double> step = rates(LearningRateSchedule::step);
  const std::vector<double> cosine = rates(LearningRateSchedule::cosine);
  const std::vector<double> linear = rates(LearningRateSchedule::linear);
  for (std::size_t e = 0; e < 8; ++e) {
    const auto epoch = static_cast<double>(e);
    BOOST_TEST(constant[e] == 0.5);
    BOOST_TEST(exponential[e] == 0.5 * std::pow(0.5, epoch));
    BOOST_TEST(step[e] == 0.5 * std::pow(0.5, std::floor(epoch / 3.0)));
    BOOST_TEST(linear[e] == 0.5 * (1.0 - epoch / 8.0));
    BOOST_TEST(std::fabs(cosine[e] - 0.25 * (1.0 + std::cos(std::acos(-1.0) * epoch / 8.0))) <
               1e-6);
  }
}

/// In float, one epoch with one batch: the change of the weights is the rate times a fixed
/// gradient.
BOOST_AUTO_TEST_CASE(warm_up_increases_the_learning_rate) {
  const std::string whole = "method = \"float\"\nbatch-size = 120\n";
  TrainSession start = session_of(whole + "epochs = 0\n");
  TrainSession plain = session_of(whole);
  TrainSession warm = session_of(whole + "learning-rate-warmup = 4\n");
  finish(plain);
  finish(warm);
  BOOST_TEST(largest_difference(warm, start) == 0.25 * largest_difference(plain, start),
             boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_CASE(a_resumed_run_keeps_momentum_batch_and_learning_rate) {
  const std::string toml =
      "momentum = 0.8\nlearning-rate = 0.08\nbatch-size = 7\ntransfer-every = 3\nepochs = 2\n"
      "learning-rate-schedule = \"cosine\"\nlearning-rate-warmup = 1.5\n";
  for (const char* method : {"mixed-precision", "float"}) {
    const std::string own = toml + fmt::format("method = \"{}\"\n", method);
    TrainSession stopped = session_of(own);
    stopped.advance(35);
    const std::vector<std::uint8_t> bytes = stopped.checkpoint();
    TrainSession resumed = session_of(own);
    resumed.resume(study::read_safetensors(bytes, "run.ckpt"), "run.ckpt");
    finish(resumed);
    BOOST_TEST(study::digest_text(resumed.digest()) == digest_of(own));
  }
}

BOOST_AUTO_TEST_CASE(a_schedule_over_all_epochs_cannot_be_resumed_with_other_epochs) {
  TrainSession stopped = session_of("learning-rate-schedule = \"linear\"\nepochs = 2\n");
  stopped.advance(35);
  const std::vector<std::uint8_t> bytes = stopped.checkpoint();
  TrainSession longer = session_of("learning-rate-schedule = \"linear\"\nepochs = 3\n");
  BOOST_CHECK_THROW(longer.resume(study::read_safetensors(bytes, "run.ckpt"), "run.ckpt"),
                    InputError);
}

BOOST_AUTO_TEST_CASE(a_flag_that_the_method_does_not_use_is_refused) {
  const auto resolve = [](const char* key, const char* method) {
    study::Settings settings = {{"method", method, "--method", "flag"},
                                {key, "3", fmt::format("--{}", key), "flag"}};
    study::resolve_train_config(settings, [](const auto&, auto&) { return false; });
  };
  BOOST_CHECK_THROW(resolve("error-bins", "float"), InputError);
  BOOST_CHECK_THROW(resolve("transfer-every", "in-situ"), InputError);
  BOOST_CHECK_NO_THROW(resolve("transfer-every", "mixed-precision"));
  BOOST_CHECK_NO_THROW(resolve("transfer-every", "tiki-taka"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
