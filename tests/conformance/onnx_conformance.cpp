// Tests of ONNX's own backend test models covered by the importer, against their stored outputs.
//
//   onnx_conformance FOLDER REPORT.csv [LEAST]
//
// FOLDER contains node/, pytorch-converted/ … with a model.onnx and data sets of tensors each.
// REPORT receives one line per model: passed, failed, or not covered with the reason. Exits with 1
// if a model fails or fewer than LEAST are covered.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/error.hpp"
#include "network/network.hpp"

namespace imcsim {
namespace {

namespace fs = std::filesystem;
using network::dims_text;
using network::Tensor;

std::vector<std::uint8_t> bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Tensor> tensors_of(const fs::path& folder, const std::string& kind) {
  std::vector<Tensor> all;
  for (int i = 0;; ++i) {
    const fs::path path = folder / fmt::format("{}_{}.pb", kind, i);
    if (!fs::exists(path)) return all;
    all.push_back(network::read_onnx_tensor(bytes_of(path), path.filename().string()));
  }
}

/// Tolerance of ONNX's own test runner: |got − wanted| ≤ 1e-7 + 1e-3·|wanted|.
bool is_near(double got, double wanted) {
  if (std::isnan(wanted)) return std::isnan(got);
  if (std::isinf(wanted)) return got == wanted;
  return std::fabs(got - wanted) <= 1e-7 + 1e-3 * std::fabs(wanted);
}

/// Describes the error of an output; empty if it is correct.
std::string difference(const Tensor& got, const Tensor& wanted) {
  if (got.type != wanted.type || got.dims != wanted.dims) {
    return fmt::format("{} {} instead of {} {}", name_of(got.type), dims_text(got.dims),
                       name_of(wanted.type), dims_text(wanted.dims));
  }
  for (std::size_t i = 0; i < got.real.size(); ++i) {
    if (!is_near(static_cast<double>(got.real[i]), static_cast<double>(wanted.real[i]))) {
      return fmt::format("{} instead of {} at {}", got.real[i], wanted.real[i], i);
    }
  }
  for (std::size_t i = 0; i < got.whole.size(); ++i) {
    if (got.whole[i] != wanted.whole[i]) {
      return fmt::format("{} instead of {} at {}", got.whole[i], wanted.whole[i], i);
    }
  }
  return {};
}

/// Whether an input determines shapes, axes or weights and must be a constant for the graph. The
/// first input only as a last resort (`any`).
bool is_bound(std::size_t i, const Tensor& tensor, bool any) {
  if (i == 0) return any && !is_real(tensor.type);
  return tensor.dims.size() <= 1 || !is_real(tensor.type);
}

network::Graph graph_of(const network::OnnxModel& model, const std::vector<Tensor>& inputs,
                        bool any) {
  network::ImportOptions options;
  for (std::size_t i = 0; i < std::min(inputs.size(), model.inputs.size()); ++i) {
    if (is_bound(i, inputs[i], any)) {
      options.bound[model.inputs[i].name] = std::make_shared<const Tensor>(inputs[i]);
    }
  }
  return network::import_onnx(model, "model.onnx", options);
}

network::Graph graph_of(const network::OnnxModel& model, const std::vector<Tensor>& inputs) {
  try {
    return graph_of(model, inputs, false);
  } catch (const InputError&) {
    return graph_of(model, inputs, true);
  }
}

/// Runs one data set; returns a description of the error, or an empty text. Throws InputError if
/// the model is not covered.
std::string run_set(const network::OnnxModel& model, const fs::path& folder) {
  const std::vector<Tensor> inputs = tensors_of(folder, "input");
  const network::GraphNetwork net(graph_of(model, inputs), Execution{best_isa(), 1});
  network::GraphWorkspace work(net);
  for (std::size_t k = 0; k < net.graph().inputs.size(); ++k) {
    const std::string& name = net.graph().values[net.graph().inputs[k]].name;
    const auto at = std::find_if(model.inputs.begin(), model.inputs.end(),
                                 [&](const network::OnnxValue& v) { return v.name == name; });
    const auto i = static_cast<std::size_t>(at - model.inputs.begin());
    Tensor& input = net.input(work, k);
    if (i >= inputs.size() || inputs[i].dims != input.dims) return "input of another shape";
    input = inputs[i];
  }
  net.forward({Stream(1, Purpose::evaluation_read), 0}, work);
  const std::vector<Tensor> wanted = tensors_of(folder, "output");
  if (wanted.size() != net.graph().outputs.size()) return "another number of outputs";
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    const std::string wrong = difference(net.output(work, k), wanted[k]);
    if (!wrong.empty()) return fmt::format("output {}: {}", k, wrong);
  }
  return {};
}

struct Verdict {
  std::string state, reason;
};

Verdict judge(const fs::path& folder) {
  try {
    const network::OnnxModel model =
        network::read_onnx(bytes_of(folder / "model.onnx"), "model.onnx");
    std::size_t sets = 0;
    for (; fs::exists(folder / fmt::format("test_data_set_{}", sets)); ++sets) {
      const std::string wrong = run_set(model, folder / fmt::format("test_data_set_{}", sets));
      if (!wrong.empty()) return {"failed", wrong};
    }
    if (sets == 0) return {"not covered", "no stored inputs and outputs"};
    return {"passed", ""};
  } catch (const InputError& error) {
    return {"not covered", error.what()};
  }
}

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2) {
    text.insert(at, "\"");
  }
  return '"' + text + '"';
}

int run(const fs::path& root, const std::string& report_path, std::size_t least) {
  std::vector<fs::path> models;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().filename() == "model.onnx") models.push_back(entry.path().parent_path());
  }
  std::sort(models.begin(), models.end());
  std::ofstream report(report_path);
  report << "suite,model,state,reason\n";
  std::map<std::string, std::map<std::string, std::size_t>> table;
  std::map<std::string, std::size_t> all;
  for (const fs::path& folder : models) {
    const Verdict verdict = judge(folder);
    const std::string suite = folder.parent_path().filename().string();
    report << fmt::format("{},{},{},{}\n", suite, folder.filename().string(), verdict.state,
                          quoted(verdict.reason));
    ++table[suite][verdict.state];
    ++all[verdict.state];
    if (verdict.state == "failed") {
      fmt::print("{}/{}: {}\n", suite, folder.filename().string(), verdict.reason);
    }
  }
  for (auto& [suite, states] : table) {
    fmt::print("{:<20} {:4d} covered, {:4d} passed, {:4d} not covered\n", suite,
               states["passed"] + states["failed"], states["passed"], states["not covered"]);
  }
  const std::size_t covered = all["passed"] + all["failed"];
  fmt::print("{:<20} {:4d} covered, {:4d} passed, {:4d} not covered; all in {}\n", "together",
             covered, all["passed"], all["not covered"], report_path);
  if (covered < least) fmt::print("fewer than {} are covered\n", least);
  return all["failed"] > 0 || covered < least ? 1 : 0;
}

}  // namespace
}  // namespace imcsim

int main(int count, char** words) {
  if (count < 3) {
    fmt::print("usage: onnx_conformance FOLDER REPORT.csv [LEAST]\n");
    return 2;
  }
  const std::size_t least = count > 3 ? static_cast<std::size_t>(std::stoul(words[3])) : 1;
  return imcsim::run(words[1], words[2], least);
}
