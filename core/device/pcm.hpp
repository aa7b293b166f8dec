#pragma once

#include <memory>

#include "base/describe.hpp"

namespace imcsim::device {

class DeviceModel;
struct DeviceConfig;

/// Parameters of the accumulation model of doped-Ge2Sb2Te5 mushroom cells, SET pulses of 90 µA
/// and 50 ns. Nandakumar et al., J. Appl. Phys. 124, 152135 (2018), doi:10.1063/1.5042408.
/// The constants are from a public implementation of this model, not from the tables of the paper.
/// They describe 20 pulses after RESET; further pulses are extrapolated.
struct PcmConfig {
  double set_mean_slope = -0.084;
  double set_mean_offset_us = 0.880;
  double set_mean_memory_us = 1.40;
  double set_std_slope = 0.091;
  double set_std_offset_us = 0.260;
  double set_std_memory_us = 2.15;
  double memory_decay_pulses = 2.6;
  double set_spread = 0.0;
};
void describe(PcmConfig& config, FieldList& fields);

/// Phase-change memory that accumulates SET pulses (device/accumulation.hpp), drifts by a power
/// law and has read noise (device/power_law.hpp). Source: doi:10.1063/1.5042408. Not modeled: the
/// shape of the pulse; 1/f noise, which the read noise includes.
std::unique_ptr<const DeviceModel> make_pcm(const DeviceConfig& config, double pulse_us);

}  // namespace imcsim::device
