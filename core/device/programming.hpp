#pragma once

#include <optional>

#include "base/counts.hpp"
#include "device/device.hpp"

namespace imcsim::device {

/// How a device gets to a target conductance: it is there (exact), by pulses without a look
/// (single shot), or by pulses between reads (program and verify).
enum class ProgrammingMethod { exact, single_shot, program_and_verify };
std::span<const std::string_view> names_of(ProgrammingMethod);

/// Papandreou et al. 2011 (doi:10.1109/ISCAS.2011.5937569) for the loop; Joshi et al. 2020
/// (doi:10.1038/s41467-020-16108-9) for margin 0.25 µS, 55 iterations, 5 reads.
struct ProgrammingConfig {
  ProgrammingMethod method = ProgrammingMethod::program_and_verify;
  double verify_margin_us = 0.385;
  std::int64_t verify_most_pulses = 15;
  std::int64_t verify_reads = 1;
};
void describe(ProgrammingConfig& config, FieldList& fields);

/// How it went with one device.
struct Programmed {
  std::uint32_t pulses = 0;
  std::uint32_t reads = 0;
  bool converged = true;  ///< a verifying read lay within the margin; single shots do not ask
};

/// Brings devices to target conductances. What it does depends on what the device understands:
///
///     aims        a pulse that aims at the target; off by e, the aim moves by k·e, and k is
///                 halved where the error changes its sign
///     depresses   pulses up or down
///     neither     RESET, SET pulses up to the target; too high: RESET again
///
/// A target at or below the lowest conductance is a RESET; devices whose lowest is 0 and that aim,
/// aim at 0 (their statistics tell what that leaves).
class Programmer {
 public:
  /// `pulse_us` as for make_model. Draws of pulses come from `pulses`, of reads from `reads`.
  Programmer(const DeviceConfig& device, double pulse_us, const ProgrammingConfig& config,
             std::shared_ptr<const DeviceModel> model, const Stream& pulses, const Stream& reads);

  /// One device, at `t_s`; counts pulses and reads. `stuck_us`: what a broken device shows.
  Programmed program(DeviceArray& array, std::uint32_t place, float target_us, double t_s,
                     OperationCounts& counts, std::optional<float> stuck_us = {}) const;

  /// Mean of `verify_reads` reads with their fresh noise.
  float verify_read_us(const DeviceArray& array, std::uint32_t place, double t_s,
                       OperationCounts& counts) const;

 private:
  struct Work;
  void aim_until_verified(Work& work, float target_us) const;
  void step_until_verified(Work& work, float target_us) const;
  void single_shot(Work& work, float target_us) const;
  std::size_t nominal_pulses(float target_us) const;

  ProgrammingConfig config_;
  std::shared_ptr<const DeviceModel> model_;
  Stream pulses_, reads_;
  std::vector<float> ladder_us_;  ///< nominal conductance after n SET pulses since RESET
};

}  // namespace imcsim::device
