// Limits of memory and time in the import of ONNX files.
#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "network/network.hpp"

namespace imcsim::testing {
BOOST_AUTO_TEST_SUITE(network_onnx_import)

namespace {

using network::OnnxModel;

void add_shape(OnnxModel& model, const std::string& name, std::vector<std::int64_t> sizes) {
  network::Tensor tensor(network::DataType::int64, {sizes.size()});
  tensor.whole = std::move(sizes);
  model.initializers[name] = std::make_shared<const network::Tensor>(std::move(tensor));
}

void add_node(OnnxModel& model, const std::string& type, std::vector<std::string> inputs,
              const std::string& output) {
  model.nodes.push_back({output, type, "", std::move(inputs), {output}, {}});
}

OnnxModel model_of(const std::string& output) {
  OnnxModel model;
  model.opset = 13;
  model.outputs.push_back({output, network::DataType::undefined, std::nullopt});
  return model;
}

}  // namespace

BOOST_AUTO_TEST_CASE(created_constants_are_limited_in_total) {
  OnnxModel model = model_of("c");
  add_shape(model, "size", {1 << 12, 1 << 11});
  add_node(model, "ConstantOfShape", {"size"}, "a");
  add_node(model, "ConstantOfShape", {"size"}, "b");
  OnnxModel two = model;
  two.outputs[0].name = "b";
  network::import_onnx(two, "two.onnx");
  add_node(model, "ConstantOfShape", {"size"}, "c");
  BOOST_CHECK_EXCEPTION(network::import_onnx(model, "x.onnx"), InputError, [](const auto& error) {
    return error.problem() == "creates constants of 25165824 elements";
  });
}

BOOST_AUTO_TEST_CASE(long_products_of_constants_are_not_computed_at_import) {
  for (const std::int64_t side : {64, 1024}) {
    OnnxModel model = model_of("y");
    add_shape(model, "size", {side, side});
    add_node(model, "ConstantOfShape", {"size"}, "a");
    add_node(model, "MatMul", {"a", "a"}, "y");
    const network::Graph graph = network::import_onnx(model, "x.onnx");
    BOOST_TEST(graph.nodes.size() == (side == 64 ? 0U : 1U));
  }
}

BOOST_AUTO_TEST_CASE(a_node_without_its_first_output_is_refused) {
  for (const auto& outputs : {std::vector<std::string>{}, std::vector<std::string>{""}}) {
    OnnxModel model = model_of("a");
    add_shape(model, "size", {2, 2});
    add_node(model, "ConstantOfShape", {"size"}, "a");
    add_node(model, "MatMul", {"a", "a"}, "y");
    model.nodes.back().outputs = outputs;
    BOOST_CHECK_EXCEPTION(network::import_onnx(model, "x.onnx"), InputError, [](const auto& error) {
      return error.problem() == "has no name for its first output";
    });
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
