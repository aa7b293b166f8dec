// A compiled network and its execution, for the picture of the scene System.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "compiler/program.hpp"
#include "requests.hpp"
#include "study/compile_study.hpp"
#include "study/execute_study.hpp"

namespace imcsim::web {
namespace {

using study::Json;

/// Moves the settings of `fields` from `settings` to the result.
study::Settings extract_settings(study::Settings& settings, const FieldList& fields) {
  study::Settings own;
  study::Settings others;
  for (study::Setting& setting : settings) {
    (fields.find(setting.key) != nullptr ? own : others).push_back(std::move(setting));
  }
  settings = std::move(others);
  return own;
}

Json fabric_json(const study::ExecuteStudy& study) {
  const fabric::Topology& topology = study.compiled.topology;
  Json places = Json::array();
  for (const fabric::Place& place : topology.places) places.push_back({place.x, place.y});
  Json links = Json::array();
  for (const fabric::Arc& arc : topology.arcs) {
    const std::vector<double>& load = study.program.load.load;
    links.push_back({arc.from, arc.to, arc.channel < load.size() ? load[arc.channel] : 0.0});
  }
  return {{"name", topology.name},       {"routers", topology.routers},
          {"places", std::move(places)}, {"router_of_core", topology.router_of_core},
          {"shared", topology.shared},   {"links", std::move(links)}};
}

Json stages_json(const study::ExecuteStudy& study) {
  Json stages = Json::array();
  for (std::size_t s = 0; s < study.program.stages.size(); ++s) {
    const fabric::PipelineStage& stage = study.program.stages[s];
    const compiler::PlacedStage& place = study.program.places[s];
    Json tiles = Json::array();
    for (const compiler::Tile& tile : place.tiles) {
      tiles.push_back({tile.core, tile.rows, tile.columns, tile.copy});
    }
    std::size_t buffer_bytes = 0;
    for (const fabric::PipelineObject& object : stage.objects) {
      if (object.producer == fabric::PipelineObject::outside) continue;
      buffer_bytes += object.buffer_pixels * object.bytes_a_pixel;
    }
    stages.push_back({{"name", stage.name},
                      {"iterations", stage.iterations},
                      {"rows", place.matrix_rows},
                      {"columns", place.matrix_columns * place.groups},
                      {"replication", stage.replication},
                      {"buffer_bytes", buffer_bytes},
                      {"tiles", std::move(tiles)}});
  }
  return stages;
}

template <class T>
NamedBytes numbers(const std::string& name, std::vector<T> values, std::size_t columns) {
  const std::size_t rows = columns > 0 ? values.size() / columns : 0;
  return bytes_of(name, array_view(values, rows, columns));
}

/// [spans × 4]: stage, first tick, end tick (exclusive), image.
NamedBytes spans_of(const study::ExecuteStudy& study) {
  std::vector<std::uint32_t> spans;
  for (std::size_t s = 0; s < study.run.stages.size(); ++s) {
    for (const fabric::BusySpan& span : study.run.stages[s].spans) {
      spans.insert(spans.end(),
                   {static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(span.begin),
                    static_cast<std::uint32_t>(span.end), static_cast<std::uint32_t>(span.image)});
    }
  }
  return numbers("spans", std::move(spans), 4);
}

/// [stages × buckets]: iterations in each bucket of ticks, and bytes in the buffers at its start.
void add_activity(const study::ExecuteStudy& study, CommandAnswer& answer) {
  std::size_t buckets = 0;
  for (const fabric::StageActivity& stage : study.run.stages) {
    buckets = std::max({buckets, stage.bucket.size(), stage.held_bytes.size()});
  }
  std::vector<std::uint32_t> iterations;
  std::vector<std::uint32_t> held;
  for (const fabric::StageActivity& stage : study.run.stages) {
    const std::size_t before = iterations.size();
    iterations.insert(iterations.end(), stage.bucket.begin(), stage.bucket.end());
    iterations.resize(before + buckets, 0);
    held.insert(held.end(), stage.held_bytes.begin(), stage.held_bytes.end());
    held.resize(before + buckets, 0);
  }
  answer.arrays.push_back(numbers("iterations", std::move(iterations), buckets));
  answer.arrays.push_back(numbers("held_bytes", std::move(held), buckets));
}

}  // namespace

CommandAnswer run_system(const CommandRequest& request) {
  study::ExecuteConfig config;
  config.values = false;
  config.keeps_spans = true;
  config.buckets = 512;
  config.images = 6;
  const FieldList own = study::timing_fields(config);
  study::Settings settings = request.settings;
  study::Origins origins;
  study::apply(extract_settings(settings, own), own, origins);
  const auto compile = study::resolve_compile(settings, request.preset_reader()).config;
  const Bytes none;
  const Bytes& network =
      study::is_model_shape(compile.model) ? none : request.file(compile.model, "model");
  Observer no_observer;
  study::CompiledStudy compiled =
      study::run_compile(compile, network, request.preset_reader(), no_observer);
  CommandAnswer answer;
  Json compiled_json = study::compile_json(compile, compiled);
  const std::string program = study::program_json(compile, compiled).dump(1) + "\n";
  const study::ProgramFile file = study::read_program(program, "program", request.preset_reader());
  const study::ExecuteStudy study =
      study::run_execute_time(config, file, std::move(compiled), no_observer);
  const std::uint64_t ticks =
      study.program.first_image_ticks +
      study.program.period_ticks * static_cast<std::uint64_t>(config.images);
  answer.json = {{"compile", std::move(compiled_json)},
                 {"execute", study::execute_json(config, file, study)},
                 {"fabric", fabric_json(study)},
                 {"stages", stages_json(study)},
                 {"bucket_ticks",
                  std::max<std::uint64_t>(1, ticks / static_cast<std::uint64_t>(config.buckets))},
                 {"image_begin", study.run.image_begin},
                 {"image_end", study.run.image_end}};
  answer.arrays.push_back(spans_of(study));
  add_activity(study, answer);
  answer.arrays.push_back(
      {"program.json", "u8", 1, program.size(), Bytes(program.begin(), program.end())});
  return answer;
}

}  // namespace imcsim::web
