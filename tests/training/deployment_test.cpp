// Deployment of both kinds of networks: known inputs, drift compensation, evaluation.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>

#include "graph_builder.hpp"
#include "numeric/events.hpp"
#include "study/infer.hpp"
#include "study/settings.hpp"
#include "support.hpp"
#include "training/deployment.hpp"
#include "training/image_input.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(deployment)

namespace {

using network::Graph;
using network::GraphNetwork;
using network::Tensor;
using training::Compensation;
using training::Deployment;

constexpr double year_s = 365.0 * 86400.0;

crossbar::CrossbarConfig crossbar_of(const std::string& toml) {
  return study::resolve_config<study::InferConfig>(
             study::parse_settings(toml, "infer", "file infer"),
             [](const auto&, auto&) { return false; })
      .config.crossbar;
}

const dataset::Dataset& digits() {
  static const dataset::Dataset data = testing::synthetic_digits(300, 200);
  return data;
}

/// A grouped convolution, one with a stride, and a fully connected layer.
Graph grouped_network() {
  testing::GraphBuilder b({1, 4, 8, 8});
  network::Convolution conv;
  conv.window.in = conv.window.out = {1, 8, 8};
  conv.window.kernel = {1, 3, 3};
  conv.window.before = conv.window.after = {0, 1, 1};
  conv.groups = 2;
  std::size_t x = b.node(conv, {0, b.constant({6, 2, 3, 3}), b.constant({6})}, {1, 6, 8, 8});
  x = b.node(network::Unary{}, {x}, {1, 6, 8, 8});
  x = b.convolution(x, 6, 5, 8, 2);
  x = b.node(network::Unary{}, {x}, {1, 5, 4, 4});
  x = b.node(network::Copy{}, {x}, {1, 80});
  b.node(network::Gemm{}, {x, b.constant({80, 7}), b.constant({7})}, {1, 7});
  return b.done();
}

void fill_uniform(std::size_t sample, Tensor& input) {
  const Stream stream(3, Purpose::task_data, 1);
  for (std::size_t i = 0; i < input.real.size(); ++i) {
    input.real[i] = stream.uniform(sample * input.real.size() + i, 0) - 0.25F;
  }
}

/// A byte image as the input of a graph, pixel/255.
network::FillInput fill_from(const dataset::LabeledImages& images) {
  return [images](std::size_t i, Tensor& input) { training::fill_input(images, i, {}, input); };
}

/// Compensation factors of all columns of all layers.
std::vector<float> gains_of(const std::vector<training::DeployedLayer>& layers) {
  std::vector<float> gains;
  for (const training::DeployedLayer& layer : layers) {
    for (std::size_t j = 0; j < layer.crossbars->columns(); ++j) {
      gains.push_back(layer.crossbars->gain(j));
    }
  }
  return gains;
}

void expect_same(const std::vector<float>& a, const std::vector<float>& b) {
  BOOST_TEST(a == b, boost::test_tools::per_element());
}

/// A fully connected layer as a graph, with a constant input of 1 after the others for the biases.
std::size_t with_bias(testing::GraphBuilder& b, std::size_t x, std::size_t inputs,
                      const Matrix<float>& weights, std::size_t outputs) {
  x = b.node(network::Concat{1}, {x, b.given({1, 1}, {1.0F})}, {1, inputs + 1});
  std::vector<float> values;
  for (std::size_t i = 0; i <= inputs; ++i) {
    for (std::size_t j = 0; j < outputs; ++j) values.push_back(weights(i, j));
  }
  return b.node(network::MatMul{}, {x, b.given({inputs + 1, outputs}, std::move(values))},
                {1, outputs});
}

training::TrainedNetwork trained_network(const std::string& architecture) {
  training::TrainedNetwork trained;
  trained.architecture = network::parse_architecture(architecture, "test");
  trained.activation = network::Activation::relu;
  trained.weights = network::initial_weights(trained.architecture, 11);
  trained.normalizations.resize(trained.weights.size());
  return trained;
}

}  // namespace

/// The conductance of each device of `pcm` follows (t/38.6 s)^−0.04, so that the compensation
/// factor is (t/38.6 s)^0.04 in every layer and column, also if converters clip most outputs.
BOOST_AUTO_TEST_CASE(compensation_factors_of_a_graph_follow_drift_despite_clipping) {
  const crossbar::CrossbarConfig config = crossbar_of(
      "device = \"pcm\"\nprogramming = \"exact\"\nread-noise = \"off\"\n"
      "adc-full-scale-forward = 0.02\n");
  const std::uint64_t seed = 5;
  const GraphNetwork network(grouped_network(), config, seed, {});
  const std::vector<training::DeployedLayer> layers = training::layers_of(network);
  BOOST_TEST(layers.size() == 4U);
  Deployment deployment(layers, seed);
  const training::TensorSamples samples(network, 100, fill_uniform);
  OperationCounts counts;
  deployment.program(0.0, counts);
  deployment.calibrate(samples, 0.0, {});
  for (const double t_s : {86400.0, year_s}) {
    const double drift = std::pow(t_s / 38.6, 0.04);
    deployment.age(t_s, 1, Compensation::none);
    const OperationCounts reads = deployment.evaluate(samples, {}).counts;
    BOOST_TEST(2 * reads.adc_saturated > reads.adc_conversions);
    BOOST_TEST(std::fabs(deployment.weight_rms_error() - (1.0 - 1.0 / drift)) < 2e-3);
    for (const Compensation compensation : {Compensation::global, Compensation::per_column}) {
      deployment.age(t_s, 1, compensation);
      // Drift is updated in steps of 1e-3 of its value; one code is 1.6e-4, outputs are about 0.3.
      for (const float gain : gains_of(layers)) {
        BOOST_TEST(std::fabs(static_cast<double>(gain) / drift - 1.0) < 2e-3, gain << drift);
      }
      BOOST_TEST(deployment.weight_rms_error() < 2e-3);
    }
  }
}

/// Fully connected layers with biases on devices: the crossbars of both kinds of networks have the
/// same devices and the same random draws, so that all results are bit-identical.
BOOST_AUTO_TEST_CASE(a_saved_model_and_the_same_network_as_a_graph_have_equal_factors) {
  const crossbar::CrossbarConfig config = crossbar_of(
      "device = \"pcm-inference\"\nprogramming = \"single-shot\"\nadc-full-scale-forward = 0.5\n");
  const std::uint64_t seed = 7;
  const training::TrainedNetwork trained = trained_network("784-12-10");
  const training::NetworkOnCrossbars model(trained, config, true, seed, {});
  testing::GraphBuilder b({1, 784});
  std::size_t x = with_bias(b, 0, 784, trained.weights[0], 12);
  x = b.node(network::Unary{}, {x}, {1, 12});
  with_bias(b, x, 12, trained.weights[1], 10);
  const GraphNetwork graph(b.done(), config, seed, {});

  const training::ImageSamples images(model.network(), digits().training, Isa::baseline);
  const training::TensorSamples tensors(graph, digits().training.size(),
                                        fill_from(digits().training), digits().training);
  Deployment of_model(model.layers(), seed);
  Deployment of_graph(training::layers_of(graph), seed);
  OperationCounts counts;
  of_model.program(0.0, counts);
  of_graph.program(0.0, counts);
  of_model.calibrate(images, 0.0, {});
  of_graph.calibrate(tensors, 0.0, {});
  std::uint64_t observation = 0;
  for (const Compensation compensation : {Compensation::global, Compensation::per_column}) {
    for (const double t_s : {3600.0, year_s}) {
      ++observation;
      of_model.age(t_s, observation, compensation);
      of_graph.age(t_s, observation, compensation);
      const std::vector<float> gains = gains_of(model.layers());
      expect_same(gains, gains_of(training::layers_of(graph)));
      BOOST_TEST(gains[0] > 1.05F);
      BOOST_TEST(of_model.weight_rms_error() == of_graph.weight_rms_error());
      const training::Evaluation a = of_model.evaluate(images, {});
      const training::Evaluation b_ = of_graph.evaluate(tensors, {});
      BOOST_TEST(a.predictions == b_.predictions, boost::test_tools::per_element());
      BOOST_TEST(a.correct == b_.correct);
      BOOST_TEST(a.counts.adc_saturated == b_.counts.adc_saturated);
    }
  }
}

/// A convolution is calibrated at the same positions of the same images in both kinds of networks.
/// The biases are 0 on devices without noise and affect only the numbers of the other devices.
BOOST_AUTO_TEST_CASE(known_inputs_of_a_convolution_are_the_same_in_both_kinds_of_networks) {
  const crossbar::CrossbarConfig config = crossbar_of(
      "device = \"pcm\"\nprogramming = \"exact\"\nread-noise = \"off\"\n"
      "adc-range-quantile = 0.99\n");
  training::TrainedNetwork trained = trained_network("28x28-c1k5-p2-10");
  Matrix<float>& kernel = trained.weights[0];
  kernel(25, 0) = 0.0F;
  const training::NetworkOnCrossbars model(trained, config, true, 1, {});

  testing::GraphBuilder b({1, 1, 28, 28});
  network::Convolution conv;
  conv.window.in = {1, 28, 28};
  conv.window.out = {1, 24, 24};
  conv.window.kernel = {1, 5, 5};
  std::vector<float> values;
  for (std::size_t k = 0; k < 25; ++k) values.push_back(kernel(k, 0));
  std::size_t x = b.node(conv, {0, b.given({1, 1, 5, 5}, std::move(values))}, {1, 1, 24, 24});
  x = b.node(network::Unary{}, {x}, {1, 1, 24, 24});
  network::Pool pool;
  pool.window.in = {1, 24, 24};
  pool.window.out = {1, 12, 12};
  pool.window.kernel = pool.window.stride = {1, 2, 2};
  x = b.node(pool, {x}, {1, 1, 12, 12});
  x = b.node(network::Copy{}, {x}, {1, 144});
  with_bias(b, x, 144, trained.weights[1], 10);
  const GraphNetwork graph(b.done(), config, 1, {});

  Deployment of_model(model.layers(), 1);
  Deployment of_graph(training::layers_of(graph), 1);
  OperationCounts counts;
  of_model.program(0.0, counts);
  of_graph.program(0.0, counts);
  const dataset::LabeledImages& images = digits().training;
  of_model.calibrate(training::ImageSamples(model.network(), images, Isa::baseline), 0.0, {});
  of_graph.calibrate(training::TensorSamples(graph, images.size(), fill_from(images)), 0.0, {});
  of_model.age(year_s, 1, Compensation::per_column);
  of_graph.age(year_s, 1, Compensation::per_column);
  const std::vector<float> gains = gains_of(model.layers());
  expect_same(gains, gains_of(training::layers_of(graph)));
  BOOST_TEST(gains[0] > 1.5F);
}

/// The inputs do not depend on which samples are kept in memory and which are computed again.
BOOST_AUTO_TEST_CASE(inputs_of_a_graph_do_not_depend_on_memory_and_threads) {
  const crossbar::CrossbarConfig config =
      crossbar_of("device = \"pcm-inference\"\nprogramming = \"single-shot\"\n");
  const GraphNetwork network(grouped_network(), config, 2, {});
  const std::vector<training::DeployedLayer> layers = training::layers_of(network);
  Deployment deployment(layers, 2);
  OperationCounts counts;
  deployment.program(0.0, counts);
  deployment.age(0.0, 1, Compensation::none);
  const network::FillInput fill = fill_uniform;
  const crossbar::Read read{Stream(2, Purpose::calibration_read), 1000};
  const auto pass = [&](std::size_t waiting, int threads) {
    return training::graph_pass(network, fill, waiting, read, {Isa::baseline, threads});
  };
  for (const int threads : {1, 3}) {
    for (const std::size_t waiting : {std::size_t{0}, std::size_t{4}}) {
      const auto reference = pass(9, 1);
      const auto some = pass(waiting, threads);
      for (std::size_t l = 0; l < layers.size(); ++l) {
        const std::vector<training::ProductSite> sites =
            training::known_products(9, layers[l].positions);
        const auto a = reference->inputs(l, sites);
        const auto b = some->inputs(l, sites);
        BOOST_TEST(a.size() == sites.size());
        BOOST_REQUIRE(b.size() == a.size());
        for (std::size_t k = 0; k < a.size(); ++k) {
          BOOST_TEST(a[k].count > 0U);
          BOOST_REQUIRE(b[k].count == a[k].count);
          BOOST_TEST(std::equal(a[k].line.begin(), a[k].line.end(), b[k].line.begin()));
          BOOST_TEST(std::equal(a[k].value.begin(), a[k].value.end(), b[k].value.begin()));
        }
      }
    }
  }
}

/// For any number of positions, a layer has at most as many known inputs as an observation has
/// events, and successive observations have no events in common.
BOOST_AUTO_TEST_CASE(events_of_successive_observations_do_not_overlap) {
  std::size_t most = 0;
  for (std::size_t positions = 1; positions < 300; ++positions) {
    const std::vector<training::ProductSite> sites = training::known_products(1000, positions);
    most = std::max(most, sites.size());
    for (const training::ProductSite& site : sites) {
      BOOST_REQUIRE(site.sample < 1000U);
      BOOST_REQUIRE(site.position < positions);
    }
    // Few samples give fewer known inputs, without duplicates.
    std::set<std::pair<std::size_t, std::size_t>> different;
    for (const training::ProductSite& site : sites) different.insert({site.sample, site.position});
    BOOST_REQUIRE(different.size() == sites.size());
    BOOST_REQUIRE(training::known_products(0, positions).empty());
  }
  BOOST_TEST(most == training::max_known_inputs);
  for (const std::uint64_t observation : {0U, 1U, 2U, 1000U}) {
    const std::uint64_t last = events::known_inputs(observation, most - 1);
    BOOST_TEST(last - events::known_inputs(observation, 0) == most - 1);
    BOOST_TEST(last < events::known_inputs(observation + 1, 0));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
