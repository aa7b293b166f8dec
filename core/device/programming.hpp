#pragma once

#include <optional>

#include "base/counts.hpp"
#include "device/device.hpp"

namespace imcsim::device {

/// Programming of a target conductance: without error (exact), by a fixed number of pulses without
/// reads (single shot), or by pulses alternating with reads (program and verify).
enum class ProgrammingMethod { exact, single_shot, program_and_verify };
std::span<const std::string_view> names_of(ProgrammingMethod);

/// Sources: Papandreou et al. 2011 (doi:10.1109/ISCAS.2011.5937569) for the loop; Joshi et al. 2020
/// (doi:10.1038/s41467-020-16108-9) use a margin of 0.25 µS, 55 iterations and 5 reads.
struct ProgrammingConfig {
  ProgrammingMethod method = ProgrammingMethod::program_and_verify;
  double verify_margin_us = 0.385;
  std::int64_t verify_most_pulses = 15;
  std::int64_t verify_reads = 1;
};
void describe(ProgrammingConfig& config, FieldList& fields);

/// Result of programming one device.
struct Programmed {
  std::uint32_t pulses = 0;
  std::uint32_t reads = 0;
  bool converged = true;  ///< last verify read within the margin; true without verify reads
};

/// Programs devices to target conductances. The algorithm depends on the pulses of the model:
///
///     has_target_pulses   pulses with the amplitude for a conductance, initially the target; after
///                         an error e this conductance changes by k·e; k is halved when e changes
///                         its sign
///     depresses           SET pulses or depression pulses
///     neither             RESET, then SET pulses up to the target; RESET again if it is exceeded
///
/// A target above 0 but not above the lowest conductance is programmed by a RESET pulse. A target
/// of 0 is programmed like any other.
class Programmer {
 public:
  /// `pulse_us` as for make_model. Draws for pulses come from `pulses`, for reads from `reads`.
  Programmer(const DeviceConfig& device, double pulse_us, const ProgrammingConfig& config,
             std::shared_ptr<const DeviceModel> model, const Stream& pulses, const Stream& reads);

  /// Programs one device at `t_s`; counts pulses and reads. `stuck_us`: conductance of a stuck
  /// device.
  Programmed program(DeviceArray& array, std::uint32_t place, float target_us, double t_s,
                     OperationCounts& counts, std::optional<float> stuck_us = {}) const;

  /// Mean of `verify_reads` reads with independent noise.
  float verify_read_us(const DeviceArray& array, std::uint32_t place, double t_s,
                       OperationCounts& counts) const;

 private:
  struct Work;
  void pulse_to_target_until_verified(Work& work, float target_us) const;
  void step_until_verified(Work& work, float target_us) const;
  void single_shot(Work& work, float target_us) const;
  std::size_t nominal_pulses(float target_us) const;

  ProgrammingConfig config_;
  std::shared_ptr<const DeviceModel> model_;
  Stream pulses_, reads_;
  std::vector<float> nominal_us_;  ///< nominal conductance after n SET pulses since RESET
};

}  // namespace imcsim::device
