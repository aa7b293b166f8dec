// Stages, access relations, tiles, placement and timing of compiled networks, against the published
// semantics (arXiv:2003.04293) and their tables.
#include "base/error.hpp"
#include "compiler/model_shapes.hpp"
#include "compiler/partition.hpp"
#include "compiler/program.hpp"

#include <boost/test/unit_test.hpp>

namespace imcsim::testing {
BOOST_AUTO_TEST_SUITE(compile)

namespace {

compiler::Program compiled(const std::string& model, const std::string& topology, int cores,
                           compiler::CompileConfig config = {}) {
  const network::Graph graph = compiler::model_shape(model, "test");
  const compiler::Pipeline pipeline = compiler::partition(graph, "test");
  fabric::TopologyConfig size;
  size.cores = cores;
  const fabric::Topology made = fabric::make_topology(topology, size, {}, "test");
  Observer observer;
  return compiler::compile(graph, pipeline, made, config, "test", observer);
}

std::size_t tiles_of(const compiler::Program& program) {
  std::size_t tiles = 0;
  for (const fabric::PipelineStage& stage : program.stages) tiles += stage.tiles;
  return tiles;
}

std::size_t products_of(const compiler::Program& program) {
  std::size_t products = 0;
  for (const fabric::PipelineStage& stage : program.stages) {
    products += stage.tiles * stage.iterations;
  }
  return products;
}

}  // namespace

BOOST_AUTO_TEST_CASE(networks_have_the_expected_tiles_and_ticks) {
  struct Row {
    const char* model;
    int cores;
    std::size_t tiles, products, period;
    std::uint64_t first_image;
  };
  // The largest networks have one more stage for pooling.
  const Row rows[] = {{"mlp", 16, 5, 5, 1, 2},
                      {"resnet-20", 64, 36, 11073, 1024, 1371},
                      {"resnet-32", 64, 60, 17985, 1024, 1619},
                      {"resnet-18", 256, 201, 77820, 12544, 12946},
                      {"resnet-50", 512, 422, 128804, 12544, 12943}};
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.model) {
      const compiler::Program program = compiled(row.model, "5pp-derived", row.cores);
      BOOST_TEST(tiles_of(program) == row.tiles);
      BOOST_TEST(products_of(program) == row.products);
      BOOST_TEST(program.period_ticks == row.period);
      BOOST_TEST(program.first_image_ticks == row.first_image);
    }
  }
}

// Weights of LeNet-5: 6 · 25, 16 · 6 · 25 (the second convolution is connected to all maps), 120 ·
// 400, 84 · 120, 10 · 84.
BOOST_AUTO_TEST_CASE(every_listed_network_is_made_under_its_name) {
  for (const compiler::ModelShape& shape : compiler::model_shapes()) {
    BOOST_TEST_CONTEXT(shape.name) {
      const network::Graph graph = compiler::model_shape(shape.name, "test");
      BOOST_TEST(graph.inputs.size() == 1U);
      BOOST_TEST(graph.outputs.size() == 1U);
    }
  }
  const compiler::Program lenet = compiled("lenet-5", "mesh", 16);
  std::size_t weights = 0;
  for (const compiler::PlacedStage& place : lenet.places) {
    weights += place.matrix_rows * place.matrix_columns * place.groups;
  }
  BOOST_TEST(weights == 150U + 2400U + 48000U + 10080U + 840U);
  BOOST_CHECK_THROW(compiler::model_shape("lenet-6", "test"), InputError);
}

BOOST_AUTO_TEST_CASE(a_chain_of_partial_sums_delays_each_layer_by_its_further_tiles) {
  compiler::CompileConfig config;
  config.partial_sums = compiler::PartialSums::chained;
  const compiler::Program program = compiled("resnet-32", "5pp-derived", 64, config);
  std::uint64_t further = 0;
  for (const compiler::PlacedStage& place : program.places) {
    further += place.row_tiles > 1 ? place.row_tiles - 1 : 0;
  }
  BOOST_TEST(further == 28U);
  BOOST_TEST(program.first_image_ticks == 1619U + further);
}

BOOST_AUTO_TEST_CASE(path_powers_hold_residual_networks_without_relays_and_halve_the_load) {
  const compiler::Program path = compiled("resnet-32", "5pp-derived", 64);
  BOOST_TEST(path.relayed == 0U);
  BOOST_TEST(path.load.highest == 16384.0);
  for (const char* other : {"mesh", "torus", "hypercube"}) {
    const compiler::Program program = compiled("resnet-32", other, 64);
    BOOST_TEST(program.relayed > 0U);
    BOOST_TEST(program.load.highest == 32768.0);
  }
}

BOOST_AUTO_TEST_CASE(buffers_hold_the_published_windows) {
  const compiler::Program program = compiled("resnet-20", "5pp-derived", 64);
  const auto pixels = [&](std::size_t stage, std::size_t object) {
    return program.stages[stage].objects[object].buffer_pixels;
  };
  BOOST_TEST(pixels(2, 0) == 67U);   // two lines of 32 pixels and three pixels
  BOOST_TEST(pixels(2, 1) == 68U);   // the residual waits for two layers
  BOOST_TEST(pixels(10, 0) == 35U);  // lines of 16
  BOOST_TEST(pixels(10, 1) == 36U);
  BOOST_TEST(pixels(16, 0) == 19U);  // lines of 8
  BOOST_TEST(pixels(16, 1) == 20U);
}

BOOST_AUTO_TEST_CASE(too_few_cores_are_refused_with_the_required_number) {
  try {
    compiled("resnet-32", "mesh", 36);
    BOOST_FAIL("compiled");
  } catch (const InputError& error) {
    BOOST_TEST(std::string(error.what()).find("needs 60 cores; mesh has 36") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(schedules_in_runs_are_lossless) {
  const compiler::Program program = compiled("resnet-20", "5pp-derived", 64);
  for (const fabric::PipelineStage& stage : program.stages) {
    for (const fabric::PipelineObject& object : stage.objects) {
      const auto runs = compiler::allowed_runs(object);
      BOOST_TEST(compiler::needed_of(runs, stage.iterations, object.pixels) == object.needed);
    }
  }
  // One dimension, ten pixels, a window of three with padding of one: i = w − 1, all at the last
  // pixel.
  fabric::PipelineObject line;
  line.pixels = 10;
  for (std::uint32_t i = 0; i < 10; ++i) line.needed.push_back(std::min(i + 2U, 10U));
  const auto runs = compiler::allowed_runs(line);
  BOOST_REQUIRE(runs.size() == 2U);
  BOOST_TEST(runs[0].iteration == -1);
  BOOST_TEST(runs[0].step == 1U);
  BOOST_TEST(runs[0].count == 9U);
  BOOST_TEST(runs[1].iteration == 9);
}

BOOST_AUTO_TEST_CASE(a_convolution_of_two_variables_waits_for_its_whole_weights) {
  network::OnnxModel model;
  model.opset = 13;
  model.inputs = {{"x", network::DataType::float32, {{1, 1, 5, 5}}},
                  {"w", network::DataType::float32, {{1, 1, 3, 3}}}};
  model.outputs = {{"y", network::DataType::undefined, std::nullopt}};
  model.nodes.push_back({"y", "Conv", "", {"x", "w"}, {"y"}, {}});
  const network::Graph graph = network::import_onnx(model, "x.onnx");
  const compiler::Pipeline pipeline = compiler::partition(graph, "x.onnx");
  Observer no_observer;
  fabric::TopologyConfig size;
  size.cores = 4;
  const fabric::Topology mesh = fabric::make_topology("mesh", size, {}, "test");
  const compiler::Program program =
      compiler::compile(graph, pipeline, mesh, {}, "test", no_observer);
  for (const fabric::PipelineObject& object : program.stages[0].objects) {
    if (object.name != "w") continue;
    for (const std::uint32_t needed : object.needed) BOOST_TEST(needed == 9U);
  }
  BOOST_TEST(program.stages[0].objects.size() == 2U);
}

BOOST_AUTO_TEST_CASE(copies_reduce_the_period) {
  compiler::CompileConfig config;
  config.replication = compiler::Replication::period;
  config.period_ticks = 64;
  const compiler::Program fast = compiled("resnet-20", "pathpower:5", 1024, config);
  BOOST_TEST(fast.period_ticks == 64U);
  BOOST_TEST(fast.first_image_ticks == 167U);
  BOOST_TEST(fast.cores_used == 174U);
  config.replication = compiler::Replication::balance;
  const compiler::Program full = compiled("resnet-20", "5pp-derived", 64, config);
  BOOST_TEST(full.cores_used <= 64U);
  BOOST_TEST(full.period_ticks < 1024U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
