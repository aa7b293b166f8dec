#include "study/execute_study.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "compiler/value_pipeline.hpp"
#include "study/safetensors.hpp"

namespace imcsim::study {
namespace {

std::uint64_t digest_of_run(const fabric::PipelineRun& run) {
  std::uint64_t digest = hash_of({reinterpret_cast<const std::uint8_t*>(run.image_end.data()),
                                  run.image_end.size() * sizeof(std::uint64_t)});
  for (const fabric::StageActivity& stage : run.stages) {
    const std::uint64_t numbers[] = {stage.executed, stage.busy_ticks, stage.input_stalls,
                                     stage.credit_stalls};
    digest = hash_of({reinterpret_cast<const std::uint8_t*>(numbers), sizeof(numbers)}, digest);
  }
  return digest;
}

double per_image(const ExecuteStudy& study) {
  return std::max(1.0, static_cast<double>(study.run.image_end.size()));
}

Json stages_json(const ExecuteStudy& study) {
  Json stages = Json::array();
  const auto ticks = static_cast<double>(std::max<std::uint64_t>(1, study.run.ticks));
  for (std::size_t s = 0; s < study.program.stages.size(); ++s) {
    const fabric::StageActivity& activity = study.run.stages[s];
    stages.push_back({{"name", study.program.stages[s].name},
                      {"first_tick", activity.first_tick},
                      {"last_tick", activity.last_tick},
                      {"executed", activity.executed},
                      {"utilisation", static_cast<double>(activity.busy_ticks) / ticks},
                      {"input_stalls", activity.input_stalls},
                      {"credit_stalls", activity.credit_stalls},
                      {"peak_pixels", study.run.peak_pixels[s]}});
  }
  return stages;
}

/// Fraction of time in which a core computes, mean over all cores.
double mean_utilisation(const ExecuteStudy& study) {
  double busy = 0.0;
  double cores = 0.0;
  for (std::size_t s = 0; s < study.program.stages.size(); ++s) {
    const auto tiles = static_cast<double>(study.program.places[s].tiles.size());
    const auto copies = static_cast<double>(study.program.stages[s].replication);
    busy += static_cast<double>(study.run.stages[s].executed) * tiles / copies;
    cores += tiles;
  }
  return busy / std::max(1.0, cores * static_cast<double>(study.run.ticks));
}

Json values_json(const ExecuteConfig& config, const ExecuteStudy& study) {
  if (!study.in_float) return nullptr;
  Json values = {{"times", times_json(summarize(config.infer.times, study.runs))},
                 {"samples", study.in_float->predictions.size()}};
  if (study.equals_node_by_node) values["equals_node_by_node"] = *study.equals_node_by_node;
  if (config.input.empty()) {
    values["float_accuracy"] = study.in_float->accuracy;
    values["accuracy"] =
        study.outputs ? study.outputs->accuracy : values["times"][0]["accuracy_mean"].get<double>();
    return values;
  }
  for (Json& time : values["times"]) {
    time.erase("accuracy_mean");
    time.erase("accuracy_std");
  }
  Json outputs = Json::array();
  for (std::size_t i = 0; i < study.in_float->predictions.size(); ++i) {
    const float* const row = outputs_of(study).data() + i * outputs_of(study).shape(1);
    outputs.push_back(std::vector<float>(row, row + output_size(study)));
  }
  values["outputs"] = std::move(outputs);
  return values;
}

/// Runs the samples through the pipeline stages with the tables of the control units.
training::RunPart through_pipeline(const ExecuteConfig& config, const ExecuteStudy& study) {
  return [&config, &study](const network::GraphNetwork& network, const network::FillInput& of_all,
                           const training::SamplePart& part, Matrix<float>& outputs) {
    compiler::ValuePipeline values(network, study.compiled.pipeline, study.program.stages,
                                   config.program);
    const network::FillInput fill = [&](std::size_t sample, network::Tensor& input) {
      of_all(part.first + sample, input);
    };
    values.run(part.count, fill, {part.read.noise, part.read.event + part.first}, outputs,
               part.first);
    return values.counts();
  };
}

bool same_bits(const Matrix<float>& a, const Matrix<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

FieldList timing_fields(ExecuteConfig& c) {
  FieldList f;
  f.group("Program");
  f.field("images", c.images, Unit::none, {1.0, 1e6}, "Number of images in the timing simulation");
  f.field("input-pixels-a-tick", c.input_pixels_a_tick, Unit::none, {0.0, 1e6},
          "Input rate, in pixels per tick (0: inputs are available at once)");
  f.field("flow-control", c.flow_control, Unit::none, {},
          "Flow control: stages wait for buffer space (credits), or do not wait (none)");
  f.field("buckets", c.buckets, Unit::none, {1.0, 100000.0},
          "Number of time bins of the utilization");
  return f;
}

void describe(ExecuteConfig& c, FieldList& f) {
  f.group("Program");
  f.field("program", c.program, "FILE", "Program file of imcsim compile");
  f.field("input", c.input, "FILE.npy",
          "Input samples in place of a data set, one per row or image");
  f.field("check", c.check, Unit::none, {},
          "Also compute the network node by node and compare bit by bit");
  f.field("values", c.values, Unit::none, {}, "Compute network outputs (off: timing only)");
  f.add(timing_fields(c));
  FieldList inner;
  describe(c.infer, inner);
  for (const Field& field : inner.all()) {
    const bool fixed = field.text.key == "model" || field.text.key == "tile";
    if (!fixed) f.add(field);
  }
  f.mark_common({"input", "values", "images", "dataset", "test-limit", "times", "device"});
}

ExecuteStudy run_execute_time(const ExecuteConfig& config, const ProgramFile& file,
                              CompiledStudy compiled, Observer& observer) {
  ExecuteStudy study;
  study.compiled = std::move(compiled);
  study.program = program_of(file, study.compiled, config.program);
  fabric::PipelineRunConfig run;
  run.images = static_cast<std::size_t>(config.images);
  run.input_pixels_a_tick = static_cast<std::size_t>(config.input_pixels_a_tick);
  run.flow_control = config.flow_control;
  run.keeps_spans = config.keeps_spans;
  const std::uint64_t ticks = study.program.first_image_ticks +
                              study.program.period_ticks * static_cast<std::uint64_t>(run.images);
  run.bucket_ticks = static_cast<std::size_t>(
      std::max<std::uint64_t>(1, ticks / static_cast<std::uint64_t>(config.buckets)));
  const std::vector<fabric::PipelineStage>& truth = study.compiled.program.stages;
  study.run =
      fabric::run_pipeline(study.program.stages, run, observer,
                           [&](std::size_t s, std::size_t o) -> const fabric::PipelineObject& {
                             return truth[s].objects[o];
                           });
  study.digest = digest_of_run(study.run);
  return study;
}

GraphSamples samples_of(const network::Graph& graph, const FileMatrix& rows) {
  const network::Value& value = graph.values[graph.inputs.at(0)];
  const std::size_t size = network::element_count(value.dims);
  if (graph.inputs.size() != 1 || !network::is_real(value.type) || rows.columns != size) {
    throw InputError(at_field("input"), fmt::format("samples have {} numbers", rows.columns),
                     fmt::format("{} numbers: {}", size, network::dims_text(value.dims)));
  }
  GraphSamples samples;
  samples.count = rows.rows;
  samples.fill = [rows](std::size_t i, network::Tensor& input) {
    for (std::size_t k = 0; k < rows.columns; ++k) {
      input.real[k] = static_cast<float>(rows.values[i * rows.columns + k]);
    }
  };
  samples.calibration_count = samples.count;
  samples.calibration_fill = samples.fill;
  return samples;
}

const Matrix<float>& outputs_of(const ExecuteStudy& study) {
  return study.outputs ? study.outputs->scores : study.runs.at(0).scores;
}

std::size_t output_size(const ExecuteStudy& study) {
  const network::Graph& graph = study.compiled.graph;
  return network::element_count(graph.values[graph.outputs[0]].dims);
}

void run_execute_values(const ExecuteConfig& config, const GraphSamples& samples,
                        const Execution& execution, ExecuteStudy& study) {
  OnnxInferConfig infer = config.infer;
  infer.model = config.program;
  const network::Graph& graph = study.compiled.graph;
  const training::RunPart pipelined = through_pipeline(config, study);
  study.in_float = infer_onnx_in_float(infer, graph, samples, execution);
  std::vector<std::uint64_t> digests = {study.digest};
  if (infer.arithmetic == Arithmetic::float32) {
    study.outputs = infer_onnx_in_float(infer, graph, samples, execution, pipelined);
    study.equals_node_by_node = same_bits(study.outputs->scores, study.in_float->scores);
    digests.push_back(digest_of_evaluation(*study.outputs, output_size(study),
                                           DigestOf::predictions_and_scores, 0));
  } else {
    study.runs = infer_onnx_runs(infer, graph, samples, execution, pipelined);
    if (config.check) {
      const InferRun whole = infer_onnx_once(infer, graph, samples, execution);
      study.equals_node_by_node = same_bits(whole.scores, study.runs[0].scores);
    }
  }
  for (const InferRun& run : study.runs) digests.push_back(run.digest);
  study.digest = digest_of(digests);
}

Json execute_json(const ExecuteConfig& config, const ProgramFile& file, const ExecuteStudy& study) {
  const compiler::Program& program = study.program;
  const fabric::CoreConfig& core = file.config.compile.core;
  const compiler::ProgramEnergy energy = compiler::energy_of(program, core);
  const double period = study.run.period_ticks() > 0.0 ? study.run.period_ticks()
                                                       : static_cast<double>(study.run.ticks);
  const auto latency =
      static_cast<double>(study.run.image_end.front() - study.run.image_begin.front());
  Json activity = Json::array();
  for (const fabric::StageActivity& stage : study.run.stages) activity.push_back(stage.bucket);
  const double capacity = core.link_bytes / (core.link_ns * 1e-9) * period * program.tick_s;
  Json result = {
      {"images", study.run.image_end.size()},
      {"ticks", study.run.ticks},
      {"tick_s", program.tick_s},
      {"latency_ticks", latency},
      {"period_ticks", period},
      {"latency_s", latency * program.tick_s},
      {"throughput_per_s", 1.0 / (period * program.tick_s)},
      {"energy_j", energy.total_j()},
      {"energy_by_part_j",
       {{"products", energy.products_j}, {"memory", energy.memory_j}, {"links", energy.links_j}}},
      {"core_utilisation", mean_utilisation(study)},
      {"link_load",
       {{"max_bytes_an_image", program.load.highest},
        {"byte_hops_an_image", program.load.hops},
        {"max_utilisation", program.load.highest / capacity}}},
      {"stalls", Json::object()},
      {"stages", stages_json(study)},
      {"utilisation_over_time",
       {{"bucket_ticks",
         study.run.ticks / std::max<std::uint64_t>(1, static_cast<std::uint64_t>(config.buckets))},
        {"iterations", std::move(activity)}}}};
  std::uint64_t input_stalls = 0;
  std::uint64_t credit_stalls = 0;
  for (const fabric::StageActivity& stage : study.run.stages) {
    input_stalls += stage.input_stalls;
    credit_stalls += stage.credit_stalls;
  }
  result["stalls"] = {{"input", input_stalls}, {"credit", credit_stalls}};
  const Json values = values_json(config, study);
  if (!values.is_null()) {
    for (const auto& [key, value] : values.items()) result[key] = value;
  }
  OperationCounts counts =
      link_counts(program, study.compiled.topology, file.config.compile.routing);
  counts.hops *= static_cast<std::uint64_t>(per_image(study));
  counts.link_bytes *= static_cast<std::uint64_t>(per_image(study));
  for (const InferRun& run : study.runs) counts += run.counts;
  return envelope("execute", config.infer.seed, to_json_object(config), std::move(result), counts,
                  study.digest);
}

std::string trace_json(const ExecuteStudy& study) {
  Json events = Json::array();
  const double tick_us = study.program.tick_s * 1e6;
  for (std::size_t s = 0; s < study.program.stages.size(); ++s) {
    const fabric::PipelineStage& stage = study.program.stages[s];
    events.push_back({{"ph", "M"},
                      {"name", "thread_name"},
                      {"pid", 1},
                      {"tid", s + 1},
                      {"args", {{"name", stage.name}}}});
    for (const fabric::BusySpan& span : study.run.stages[s].spans) {
      events.push_back({{"ph", "X"},
                        {"name", fmt::format("image {}", span.image)},
                        {"pid", 1},
                        {"tid", s + 1},
                        {"ts", static_cast<double>(span.begin) * tick_us},
                        {"dur", static_cast<double>(span.end - span.begin) * tick_us},
                        {"args", {{"ticks", span.end - span.begin}}}});
    }
  }
  return Json{{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events)}}.dump() + "\n";
}

}  // namespace imcsim::study
