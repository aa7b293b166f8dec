#pragma once

#include "study/compile_study.hpp"
#include "study/infer_onnx.hpp"
#include "study/mvm.hpp"

namespace imcsim::study {

/// Everything that decides the result of `imcsim execute`, beside what its files hold. Tiles of the
/// crossbars are those of the program's cores.
struct ExecuteConfig {
  std::string program;
  std::string input;         ///< .npy of samples instead of a data set; empty: none
  bool check = false;        ///< the same node by node, compared to the bit
  bool values = true;        ///< false: time alone
  std::int64_t images = 16;  ///< that flow through the pipeline one behind the other
  std::int64_t input_pixels_a_tick = 0;
  fabric::FlowControl flow_control = fabric::FlowControl::credits;
  std::int64_t buckets = 64;  ///< of utilisation over time
  bool keeps_spans = false;   ///< for a trace; not described
  OnnxInferConfig infer;      ///< data, devices, times; its model is the program's
};
void describe(ExecuteConfig& config, FieldList& fields);

/// The fields that determine the timing of a run, without those of network outputs.
FieldList timing_fields(ExecuteConfig& config);

struct ExecuteStudy {
  CompiledStudy compiled;     ///< from the network, anew
  compiler::Program program;  ///< as the file says
  fabric::PipelineRun run;
  std::optional<training::Evaluation> in_float;  ///< node by node
  std::optional<training::Evaluation> outputs;   ///< of the pipeline in float
  std::vector<InferRun> runs;                    ///< of the pipeline on devices
  std::optional<bool> equals_node_by_node;       ///< to the bit, where that was checked
  std::uint64_t digest = 0;
};

/// Time: the program tick by tick, each read checked against what the network really reads.
ExecuteStudy run_execute_time(const ExecuteConfig& config, const ProgramFile& file,
                              CompiledStudy compiled, Observer& observer);

/// Samples from a file: a row each. Throws InputError where they are not what the network takes.
GraphSamples samples_of(const network::Graph& graph, const FileMatrix& rows);

/// Values, computed pixel by pixel from what the program's memories hold: in float, or with the
/// stages' products on devices. Throws RunError where a memory does not hold what is read.
void run_execute_values(const ExecuteConfig& config, const GraphSamples& samples,
                        const Execution& execution, ExecuteStudy& study);

/// First outputs of the samples: of the first run, at its last time. [samples × padded(outputs)]
const Matrix<float>& outputs_of(const ExecuteStudy& study);
std::size_t output_size(const ExecuteStudy& study);

/// The JSON result of CONTRACT section 1, without `execution` and `timing`.
Json execute_json(const ExecuteConfig& config, const ProgramFile& file, const ExecuteStudy& study);

/// The run as events of Chrome's trace format, which Perfetto opens: a track a stage.
std::string trace_json(const ExecuteStudy& study);

}  // namespace imcsim::study
