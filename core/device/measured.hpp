#pragma once

#include <memory>

#include "base/describe.hpp"

namespace imcsim::device {

class DeviceModel;
struct DeviceConfig;

/// Tables of a measured device. Over the grid `conductance_us` (ascending), and
/// where a table says [pulse × G], over `pulse` too (ascending numbers of the pulse since RESET;
/// empty or one entry: history does not matter), row by row.
struct MeasuredConfig {
  Numbers conductance_us;
  Numbers pulse;
  Numbers set_mean_us;      ///< [pulse × G] mean change of one SET pulse
  Numbers set_std_us;       ///< [pulse × G] its deviation; empty: none
  Numbers depress_mean_us;  ///< [G] or [pulse × G] mean change of one pulse down, below 0; empty:
                            ///< the device knows no such pulses
  Numbers depress_std_us;   ///< as depress_mean_us; empty: none
  Numbers drift_mean;       ///< [G] mean drift exponent; empty: drift-exponent holds
  Numbers drift_std;        ///< [G] its deviation from pulse to pulse; empty: none
  Numbers read_noise_us;    ///< [G] deviation of a read; empty: read-noise-slope, -offset-us hold
};
void describe(MeasuredConfig& config, FieldList& fields);

/// A device that does what its tables say, linear between their points and constant outside:
///
///     SET     G ← clip(G + N(M(n, G), S(n, G)), G_min, G_max,i);  n: the pulse's number since
///     RESET RESET   G ← max(0, N(G_reset, σ_reset)) drift   device/power_law.hpp with ν =
///     |N(mean(G), std(G))|, drawn anew with each pulse
///
/// A pulse down as a SET pulse, with its own tables; it counts as a pulse, too. In the array,
/// `memory` is 1 + the pulses since RESET, the number of the next pulse: 1 after RESET and exact
/// programming. G_max,i has the spread of conductance-max-std.
/// Throws InputError for tables that are empty, do not ascend or do not fit together.
std::unique_ptr<const DeviceModel> make_measured(const DeviceConfig& config, double pulse_us);

}  // namespace imcsim::device
