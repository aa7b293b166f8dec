#pragma once

#include <nlohmann/json.hpp>

#include "compiler/partition.hpp"
#include "compiler/program.hpp"
#include "study/json.hpp"
#include "study/presets.hpp"

namespace imcsim::study {

/// All parameters that determine the result of `imcsim compile`, except file contents.
struct CompileStudyConfig {
  std::string model;                      ///< ONNX file, or a name from model_shape_names()
  std::string fabric = "5pp-derived:64";  ///< TOPOLOGY:CORES, or a file of links
  std::string core = "hermes-1phase";
  std::int64_t columns = 0;
  std::int64_t concentration = 4;
  compiler::CompileConfig compile;
};
void describe(CompileStudyConfig& config, FieldList& fields);

/// Defaults, then the preset of the core, then the settings in order. Throws InputError.
struct ResolvedCompile {
  CompileStudyConfig config;
  Origins origins;
};
ResolvedCompile resolve_compile(const Settings& settings, const PresetReader& read_file);

/// Creates the topology: `pathpower:3:64` is topology `pathpower:3` with 64 cores.
fabric::Topology make_fabric(const CompileStudyConfig& config, const PresetReader& read_file);

/// True if `model` names a built-in network shape without weights.
bool is_model_shape(const std::string& model);

/// A compiled network with its inputs.
struct CompiledStudy {
  fabric::Topology topology;
  network::Graph graph;
  compiler::Pipeline pipeline;
  compiler::Program program;
  std::uint64_t model_digest = 0;  ///< XXH64 of the file, or of the name of a network shape
};
/// `bytes`: the ONNX file; empty for a network shape.
CompiledStudy run_compile(const CompileStudyConfig& config, std::span<const std::uint8_t> bytes,
                          const PresetReader& read_file, Observer& observer);

/// The program as a file: a JSON object with a format version.
Json program_json(const CompileStudyConfig& config, const CompiledStudy& study);

/// Contents of a program file that do not need the network.
struct ProgramFile {
  CompileStudyConfig config;
  std::uint64_t model_digest = 0;
  Json json;
};
/// Throws InputError{where, …} for text that is not JSON, another version, missing keys.
ProgramFile read_program(std::string_view text, const std::string& where,
                         const PresetReader& read_file);

/// The stages of a program file, checked against its network. Control units use the tables,
/// buffers, delays, copies and cores of the file; the actual reads follow from the network. Throws
/// InputError{where, …} if file and network do not match.
compiler::Program program_of(const ProgramFile& file, const CompiledStudy& fresh,
                             const std::string& where);

/// Links traversed per image: one packet per iteration and transfer, along its multicast tree.
OperationCounts link_counts(const compiler::Program& program, const fabric::Topology& topology,
                            const fabric::RoutingConfig& routing);

std::uint64_t digest_of_program(const Json& program);

/// The JSON result of the command, without `execution` and `timing`.
Json compile_json(const CompileStudyConfig& config, const CompiledStudy& study);

}  // namespace imcsim::study
