// The update of the float trainer against the numerical gradient of an independent implementation
// in double precision.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "support.hpp"
#include "training/training.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(network_gradient)

namespace {

using network::Activation;
using training::Loss;

using Weights = std::vector<std::vector<double>>;  // per layer, row-major, bias last

const std::vector<std::size_t> widths = {6, 5, 4, 3};

double activate(Activation activation, double z) {
  switch (activation) {
    case Activation::sigmoid: return 1.0 / (1.0 + std::exp(-z));
    case Activation::tanh: return std::tanh(z);
    case Activation::relu: break;
  }
  return z > 0.0 ? z : 0.0;
}

double loss_of(const Weights& weights, const std::vector<std::uint8_t>& image, int label,
               Activation activation, Loss loss) {
  std::vector<double> a;
  for (const std::uint8_t pixel : image) a.push_back(pixel / 255.0);
  for (std::size_t l = 0; l < weights.size(); ++l) {
    a.push_back(1.0);
    std::vector<double> z(widths[l + 1], 0.0);
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < z.size(); ++j) z[j] += a[i] * weights[l][i * z.size() + j];
    }
    const bool last = l + 1 == weights.size();
    if (last && loss == Loss::cross_entropy) {
      double sum = 0.0;
      for (const double value : z) sum += std::exp(value);
      return std::log(sum) - z[static_cast<std::size_t>(label)];
    }
    for (double& value : z) value = activate(last ? Activation::sigmoid : activation, value);
    a = z;
  }
  double sum = 0.0;
  for (std::size_t j = 0; j < a.size(); ++j) {
    const double difference = a[j] - (static_cast<int>(j) == label ? 1.0 : 0.0);
    sum += 0.5 * difference * difference;
  }
  return sum;
}

Weights weights_of(const training::Trainer& trainer) {
  Weights weights;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    std::vector<double> layer;
    for (std::size_t i = 0; i <= widths[l]; ++i) {
      for (std::size_t j = 0; j < widths[l + 1]; ++j) {
        layer.push_back(static_cast<double>(trainer.network().layer(l).weights()(i, j)));
      }
    }
    weights.push_back(layer);
  }
  return weights;
}

}  // namespace

/// Central differences with h = 1e-5 in double: their error is below 1e-9. The update is float.
BOOST_AUTO_TEST_CASE(updates_are_the_gradient) {
  const std::vector<std::uint8_t> image = {255, 0, 128, 30, 0, 200};
  for (const Activation activation : {Activation::sigmoid, Activation::tanh, Activation::relu}) {
    for (const Loss loss : {Loss::quadratic, Loss::cross_entropy}) {
      for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        training::TrainingConfig config;
        config.method = training::MethodName::float32;
        config.activation = activation;
        config.loss = loss;
        const auto trainer =
            training::make_trainer(config, {}, network::perceptron(widths), seed, {best_isa(), 1});
        const Weights before = weights_of(*trainer);
        const int label = static_cast<int>(seed % 3);
        const double learning_rate = 0.5;
        const double reported = trainer->learn(image, label, {0, 0.0, 0.5F, true});
        const Weights after = weights_of(*trainer);
        BOOST_TEST(std::fabs(reported - loss_of(before, image, label, activation, loss)) < 1e-6);
        double largest = 0.0;
        for (std::size_t l = 0; l < before.size(); ++l) {
          for (std::size_t k = 0; k < before[l].size(); ++k) {
            constexpr double h = 1e-5;
            Weights up = before;
            Weights down = before;
            up[l][k] += h;
            down[l][k] -= h;
            const double numerical = (loss_of(up, image, label, activation, loss) -
                                      loss_of(down, image, label, activation, loss)) /
                                     (2.0 * h);
            const double update = (before[l][k] - after[l][k]) / learning_rate;
            BOOST_TEST(std::fabs(update - numerical) < 5e-7);
            largest = std::max(largest, std::fabs(numerical));
          }
        }
        BOOST_TEST(largest > 1e-3);  // the comparison is not trivial
      }
    }
  }
}

/// The weights of the backward product are the transpose, also after updates.
BOOST_AUTO_TEST_CASE(both_copies_of_an_exact_layer_stay_equal) {
  network::ExactLayer layer(testing::random_matrix(6, 3, 0.5F, 1), 3, true, {best_isa(), 1});
  crossbar::DrivenLines a(6);
  a.gather(std::vector<float>{0.5F, 0.0F, 0.25F, 0.0F, 1.0F, 1.0F});
  AlignedVector<float> dense = {0.5F, 0.0F, 0.25F, 0.0F, 1.0F, 1.0F};
  dense.resize(16);
  AlignedVector<float> gradient = {0.1F, 0.0F, -0.3F};
  gradient.resize(16);
  for (int i = 0; i < 5; ++i) layer.subtract(a, dense, gradient);
  const crossbar::Read read{Stream(1, Purpose::training_read), 0};
  crossbar::Scratch scratch(16);
  for (std::size_t j = 0; j < 3; ++j) {
    std::vector<float> unit(3, 0.0F);
    unit[j] = 1.0F;
    crossbar::DrivenLines d(3);
    d.gather(unit);
    AlignedVector<float> e(16, 7.0F);
    layer.backward(d, read, scratch, e.data());
    for (std::size_t i = 0; i < 5; ++i) BOOST_TEST(e[i] == layer.weights()(i, j));
    for (std::size_t i = 5; i < 16; ++i) BOOST_TEST(e[i] == 0.0F, "entry " << i << " behind");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
