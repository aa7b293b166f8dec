#pragma once

#include <nlohmann/json.hpp>

#include "compiler/partition.hpp"
#include "compiler/program.hpp"
#include "study/json.hpp"
#include "study/presets.hpp"

namespace imcsim::study {

/// Everything that decides the result of `imcsim compile`, beside what its files hold.
struct CompileStudyConfig {
  std::string model;                      ///< ONNX file, or a name of model_shape_names()
  std::string fabric = "5pp-derived:64";  ///< TOPOLOGY:CORES, or a file of links
  std::string core = "hermes-1phase";
  std::int64_t columns = 0;
  std::int64_t concentration = 4;
  compiler::CompileConfig compile;
};
void describe(CompileStudyConfig& config, FieldList& fields);

/// Defaults, then the core's preset, then the settings in their order. Throws InputError.
struct ResolvedCompile {
  CompileStudyConfig config;
  Origins origins;
};
ResolvedCompile resolve_compile(const Settings& settings, const PresetReader& read_file);

/// `pathpower:3:64` is the topology `pathpower:3` with 64 cores.
fabric::Topology make_fabric(const CompileStudyConfig& config, const PresetReader& read_file);

/// True where `model` names a network of the compiler's own, without weights.
bool is_model_shape(const std::string& model);

/// A compiled network with what it was compiled from.
struct CompiledStudy {
  fabric::Topology topology;
  network::Graph graph;
  compiler::Pipeline pipeline;
  compiler::Program program;
  std::uint64_t model_digest = 0;  ///< XXH64 of the file; of the name where there is no file
};
/// `bytes`: of the ONNX file; empty for a name.
CompiledStudy run_compile(const CompileStudyConfig& config, std::span<const std::uint8_t> bytes,
                          const PresetReader& read_file, Observer& observer);

/// The program as a file: a JSON object with a version.
Json program_json(const CompileStudyConfig& config, const CompiledStudy& study);

/// What a program says of itself, before its network is read.
struct ProgramFile {
  CompileStudyConfig config;
  std::uint64_t model_digest = 0;
  Json json;
};
/// Throws InputError{where, …}: no JSON, another version, keys that are missing.
ProgramFile read_program(std::string_view text, const std::string& where,
                         const PresetReader& read_file);

/// The stages of a program file, checked against the network that they claim to be: what control
/// units do is the file's (tables, buffers, delays, copies, cores), what is read truly follows from
/// the network. Throws InputError{where, …} where both do not go together.
compiler::Program program_of(const ProgramFile& file, const CompiledStudy& fresh,
                             const std::string& where);

/// Links travelled for one image: a packet an iteration and transfer, along its tree.
OperationCounts link_counts(const compiler::Program& program, const fabric::Topology& topology,
                            const fabric::RoutingConfig& routing);

std::uint64_t digest_of_program(const Json& program);

/// The JSON result of CONTRACT section 1, without `execution` and `timing`.
Json compile_json(const CompileStudyConfig& config, const CompiledStudy& study);

}  // namespace imcsim::study
