#pragma once

#include <memory>

#include "base/describe.hpp"
#include "device/amplitude.hpp"

namespace imcsim::device {

class DeviceModel;
struct DeviceConfig;

/// A phase-change segment in parallel with a projection layer of constant resistance. Concept:
/// Koelmans et al. 2015, doi:10.1038/ncomms9181. The resistances are assumed; they give a
/// conductance range of about 1 … 25 µS.
struct ProjectedPcmConfig {
  double projection = 20.0;
  double projection_resistance_kohm = 1000.0;
  double crystalline_resistance_kohm = 40.0;
  double interface_resistance_kohm = 0.0;
  double projection_temperature_coefficient = 1e-3;
  AmplitudeConfig amplitude;
};
void describe(ProjectedPcmConfig& config, FieldList& fields);

/// Projected phase-change memory. The state is the amorphous fraction u of the length. A read
/// measures the amorphous part in parallel with its projection, in series with the crystalline
/// part:
///
///     R(t, T) = (1 − u)·(r_c‖r_p) + 2R_int + R_a‖R_p
///     R_a = u·r_a·((t − t_p)/t₀)^ν_a·exp(E_a/k_B·(1/T − 1/300 K));  R_p = u·r_p·(1 + α(T − 300 K))
///
/// Drift, noise and thermal activation of the amorphous part are reduced by the factor
/// G_a/(G_a + G_p)·R_s/R, with R_s = R_a‖R_p. `projection` is G_p/G_a = r_a/r_p at t₀.
/// Pulses: SET and RESET accumulate as in the model pcm (assumed: the projection carries no
/// current while the segment is on); pulses with a chosen amplitude as in device/amplitude.hpp.
/// Sources: doi:10.1038/ncomms9181 (concept); closed forms derived from the circuit.
std::unique_ptr<const DeviceModel> make_projected_pcm(const DeviceConfig& config, double pulse_us);

}  // namespace imcsim::device
