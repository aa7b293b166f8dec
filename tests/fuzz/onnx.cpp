// Imports an ONNX file. If the graph is small: evaluates one sample and compiles a program for four
// cores.
#include <algorithm>

#include "compiler/program.hpp"
#include "fuzz.hpp"
#include "network/network.hpp"
#include "study/compile_study.hpp"

namespace imcsim::fuzz {
namespace {

constexpr std::size_t most_small = 4096;

bool is_small(const network::Graph& graph) {
  std::uint64_t work = 0;
  for (const network::Value& value : graph.values) work += network::element_count(value.dims);
  for (const network::Node& node : graph.nodes) work += graph.mac_count(node);
  return work <= most_small;
}

void fill(network::Tensor& tensor) {
  std::fill(tensor.real.begin(), tensor.real.end(), 0.5F);
  std::fill(tensor.whole.begin(), tensor.whole.end(), 1);
}

void run_once(const network::Graph& graph) {
  const network::GraphNetwork net(graph, Execution{});
  network::GraphWorkspace work(net);
  for (std::size_t k = 0; k < graph.inputs.size(); ++k) fill(net.input(work, k));
  net.forward({Stream(1, Purpose::evaluation_read), 0}, work);
  for (std::size_t k = 0; k < graph.outputs.size(); ++k) {
    const network::Tensor& output = net.output(work, k);
    require(output.size() == network::element_count(output.dims), "all elements of an output");
  }
}

void compile(Bytes bytes) {
  study::CompileStudyConfig config;
  config.model = "x.onnx";
  config.fabric = "mesh:4";
  Observer no_observer;
  const auto no_files = [](const std::string&, std::string&) { return false; };
  const study::CompiledStudy compiled = study::run_compile(config, bytes, no_files, no_observer);
  require(compiled.program.stages.size() == compiled.program.places.size(), "one place per stage");
}

}  // namespace

void run(Bytes bytes) {
  const network::Graph graph = network::import_onnx(bytes, "x.onnx");
  for (const network::Node& node : graph.nodes) {
    for (const std::size_t v : node.inputs) {
      require(v == network::absent || v < graph.values.size(), "valid inputs");
    }
  }
  if (!is_small(graph)) return;
  run_once(graph);
  if (graph.nodes.size() <= 12) compile(bytes);
}

}  // namespace imcsim::fuzz
