// A run that is stopped and resumed gives the same result as an uninterrupted run.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "study/json.hpp"
#include "study/safetensors.hpp"
#include "study/settings.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(study_resume)

namespace {

using study::TrainConfig;
using study::TrainSession;

/// 60 training and 40 test images, used by all tests of this file.
const dataset::Dataset& small_data() {
  static const dataset::Dataset data = testing::synthetic_digits(60, 40);
  return data;
}

TrainConfig small_config() {
  TrainConfig config;
  config.network = "784-12-10";
  config.training.epochs = 3;
  config.crossbar.array.refresh_above_us = 2.0;  // refreshes occur within the short run
  config.crossbar.array.refresh_difference_us = 4.0;
  config.crossbar.array.refresh_every = 10;
  return config;
}

TrainSession session_of(const TrainConfig& config, const dataset::Dataset& data = small_data()) {
  return {config, data, {best_isa(), 1}};
}

void finish(TrainSession& session) {
  Observer no_observer;
  session.run(no_observer);
}

/// All outputs of a finished run.
std::string outcome(TrainSession& session) {
  study::RunSummary run;
  run.seed = session.config().seed;
  run.result = session.result();
  run.counts = session.counts();
  run.evaluation_counts = session.evaluation_counts();
  run.digest = session.digest();
  return study::train_json(session.config(), {run}).dump();
}

std::string uninterrupted(const TrainConfig& config) {
  TrainSession session = session_of(config);
  finish(session);
  return outcome(session);
}

/// A new session that continues from the state of `session`.
TrainSession resumed(TrainSession& session) {
  const std::vector<std::uint8_t> bytes = session.checkpoint();
  TrainSession other = session_of(session.config());
  other.resume(study::read_safetensors(bytes, "run.ckpt"), "run.ckpt");
  BOOST_TEST(other.digest() == session.digest());
  BOOST_TEST(other.progress().done == session.progress().done);
  return other;
}

/// Stops after each of `steps` samples, resumes in a new session, and finally runs to the end.
void check_resume(const TrainConfig& config, const std::vector<std::uint64_t>& steps) {
  const std::string expected = uninterrupted(config);
  TrainSession session = session_of(config);
  for (const std::uint64_t samples : steps) {
    session.advance(samples);
    session = resumed(session);
  }
  finish(session);
  BOOST_TEST(outcome(session) == expected);
}

std::string resume_error(const TrainConfig& config, const dataset::Dataset& data,
                         std::span<const std::uint8_t> bytes) {
  TrainSession session = session_of(config, data);
  try {
    session.resume(study::read_safetensors(bytes, "run.ckpt"), "run.ckpt");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

BOOST_AUTO_TEST_CASE(at_random_samples) {
  testing::Draws draws(3);
  for (int i = 0; i < 3; ++i) {
    check_resume(small_config(), {1 + draws.below(59), 1 + draws.below(59), 1 + draws.below(40)});
  }
}

BOOST_AUTO_TEST_CASE(at_the_end_of_an_epoch) {
  check_resume(small_config(), {60});        // just after the end
  check_resume(small_config(), {59, 1, 1});  // before, at, and after the end
  check_resume(small_config(), {60, 60, 60});
}

BOOST_AUTO_TEST_CASE(with_batches) {
  TrainConfig config = small_config();
  config.training.batch_size = 7;  // not a divisor of 60: the last batch of an epoch is short
  config.training.rounding = crossbar::Rounding::stochastic;
  check_resume(config, {7, 20, 40});
  config.training.method = training::MethodName::float32;
  check_resume(config, {7, 20, 40});
}

BOOST_AUTO_TEST_CASE(while_devices_drift) {
  TrainConfig config = small_config();
  config.training.sample_period = {30.0};  // drift begins after two samples
  check_resume(config, {1, 17, 42, 33});
}

BOOST_AUTO_TEST_CASE(with_a_learning_rate_that_decays) {
  TrainConfig config = small_config();
  config.training.learning_rate_decay = 0.7;
  check_resume(config, {30, 30, 60, 5});
  config.training.method = training::MethodName::float32;
  check_resume(config, {30, 30, 60, 5});
}

BOOST_AUTO_TEST_CASE(with_initial_programming_by_pulses) {
  TrainConfig config = small_config();
  config.training.initial_programming = training::InitialProgramming::pulses;
  check_resume(config, {11});
}

/// The digest depends neither on the step size nor on inspection in between.
BOOST_AUTO_TEST_CASE(results_do_not_depend_on_the_steps) {
  TrainConfig config = small_config();
  config.training.sample_period = {30.0};
  const std::string expected = uninterrupted(config);
  TrainSession session = session_of(config);
  for (std::uint64_t samples = 1; !session.finished(); ++samples) {
    session.advance(samples % 5);
    const std::uint64_t before = session.digest();
    session.probe(40);
    session.probe(7);
    BOOST_TEST(session.digest() == before);
  }
  session.advance(10);
  BOOST_TEST(outcome(session) == expected);
}

BOOST_AUTO_TEST_CASE(a_session_can_return_to_its_own_checkpoint) {
  TrainConfig config = small_config();
  config.training.learning_rate_decay = 0.7;
  const std::string expected = uninterrupted(config);
  TrainSession session = session_of(config);
  session.advance(60);
  session.advance(10);
  const std::vector<std::uint8_t> bytes = session.checkpoint();
  finish(session);
  session.resume(study::read_safetensors(bytes, "run.ckpt"), "run.ckpt");
  finish(session);
  BOOST_TEST(outcome(session) == expected);
}

BOOST_AUTO_TEST_CASE(a_run_stopped_by_an_observer_can_continue) {
  class Impatient : public Observer {
   public:
    bool should_continue(const Progress& progress) override { return progress.done < 60; }
  };
  TrainSession session = session_of(small_config());
  Impatient impatient;
  BOOST_TEST(!session.run(impatient));
  BOOST_TEST(!session.finished());
  finish(session);
  BOOST_TEST(outcome(session) == uninterrupted(small_config()));
}

BOOST_AUTO_TEST_CASE(a_finished_run_continues_with_more_epochs) {
  TrainConfig config = small_config();
  TrainSession session = session_of(config);
  finish(session);
  const std::vector<std::uint8_t> bytes = session.checkpoint();
  config.training.epochs = 4;
  TrainSession longer = session_of(config);
  longer.resume(study::read_safetensors(bytes, "run.ckpt"), "run.ckpt");
  finish(longer);
  TrainSession whole = session_of(config);
  finish(whole);
  BOOST_TEST(outcome(longer) == outcome(whole));
}

BOOST_AUTO_TEST_CASE(an_incompatible_checkpoint_is_refused) {
  const TrainConfig config = small_config();
  TrainSession session = session_of(config);
  session.advance(60);
  session.advance(10);
  const std::vector<std::uint8_t> good = session.checkpoint();
  BOOST_TEST(resume_error(config, small_data(), good) == "accepted");

  BOOST_TEST(testing::contains(resume_error(config, testing::synthetic_digits(61, 40), good),
                               "run.ckpt: was written by a training run on a different data set"));
  TrainConfig wider = config;
  wider.network = "784-13-10";
  BOOST_TEST(testing::contains(resume_error(wider, small_data(), good),
                               "network: \"784-13-10\" differs from the value in run.ckpt"));
  TrainConfig deeper = config;
  deeper.network = "784-12-12-10";
  BOOST_TEST(
      testing::contains(resume_error(deeper, small_data(), good), "network: \"784-12-12-10\""));
  TrainConfig plain = config;
  plain.training.method = training::MethodName::float32;
  BOOST_TEST(testing::contains(resume_error(plain, small_data(), good), "method: \"float\""));
  TrainConfig shorter = config;
  shorter.training.epochs = 0;
  BOOST_TEST(testing::contains(resume_error(shorter, small_data(), good),
                               "run.ckpt: ends at epoch 1 (epochs of at least 1)"));
  BOOST_TEST(testing::contains(resume_error(config, small_data(), session.model()),
                               "run.ckpt: is a file of kind model"));
}

/// With another seed or learning rate, the run would not correspond to any configuration.
BOOST_AUTO_TEST_CASE(a_checkpoint_of_another_configuration_is_refused) {
  const TrainConfig config = small_config();
  TrainSession session = session_of(config);
  session.advance(10);
  const std::vector<std::uint8_t> good = session.checkpoint();
  TrainConfig other_seed = config;
  other_seed.seed = 2;
  BOOST_TEST(resume_error(other_seed, small_data(), good) != "accepted", "another seed");
  TrainConfig other_rate = config;
  other_rate.training.learning_rate = 0.1;
  BOOST_TEST(resume_error(other_rate, small_data(), good) != "accepted", "another learning rate");
}

BOOST_AUTO_TEST_CASE(modified_progress_is_refused) {
  TrainSession session = session_of(small_config());
  session.advance(10);
  const std::vector<std::uint8_t> bytes = session.checkpoint();
  const auto spoil = [&](const std::string& from, const std::string& to) {
    std::vector<std::uint8_t> spoilt = bytes;
    const auto at = std::search(spoilt.begin(), spoilt.end(), from.begin(), from.end());
    BOOST_TEST_REQUIRE((at != spoilt.end()), from << " is not in the file");
    std::copy(to.begin(), to.end(), at);
    return resume_error(small_config(), small_data(), spoilt);
  };
  BOOST_TEST(spoil("\\\"position\\\":10", "\\\"position\\\":99") != "accepted");
  BOOST_TEST(spoil("\\\"epoch\\\":0", "\\\"epoch\\\":7") != "accepted");
  BOOST_TEST(spoil("\\\"loss_sum\\\"", "\\\"lost_sum\\\"") != "accepted");
  BOOST_TEST(spoil("train-checkpoint", "train-checkpaint") != "accepted");
  BOOST_TEST(spoil("\"imcsim\":\"", "\"imcsim\":\"9") != "accepted");
}

BOOST_AUTO_TEST_CASE(the_configuration_in_a_checkpoint_is_complete) {
  TrainConfig config = small_config();
  config.training.learning_rate = 0.123;
  TrainSession session = session_of(config);
  const std::vector<std::uint8_t> bytes = session.checkpoint();
  const study::Settings settings =
      study::settings_of_file(study::read_safetensors(bytes, "run.ckpt"), "run.ckpt");
  const study::ResolvedTrainConfig again =
      study::resolve_train_config(settings, [](const auto&, auto&) { return false; });
  BOOST_TEST(study::to_json_object(again.config).dump() == study::to_json_object(config).dump());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
