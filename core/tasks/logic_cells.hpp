// Cells for logic: SET is 1, RESET is 0.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "crossbar/crossbar.hpp"
#include "numeric/statistics.hpp"
#include "tasks/sense.hpp"

namespace imcsim::tasks {

/// Device, programming of its two states, and read time.
struct LogicCellConfig {
  device::DeviceConfig device;
  device::ProgrammingConfig programming;
  double set_target_us = 0.0;  ///< 0: highest conductance that can be programmed
  double sense_noise_us = 0.1;
  Duration t{1.0};
  std::int64_t sampled_cells = 16384;
  /// Above 0: normally distributed cells with these statistics, instead of the device.
  double set_mean_us = 0.0;
  double set_std_us = 0.0;
  double reset_mean_us = 0.1;
  double reset_std_us = 0.05;
};
/// The fields of the cells.
void describe(LogicCellConfig& config, FieldList& fields);
/// The fields of the device and its programming.
void describe_device(LogicCellConfig& config, FieldList& fields);

/// State of a row of cells at a read.
struct CellRow {
  std::vector<float> conductance_us;  ///< at the time of the read, including 1/f noise
  std::vector<float> noise_us;        ///< standard deviation of the read noise; empty: none
};

/// Mean number of operations to write one bit, over the sampled cells.
struct WriteEffort {
  double set_pulses = 0.0;
  double reset_pulses = 0.0;
  double verify_reads = 0.0;
};

class LogicCells {
 public:
  LogicCells(const LogicCellConfig& config, std::uint64_t seed);

  /// Programs a row: bit i to cell i, with random entity `first_entity` + i. A 1 is programmed to
  /// the SET target with the configured method, a 0 by one RESET pulse.
  CellRow program(std::span<const std::uint8_t> bits, std::uint32_t first_entity,
                  OperationCounts& counts) const;

  /// Mean and standard deviation of a read of each state, over `sampled_cells` separate cells, and
  /// the mean write effort.
  struct Sampled {
    CellStatistics cells;
    WriteEffort one, zero;
  };
  Sampled sample() const;

  double sense_noise_us() const { return config_.sense_noise_us; }
  const Stream& reads() const { return reads_; }

 private:
  CellRow stated(std::span<const std::uint8_t> bits, std::uint32_t first_entity,
                 OperationCounts& counts) const;
  MeanAndDeviation read_all(const CellRow& row, std::uint32_t first_entity) const;

  LogicCellConfig config_;
  std::shared_ptr<const device::DeviceModel> model_;
  Stream spread_, pulses_, verify_, slow_, reads_;
  device::Programmer programmer_;
  float set_target_us_;
};

/// Adds the pulses of writing `ones` ones and `zeros` zeros, rounded to integers.
void add_writes(const LogicCells::Sampled& sampled, std::uint64_t ones, std::uint64_t zeros,
                OperationCounts& counts);

}  // namespace imcsim::tasks
