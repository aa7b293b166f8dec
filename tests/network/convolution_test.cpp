// Convolutions, pooling and tiles against plain arithmetic and numerical derivatives.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.hpp"
#include "compiler/partition.hpp"
#include "support.hpp"
#include "training/training.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(network_convolution)

namespace {

using network::Architecture;
using network::Stage;
using network::StageKind;
using training::Loss;

using Weights = std::vector<Matrix<float>>;

/// Output of a network for an image in plain double arithmetic, layer by layer.
std::vector<double> plain_output(const Architecture& architecture, const Weights& weights,
                                 const std::vector<std::uint8_t>& image, bool softmax) {
  std::vector<double> x;
  for (const std::uint8_t pixel : image) x.push_back(pixel / 255.0);
  std::size_t layer = 0;
  for (std::size_t s = 0; s < architecture.stages.size(); ++s) {
    const Stage& stage = architecture.stages[s];
    const auto at = [&](long y, long col, std::size_t c) {
      const bool inside = y >= 0 && col >= 0 && y < static_cast<long>(stage.in.height) &&
                          col < static_cast<long>(stage.in.width);
      if (!inside) return 0.0;
      return x[(static_cast<std::size_t>(y) * stage.in.width + static_cast<std::size_t>(col)) *
                   stage.in.channels +
               c];
    };
    std::vector<double> next(stage.out.size(), 0.0);
    for (std::size_t oy = 0; oy < stage.out.height; ++oy) {
      for (std::size_t ox = 0; ox < stage.out.width; ++ox) {
        for (std::size_t o = 0; o < stage.out.channels; ++o) {
          double& value = next[(oy * stage.out.width + ox) * stage.out.channels + o];
          if (stage.kind == StageKind::dense) {
            for (std::size_t i = 0; i < x.size(); ++i) {
              value += x[i] * static_cast<double>(weights[layer](i, o));
            }
            value += static_cast<double>(weights[layer](x.size(), o));
            continue;
          }
          double most = -1e300;
          for (std::size_t ky = 0; ky < stage.kernel; ++ky) {
            for (std::size_t kx = 0; kx < stage.kernel; ++kx) {
              const long y =
                  static_cast<long>(oy * stage.stride + ky) - static_cast<long>(stage.padding);
              const long col =
                  static_cast<long>(ox * stage.stride + kx) - static_cast<long>(stage.padding);
              if (!stage.has_weights()) {
                most = std::max(most, at(y, col, o));
                value += at(y, col, o) / static_cast<double>(stage.kernel * stage.kernel);
                continue;
              }
              for (std::size_t c = 0; c < stage.in.channels; ++c) {
                const std::size_t row = (ky * stage.kernel + kx) * stage.in.channels + c;
                value += at(y, col, c) * static_cast<double>(weights[layer](row, o));
              }
            }
          }
          if (stage.kind == StageKind::max_pool) value = most;
          if (stage.has_weights()) value += static_cast<double>(weights[layer](stage.inputs(), o));
        }
      }
    }
    const bool last = s + 1 == architecture.stages.size();
    if (stage.has_weights()) {
      ++layer;
      if (!last || !softmax) {
        for (double& value : next) value = 1.0 / (1.0 + std::exp(-value));
      }
    }
    x = next;
  }
  if (!softmax) return x;
  double sum = 0.0;
  for (double& value : x) sum += value = std::exp(value);
  for (double& value : x) value /= sum;
  return x;
}

double plain_loss(const Architecture& architecture, const Weights& weights,
                  const std::vector<std::uint8_t>& image, int label, Loss loss) {
  const std::vector<double> y =
      plain_output(architecture, weights, image, loss == Loss::cross_entropy);
  if (loss == Loss::cross_entropy) return -std::log(y[static_cast<std::size_t>(label)]);
  double sum = 0.0;
  for (std::size_t j = 0; j < y.size(); ++j) {
    const double off = y[j] - (static_cast<int>(j) == label ? 1.0 : 0.0);
    sum += 0.5 * off * off;
  }
  return sum;
}

Weights weights_of(const training::Trainer& trainer) {
  Weights weights;
  for (std::size_t l = 0; l < trainer.network().layer_count(); ++l) {
    weights.push_back(trainer.network().layer(l).weights());
  }
  return weights;
}

std::vector<std::uint8_t> image_of(std::size_t size, std::uint64_t seed) {
  testing::Draws draws(seed);
  std::vector<std::uint8_t> image(size);
  for (std::uint8_t& pixel : image) pixel = static_cast<std::uint8_t>(draws.below(256));
  return image;
}

const char* const shapes[] = {"6x6-c3k3-p2-4-3", "6x5x2-c2k3p1-a2-c3k2-3", "7x7-c2k3s2-5-3",
                              "6x6-p2-c2k2-3"};

}  // namespace

BOOST_AUTO_TEST_CASE(shapes_are_parsed) {
  const Architecture lenet =
      network::parse_architecture("28x28-c16k5-p2-c32k5-p2-128-10", "--network");
  BOOST_TEST(lenet.weight_stages().size() == 4U);
  BOOST_TEST(lenet.stages[0].positions() == 576U);
  BOOST_TEST(lenet.stages[0].rows() == 26U);
  BOOST_TEST(lenet.stages[2].rows() == 401U);
  BOOST_TEST(lenet.stages[2].positions() == 64U);
  BOOST_TEST(lenet.stages[4].rows() == 513U);
  BOOST_TEST(lenet.weight_count() == 26U * 16U + 401U * 32U + 513U * 128U + 129U * 10U);
  for (const char* text : {"28x28-c16-10", "28x28-k5-10", "4x4-c2k5-10", "28x28-c16k5", "28x-10",
                           "28x28-c16k5-p2", "28x28-q2-10", "784-c16k5-10"}) {
    BOOST_CHECK_THROW(network::parse_architecture(text, "--network"), InputError);
  }
}

/// Float trainer: the update of every weight is the numerical derivative of the plain loss.
BOOST_AUTO_TEST_CASE(gradients_are_the_derivatives_of_the_loss) {
  for (const char* shape : shapes) {
    for (const Loss loss : {Loss::quadratic, Loss::cross_entropy}) {
      const Architecture architecture = network::parse_architecture(shape, "--network");
      training::TrainingConfig config;
      config.method = training::MethodName::float32;
      config.loss = loss;
      const auto trainer = training::make_trainer(config, {}, architecture, 5, {best_isa(), 1});
      const std::vector<std::uint8_t> image = image_of(architecture.input.size(), 9);
      const Weights before = weights_of(*trainer);
      const double reported = trainer->learn(image, 1, {0, 0.0, 0.5F, true});
      const Weights after = weights_of(*trainer);
      BOOST_TEST(std::fabs(reported - plain_loss(architecture, before, image, 1, loss)) < 2e-6,
                 shape);
      double largest = 0.0;
      for (std::size_t l = 0; l < before.size(); ++l) {
        const Stage stage = architecture.weight_stages()[l];
        for (std::size_t i = 0; i < stage.rows(); ++i) {
          for (std::size_t j = 0; j < stage.outputs(); ++j) {
            constexpr float h = 0.0078125F;
            Weights up = before;
            Weights down = before;
            up[l](i, j) += h;
            down[l](i, j) -= h;
            const double numerical = (plain_loss(architecture, up, image, 1, loss) -
                                      plain_loss(architecture, down, image, 1, loss)) /
                                     (2.0 * static_cast<double>(h));
            const double update = static_cast<double>(before[l](i, j) - after[l](i, j)) / 0.5;
            BOOST_TEST(std::fabs(update - numerical) < 3e-5,
                       shape << " layer " << l << " row " << i << " column " << j);
            largest = std::max(largest, std::fabs(numerical));
          }
        }
      }
      BOOST_TEST(largest > 1e-2);
    }
  }
}

/// On ideal devices without converters, mixed precision with fine granularity follows float; tiles
/// change only the order of summation.
BOOST_AUTO_TEST_CASE(crossbars_of_ideal_devices_follow_float_with_and_without_tiles) {
  const Architecture architecture = network::parse_architecture(shapes[0], "--network");
  training::TrainingConfig config;
  config.granularity = 1e-4;
  crossbar::CrossbarConfig crossbar;
  crossbar.device.model = device::ModelName::ideal;
  crossbar.array.refresh_every = 0;
  crossbar.converters.dac_bits = crossbar.converters.adc_bits = 0;
  for (const char* tile : {"none", "4x2", "7x3"}) {
    crossbar.array.tile = tile;
    training::TrainingConfig exact = config;
    exact.method = training::MethodName::float32;
    const auto reference = training::make_trainer(exact, {}, architecture, 5, {best_isa(), 1});
    const auto devices = training::make_trainer(config, crossbar, architecture, 5, {best_isa(), 1});
    for (std::uint64_t k = 0; k < 20; ++k) {
      const std::vector<std::uint8_t> image = image_of(architecture.input.size(), 100 + k);
      const training::Step step{k, 0.0, 0.1F, true};
      const double a = reference->learn(image, static_cast<int>(k % 3), step);
      const double b = devices->learn(image, static_cast<int>(k % 3), step);
      BOOST_TEST(std::fabs(a - b) < 1e-3, tile << " sample " << k << ": " << a << ", " << b);
    }
    const Weights wanted = weights_of(*reference);
    const Weights seen = weights_of(*devices);
    for (std::size_t l = 0; l < wanted.size(); ++l) {
      const Stage stage = architecture.weight_stages()[l];
      for (std::size_t i = 0; i < stage.rows(); ++i) {
        for (std::size_t j = 0; j < stage.outputs(); ++j) {
          BOOST_TEST(std::fabs(wanted[l](i, j) - seen[l](i, j)) < 1e-3F);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(tile_sizes_are_parsed_or_refused) {
  BOOST_TEST(crossbar::parse_tile("none", "--tile").rows == 0U);
  BOOST_TEST(crossbar::parse_tile("256x128", "--tile").columns == 128U);
  for (const char* text : {"", "256", "256x", "x256", "0x5", "1x1", "256x256x2", "-2x4"}) {
    BOOST_CHECK_THROW(crossbar::parse_tile(text, "--tile"), InputError);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
