// Normalization and dropout: notation, gradients by finite differences, statistics, folding.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "support.hpp"
#include "training/training.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(network_normalization)

namespace {

using network::Architecture;
using training::Trainer;

const Execution one_thread{best_isa(), 1};

std::unique_ptr<Trainer> float_trainer(const std::string& text, double momentum = 0.99,
                                       std::int64_t batch = 1) {
  training::TrainingConfig config;
  config.method = training::MethodName::float32;
  config.loss = training::Loss::cross_entropy;
  config.activation = network::Activation::tanh;
  config.normalization_momentum = momentum;
  config.batch_size = batch;
  return training::make_trainer(config, {}, network::parse_architecture(text, "--network"), 5,
                                one_thread);
}

/// All parameters and statistics of the trainer, by name.
std::map<std::string, StateArray> numbers_of(Trainer& trainer) {
  std::map<std::string, StateArray> arrays;
  for (StateArray& array : trainer.state()) arrays[array.name] = array;
  for (StateArray& array : trainer.normalization_state()) arrays[array.name] = array;
  return arrays;
}

float& number(const StateArray& array, std::size_t row, std::size_t column) {
  return reinterpret_cast<float*>(array.view.row(row))[column];
}

std::vector<std::uint8_t> image_of(std::size_t size, std::uint64_t seed) {
  testing::Draws draws(seed);
  std::vector<std::uint8_t> image(size);
  for (std::uint8_t& pixel : image) pixel = static_cast<std::uint8_t>(draws.below(256));
  return image;
}

/// A trainer after a few samples, with γ, β and statistics different from their initial values.
std::unique_ptr<Trainer> warm_trainer(const std::string& text) {
  auto trainer = float_trainer(text, 0.9);
  const std::size_t pixels = trainer->network().architecture().input.size();
  for (std::uint64_t k = 0; k < 12; ++k) {
    trainer->learn(image_of(pixels, 50 + k), static_cast<int>(k % 3), {k, 0.0, 0.05F, true});
  }
  return trainer;
}

}  // namespace

BOOST_AUTO_TEST_CASE(normalization_and_dropout_are_parsed) {
  const Architecture a =
      network::parse_architecture("28x28-d0.125-c16k5-n-p2-c32k5-n-p2-128-d0.5-10", "--network");
  BOOST_TEST(a.stages.size() == 6U);
  BOOST_TEST(a.stages[0].normalized);
  BOOST_TEST(!a.stages[1].normalized);
  BOOST_TEST(a.stages[2].normalized);
  BOOST_TEST(!a.stages[4].normalized);
  BOOST_TEST(a.stages[0].dropout == 0.125F);
  BOOST_TEST(a.stages[4].dropout == 0.0F);
  BOOST_TEST(a.stages[5].dropout == 0.5F);
  BOOST_TEST(a.is_normalized());
  BOOST_TEST(!network::parse_architecture("784-d0.5-10", "--network").is_normalized());
  for (const char* text :
       {"784-n-10", "784-20-10-n", "784-20-n-n-10", "784-20-d0.5", "784-20-d0.5-n-10",
        "784-20-d0.5-d0.5-10", "784-20-d-10", "784-20-d1-10", "784-20-d0-10", "784-20-d0.0-10",
        "784-20-d.5-10", "784-20-d0.1234567-10", "28x28-c4k5-p2-n-10", "784-20n-10", "784-d0.5"}) {
    BOOST_CHECK_THROW(network::parse_architecture(text, "--network"), InputError);
  }
}

/// The update of every weight, γ and β is the numerical derivative of the loss of the same sample,
/// with constant statistics and mask. h = 1/256 in float: the error of the central difference
/// is about h²·f''' + 10⁻⁷/h, near 10⁻⁴.
BOOST_AUTO_TEST_CASE(steps_are_the_gradient_with_constant_statistics) {
  for (const char* text :
       {"9-7-n-3", "9-8-n-6-n-3", "6x6-c3k3-n-p2-4-n-3", "6x6-c3k3-n-a2-3", "9-d0.25-8-n-d0.5-3",
        "6x6-d0.25-c3k3-n-d0.25-p2-d0.5-4-n-d0.25-3", "6x6-d0.5-p2-c2k2-3"}) {
    const std::size_t pixels = network::parse_architecture(text, "--network").input.size();
    const std::vector<std::uint8_t> image = image_of(pixels, 9);
    const auto stepped = warm_trainer(text);
    constexpr float rate = 0.25F;
    stepped->learn(image, 1, {77, 0.0, rate, true});
    const auto after = numbers_of(*stepped);
    const auto fresh = warm_trainer(text);
    const auto before = numbers_of(*fresh);
    const auto loss_with = [&](const std::string& name, std::size_t i, std::size_t j, float by) {
      const auto moved = warm_trainer(text);
      auto numbers = numbers_of(*moved);
      number(numbers.at(name), i, j) += by;
      moved->rebuild_derived(0.0);
      return moved->learn(image, 1, {77, 0.0, rate, true});
    };
    double largest = 0.0;
    for (const auto& [name, array] : before) {
      if (name.ends_with("mean") || name.ends_with("variance") ||
          name.ends_with("normalisation.weight")) {
        continue;
      }
      const std::size_t every = array.view.rows * array.view.columns > 40 ? 5 : 1;
      for (std::size_t k = 0; k < array.view.rows * array.view.columns; k += every) {
        const std::size_t i = k / array.view.columns;
        const std::size_t j = k % array.view.columns;
        constexpr float h = 0.00390625F;
        const double numerical =
            (loss_with(name, i, j, h) - loss_with(name, i, j, -h)) / (2.0 * static_cast<double>(h));
        const float change = number(array, i, j) - number(after.at(name), i, j);
        const double step = static_cast<double>(change) / static_cast<double>(rate);
        BOOST_TEST(std::fabs(step - numerical) < 1e-3 * std::max(1.0, std::fabs(numerical)),
                   text << " " << name << " " << i << "," << j << ": " << step << ", numerically "
                        << numerical);
        largest = std::max(largest, std::fabs(numerical));
      }
    }
    BOOST_TEST(largest > 0.05, text);
  }
}

/// With constant weights, the running statistics of a layer are the exponentially weighted mean and
/// variance of all positions, computed here as sums; the first sample is (0, 1).
BOOST_AUTO_TEST_CASE(statistics_are_exponentially_weighted) {
  constexpr double momentum = 0.8;
  constexpr std::size_t positions = 5;
  network::Normalization one(1);
  testing::Draws draws(3);
  std::vector<double> means = {0.0};
  std::vector<double> squares = {1.0};
  for (std::size_t k = 0; k < 30; ++k) {
    AlignedVector<float> z(positions * padded(1));
    double mean = 0.0;
    double square = 0.0;
    for (std::size_t p = 0; p < positions; ++p) {
      z[p * padded(1)] = 3.0F + draws(2.0F);
      const auto x = static_cast<double>(z[p * padded(1)]);
      mean += x / positions;
      square += x * x / positions;
    }
    one.observe(positions, z.data(), static_cast<float>(momentum));
    means.push_back(mean);
    squares.push_back(square);
    double all = 0.0;
    double m = 0.0;
    double s = 0.0;
    for (std::size_t i = 0; i < means.size(); ++i) {
      const double weight = std::pow(momentum, static_cast<double>(means.size() - 1 - i));
      all += weight;
      m += weight * means[i];
      s += weight * squares[i];
    }
    const std::vector<StateArray> state = one.state("");
    BOOST_TEST(std::fabs(static_cast<double>(number(state[2], 0, 0)) - m / all) < 1e-5);
    const double variance = s / all - (m / all) * (m / all);
    BOOST_TEST(std::fabs(static_cast<double>(number(state[3], 0, 0)) - variance) < 1e-5);
  }
}

/// γ and β have one step per batch, with the sum of its gradients.
BOOST_AUTO_TEST_CASE(gamma_and_beta_change_at_the_end_of_a_batch) {
  const auto trainer = float_trainer("9-7-n-3", 0.99, 2);
  trainer->learn(image_of(9, 1), 0, {0, 0.0, 0.1F, false});
  const auto numbers = numbers_of(*trainer);
  BOOST_TEST(number(numbers.at("layer0.normalisation.gamma"), 0, 0) == 1.0F);
  BOOST_TEST(number(numbers.at("layer0.normalisation.mean"), 0, 0) != 0.0F);
  trainer->learn(image_of(9, 2), 1, {1, 0.0, 0.1F, true});
  BOOST_TEST(number(numbers.at("layer0.normalisation.gamma"), 0, 0) != 1.0F);
}

/// 10,000 draws with probability 0.25: 5 standard errors of the dropped fraction are 0.0217. The
/// same sample has the same mask; evaluation has no mask.
BOOST_AUTO_TEST_CASE(dropout_drops_its_fraction_and_scales_the_rest) {
  const Architecture a = network::parse_architecture("10000-d0.25-2", "--network");
  network::Network network(a, network::Activation::relu, network::OutputUnit::softmax);
  network.add_layer(std::make_unique<network::ExactLayer>(network::initial_weights(a, 1).front(), 2,
                                                          false, one_thread));
  const std::vector<std::uint8_t> image(10000, 255);
  const numeric::Kernels& kernels = numeric::kernels(one_thread.isa);
  const Stream noise(1, Purpose::training_read);
  network::Workspace work(a);
  network.forward(image, {noise, 4}, work, kernels);
  BOOST_TEST(work.input[0][0].count == 10001U);
  work.learning.emplace(1U, Purpose::dropout);
  network.forward(image, {noise, 4}, work, kernels);
  const crossbar::DrivenLines first = work.input[0][0];
  const double left = static_cast<double>(first.count - 1) / 10000.0;
  BOOST_TEST(std::fabs(left - 0.75) < 5.0 * std::sqrt(0.25 * 0.75 / 10000.0));
  for (std::size_t l = 0; l + 1 < first.count; ++l) {
    BOOST_REQUIRE(std::fabs(first.value[l] - 1.0F / 0.75F) < 1e-6F);
  }
  BOOST_TEST(first.value[first.count - 1] == 1.0F);  // the bias is not dropped
  network.forward(image, {noise, 5}, work, kernels);
  BOOST_TEST((work.input[0][0].line != first.line));
  network.forward(image, {noise, 4}, work, kernels);
  BOOST_TEST((work.input[0][0].line == first.line));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
