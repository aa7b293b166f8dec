// The cells that logic is stored in: SET is 1, RESET is 0.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "crossbar/crossbar.hpp"
#include "numeric/statistics.hpp"
#include "tasks/sense.hpp"

namespace imcsim::tasks {

/// Which device, how its two states are written, and when they are read.
struct LogicCellConfig {
  device::DeviceConfig device;
  device::ProgrammingConfig programming;
  double set_target_us = 0.0;  ///< 0: the highest that programming reaches
  double sense_noise_us = 0.1;
  Duration t{1.0};
  std::int64_t sampled_cells = 16384;
  double set_mean_us = 0.0;  ///< above 0: normal cells as stated, instead of the device's
  double set_std_us = 0.0;
  double reset_mean_us = 0.1;
  double reset_std_us = 0.05;
};
/// The fields of the cells alone.
void describe(LogicCellConfig& config, FieldList& fields);
/// Those of the device and its programming, which stand last.
void describe_device(LogicCellConfig& config, FieldList& fields);

/// A row of cells as a read finds it.
struct CellRow {
  std::vector<float> conductance_us;  ///< at the time of the read, 1/f noise included
  std::vector<float> noise_us;        ///< deviation of a read's own noise; empty: none
};

/// What writing one bit takes, on average over the sampled cells.
struct WriteEffort {
  double set_pulses = 0.0;
  double reset_pulses = 0.0;
  double verify_reads = 0.0;
};

class LogicCells {
 public:
  LogicCells(const LogicCellConfig& config, std::uint64_t seed);

  /// Programs a row: bit i into cell i, whose random entity is `first_entity` + i. A 1 is brought
  /// to the SET target as the programming's method says, a 0 is one RESET pulse.
  CellRow program(std::span<const std::uint8_t> bits, std::uint32_t first_entity,
                  OperationCounts& counts) const;

  /// Mean and deviation of a read of each state, over `sampled_cells` cells of their own; and what
  /// writing took.
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

/// Adds writing so many ones and zeros, rounded to whole pulses.
void add_writes(const LogicCells::Sampled& sampled, std::uint64_t ones, std::uint64_t zeros,
                OperationCounts& counts);

}  // namespace imcsim::tasks
