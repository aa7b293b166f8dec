#pragma once

#include <memory>

#include "device/step_pulses.hpp"

namespace imcsim::device {

class DeviceModel;

/// Whether the noise of a pulse grows with the step (it multiplies the whole step), or not (it
/// multiplies the step at G₀ alone).
enum class StepNoise { multiplicative, additive };
std::span<const std::string_view> names_of(StepNoise);

/// Parameters of linear-step and soft-bounds; the slopes are linear-step's.
struct LinearStepConfig {
  StepConfig step;
  StepNoise noise_form = StepNoise::multiplicative;
  double slope_up = 0.0;
  double slope_down = 0.0;
  double slope_std = 0.0;
  Duration decay_time{0.0};
  double decay_time_std = 0.0;
};
void describe(LinearStepConfig& config, FieldList& fields);

/// Devices whose step is linear in the conductance. With the sizes of StepConfig
/// (device/step_pulses.hpp),
///
///     up      G += up_i·(f↑ + s·N·n)     f↑ = 1 − γ↑·(G − G₀)/(G_max − G₀)
///     down    G −= down_i·(f↓ + s·N·n)   f↓ = 1 − γ↓·(G₀ − G)/(G₀ − G_min)
///
/// n is f where noise is multiplicative, 1 where it is additive. linear-step takes the nominal
/// window and each device's own γ_i = |γ + σ_γ·N|. soft-bounds has γ = 1 and takes the window of
/// each device: the mean step shrinks to 0 at its limit.
///
/// Between pulses the conductance drifts by the power law of device/power_law.hpp, or, where
/// `decay_time` τ is not 0, relaxes: G(t) = G₀ + (G − G₀)·e^(−(t − t_p)/τ_i), τ_i = τ·(1 + σ_τ·N);
/// a pulse acts on what is left. Left out: the calibrated reference device that some sources
/// subtract, and stuck devices (the crossbar's faults).
/// Throws InputError where a device would both drift and relax.
std::unique_ptr<const DeviceModel> make_linear_step(const DeviceConfig& config, double pulse_us,
                                                    bool soft_bounds);

}  // namespace imcsim::device
