#pragma once

#include <memory>

#include "base/describe.hpp"

namespace imcsim::device {

class DeviceModel;
struct DeviceConfig;

/// Tables of a measured device, over the grid `conductance_us` (ascending). Tables [pulse × G] have
/// one row per entry of `pulse` (ascending pulse numbers since RESET); without entries in `pulse`,
/// or with one, the history has no effect.
struct MeasuredConfig {
  Numbers conductance_us;
  Numbers pulse;
  Numbers set_mean_us;      ///< [pulse × G] mean change of one SET pulse
  Numbers set_std_us;       ///< [pulse × G] its standard deviation; empty: 0
  Numbers depress_mean_us;  ///< [G] or [pulse × G] mean change of a depression pulse, negative;
                            ///< empty: the device has no depression pulses
  Numbers depress_std_us;   ///< its standard deviation, as depress_mean_us; empty: 0
  Numbers drift_mean;       ///< [G] mean drift exponent; empty: drift-exponent is used
  Numbers drift_std;        ///< [G] its standard deviation between pulses; empty: 0
  Numbers read_noise_us;    ///< [G] read noise; empty: read-noise-slope and -offset-us are used
};
void describe(MeasuredConfig& config, FieldList& fields);

/// Device defined by tables, which are linear between grid points and constant outside:
///
///     SET     G ← clip(G + N(M(n, G), S(n, G)), G_min, G_max,i)
///     RESET   G ← clip(N(G_reset, σ_reset), 0, G_max,i)
///     drift   device/power_law.hpp with ν = |N(mean(G), std(G))|, drawn at each pulse
///
/// n is the number of the pulse since RESET. Depression pulses are as SET pulses, with their own
/// tables; n counts them too. In the array, `memory` is the number of the next pulse: 1 after RESET
/// and exact programming. G_max,i varies between devices by conductance-max-std.
/// Throws InputError for tables that are empty, do not ascend or have inconsistent sizes.
std::unique_ptr<const DeviceModel> make_measured(const DeviceConfig& config, double pulse_us);

}  // namespace imcsim::device
