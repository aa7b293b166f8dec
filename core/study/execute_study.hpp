#pragma once

#include "study/compile_study.hpp"
#include "study/infer_onnx.hpp"
#include "study/mvm.hpp"

namespace imcsim::study {

/// All parameters that determine the result of `imcsim execute`, except file contents. The tile
/// size of the crossbars is that of the program's cores.
struct ExecuteConfig {
  std::string program;
  std::string input;         ///< .npy file with samples instead of a data set; empty: none
  bool check = false;        ///< also run node by node and compare bit by bit
  bool values = true;        ///< false: timing only
  std::int64_t images = 16;  ///< images in the pipeline run for timing
  std::int64_t input_pixels_a_tick = 0;
  fabric::FlowControl flow_control = fabric::FlowControl::credits;
  std::int64_t buckets = 64;  ///< for utilization over time
  bool keeps_spans = false;   ///< records a trace; not described
  OnnxInferConfig infer;      ///< data, devices, times; its model is the program's
};
void describe(ExecuteConfig& config, FieldList& fields);

/// The fields that determine the timing of a run, without the fields for network outputs.
FieldList timing_fields(ExecuteConfig& config);

struct ExecuteStudy {
  CompiledStudy compiled;     ///< from the network
  compiler::Program program;  ///< from the file
  fabric::PipelineRun run;
  std::optional<training::Evaluation> in_float;  ///< node by node, in float
  std::optional<training::Evaluation> outputs;   ///< of the pipeline, in float
  std::vector<InferRun> runs;                    ///< of the pipeline, on devices
  std::optional<bool> equals_node_by_node;       ///< bit by bit; empty: not checked
  std::uint64_t digest = 0;
};

/// Timing: runs the program tick by tick and checks each read against the reads of the network.
ExecuteStudy run_execute_time(const ExecuteConfig& config, const ProgramFile& file,
                              CompiledStudy compiled, Observer& observer);

/// Samples from a file, one per row. Throws InputError if they do not match the network's input.
GraphSamples samples_of(const network::Graph& graph, const FileMatrix& rows);

/// Values, computed pixel by pixel from the contents of the program's memories: in float, or with
/// the products of the stages on devices. Throws RunError if a memory does not hold the data read.
void run_execute_values(const ExecuteConfig& config, const GraphSamples& samples,
                        const Execution& execution, ExecuteStudy& study);

/// First outputs of the samples, from the first run at its last time. [samples × padded(outputs)]
const Matrix<float>& outputs_of(const ExecuteStudy& study);
std::size_t output_size(const ExecuteStudy& study);

/// The JSON result of the command, without `execution` and `timing`.
Json execute_json(const ExecuteConfig& config, const ProgramFile& file, const ExecuteStudy& study);

/// The run as events of Chrome's trace format (readable by Perfetto), one track per stage.
std::string trace_json(const ExecuteStudy& study);

}  // namespace imcsim::study
