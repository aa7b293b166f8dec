#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>

#include "support.hpp"
#include "training/mixed_precision.hpp"
#include "training/training.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(training_trainer)

namespace {

using training::MethodName;
using training::Step;
using training::Trainer;
using training::TrainingConfig;

const std::vector<std::size_t> widths = {784, 20, 10};

crossbar::Read read_of(std::uint64_t event) { return {Stream(1, Purpose::evaluation_read), event}; }

std::unique_ptr<Trainer> make(const TrainingConfig& config,
                              const crossbar::CrossbarConfig& crossbar = {},
                              std::uint64_t seed = 1) {
  return training::make_trainer(config, crossbar, network::perceptron(widths), seed,
                                {best_isa(), 1});
}

/// Trains on `samples` images in order; returns the mean loss of the last tenth.
double walk(Trainer& trainer, const dataset::LabeledImages& images, std::uint64_t samples,
            const TrainingConfig& config) {
  double loss = 0.0;
  const std::uint64_t counted = samples - samples / 10;
  for (std::uint64_t s = 0; s < samples; ++s) {
    Step step;
    step.sample = s;
    step.t_s = static_cast<double>(s) * config.sample_period.seconds;
    step.learning_rate = static_cast<float>(config.learning_rate);
    step.ends_batch = (s + 1) % static_cast<std::uint64_t>(config.batch_size) == 0;
    const std::size_t i = s % images.size();
    const double one = trainer.learn(images.image(i), images.label(i), step);
    if (s >= counted) loss += one;
  }
  return loss / static_cast<double>(samples - counted);
}

double largest_difference(const Trainer& a, const Trainer& b) {
  double largest = 0.0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    for (std::size_t i = 0; i <= widths[l]; ++i) {
      for (std::size_t j = 0; j < widths[l + 1]; ++j) {
        const float difference =
            a.network().layer(l).weights()(i, j) - b.network().layer(l).weights()(i, j);
        largest = std::max(largest, std::fabs(static_cast<double>(difference)));
      }
    }
  }
  return largest;
}

}  // namespace

BOOST_AUTO_TEST_CASE(both_methods_learn) {
  const dataset::Dataset data = testing::synthetic_digits(300, 300);
  for (const MethodName method : {MethodName::float32, MethodName::mixed_precision}) {
    for (const training::Loss loss : {training::Loss::quadratic, training::Loss::cross_entropy}) {
      TrainingConfig config;
      config.method = method;
      config.loss = loss;
      if (loss == training::Loss::cross_entropy) config.learning_rate = 0.05;
      const auto trainer = make(config);
      const double loss_then = walk(*trainer, data.training, 1500, config);
      const training::Evaluation evaluation =
          training::evaluate(trainer->network(), data.test, read_of(0), {best_isa(), 1});
      // Chance level: loss 0.45 (quadratic) or 2.3 (cross-entropy), accuracy 10 %.
      BOOST_TEST(loss_then < (loss == training::Loss::quadratic ? 0.2 : 0.8));
      BOOST_TEST(evaluation.accuracy > 0.8);
    }
  }
}

/// An ideal device with steps far below every update satisfies W = W₀ + Σ updates − χ, |χ| < ε, at
/// all times: training deviates from float by a few ε.
BOOST_AUTO_TEST_CASE(ideal_devices_of_fine_granularity_follow_float) {
  const dataset::Dataset data = testing::synthetic_digits(120, 300);
  TrainingConfig config;
  config.granularity = 2e-4;
  crossbar::CrossbarConfig crossbar;
  crossbar.device.model = device::ModelName::ideal;
  crossbar.array.refresh_every = 0;
  crossbar.converters.dac_bits = 0;
  crossbar.converters.adc_bits = 0;
  const auto mixed = make(config, crossbar);
  TrainingConfig float_config = config;
  float_config.method = MethodName::float32;
  const auto exact = make(float_config);
  BOOST_TEST(largest_difference(*mixed, *exact) == 0.0);
  walk(*mixed, data.training, 120, config);
  const auto untouched = make(float_config);
  walk(*exact, data.training, 120, float_config);
  BOOST_TEST(largest_difference(*exact, *untouched) > 0.1);
  BOOST_TEST(largest_difference(*mixed, *exact) < 5.0 * config.granularity);

  const auto& trainer = dynamic_cast<const training::MixedPrecisionTrainer&>(*mixed);
  for (std::size_t i = 0; i <= 784; ++i) {
    for (std::size_t j = 0; j < 20; ++j) {
      BOOST_REQUIRE(std::fabs(trainer.accumulator(0).weight(i, j)) < config.granularity);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_float_batch_is_the_sum_of_its_gradients) {
  const dataset::Dataset data = testing::synthetic_digits(8, 8);
  TrainingConfig config;
  config.method = MethodName::float32;
  config.batch_size = 4;
  const auto batched = make(config);
  walk(*batched, data.training, 4, config);

  const auto start = make(config);
  std::vector<std::vector<double>> sums;
  TrainingConfig single = config;
  single.batch_size = 1;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto one = make(single);
    one->learn(data.training.image(i), data.training.label(i),
               {0, 0.0, static_cast<float>(config.learning_rate), true});
    for (std::size_t l = 0; l < 2; ++l) {
      const Matrix<float>& before = start->network().layer(l).weights();
      const Matrix<float>& after = one->network().layer(l).weights();
      if (sums.size() <= l) sums.emplace_back(before.size(), 0.0);
      for (std::size_t k = 0; k < before.size(); ++k) {
        sums[l][k] += static_cast<double>(after.data()[k]) - static_cast<double>(before.data()[k]);
      }
    }
  }
  for (std::size_t l = 0; l < 2; ++l) {
    const Matrix<float>& before = start->network().layer(l).weights();
    const Matrix<float>& after = batched->network().layer(l).weights();
    double worst = 0.0;
    for (std::size_t k = 0; k < before.size(); ++k) {
      worst = std::max(worst, std::fabs(static_cast<double>(after.data()[k]) -
                                        static_cast<double>(before.data()[k]) - sums[l][k]));
    }
    BOOST_TEST(worst < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(pulses_are_applied_only_at_the_end_of_a_batch) {
  const dataset::Dataset data = testing::synthetic_digits(40, 8);
  TrainingConfig config;
  config.batch_size = 10;
  config.granularity = 0.01;
  const auto trainer = make(config);
  walk(*trainer, data.training, 9, config);
  BOOST_TEST(trainer->counts().set_pulses == 0U);
  BOOST_TEST(trainer->counts().weight_updates == 0U);
  const auto longer = make(config);
  walk(*longer, data.training, 10, config);
  BOOST_TEST(longer->counts().set_pulses > 0U);
  BOOST_TEST(longer->counts().weight_updates == 785U * 20U + 21U * 10U);
}

BOOST_AUTO_TEST_CASE(the_operations_of_a_sample_are_counted) {
  const dataset::Dataset data = testing::synthetic_digits(20, 8);
  const TrainingConfig config;
  const auto trainer = make(config);
  walk(*trainer, data.training, 3, config);
  const OperationCounts& counts = trainer->counts();
  BOOST_TEST(counts.forward_mvm == 6U);
  BOOST_TEST(counts.backward_mvm == 3U);  // the error of the network input is not needed
  BOOST_TEST(counts.dac_conversions == 3U * (785U + 21U + 10U));
  BOOST_TEST(counts.adc_conversions == 3U * (20U + 10U + 20U));
  BOOST_TEST(counts.weight_updates == 3U * (785U * 20U + 21U * 10U));
  BOOST_TEST(counts.digital_mac == 3U * (785U * 20U + 21U * 10U));
}

/// Batches of 7 do not end at the due samples of the refresh (every 100 samples): the refresh
/// happens at the end of the batch in which it is due. After it, no crossing is marked as pulsed.
BOOST_AUTO_TEST_CASE(a_refresh_that_falls_due_within_a_batch_happens_at_its_end) {
  const dataset::Dataset data = testing::synthetic_digits(105, 8);
  TrainingConfig config;
  config.batch_size = 7;
  const auto trainer = make(config);
  walk(*trainer, data.training, 105, config);
  std::size_t marked = 0;
  for (const StateArray& array : trainer->state()) {
    if (!testing::contains(array.name, "pulsed")) continue;
    const auto* marks = static_cast<const std::uint8_t*>(array.view.data);
    for (std::size_t k = 0; k < array.view.bytes(); ++k) marked += marks[k];
  }
  BOOST_TEST(trainer->counts().programmed_weights > 0U);
  BOOST_TEST(marked == 0U);
}

BOOST_AUTO_TEST_CASE(evaluation_does_not_depend_on_threads_or_instruction_set) {
  const dataset::Dataset data = testing::synthetic_digits(100, 1200);
  const TrainingConfig config;
  const auto trainer = make(config);
  walk(*trainer, data.training, 100, config);
  const training::Evaluation expected =
      training::evaluate(trainer->network(), data.test, read_of(77), {Isa::baseline, 1});
  BOOST_TEST(expected.predictions.size() == 1200U);
  BOOST_TEST(expected.counts.forward_mvm == 2400U);
  for (const Isa isa : testing::supported_isas()) {
    for (const int threads : {1, 2, 7}) {
      const training::Evaluation other =
          training::evaluate(trainer->network(), data.test, read_of(77), {isa, threads});
      BOOST_TEST(other.predictions == expected.predictions, boost::test_tools::per_element());
      BOOST_TEST((other.counts == expected.counts));
      BOOST_TEST(other.accuracy == expected.accuracy);
    }
  }
  const training::Evaluation elsewhere =
      training::evaluate(trainer->network(), data.test, read_of(78), {Isa::baseline, 1});
  // Another event number gives other noise.
  BOOST_TEST((elsewhere.predictions != expected.predictions));
}

BOOST_AUTO_TEST_CASE(initial_weights_may_be_written_by_pulses) {
  TrainingConfig config;
  config.initial_programming = training::InitialProgramming::pulses;
  const auto written = make(config);
  BOOST_TEST(written->counts().reset_pulses == 2U * (785U * 20U + 21U * 10U));
  BOOST_TEST(written->counts().verify_reads > 0U);
  const auto exact = make(TrainingConfig{});
  BOOST_TEST(exact->counts().reset_pulses == 0U);
  BOOST_TEST(largest_difference(*written, *exact) > 0.01);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
