#pragma once

#include <memory>

#include "device/step_pulses.hpp"

namespace imcsim::device {

class DeviceModel;

/// Parameters of exponential-step, in addition to step sizes and variability in StepConfig.
struct ExponentialStepConfig {
  StepConfig step;
  double argument_slope = 1.0;
  double argument_offset = 0.0;
  double gamma_up = 1.0;
  double gamma_down = 1.0;
  double amplitude_up = 0.0;
  double amplitude_down = 0.0;
  double noise_offset_us = 0.0;
  double noise_slope = 0.0;
};
void describe(ExponentialStepConfig& config, FieldList& fields);

/// Devices with a step that depends exponentially on the conductance. With G₀, up_i, down_i and
/// the window of each device as in StepConfig,
///
///     z = 2a·(G − G₀)/(G_max,i − G_min,i) + b
///     up      ΔG = +up_i·max(0, 1 − A↑·e^(γ↑·z))
///     down    ΔG = −down_i·max(0, 1 − A↓·e^(−γ↓·z))
///     G ← G + ΔG + s·(|ΔG| + c + m·|G − G₀|)·N
///
/// With c = m = 0 the noise is proportional to the step. A step is never larger than the window.
/// Drift and read noise as in device/power_law.hpp. Source: ExpStep of a public simulator of analog
/// training, doi:10.1109/AICAS51828.2021.9458494.
std::unique_ptr<const DeviceModel> make_exponential_step(const DeviceConfig& config,
                                                         double pulse_us);

}  // namespace imcsim::device
