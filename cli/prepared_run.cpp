#include "prepared_run.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

#include "base/error.hpp"
#include "base/observer.hpp"
#include "captured_output.hpp"
#include "command.hpp"
#include "data_sets.hpp"
#include "files.hpp"
#include "infer_onnx.hpp"
#include "npy.hpp"
#include "run.hpp"
#include "study/execute_study.hpp"
#include "study/infer_onnx.hpp"
#include "study/train_config.hpp"
#include "study/train_session.hpp"

namespace imcsim::cli {
namespace {

using study::Json;

const std::vector<std::string> direct_commands = {"train", "infer", "mvm", "device"};

/// Value of `key`, computed by `make` at the first call; the lock is held meanwhile.
template <class Map, class Make>
const typename Map::mapped_type& cached(std::mutex& guard, Map& map, const std::string& key,
                                        const Make& make) {
  const std::lock_guard lock(guard);
  const auto found = map.find(key);
  return found != map.end() ? found->second : map.emplace(key, make()).first->second;
}

void refuse_words(const std::string& command, const std::vector<std::string>& words) {
  if (words.empty()) return;
  throw InputError(command, fmt::format("unexpected argument \"{}\"", words.front()),
                   "no further arguments");
}

template <class Config>
std::vector<Config> configs_of_runs(const Config& config, const std::uint64_t* seed) {
  std::vector<Config> configs(static_cast<std::size_t>(config.runs), config);
  for (std::size_t r = 0; r < configs.size(); ++r) {
    configs[r].seed = (seed == nullptr ? config.seed : *seed) + r;
  }
  return configs;
}

PreparedRun prepare_train(const study::Settings& settings, SharedInputs& inputs) {
  const study::TrainConfig config = study::resolve_train_config(settings, read_preset_file).config;
  const dataset::Dataset& data = inputs.dataset(config.dataset);
  study::require_trainable(config, data);
  return {[config, &data](const std::uint64_t* seed, const Execution& execution) {
    std::vector<study::RunSummary> runs;
    Observer no_observer;
    study::TrainConfig first = config;
    if (seed != nullptr) first.seed = *seed;
    for (const study::TrainConfig& own : configs_of_runs(config, seed)) {
      study::TrainSession session(own, data, execution);
      session.run(no_observer);
      runs.push_back(session.summary());
    }
    return study::train_json(first, runs);
  }};
}

PreparedRun prepare_onnx(const study::Settings& settings, const std::string& name,
                         std::span<const std::uint8_t> bytes, SharedInputs& inputs) {
  const study::OnnxInferConfig config =
      study::resolve_config<study::OnnxInferConfig>(settings, read_preset_file).config;
  const dataset::Dataset& data = inputs.dataset(config.dataset);
  const auto graph = std::make_shared<network::Graph>(network::import_onnx(bytes, name));
  return {[config, graph, &data](const std::uint64_t* seed, const Execution& execution) {
    study::OnnxInferConfig first = config;
    if (seed != nullptr) first.seed = *seed;
    const study::GraphSamples samples = study::samples_of(first, *graph, data);
    const auto in_float = study::infer_onnx_in_float(first, *graph, samples, execution);
    return study::infer_onnx_json(first, in_float,
                                  study::infer_onnx_runs(first, *graph, samples, execution));
  }};
}

PreparedRun prepare_infer(const study::Settings& settings, SharedInputs& inputs) {
  const study::Setting* named = study::find_last(settings, "model");
  if (named == nullptr) {
    throw InputError(at_field("model"), "is missing",
                     "a model file of imcsim train --save, or an ONNX file");
  }
  const std::vector<std::uint8_t>& bytes = inputs.bytes(named->text, named->where);
  if (study::is_onnx(bytes)) return prepare_onnx(settings, named->text, bytes, inputs);
  const auto file =
      std::make_shared<study::Safetensors>(study::read_safetensors(bytes, named->text));
  study::InferConfig reference;
  study::Settings all = study::settings_of_model(*file, named->text, fields_of(reference));
  all.insert(all.end(), settings.begin(), settings.end());
  auto resolved = study::resolve_config<study::InferConfig>(all, read_preset_file);
  const auto device = resolved.origins.find("device");
  if (device != resolved.origins.end() && device->second == "axis") device->second = "flag";
  study::resolve_reprogramming(resolved);
  const study::InferConfig config = resolved.config;
  const dataset::Dataset& data = inputs.dataset(config.dataset);
  const auto model =
      std::make_shared<study::TrainedModel>(study::read_model(*file, config, named->text));
  return {[config, file, model, &data](const std::uint64_t* seed, const Execution& execution) {
    study::InferConfig first = config;
    if (seed != nullptr) first.seed = *seed;
    return study::infer_json(first, study::infer_runs(first, *model, data, execution));
  }};
}

PreparedRun prepare_mvm(const study::Settings& settings, SharedInputs& inputs) {
  const study::MvmConfig config =
      study::resolve_config<study::MvmConfig>(settings, read_preset_file).config;
  const study::FileMatrix* matrix = nullptr;
  const study::FileMatrix* vectors = nullptr;
  if (!config.matrix.empty()) matrix = &inputs.matrix(config.matrix, at_field("matrix"));
  if (!config.vector.empty()) vectors = &inputs.matrix(config.vector, at_field("vector"));
  study::MvmConfig small = config;  // a 2 x 2 array, to detect errors of the configuration
  if (matrix != nullptr || vectors != nullptr) study::make_mvm_task(small, matrix, vectors);
  small.rows = small.cols = 2;
  small.samples = 1;
  small.by_source = false;
  study::run_mvm(small, study::make_mvm_task(small, nullptr, nullptr), {});
  return {[config, matrix, vectors](const std::uint64_t* seed, const Execution& execution) {
    study::MvmConfig own = config;
    if (seed != nullptr) own.seed = *seed;
    const study::MvmTask task = study::make_mvm_task(own, matrix, vectors);
    return study::mvm_json(own, study::run_mvm(own, task, execution));
  }};
}

PreparedRun prepare_device(const std::vector<std::string>& words, const study::Settings& settings) {
  study::Settings all = settings;
  if (!words.empty()) all.push_back({"curve", words.front(), "device", "word"});
  const study::DeviceStudyConfig config =
      study::resolve_config<study::DeviceStudyConfig>(all, read_preset_file).config;
  return {[config](const std::uint64_t* seed, const Execution&) {
    study::DeviceStudyConfig own = config;
    if (seed != nullptr) own.seed = *seed;
    return study::device_study_json(own, study::run_device_study(own, false));
  }};
}

}  // namespace

const dataset::Dataset& SharedInputs::dataset(const std::string& name) {
  return cached(guard_, datasets_, name, [&] { return load_dataset(name, data_dir_); });
}

const std::vector<std::uint8_t>& SharedInputs::bytes(const std::string& path, const Where& where) {
  return cached(guard_, files_, path, [&] { return read_bytes(path, where); });
}

const study::FileMatrix& SharedInputs::matrix(const std::string& path, const Where& where) {
  return cached(guard_, matrices_, path, [&] { return load_matrix(path, where); });
}

bool runs_directly(const std::string& command) {
  return std::find(direct_commands.begin(), direct_commands.end(), command) !=
         direct_commands.end();
}

PreparedRun prepare_directly(const std::string& command, const std::vector<std::string>& words,
                             const study::Settings& settings, SharedInputs& inputs) {
  if (command == "device") return prepare_device(words, settings);
  refuse_words(command, words);
  if (command == "train") return prepare_train(settings, inputs);
  if (command == "infer") return prepare_infer(settings, inputs);
  return prepare_mvm(settings, inputs);
}

PreparedRun prepare_by_words(const std::string& name, const std::vector<std::string>& words,
                             const study::Settings& settings) {
  static const std::vector<std::string> without_result = {
      "explain", "presets", "data", "completion", "sweep", "verify", "selftest", "man", "report"};
  const Command* command = nullptr;
  std::vector<std::string> names;
  for (const Command& one : commands()) {
    if (std::find(without_result.begin(), without_result.end(), one.name) != without_result.end()) {
      continue;
    }
    names.push_back(one.name);
    if (one.name == name) command = &one;
  }
  if (command == nullptr) {
    throw InputError("command", fmt::format("\"{}\" cannot be swept", name), suggest(name, names));
  }
  std::vector<std::string> all = words;
  for (const study::Setting& setting : settings) {
    all.push_back(fmt::format("--{}={}", setting.key, setting.text));
  }
  std::vector<std::string> checked = all;
  checked.emplace_back("--print-config");
  output_of(*command, checked);
  return {[command, all](const std::uint64_t* seed, const Execution& execution) {
    std::vector<std::string> own = all;
    if (seed != nullptr) own.push_back(fmt::format("--seed={}", *seed));
    own.push_back(fmt::format("--threads={}", execution.threads));
    own.insert(own.end(), {"--progress=none", "--json"});
    return Json::parse(output_of(*command, own));
  }};
}

PreparedRun prepare_run(const std::string& command, const std::vector<std::string>& words,
                        const study::Settings& settings, SharedInputs& inputs) {
  return runs_directly(command) ? prepare_directly(command, words, settings, inputs)
                                : prepare_by_words(command, words, settings);
}

}  // namespace imcsim::cli
