#pragma once

#include "base/base.hpp"

namespace imcsim::device {

/// Parameters of the accumulation model of doped-Ge2Sb2Te5 mushroom cells, SET pulses of 90 µA
/// and 50 ns. Nandakumar et al., J. Appl. Phys. 124, 152135 (2018), doi:10.1063/1.5042408.
/// The constants are those of a public implementation of that model; the paper's tables were not
/// at hand. They describe 20 pulses after RESET; further pulses are extrapolated.
struct PcmConfig {
  double set_mean_slope = -0.084;
  double set_mean_offset_us = 0.880;
  double set_mean_memory_us = 1.40;
  double set_std_slope = 0.091;
  double set_std_offset_us = 0.260;
  double set_std_memory_us = 2.15;
  double memory_decay_pulses = 2.6;
  double read_noise_slope = 0.03;
  double read_noise_offset_us = 0.13;
  double drift_exponent = 0.04;
  Duration drift_reference_time{38.6};
  double reset_mean_us = 0.1;
  double reset_std_us = 0.01;
  double conductance_min_us = 0.1;
  double conductance_max_us = 12.0;
};
void describe(PcmConfig& config, FieldList& fields);

}  // namespace imcsim::device
