#pragma once

#include "compiler/stage_values.hpp"

namespace imcsim::compiler {

/// Executes a program with values: samples pass through its stages one after another, tick by tick,
/// and every stage computes from the contents of its finite memories. One object per thread.
class ValuePipeline {
 public:
  /// `stages`: tables of the control units. All arguments must outlive the object. Throws
  /// InputError{where, …} for more than one input, or values that are not floats.
  ValuePipeline(const network::GraphNetwork& network, const Pipeline& pipeline,
                const std::vector<fabric::PipelineStage>& stages, const std::string& where);

  /// Runs samples 0 … count − 1; the network's first output for sample i is written to row
  /// first_row + i of `outputs`. Reads of sample i use the event read.event + i, as in
  /// GraphNetwork::forward. Throws RunError on deadlock, or if a memory does not hold the data
  /// read.
  void run(std::size_t count, const network::FillInput& fill, const crossbar::Read& read,
           Matrix<float>& outputs, std::size_t first_row);

  const OperationCounts& counts() const { return work_.scratch.counts; }

 private:
  /// Destination of a stage output.
  struct Reader {
    std::size_t output, stage, object;
  };
  void step(std::size_t s, std::uint64_t sample, std::size_t iteration);

  const Pipeline& pipeline_;
  const std::vector<fabric::PipelineStage>& stages_;
  network::GraphWorkspace work_;
  std::vector<StageValues> values_;
  std::vector<std::vector<Reader>> readers_;
  std::size_t last_stage_ = 0, last_output_ = 0;
  crossbar::Read read_{Stream(0, Purpose::evaluation_read)};
  Matrix<float>* outputs_ = nullptr;
  std::size_t first_row_ = 0;
};

}  // namespace imcsim::compiler
