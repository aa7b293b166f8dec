// imcsim export MODEL -o MODEL.onnx: a trained network for other tools, and for imcsim compile.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/error.hpp"
#include "command.hpp"
#include "files.hpp"
#include "npy.hpp"
#include "run.hpp"
#include "study/export_onnx.hpp"
#include "study/infer.hpp"
#include "study/json.hpp"
#include "study/safetensors.hpp"
#include "study/settings.hpp"

namespace imcsim::cli {
namespace {

const HelpText export_help = {
    "imcsim export MODEL -o MODEL.onnx [OPTIONS]",
    "Writes a model of imcsim train --save as an ONNX file. The file contains the weights that "
    "products use at the end of training.",
    "  imcsim train --epochs 1 --save mlp.st --quiet; imcsim export mlp.st -o mlp.onnx\n"
    "  imcsim train --epochs 1 --save - | imcsim export - -o - | imcsim compile - --fabric "
    "mesh:16\n"};

}  // namespace

int run_export(const std::vector<std::string>& words) {
  study::InferConfig reference;
  HostOptions host;
  std::string out_file;
  FieldList fields;
  describe_shared(host, fields);
  describe_output("out-file", out_file, "FILE", "File for the ONNX model (-: stdout)", fields);
  const ParsedArguments arguments = parse_arguments("export", fields, words, 1);
  split_settings(arguments, fields, FieldList{});
  if (show_help(arguments, export_help, fields)) return 0;
  if (arguments.positional.empty()) {
    throw InputError("export MODEL", "is missing", "a model file of imcsim train --save, or -");
  }
  if (out_file.empty()) throw InputError("-o", "is missing", "a file for the ONNX model, or -");
  const std::string model_name = arguments.positional[0];
  check_outputs(host, "out-file", out_file);
  const Stopwatch watch;
  const std::vector<std::uint8_t> bytes = read_bytes(model_name, "export MODEL");
  const study::Safetensors file = study::read_safetensors(bytes, model_name);
  const study::Settings settings = study::settings_of_model(file, model_name, fields_of(reference));
  const study::InferConfig config =
      study::resolve_config<study::InferConfig>(settings, read_preset_file).config;
  const study::TrainedModel model = study::read_model(file, config, model_name);
  const network::Architecture architecture =
      network::parse_architecture(config.network, at_field("network"));
  const std::string onnx = study::export_onnx(architecture, config.activation, config.loss, model);
  write_file(out_file, onnx);
  const study::Json json = study::export_json(config, architecture, onnx);
  const Execution execution = execution_of(host);
  study::Json execution_info = execution_json(execution);
  execution_info["out-file"] = out_file;
  finish(host, host_json(json, execution_info, execution, watch.elapsed()), "",
         [&](const Style& style) {
           if (out_file == "-") return std::string{};
           return fmt::format("{}  {}, {} weights, {} bytes\n", style.bold(out_file),
                              config.network, architecture.weight_count(), onnx.size());
         },
         {});
  return 0;
}

}  // namespace imcsim::cli
