#pragma once

#include <memory>

#include "base/describe.hpp"
#include "device/flicker.hpp"

namespace imcsim::device {

class DeviceModel;
struct DeviceConfig;

/// Statistics of programmed phase-change memory as functions of x = G/G_max. The defaults are
/// those of Joshi et al. 2020, doi:10.1038/s41467-020-16108-9 (90 nm mushroom cells, G_max 25 µS,
/// 25 s after program-and-verify), as fitted in a public implementation.
struct PcmInferenceConfig {
  Numbers programming_error_us = {0.26348, 1.9650, -1.1731};
  double programming_error_reference_us = 25.0;
  Numbers drift_mean_log = {-0.0155, 0.0244, 0.049, 0.1};
  Numbers drift_mean_polynomial;
  Numbers drift_std_log = {-0.0125, -0.0059, 0.008, 0.045};
  Numbers drift_std_polynomial;
  double white_read_noise = 0.0175;
};
void describe(PcmInferenceConfig& config, FieldList& fields);

/// Programmed phase-change memory.
///
///     pulse  G = max(0, G_T + σ(x_T)·N),  σ = (c₀ + c₁x + c₂x² + …)·G_max/G_ref,  target G_T
///     drift  ν = |N(μ_ν(x), σ_ν(x))|, drawn at each programming with x of the target;
///            G(t) = G·(1 + (t − t_p)/t₀)^−ν
///     1/f    Q_s(x)·√(ln((t + t_r)/(2t_r)))  (device/flicker.hpp); t is the age, t₀ included
///     read   white noise σ = w·√(G·G_max), independent in each read
///
/// SET and RESET pulses are those of the model pcm (the same cells, doi:10.1063/1.5042408); ν is
/// then drawn with x of the conductance after the pulse. Networks can therefore be trained, too.
std::unique_ptr<const DeviceModel> make_pcm_inference(const DeviceConfig& config, double pulse_us);

}  // namespace imcsim::device
