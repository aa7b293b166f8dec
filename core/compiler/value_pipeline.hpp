#pragma once

#include "compiler/stage_values.hpp"

namespace imcsim::compiler {

/// The values of a program: samples flow through its stages one behind the other, tick by tick, and
/// every stage computes from what its finite memories hold. One a thread.
class ValuePipeline {
 public:
  /// `stages`: what the control units were told. All must outlive it. Throws InputError{where, …}:
  /// more than one input, or numbers that are no floats.
  ValuePipeline(const network::GraphNetwork& network, const Pipeline& pipeline,
                const std::vector<fabric::PipelineStage>& stages, const std::string& where);

  /// Samples 0 … count − 1; row i of `outputs` becomes the network's first output for sample i.
  /// Reads of sample i have the event read.event + i, as GraphNetwork::forward names them. Throws
  /// RunError: deadlock, or memory that does not hold what is read.
  void run(std::size_t count, const network::FillInput& fill, const crossbar::Read& read,
           Matrix<float>& outputs, std::size_t first_row);

  const OperationCounts& counts() const { return work_.scratch.counts; }

 private:
  /// Where an output of a stage goes.
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
