#pragma once

#include <memory>

#include "device/step_pulses.hpp"

namespace imcsim::device {

class DeviceModel;

/// Noise of a pulse: proportional to the step (multiplicative), or to the step at G₀ (additive).
enum class StepNoise { multiplicative, additive };
std::span<const std::string_view> names_of(StepNoise);

/// Parameters of linear-step and soft-bounds; only linear-step uses the slopes.
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

/// Devices with a step that is linear in the conductance. With the step sizes of StepConfig
/// (device/step_pulses.hpp),
///
///     up      G += up_i·(f↑ + s·N·n)     f↑ = 1 − γ↑·(G − G₀)/(G_max − G₀)
///     down    G −= down_i·(f↓ + s·N·n)   f↓ = 1 − γ↓·(G₀ − G)/(G₀ − G_min)
///
/// n is f for multiplicative noise, 1 for additive noise. linear-step uses the nominal window, and
/// γ_i = |γ + σ_γ·N| for each device. soft-bounds has γ = 1 and uses the window of each device: the
/// mean step is 0 at the limit.
///
/// Between pulses the conductance drifts by the power law of device/power_law.hpp, or, where
/// `decay_time` τ is not 0, relaxes: G(t) = G₀ + (G − G₀)·e^(−(t − t_p)/τ_i), τ_i = τ·(1 + σ_τ·N);
/// a pulse acts on the relaxed conductance. Not modeled: the calibrated reference device that some
/// sources subtract. Stuck devices are faults of the crossbar.
/// Throws InputError if both drift and relaxation are on.
std::unique_ptr<const DeviceModel> make_linear_step(const DeviceConfig& config, double pulse_us,
                                                    bool soft_bounds);

}  // namespace imcsim::device
