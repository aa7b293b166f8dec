#include "compiler/value_pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"

namespace imcsim::compiler {

ValuePipeline::ValuePipeline(const network::GraphNetwork& network, const Pipeline& pipeline,
                             const std::vector<fabric::PipelineStage>& stages,
                             const std::string& where)
    : pipeline_(pipeline), stages_(stages), work_(network), readers_(stages.size()) {
  const network::Graph& graph = network.graph();
  if (graph.inputs.size() != 1) {
    throw InputError(where, fmt::format("the network has {} inputs", graph.inputs.size()),
                     "one, or values = off");
  }
  values_.reserve(stages.size());
  for (std::size_t s = 0; s < stages.size(); ++s) {
    values_.emplace_back(network, pipeline.stages[s], stages[s].objects, where);
    for (std::size_t o = 0; o < pipeline.stages[s].inputs.size(); ++o) {
      const StageInput& in = pipeline.stages[s].inputs[o];
      if (in.producer == network::absent) continue;
      const std::vector<std::size_t>& outputs = pipeline.stages[in.producer].outputs;
      const auto at = std::find(outputs.begin(), outputs.end(), in.value);
      readers_[in.producer].push_back({static_cast<std::size_t>(at - outputs.begin()), s, o});
    }
  }
  last_stage_ = pipeline.outputs[0];
  const std::vector<std::size_t>& outputs = pipeline.stages[last_stage_].outputs;
  const auto at = std::find(outputs.begin(), outputs.end(), graph.outputs[0]);
  last_output_ = static_cast<std::size_t>(at - outputs.begin());
}

void ValuePipeline::step(std::size_t s, std::uint64_t sample, std::size_t iteration) {
  StageValues& stage = values_[s];
  stage.run(sample, iteration, read_, work_);
  for (const Reader& reader : readers_[s]) {
    values_[reader.stage].memory()[reader.object].write(sample, iteration,
                                                        stage.output(reader.output));
  }
  if (s != last_stage_) return;
  const PixelGrid& grid = pipeline_.stages[s].grid;
  const float* const pixel = stage.output(last_output_);
  float* const row =
      outputs_->data() + (first_row_ + static_cast<std::size_t>(sample)) * outputs_->shape(1);
  for (std::size_t c = 0; c < grid.channels; ++c) row[c * grid.pixels() + iteration] = pixel[c];
}

void ValuePipeline::run(std::size_t count, const network::FillInput& fill,
                        const crossbar::Read& read, Matrix<float>& outputs, std::size_t first_row) {
  read_ = read;
  outputs_ = &outputs;
  first_row_ = first_row;
  for (StageValues& stage : values_) stage.begin(fill);
  fabric::PipelineRunConfig config;
  config.images = count;
  Observer no_observer;
  fabric::run_pipeline(stages_, config, no_observer, {},
                       [this](std::size_t s, std::uint64_t sample, std::size_t iteration) {
                         step(s, sample, iteration);
                       });
}

}  // namespace imcsim::compiler
