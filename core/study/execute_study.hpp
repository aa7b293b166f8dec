#pragma once

#include "study/compile_study.hpp"
#include "study/infer_onnx.hpp"

namespace imcsim::study {

/// Everything that decides the result of `imcsim execute`, beside what its files hold. Tiles of the
/// crossbars are those of the program's cores.
struct ExecuteConfig {
  std::string program;
  bool values = true;        ///< false: time alone
  std::int64_t images = 16;  ///< that flow through the pipeline one behind the other
  std::int64_t input_pixels_a_tick = 0;
  fabric::FlowControl flow_control = fabric::FlowControl::credits;
  std::int64_t buckets = 64;  ///< of utilisation over time
  bool keeps_spans = false;   ///< for a trace; not described
  OnnxInferConfig infer;      ///< data, devices, times; its model is the program's
};
void describe(ExecuteConfig& config, FieldList& fields);

struct ExecuteStudy {
  CompiledStudy compiled;     ///< from the network, anew
  compiler::Program program;  ///< as the file says
  fabric::PipelineRun run;
  std::optional<training::Evaluation> in_float;
  std::vector<InferRun> runs;  ///< on devices
  std::uint64_t digest = 0;
};

/// Time: the program tick by tick, each read checked against what the network really reads.
ExecuteStudy run_execute_time(const ExecuteConfig& config, const ProgramFile& file,
                              CompiledStudy compiled, Observer& observer);

/// Values of the data's images: the stages' products on devices, in the order of the stages. A
/// tick-level run has shown before that each iteration finds what it reads.
void run_execute_values(const ExecuteConfig& config, const dataset::Dataset& data,
                        const Execution& execution, ExecuteStudy& study);

/// The JSON result of CONTRACT section 1, without `execution` and `timing`.
Json execute_json(const ExecuteConfig& config, const ProgramFile& file, const ExecuteStudy& study);

/// The run as events of Chrome's trace format, which Perfetto opens: a track a stage.
std::string trace_json(const ExecuteStudy& study);

}  // namespace imcsim::study
