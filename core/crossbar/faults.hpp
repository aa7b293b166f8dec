#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/describe.hpp"
#include "device/device.hpp"

namespace imcsim::crossbar {

/// Initial faults and wear-out. Rates are probabilities; published yield of an array: 99.1 %
/// (doi:10.1038/s41467-020-16108-9). Endurance of PCM: 1e6 … 1e9 cycles
/// (doi:10.1038/s41565-020-0655-z); its variability is assumed.
struct FaultConfig {
  double fault_rate = 0.0;
  double stuck_high_share = 0.5;
  double open_row_rate = 0.0;
  double open_column_rate = 0.0;
  double endurance_pulses = 0.0;
};
void describe(FaultConfig& config, FieldList& fields);

/// Stuck devices and open wordlines and bitlines of one array; each polarity has its own bitlines.
/// The faults follow from the seed.
class Faults {
 public:
  Faults() = default;
  Faults(const FaultConfig& config, std::size_t rows, std::size_t columns, std::uint32_t id,
         std::uint64_t seed);

  bool any() const { return any_ || !manual_faults_.empty(); }

  /// Stuck-at fault from an intervention, at the highest or lowest conductance. Such faults do not
  /// depend on the seed and are not saved.
  void break_device(std::uint32_t entity, bool high) { manual_faults_[entity] = high; }
  void repair_device(std::uint32_t entity) { manual_faults_.erase(entity); }

  /// Conductance of a stuck device, independent of its programming: the lowest or highest; 0 if a
  /// line is open or the device is worn out to an open state; empty for a working device. `line` is
  /// the bitline: the column, or columns + the column for the negative polarity.
  std::optional<float> stuck_us(const device::DeviceModel& model, const device::DeviceArray& array,
                                std::size_t place, std::size_t row, std::size_t line) const;

 private:
  FaultConfig config_;
  bool any_ = false;
  std::vector<std::uint8_t> row_is_open_, line_is_open_;
  std::map<std::uint32_t, bool>
      manual_faults_;  ///< by random entity; true: the highest conductance
  Stream draws_{0, Purpose::faults};
};

}  // namespace imcsim::crossbar
