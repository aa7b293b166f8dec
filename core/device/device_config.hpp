#pragma once

#include <string_view>

#include "base/describe.hpp"
#include "device/exponential_step.hpp"
#include "device/flicker.hpp"
#include "device/linear_step.hpp"
#include "device/measured.hpp"
#include "device/pcm.hpp"
#include "device/pcm_inference.hpp"
#include "device/projected_pcm.hpp"

namespace imcsim::device {

/// All device models.
enum class ModelName {
  ideal,
  pcm,
  pcm_inference,
  projected_pcm,
  linear_step,
  soft_bounds,
  exponential_step,
  measured,
};
std::span<const std::string_view> names_of(ModelName);

/// Parameters of all device models: range, drift, read noise.
struct CommonConfig {
  double conductance_min_us = 0.1;
  double conductance_max_us = 12.0;
  double conductance_max_std = 0.0;  ///< device-to-device, relative to the maximum
  double reset_mean_us = 0.1;
  double reset_std_us = 0.01;
  double read_noise_slope = 0.03;
  double read_noise_offset_us = 0.13;
  double drift_exponent = 0.04;
  double drift_exponent_std = 0.0;
  Duration drift_reference_time{38.6};
  double activation_energy_ev = 0.2;
};

/// Device model and parameters of all models. A preset sets all parameters that its model uses.
struct DeviceConfig {
  ModelName model = ModelName::pcm;
  bool read_noise = true;
  bool programming_noise = true;
  bool drift = true;
  bool update_nonlinearity = true;
  bool device_spread = true;
  double temperature_k = 300.0;
  CommonConfig common;
  FlickerConfig flicker;
  PcmConfig pcm;
  PcmInferenceConfig pcm_inference;
  ProjectedPcmConfig projected_pcm;
  LinearStepConfig linear_step;
  ExponentialStepConfig exponential_step;
  MeasuredConfig measured;
};
void describe(DeviceConfig& config, FieldList& fields);

}  // namespace imcsim::device
