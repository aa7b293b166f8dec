// Values from finite memories: bit-identical to a pass through the graph, node by node; invalid
// programs are detected.
#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "compiler/partition.hpp"
#include "compiler/program.hpp"
#include "compiler/value_pipeline.hpp"
#include "graph_builder.hpp"
#include "training/deployment.hpp"

namespace imcsim::testing {
BOOST_AUTO_TEST_SUITE(values)

namespace {

using network::Graph;
using network::Tensor;

/// Slice and padding of a shortcut without weights: every second pixel, more channels.
network::Rearrange shortcut(std::size_t from, std::size_t to, std::size_t side) {
  network::Rearrange moved;
  moved.offset = {{0}, {}, {}, {}};
  const std::size_t before = (to - from) / 2;
  for (std::size_t c = 0; c < to; ++c) {
    const bool filled = c < before || c >= before + from;
    moved.offset[1].push_back(filled ? -1 : static_cast<std::int64_t>((c - before) * side * side));
  }
  for (std::size_t i = 0; i < side; i += 2) {
    moved.offset[2].push_back(static_cast<std::int64_t>(i * side));
    moved.offset[3].push_back(static_cast<std::int64_t>(i));
  }
  return moved;
}

/// Two residual blocks, one with a stride, pooling, a mean over all pixels, a fully connected
/// layer.
Graph residual_network() {
  GraphBuilder b({1, 3, 8, 8});
  std::size_t x = b.normalized(b.convolution(0, 3, 6, 8, 1), 6, 8);
  std::size_t y = b.normalized(b.convolution(x, 6, 6, 8, 1), 6, 8);
  y = b.convolution(y, 6, 6, 8, 1);
  x = b.sum(y, x, {1, 6, 8, 8});
  y = b.normalized(b.convolution(x, 6, 10, 8, 2), 10, 4);
  y = b.convolution(y, 10, 10, 4, 1);
  x = b.node(shortcut(6, 10, 8), {x}, {1, 10, 4, 4});
  x = b.sum(y, x, {1, 10, 4, 4});
  network::Reduce mean;
  mean.is_reduced = {false, false, true, true};
  x = b.node(mean, {x}, {1, 10, 1, 1});
  x = b.node(network::Copy{}, {x}, {1, 10});
  x = b.node(network::Gemm{}, {x, b.constant({10, 4}), b.constant({4})}, {1, 4});
  b.node(network::Softmax{1, 4, 1, false}, {x}, {1, 4});
  return b.done();
}

/// Convolution, 2 × 2 max pooling, a fully connected layer.
Graph pooled_network() {
  GraphBuilder b({1, 1, 8, 8});
  std::size_t x = b.normalized(b.convolution(0, 1, 5, 8, 1), 5, 8);
  network::Pool pool;
  pool.window.in = {1, 8, 8};
  pool.window.out = {1, 4, 4};
  pool.window.kernel = {1, 2, 2};
  pool.window.stride = {1, 2, 2};
  x = b.node(pool, {x}, {1, 5, 4, 4});
  x = b.node(network::Copy{}, {x}, {1, 80});
  b.node(network::Gemm{}, {x, b.constant({80, 7}), b.constant({7})}, {1, 7});
  return b.done();
}

void fill(std::size_t sample, Tensor& input) {
  const Stream stream(3, Purpose::task_data, 1);
  for (std::size_t i = 0; i < input.real.size(); ++i) {
    input.real[i] = stream.uniform(sample * input.real.size() + i, 0) - 0.25F;
  }
}

constexpr std::size_t samples = 5;

Matrix<float> node_by_node(const network::GraphNetwork& network, std::size_t outputs,
                           const crossbar::Read& read) {
  Matrix<float> all = padded_matrix<float>(samples, outputs);
  network::GraphWorkspace work(network);
  for (std::size_t i = 0; i < samples; ++i) {
    fill(i, network.input(work, 0));
    network.forward({read.noise, read.event + i}, work);
    const Tensor& y = network.output(work, 0);
    std::copy(y.real.begin(), y.real.end(), all.data() + i * all.shape(1));
  }
  return all;
}

struct Compiled {
  compiler::Pipeline pipeline;
  compiler::Program program;
};

Compiled compiled(const Graph& graph, compiler::CompileConfig config = {}) {
  Compiled made;
  made.pipeline = compiler::partition(graph, "test");
  fabric::TopologyConfig size;
  size.cores = 32;
  Observer observer;
  made.program =
      compiler::compile(graph, made.pipeline, fabric::make_topology("mesh", size, {}, "test"),
                        config, "test", observer);
  return made;
}

Matrix<float> pipelined(const network::GraphNetwork& network, const Compiled& made,
                        std::size_t outputs, const crossbar::Read& read) {
  Matrix<float> all = padded_matrix<float>(samples, outputs);
  compiler::ValuePipeline values(network, made.pipeline, made.program.stages, "test");
  values.run(samples, fill, read, all, 0);
  return all;
}

void expect_equal(const Matrix<float>& a, const Matrix<float>& b) {
  BOOST_TEST(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  float most = 0.0F;
  for (const float value : a) most = std::max(most, value);
  BOOST_TEST(most > 0.0F);
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_from_memories_equal_a_pass_node_by_node) {
  for (const bool residual : {true, false}) {
    const Graph graph = residual ? residual_network() : pooled_network();
    const std::size_t outputs = residual ? 4 : 7;
    const network::GraphNetwork exact(graph, {});
    const crossbar::Read read = {Stream(1, Purpose::evaluation_read), 0};
    for (const std::int64_t period : {std::int64_t{0}, std::int64_t{16}}) {
      compiler::CompileConfig config;
      if (period > 0) config.replication = compiler::Replication::period;
      config.period_ticks = period;
      expect_equal(pipelined(exact, compiled(graph, config), outputs, read),
                   node_by_node(exact, outputs, read));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_same_on_noisy_tiles) {
  const Graph graph = residual_network();
  crossbar::CrossbarConfig config;
  config.array.tile = "32x8";
  const network::GraphNetwork on_devices(graph, config, 5, {});
  training::Deployment deployment(training::layers_of(on_devices), 5);
  OperationCounts counts;
  deployment.program(0.0, counts);
  deployment.age(1.0, 1, training::Compensation::none);
  const crossbar::Read read = {Stream(1, Purpose::evaluation_read), 1000};
  expect_equal(pipelined(on_devices, compiled(graph), 4, read), node_by_node(on_devices, 4, read));
}

BOOST_AUTO_TEST_CASE(reads_of_missing_pixels_are_detected) {
  const Graph graph = residual_network();
  const network::GraphNetwork exact(graph, {});
  const crossbar::Read read = {Stream(1, Purpose::evaluation_read), 0};
  Compiled early = compiled(graph);
  for (std::uint32_t& needed : early.program.stages[1].objects[0].needed) needed /= 2;
  BOOST_CHECK_EXCEPTION(pipelined(exact, early, 4, read), RunError, [](const RunError& e) {
    return std::string(e.what()).find("is read before it is written") != std::string::npos;
  });
  Compiled late = compiled(graph);
  // A buffer that is too small, and a control unit that considers everything as read.
  fabric::PipelineObject& residual = late.program.stages[2].objects[1];
  residual.buffer_pixels = 4;
  for (std::uint32_t& kept : residual.kept_from) kept = 64;
  BOOST_CHECK_EXCEPTION(pipelined(exact, late, 4, read), RunError, [](const RunError& e) {
    return std::string(e.what()).find("is overwritten before it is read") != std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
