// Conversion between programs and JSON files.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

#include "base/error.hpp"
#include "study/compile_study.hpp"
#include "study/safetensors.hpp"

namespace imcsim::study {
namespace {

constexpr int program_version = 1;

Json object_json(const fabric::PipelineObject& object) {
  Json allowed = Json::array();
  for (const compiler::AllowedRun& run : compiler::allowed_runs(object)) {
    allowed.push_back({run.first, run.iteration, run.count, run.step});
  }
  const bool outside = object.producer == fabric::PipelineObject::outside;
  return {{"name", object.name},
          {"from_stage", outside ? Json(nullptr) : Json(object.producer)},
          {"pixels", object.pixels},
          {"bytes_a_pixel", object.bytes_a_pixel},
          {"buffer_pixels", object.buffer_pixels},
          {"accumulates", object.accumulates},
          {"delay_ticks", object.delay_ticks},
          {"allowed", std::move(allowed)}};
}

Json stage_json(const fabric::PipelineStage& stage, const compiler::PlacedStage& place) {
  Json tiles = Json::array();
  for (const compiler::Tile& tile : place.tiles) {
    tiles.push_back({{"core", tile.core},
                     {"copy", tile.copy},
                     {"group", tile.group},
                     {"row", tile.row},
                     {"column", tile.column},
                     {"rows", tile.rows},
                     {"columns", tile.columns}});
  }
  Json objects = Json::array();
  for (const fabric::PipelineObject& object : stage.objects) objects.push_back(object_json(object));
  return {{"name", stage.name},
          {"iterations", stage.iterations},
          {"replication", stage.replication},
          {"tiles", std::move(tiles)},
          {"objects", std::move(objects)}};
}

Json transfer_json(const compiler::Transfer& transfer, const fabric::Topology& topology,
                   const fabric::Routing& routing) {
  Json routes = Json::array();
  for (const std::uint32_t to : transfer.flow.to) {
    Json way = Json::array({topology.router_of_core[transfer.flow.from]});
    for (const std::uint32_t arc :
         routing.route(topology.router_of_core[transfer.flow.from], topology.router_of_core[to])) {
      way.push_back(topology.arcs[arc].to);
    }
    routes.push_back(std::move(way));
  }
  return {{"value", transfer.value},         {"stage", transfer.stage},
          {"from_core", transfer.flow.from}, {"to_cores", transfer.flow.to},
          {"bytes", transfer.flow.amount},   {"routers", routes}};
}

std::size_t whole(const Json& json, const char* key, std::size_t most, const std::string& where) {
  if (!json.contains(key) || !json[key].is_number_unsigned() ||
      json[key].get<std::uint64_t>() > most) {
    throw InputError(where, fmt::format("\"{}\" is missing or out of range", key),
                     fmt::format("a whole number from 0 to {}", most));
  }
  return json[key].get<std::size_t>();
}

const Json& part(const Json& json, const char* key, const std::string& where) {
  if (!json.is_object() || !json.contains(key)) {
    throw InputError(where, fmt::format("\"{}\" is missing", key),
                     "a program file of imcsim compile");
  }
  return json[key];
}

std::vector<compiler::AllowedRun> runs_of(const Json& json, const std::string& where) {
  std::vector<compiler::AllowedRun> runs;
  for (const Json& run : json) {
    const bool four = run.is_array() && run.size() == 4 && run[0].is_number_integer() &&
                      run[1].is_number_integer() && run[2].is_number_integer() &&
                      run[3].is_number_integer();
    if (!four)
      throw InputError(where, "entry of \"allowed\" is not four numbers", "four whole numbers");
    runs.push_back({run[0].get<std::uint32_t>(), run[1].get<std::int64_t>(),
                    run[2].get<std::uint32_t>(), run[3].get<std::uint32_t>()});
  }
  return runs;
}

/// Takes buffer size, delay and schedule table of an object from the file.
void take_object(const Json& json, const std::string& where, fabric::PipelineObject& object,
                 std::size_t iterations) {
  constexpr std::size_t most = 1U << 30U;
  if (part(json, "name", where) != object.name) {
    throw InputError(where,
                     fmt::format("object {} does not belong to this network", json["name"].dump()),
                     fmt::format("\"{}\"", object.name));
  }
  object.buffer_pixels = whole(json, "buffer_pixels", most, where);
  object.delay_ticks = std::max<std::size_t>(1, whole(json, "delay_ticks", 1U << 20U, where));
  object.needed =
      compiler::needed_of(runs_of(part(json, "allowed", where), where), iterations, object.pixels);
}

}  // namespace

Json program_json(const CompileStudyConfig& config, const CompiledStudy& study) {
  const compiler::Program& program = study.program;
  Json stages = Json::array();
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    stages.push_back(stage_json(program.stages[s], program.places[s]));
  }
  const fabric::Routing routing(study.topology, config.compile.routing);
  Json transfers = Json::array();
  for (const compiler::Transfer& transfer : program.transfers) {
    transfers.push_back(transfer_json(transfer, study.topology, routing));
  }
  return {{"imcsim_program", program_version},
          {"about",
           "allowed: [first location written, last iteration allowed then, locations that "
           "follow, iterations that each adds]"},
          {"config", to_json_object(config)},
          {"model_digest", digest_text(study.model_digest)},
          {"tick_s", program.tick_s},
          {"stages", std::move(stages)},
          {"transfers", std::move(transfers)}};
}

ProgramFile read_program(std::string_view text, const std::string& where,
                         const PresetReader& read_file) {
  ProgramFile file;
  file.json = Json::parse(text, nullptr, false);
  if (file.json.is_discarded())
    throw InputError(where, "is not JSON", "a program file of imcsim compile");
  const Json& version = part(file.json, "imcsim_program", where);
  if (version != program_version) {
    throw InputError(where, fmt::format("has program version {}", version.dump()),
                     fmt::format("version {}", program_version));
  }
  Settings settings;
  for (const auto& [key, value] : part(file.json, "config", where).items()) {
    const std::string shown = value.is_string()    ? value.get<std::string>()
                              : value.is_boolean() ? (value.get<bool>() ? "on" : "off")
                                                   : value.dump();
    settings.push_back({key, key == "core" ? "custom" : shown, where, "program"});
  }
  file.config = resolve_compile(settings, read_file).config;
  const Json& digest = part(file.json, "model_digest", where);
  const std::string text_of_digest = digest.is_string() ? digest.get<std::string>() : "";
  constexpr int hexadecimal = 16;
  std::from_chars(text_of_digest.data(), text_of_digest.data() + text_of_digest.size(),
                  file.model_digest, hexadecimal);
  return file;
}

compiler::Program program_of(const ProgramFile& file, const CompiledStudy& fresh,
                             const std::string& where) {
  compiler::Program program = fresh.program;
  const Json& stages = part(file.json, "stages", where);
  if (!stages.is_array() || stages.size() != program.stages.size()) {
    throw InputError(where, "the stages differ from those of the network",
                     fmt::format("{} stages", program.stages.size()));
  }
  for (std::size_t s = 0; s < stages.size(); ++s) {
    fabric::PipelineStage& stage = program.stages[s];
    const std::string at = fmt::format("{}, stage {}", where, s);
    if (part(stages[s], "name", at) != stage.name) {
      throw InputError(at, "does not belong to this network", fmt::format("\"{}\"", stage.name));
    }
    stage.replication = std::max<std::size_t>(1, whole(stages[s], "replication", 1U << 20U, at));
    const Json& objects = part(stages[s], "objects", at);
    if (!objects.is_array() || objects.size() != stage.objects.size()) {
      throw InputError(at, "the objects differ from those of the network",
                       fmt::format("{}", stage.objects.size()));
    }
    for (std::size_t o = 0; o < objects.size(); ++o) {
      take_object(objects[o], at, stage.objects[o], stage.iterations);
    }
  }
  return program;
}

}  // namespace imcsim::study
