// device: what ONE kind of resistive device does: pulse, reset, drift, read noise.
//
// DeviceArray    the numbers: plain arrays over many devices, no physics
// DeviceModel    parameters and rules, immutable; works on an array and a list of places
// DeviceConfig   which model, with which parameters; make_model turns it into a DeviceModel
//
// It stops at the device: synapses, wires and converters are the crossbar's.
// A new device: one file here, one line in `model_names` and `make_model` (device.cpp), one
// preset in data/presets, one test.
#pragma once

#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/base.hpp"
#include "device/pcm.hpp"
#include "numeric/numeric.hpp"

namespace imcsim::device {

/// State of many devices of one model, one entry a device.
struct DeviceArray {
  DeviceArray(std::size_t count, std::uint32_t first);

  std::size_t size() const { return conductance_us.size(); }

  std::vector<float> conductance_us;    ///< as of the last programming, before drift
  std::vector<float> memory;            ///< what the device remembers of its pulses; 1 after RESET
  std::vector<double> programmed_at_s;  ///< simulated time of the last pulse
  std::vector<std::uint32_t> pulses;    ///< SET and RESET pulses so far: names its random draws
  std::uint32_t first_entity;           ///< random entity of device 0; device i has first + i
};

/// Places in an array, in any order; a device named twice gets two pulses.
using Places = std::span<const std::uint32_t>;

/// Rules of one kind of device. Conductances in µS, times in s of simulated time.
class DeviceModel {
 public:
  virtual ~DeviceModel() = default;

  /// One SET pulse to each of `places` at time `t_s`; draws come from `programming`.
  virtual void set(DeviceArray& array, Places places, double t_s,
                   const Stream& programming) const = 0;

  /// One RESET pulse to each of `places`.
  virtual void reset(DeviceArray& array, Places places, double t_s,
                     const Stream& programming) const = 0;

  /// Conductance of devices `first` … `first + out_us.size() − 1` at `t_s`, without read noise.
  virtual void conductance_us(const DeviceArray& array, std::size_t first, double t_s,
                              std::span<float> out_us) const = 0;

  /// The same as a staircase in time: each step is a pure function of the device's age and
  /// differs from `conductance_us` by at most `drift_step_tolerance` of the value. Returns the
  /// time until which all of `out_us` stays as it is (infinity where nothing drifts). So a
  /// cache of it gives the same bits whenever it was filled.
  virtual double staircase_us(const DeviceArray& array, std::size_t first, double t_s,
                              std::span<float> out_us) const = 0;

  /// Standard deviation of one read at each conductance [µS]; false where reads are exact
  /// (`out_us` is then left alone).
  virtual bool read_noise_us(std::span<const float> conductance_us,
                             std::span<float> out_us) const = 0;

  /// Conductance of an unprogrammed device [µS].
  virtual float lowest_us() const = 0;
};

inline constexpr double drift_step_tolerance = 1e-3;

/// The closed list of models.
enum class ModelName { ideal, pcm };
std::span<const std::string_view> names_of(ModelName);

/// Which device, and all of its parameters.
struct DeviceConfig {
  ModelName model = ModelName::pcm;
  PcmConfig pcm;
  bool read_noise = true;
  bool programming_noise = true;
  bool drift = true;
  bool update_nonlinearity = true;
};
void describe(DeviceConfig& config, FieldList& fields);

/// `pulse_us`: mean change of one SET pulse where the model does not say it itself (ideal
/// devices, and any device whose update nonlinearity is off).
std::unique_ptr<const DeviceModel> make_model(const DeviceConfig& config, double pulse_us);

}  // namespace imcsim::device
