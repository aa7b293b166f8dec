// The commands of the tool, with files as bytes in memory. The computations are those of
// core/study.
#include "requests.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/error.hpp"
#include "compiler/model_shapes.hpp"
#include "study/compile_study.hpp"
#include "study/execute_study.hpp"
#include "study/glossary.hpp"
#include "study/infer_onnx.hpp"
#include "study/mvm.hpp"
#include "study/topology_study.hpp"

namespace imcsim::web {
namespace {

using study::Json;
using study::Settings;

const std::string& word(const CommandRequest& request, std::size_t i) {
  static const std::string none;
  return i < request.words.size() ? request.words[i] : none;
}

std::vector<std::string> words_from(const CommandRequest& request, std::size_t first) {
  const std::size_t from = std::min(first, request.words.size());
  return {request.words.begin() + static_cast<std::ptrdiff_t>(from), request.words.end()};
}

Settings with(const CommandRequest& request, const std::string& key, std::size_t place) {
  Settings settings = request.settings;
  if (place < request.words.size()) {
    settings.push_back({key, word(request, place), request.words[0], "page"});
  }
  return settings;
}

bool is_task(const CommandRequest& request) {
  return word(request, 0) == "task" || word(request, 0) == "logic" || word(request, 0) == "arith";
}

study::ResolvedTask resolve_task(const CommandRequest& request) {
  const tasks::TaskEntry& entry = tasks::find_task(word(request, 0), word(request, 1));
  study::TaskConfig reference(entry);
  Settings settings = request.settings;
  for (study::Setting& own : study::settings_of_words(reference, words_from(request, 2))) {
    settings.push_back(std::move(own));
  }
  require_known(settings, fields_of(reference));
  return study::resolve_task(entry, settings, request.preset_reader());
}

CommandAnswer run_task(const CommandRequest& request) {
  study::ResolvedTask resolved = resolve_task(request);
  const study::LoadedInputs loaded = study::load_inputs(resolved.config, request.inputs());
  Observer no_observer;
  study::TaskStudy study = study::run_task(resolved.config, loaded.inputs, {}, no_observer);
  CommandAnswer answer{study::task_json(resolved.config, study), {}};
  for (tasks::NamedArray& array : study.answer.arrays) {
    answer.arrays.push_back(bytes_of(array.name, study::view_of(array)));
  }
  return answer;
}

CommandAnswer run_device(const CommandRequest& request) {
  const Settings settings = with(request, "curve", 1);
  study::DeviceStudyConfig reference;
  require_known(settings, fields_of(reference));
  const auto config =
      study::resolve_config<study::DeviceStudyConfig>(settings, request.preset_reader()).config;
  return {study::device_study_json(config, study::run_device_study(config, false)), {}};
}

CommandAnswer run_mvm(const CommandRequest& request) {
  study::MvmConfig reference;
  require_known(request.settings, fields_of(reference));
  study::MvmConfig config =
      study::resolve_config<study::MvmConfig>(request.settings, request.preset_reader()).config;
  if (!config.matrix.empty() || !config.vector.empty()) {
    throw InputError(config.matrix.empty() ? "vector" : "matrix",
                     fmt::format("file \"{}\" is not supported in WebAssembly",
                                 config.matrix.empty() ? config.vector : config.matrix),
                     "use rows and cols");
  }
  const study::MvmTask task = study::make_mvm_task(config, nullptr, nullptr);
  study::MvmStudy study = study::run_mvm(config, task, {});
  CommandAnswer answer{study::mvm_json(config, study), {}};
  const std::size_t columns = task.product.columns;
  answer.arrays.push_back(bytes_of("output", array_view(study.product.output, columns)));
  answer.arrays.push_back(bytes_of("exact", array_view(study.product.exact, columns)));
  return answer;
}

CommandAnswer run_topology(const CommandRequest& request) {
  Settings settings = request.settings;
  if (request.words.size() > 1) {
    settings.push_back({"topology", fmt::format("{}", fmt::join(words_from(request, 1), ",")),
                        "topology", "page"});
  }
  study::TopologyStudyConfig config;
  study::Origins origins;
  study::apply(settings, fields_of(config), origins);
  const auto study = study::run_topology_study(config, request.preset_reader(), {});
  return {study::topology_json(config, study), {}};
}

study::CompileStudyConfig resolve_compile(const CommandRequest& request) {
  Settings settings = with(request, "model", 1);
  study::CompileStudyConfig config =
      study::resolve_compile(settings, request.preset_reader()).config;
  if (config.model.empty()) {
    throw InputError("compile MODEL", "is missing",
                     "an ONNX file, or the name of a network such as resnet-32");
  }
  return config;
}

Bytes network_of(const CommandRequest& request, const std::string& model) {
  if (study::is_model_shape(model)) return {};
  return request.file(model, "compile MODEL");
}

CommandAnswer run_compile(const CommandRequest& request) {
  const study::CompileStudyConfig config = resolve_compile(request);
  Observer no_observer;
  const study::CompiledStudy compiled = study::run_compile(
      config, network_of(request, config.model), request.preset_reader(), no_observer);
  const std::string program = study::program_json(config, compiled).dump(1) + "\n";
  CommandAnswer answer{study::compile_json(config, compiled), {}};
  answer.arrays.push_back(
      {"program.json", "u8", 1, program.size(), Bytes(program.begin(), program.end())});
  return answer;
}

CommandAnswer run_execute(const CommandRequest& request) {
  const Settings settings = with(request, "program", 1);
  study::Resolved<study::ExecuteConfig> resolved;
  study::ExecuteConfig& config = resolved.config;
  const FieldList own = fields_of(config);
  require_known(settings, own);
  study::apply_layers({own, config.infer.device, config.infer.crossbar.device, resolved.origins},
                      settings, request.preset_reader());
  study::refuse_idle_flags(settings, fields_of(config));
  const Bytes& text = request.file(config.program, "execute PROGRAM");
  const study::ProgramFile file =
      study::read_program({reinterpret_cast<const char*>(text.data()), text.size()}, config.program,
                          request.preset_reader());
  const Bytes network = network_of(request, file.config.model);
  if (config.values && network.empty()) {
    throw InputError("values", fmt::format("network {} has no weights", file.config.model),
                     "values off, or a program compiled from an ONNX file");
  }
  Observer no_observer;
  study::CompiledStudy compiled =
      study::run_compile(file.config, network, request.preset_reader(), no_observer);
  study::ExecuteStudy study =
      study::run_execute_time(config, file, std::move(compiled), no_observer);
  if (config.values) {
    config.infer.crossbar.array.tile = fmt::format("{}x{}", file.config.compile.core.core_rows,
                                                   file.config.compile.core.core_columns);
    const auto data = request.data.find(config.infer.dataset);
    if (data == request.data.end()) {
      throw InputError("dataset",
                       fmt::format("data set \"{}\" is not loaded", config.infer.dataset),
                       "mnist, or values off");
    }
    const study::GraphSamples samples =
        study::samples_of(config.infer, study.compiled.graph, data->second);
    study::run_execute_values(config, samples, {}, study);
  }
  return {study::execute_json(config, file, study), {}};
}

CommandAnswer run_explain(const CommandRequest& request) {
  const study::Glossary glossary;
  if (request.words.size() > 1) return {to_json(glossary.explain(word(request, 1))), {}};
  Json names = Json::array();
  for (const study::Term& term : glossary.terms()) names.push_back(term.name);
  return {std::move(names), {}};
}

Json presets_json() {
  Json list = Json::array();
  for (const study::PresetAbout& about : study::list_presets()) list.push_back(to_json(about));
  return list;
}

template <class Entries>
Json names_of(const Entries& entries) {
  Json list = Json::array();
  for (const auto& entry : entries) {
    list.push_back({{"name", entry.name}, {"summary", entry.summary}});
  }
  return list;
}

constexpr std::string_view commands[] = {"task",    "logic",   "arith",    "device",
                                         "mvm",     "infer",   "topology", "compile",
                                         "execute", "explain", "presets"};

[[noreturn]] void refuse(const std::string& name) {
  throw InputError("command", fmt::format("unknown command \"{}\"", name),
                   fmt::format("train, {}", fmt::join(commands, ", ")));
}

}  // namespace

void require_known(const Settings& settings, const FieldList& fields) {
  for (const study::Setting& setting : settings) {
    if (setting.key == "preset" || fields.find(setting.key) != nullptr) continue;
    throw InputError(setting.where, fmt::format("unknown key \"{}\"", setting.key),
                     suggest(setting.key, fields.keys()));
  }
}

study::PresetReader CommandRequest::preset_reader() const {
  const auto* named = &files;
  return [named](const std::string& name, std::string& toml) {
    const auto found = named->find(name);
    if (found == named->end()) return false;
    toml.assign(found->second.begin(), found->second.end());
    return true;
  };
}

const Bytes& CommandRequest::file(const std::string& name, const Where& where) const {
  const auto found = files.find(name);
  if (found == files.end()) {
    throw InputError(where, fmt::format("file \"{}\" is missing", name),
                     "pass it with the command");
  }
  return found->second;
}

study::InputSource CommandRequest::inputs() const {
  const auto* named = &files;
  const CommandRequest* self = this;
  return {[self](const std::string& path, const Where& where) { return self->file(path, where); },
          [named](const std::string& path, const Where&) {
            std::vector<std::string> names;
            for (const auto& entry : *named) {
              if (entry.first.starts_with(path + "/")) names.push_back(entry.first);
            }
            return names;
          }};
}

NamedBytes bytes_of(const std::string& name, const ArrayView& view) {
  static constexpr std::string_view types[] = {"f32", "f64", "u8", "u32"};
  const std::string_view type = view.type == ElementType::f32   ? types[0]
                                : view.type == ElementType::f64 ? types[1]
                                : view.type == ElementType::u8  ? types[2]
                                                                : types[3];
  const std::size_t size = type == "u8" ? 1 : type == "f64" ? 8 : 4;
  NamedBytes array{name, std::string(type), view.rows, view.columns, {}};
  for (std::size_t i = 0; i < view.rows; ++i) {
    const auto* row = reinterpret_cast<const std::uint8_t*>(view.row(i));
    array.bytes.insert(array.bytes.end(), row, row + view.columns * size);
  }
  return array;
}

CommandAnswer run_command(const CommandRequest& request) {
  const std::string& name = word(request, 0);
  if (is_task(request)) return run_task(request);
  if (name == "device") return run_device(request);
  if (name == "mvm") return run_mvm(request);
  if (name == "infer") return run_infer(request);
  if (name == "topology") return run_topology(request);
  if (name == "compile") return run_compile(request);
  if (name == "execute") return run_execute(request);
  if (name == "explain") return run_explain(request);
  if (name == "presets") return {presets_json(), {}};
  refuse(name);
}

study::Json describe_command(const CommandRequest& request) {
  const std::string& name = word(request, 0);
  const auto described = [](const FieldList& fields) {
    return Json{{"fields", study::describe_json(fields)}, {"presets", presets_json()}};
  };
  if (is_task(request)) {
    // Inputs may be missing; the description does not contain them.
    study::TaskConfig reference(tasks::find_task(name, word(request, 1)));
    return described(fields_of(reference));
  }
  if (name == "device") {
    auto config = study::resolve_config<study::DeviceStudyConfig>(with(request, "curve", 1),
                                                                  request.preset_reader())
                      .config;
    return described(fields_of(config));
  }
  if (name == "mvm") {
    auto config =
        study::resolve_config<study::MvmConfig>(request.settings, request.preset_reader()).config;
    return described(fields_of(config));
  }
  if (name == "infer") {
    study::InferConfig config;
    return described(fields_of(config));
  }
  if (name == "topology") {
    study::TopologyStudyConfig config;
    study::Origins origins;
    study::apply(request.settings, fields_of(config), origins);
    return described(fields_of(config));
  }
  if (name == "compile") {
    auto config = study::resolve_compile(request.settings, request.preset_reader()).config;
    Json answer = described(fields_of(config));
    answer["names"] = {{"model", names_of(compiler::model_shapes())},
                       {"topology", names_of(fabric::topology_kinds())}};
    return answer;
  }
  if (name == "execute") {
    study::ExecuteConfig config;
    return described(fields_of(config));
  }
  refuse(name);
}

}  // namespace imcsim::web
