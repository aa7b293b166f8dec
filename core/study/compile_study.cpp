#include "study/compile_study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

#include "compiler/model_shapes.hpp"
#include "study/safetensors.hpp"

namespace imcsim::study {
namespace {

constexpr std::int64_t usual_cores = 64;

/// The number if the text consists of digits only; otherwise -1.
std::int64_t whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() ? value : -1;
}

}  // namespace

void describe(CompileStudyConfig& c, FieldList& f) {
  f.group("Network");
  static const std::string help = fmt::format("ONNX file, or a network without weights: {}",
                                              fmt::join(compiler::model_shape_names(), ", "));
  f.field("model", c.model, "FILE|NAME", help);
  f.group("Fabric");
  f.field("fabric", c.fabric, "TOPOLOGY:CORES|FILE",
          "Topology and number of cores, such as mesh:64, or a file of links");
  f.field("core", c.core, "NAME|FILE", "Core model: a preset or a TOML file");
  f.field("columns", c.columns, Unit::none, {0.0, 1e6},
          "Columns of a grid (0: as square as possible)");
  f.field("concentration", c.concentration, Unit::none, {1.0, 1e6},
          "Cores per router of a concentrated mesh");
  compiler::describe(c.compile, f);
  f.mark_common(
      {"model", "fabric", "core", "columns", "partial-sums", "replication", "period-ticks"});
}

ResolvedCompile resolve_compile(const Settings& settings, const PresetReader& read_file) {
  ResolvedCompile resolved;
  const FieldList fields = fields_of(resolved.config);
  const Setting usual = {"core", resolved.config.core, at_field("core"), "default"};
  const Setting* requested = find_last(settings, "core");
  const Setting& core = requested == nullptr ? usual : *requested;
  if (core.text != "custom") {
    bool from_file = false;
    apply(load_preset(core, "core", read_file, from_file), fields, resolved.origins);
  }
  apply(settings, fields, resolved.origins);
  return resolved;
}

fabric::Topology make_fabric(const CompileStudyConfig& config, const PresetReader& read_file) {
  fabric::TopologyConfig size;
  size.cores = usual_cores;
  size.columns = config.columns;
  size.concentration = config.concentration;
  std::string name = config.fabric;
  const std::size_t colon = name.rfind(':');
  const bool is_power = name.starts_with("pathpower:") && colon == name.find(':');
  if (colon != std::string::npos && !is_power) {
    const std::int64_t cores = whole_number(std::string_view(name).substr(colon + 1));
    if (cores > 0) {
      size.cores = cores;
      name.resize(colon);
    }
  }
  return fabric::make_topology(name, size, read_file, at_field("fabric"));
}

bool is_model_shape(const std::string& model) {
  const std::vector<std::string> names = compiler::model_shape_names();
  return std::find(names.begin(), names.end(), model) != names.end();
}

CompiledStudy run_compile(const CompileStudyConfig& config, std::span<const std::uint8_t> bytes,
                          const PresetReader& read_file, Observer& observer) {
  CompiledStudy study;
  study.topology = make_fabric(config, read_file);
  const bool shape = bytes.empty() && is_model_shape(config.model);
  study.graph = shape ? compiler::model_shape(config.model, at_field("model"))
                      : network::import_onnx(bytes, config.model);
  study.model_digest = shape ? hash_of_text(config.model) : hash_of(bytes);
  study.pipeline = compiler::partition(study.graph, config.model);
  study.program = compiler::compile(study.graph, study.pipeline, study.topology, config.compile,
                                    config.model, observer);
  return study;
}

OperationCounts link_counts(const compiler::Program& program, const fabric::Topology& topology,
                            const fabric::RoutingConfig& routing) {
  OperationCounts counts;
  const fabric::Routing ways(topology, routing);
  for (const compiler::Transfer& transfer : program.transfers) {
    const std::size_t arcs =
        fabric::multicast_tree(ways, transfer.flow.from, transfer.flow.to).size();
    const fabric::PipelineStage& stage = program.stages[transfer.stage];
    counts.hops += arcs * stage.iterations;
    counts.link_bytes += static_cast<std::uint64_t>(transfer.flow.amount) * arcs;
  }
  return counts;
}

std::uint64_t digest_of_program(const Json& program) { return hash_of_text(program.dump()); }

Json compile_json(const CompileStudyConfig& config, const CompiledStudy& study) {
  const compiler::Program& program = study.program;
  const compiler::ProgramEnergy energy = compiler::energy_of(program, config.compile.core);
  Json stages = Json::array();
  std::size_t tiles = 0;
  std::size_t products = 0;
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    const fabric::PipelineStage& stage = program.stages[s];
    const compiler::PlacedStage& place = program.places[s];
    tiles += stage.tiles * stage.replication;
    products += stage.tiles * stage.iterations;
    std::size_t bytes = 0;
    for (const fabric::PipelineObject& object : stage.objects) {
      bytes += object.buffer_pixels * object.bytes_a_pixel;
    }
    stages.push_back({{"name", stage.name},
                      {"rows", place.matrix_rows},
                      {"columns", place.matrix_columns * place.groups},
                      {"iterations", stage.iterations},
                      {"tiles", stage.tiles},
                      {"replication", stage.replication},
                      {"first_core", place.tiles.front().core},
                      {"buffer_bytes", bytes}});
  }
  const auto period_s = static_cast<double>(program.period_ticks) * program.tick_s;
  Json result = {
      {"stages", std::move(stages)},
      {"cores", study.topology.cores()},
      {"cores_used", program.cores_used},
      {"tiles", tiles},
      {"products_an_image", products},
      {"parameters", study.graph.parameter_count()},
      {"placement",
       std::string(names_of(program.placement)[static_cast<std::size_t>(program.placement)])},
      {"relayed_transfers", program.relayed},
      {"max_channel_load_bytes", program.load.highest},
      {"byte_hops", program.load.hops},
      {"tick_s", program.tick_s},
      {"first_image_ticks", program.first_image_ticks},
      {"period_ticks", program.period_ticks},
      {"latency_s", static_cast<double>(program.first_image_ticks) * program.tick_s},
      {"throughput_per_s", period_s > 0.0 ? 1.0 / period_s : 0.0},
      {"energy_j", energy.total_j()},
      {"energy_by_part_j",
       {{"products", energy.products_j}, {"memory", energy.memory_j}, {"links", energy.links_j}}}};
  OperationCounts counts;
  counts.forward_mvm = products;
  const OperationCounts talk = link_counts(program, study.topology, config.compile.routing);
  counts.hops = talk.hops;
  counts.link_bytes = talk.link_bytes;
  return envelope("compile", 1, to_json_object(config), std::move(result), counts,
                  digest_of_program(program_json(config, study)));
}

}  // namespace imcsim::study
