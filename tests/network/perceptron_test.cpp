#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "network/network.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(network_perceptron)

namespace {

using network::Activation;
using network::ExactLayer;
using network::Network;
using network::OutputUnit;

constexpr Execution execution{Isa::baseline, 1};

/// 2-2-2 with simple weights for manual products; the last row of each matrix is the bias.
Network two_two_two(Activation activation, OutputUnit output) {
  Matrix<float> first = padded_matrix<float>(3, 2);
  first(0, 0) = 0.5F;
  first(0, 1) = -1.0F;
  first(1, 0) = 2.0F;
  first(1, 1) = 1.0F;
  first(2, 0) = 0.25F;
  first(2, 1) = -0.5F;
  Matrix<float> second = padded_matrix<float>(3, 2);
  second(0, 0) = 1.0F;
  second(0, 1) = -1.0F;
  second(1, 0) = 0.5F;
  second(1, 1) = 2.0F;
  second(2, 0) = -0.25F;
  second(2, 1) = 0.75F;
  Network network(network::perceptron(std::vector<std::size_t>{2, 2, 2}), activation, output);
  network.add_layer(std::make_unique<ExactLayer>(std::move(first), 2, false, execution));
  network.add_layer(std::make_unique<ExactLayer>(std::move(second), 2, true, execution));
  return network;
}

std::vector<float> output_of(const Network& network, const std::vector<std::uint8_t>& image) {
  network::Workspace work(network.architecture());
  const crossbar::Read read{Stream(1, Purpose::training_read), 0};
  network.forward(image, read, work, numeric::kernels(best_isa()));
  return {work.output.begin(), work.output.begin() + 2};
}

double logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }

}  // namespace

BOOST_AUTO_TEST_CASE(forward_by_hand) {
  // Image (255, 51): x = (1, 0.2). z₁ = 0.5 + 0.4 + 0.25 = 1.15, z₂ = −1 + 0.2 − 0.5 = −1.3.
  const std::vector<std::uint8_t> image = {255, 51};
  struct Case {
    Activation activation;
    double a1, a2;
  };
  const Case cases[] = {{Activation::sigmoid, logistic(1.15), logistic(-1.3)},
                        {Activation::tanh, std::tanh(1.15), std::tanh(-1.3)},
                        {Activation::relu, 1.15, 0.0}};
  for (const Case& c : cases) {
    const double z1 = c.a1 + 0.5 * c.a2 - 0.25;
    const double z2 = -c.a1 + 2.0 * c.a2 + 0.75;
    const std::vector<float> sigmoid =
        output_of(two_two_two(c.activation, OutputUnit::sigmoid), image);
    BOOST_TEST(std::fabs(static_cast<double>(sigmoid[0]) - logistic(z1)) < 5e-7);
    BOOST_TEST(std::fabs(static_cast<double>(sigmoid[1]) - logistic(z2)) < 5e-7);
    const std::vector<float> softmax =
        output_of(two_two_two(c.activation, OutputUnit::softmax), image);
    BOOST_TEST(std::fabs(static_cast<double>(softmax[0]) - logistic(z1 - z2)) < 5e-7);
    BOOST_TEST(std::fabs(static_cast<double>(softmax[0] + softmax[1]) - 1.0) < 3e-7);
  }
}

BOOST_AUTO_TEST_CASE(a_black_image_gives_the_biases) {
  const std::vector<float> y =
      output_of(two_two_two(Activation::relu, OutputUnit::sigmoid), {0, 0});
  BOOST_TEST(std::fabs(static_cast<double>(y[0]) - logistic(0.25 - 0.25)) < 3e-7);
  BOOST_TEST(std::fabs(static_cast<double>(y[1]) - logistic(-0.25 + 0.75)) < 3e-7);
}

BOOST_AUTO_TEST_CASE(softmax_of_large_sums_stays_finite) {
  Matrix<float> w = padded_matrix<float>(2, 2);
  w(0, 0) = 1e4F;
  w(0, 1) = -1e4F;
  Network network(network::perceptron(std::vector<std::size_t>{1, 2}), Activation::sigmoid,
                  OutputUnit::softmax);
  network.add_layer(std::make_unique<ExactLayer>(std::move(w), 2, false, execution));
  const std::vector<float> y = output_of(network, {255});
  BOOST_TEST(y[0] == 1.0F);
  BOOST_TEST(y[1] < 1e-30F);
}

BOOST_AUTO_TEST_CASE(widths_of_valid_texts) {
  const network::Architecture parsed = network::parse_architecture("784-250-10", "--network");
  BOOST_TEST(parsed.input.size() == 784U);
  BOOST_TEST(parsed.stages.size() == 2U);
  BOOST_TEST(parsed.stages[0].rows() == 785U);
  BOOST_TEST(parsed.outputs() == 10U);
  BOOST_TEST(network::parse_architecture("1-65536", "--network").stages.size() == 1U);
}

BOOST_AUTO_TEST_CASE(widths_of_invalid_texts) {
  for (const char* text :
       {"", "784", "784-", "-784", "784--10", "784-0-10", "784-x-10", "784-250-10 ", " 784-10",
        "784-65537", "784-1e2", "784-99999999999999999999", "784 10", "784-2.5-10"}) {
    BOOST_CHECK_EXCEPTION(
        network::parse_architecture(text, "--network"), InputError, [&](const InputError& error) {
          return error.where() == "--network" && testing::contains(error.problem(), text);
        });
  }
  BOOST_CHECK_EXCEPTION(network::parse_architecture("65536-65536", "--network"), InputError,
                        [](const InputError& error) {
                          return testing::contains(error.problem(), "4295032832 weights");
                        });
}

/// 196,000 weights of 784-250: within ±1/√784, mean 0, variance of a uniform. k = 4.
BOOST_AUTO_TEST_CASE(initial_weights_are_uniform_within_one_over_root_fan_in) {
  const std::vector<std::size_t> widths = {784, 250, 10};
  const std::vector<Matrix<float>> weights =
      network::initial_weights(network::perceptron(widths), 1);
  BOOST_TEST(weights.size() == 2U);
  BOOST_TEST(weights[0].shape(0) == 785U);
  BOOST_TEST(weights[0].shape(1) == 256U);
  testing::Sample sample;
  for (std::size_t i = 0; i <= 784; ++i) {
    for (std::size_t j = 0; j < 250; ++j) {
      sample.add(static_cast<double>(weights[0](i, j)));
      BOOST_REQUIRE(std::fabs(weights[0](i, j)) <= 1.0F / 28.0F);
    }
    BOOST_REQUIRE(weights[0](i, 250) == 0.0F);
  }
  const double sigma = 1.0 / 28.0 / std::sqrt(3.0);
  BOOST_TEST(std::fabs(sample.mean()) < 4.0 * testing::mean_error(sigma, sample.n()));
  BOOST_TEST(std::fabs(sample.variance() - sigma * sigma) <
             4.0 * testing::variance_error(sigma, sample.n(), 1.8));
  BOOST_TEST((network::initial_weights(network::perceptron(widths), 2)[0] != weights[0]));
}

BOOST_AUTO_TEST_CASE(the_first_of_equal_outputs_is_the_prediction) {
  BOOST_TEST(network::predicted_class(std::vector<float>{0.1F, 0.7F, 0.7F, 0.2F}) == 1);
  BOOST_TEST(network::predicted_class(std::vector<float>{0.0F}) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
