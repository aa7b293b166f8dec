// device: models of a single resistive device: SET, RESET, drift, read noise.
//
// DeviceArray    state of many devices in plain arrays, no physics
// DeviceModel    parameters and rules, immutable; works on an array and a list of places
// DeviceConfig   choice of the model and its parameters; make_model makes a DeviceModel of them
// Programmer     programs devices to target conductances: single shot, or with verify reads
//
// Synapses, wires and converters are in core/crossbar. A new model needs a source file here,
// entries in device_config.hpp and device.cpp, a preset in data/presets, and a test.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "device/device_config.hpp"
#include "numeric/random.hpp"

namespace imcsim::device {

/// State of many devices of one model, one entry per device.
struct DeviceArray {
  /// Throws std::logic_error unless all devices `first` … `first + count − 1` have an entity.
  DeviceArray(std::size_t count, std::uint32_t first);

  std::size_t size() const { return conductance_us.size(); }

  std::vector<float> conductance_us;    ///< after the last programming, before drift, at 300 K
  std::vector<float> memory;            ///< pulse history, defined by the model; 1 after RESET
  std::vector<double> programmed_at_s;  ///< simulated time of the last pulse
  std::vector<std::uint32_t> pulses;    ///< programming pulses so far; part of the name of draws
  std::uint32_t first_entity;           ///< random entity of device 0; device i has first + i

  /// Random entity of device `place`.
  std::uint32_t entity(std::size_t place) const {
    return first_entity + static_cast<std::uint32_t>(place);
  }

  /// Drift exponent of each device; empty where the model uses one exponent for all devices.
  std::vector<float> drift_exponent;

  /// Device-to-device variability: a fixed number of values per device, defined by the model and
  /// drawn once by `DeviceModel::prepare`. They depend only on the seed.
  std::vector<float> traits;
};

/// Places in an array, in any order; a place listed twice gets two pulses.
using Places = std::span<const std::uint32_t>;

/// Rules of one kind of device. Conductances in µS, simulated times in s. The ambient temperature
/// is a parameter of the model: a model for another temperature gives the conductances of the same
/// array at that temperature.
class DeviceModel {
 public:
  virtual ~DeviceModel() = default;

  /// Draws the traits of all devices of a new array and allocates the optional members.
  virtual void prepare(DeviceArray& array, const Stream& spread) const;

  /// One SET pulse to each of `places` at time `t_s`; draws come from `programming`.
  virtual void set(DeviceArray& array, Places places, double t_s,
                   const Stream& programming) const = 0;

  /// One RESET pulse to each of `places`: back to the lowest conductance.
  virtual void reset(DeviceArray& array, Places places, double t_s,
                     const Stream& programming) const = 0;

  /// One depression pulse, which lowers the conductance by a step. Devices without such pulses
  /// (phase-change memory) get a RESET pulse; `depresses` is then false.
  virtual bool depresses() const { return false; }
  virtual void depress(DeviceArray& array, Places places, double t_s,
                       const Stream& programming) const;

  /// One pulse with the amplitude for which a nominal device has the conductance `target_us`
  /// afterwards, independent of its previous state. The actual conductance includes the deviation
  /// of the device and the noise of the pulse. `has_target_pulses` is false for devices without
  /// such pulses; `pulse_to_target` then programs exactly.
  virtual bool has_target_pulses() const { return false; }
  virtual void pulse_to_target(DeviceArray& array, std::uint32_t place, float target_us, double t_s,
                               const Stream& programming) const;

  /// Exact programming, for experiments without programming errors.
  virtual void set_exact(DeviceArray& array, std::uint32_t place, float target_us, double t_s,
                         const Stream& programming) const;

  /// Conductance of devices `first` … `first + out_us.size() − 1` at `t_s`, without noise.
  virtual void conductance_us(const DeviceArray& array, std::size_t first, double t_s,
                              std::span<float> out_us) const = 0;

  /// The same as a step function of time: each step depends only on the age of the device and
  /// differs from `conductance_us` by at most `drift_step_tolerance` of the value. Returns the
  /// time until which all of `out_us` is constant (infinity without drift). Cached values
  /// therefore have the same bits whenever they were computed.
  virtual double conductance_stepwise_us(const DeviceArray& array, std::size_t first, double t_s,
                                         std::span<float> out_us) const = 0;

  /// Standard deviation [µS] of the noise of a read at each conductance, independent in each read.
  /// False where reads are exact; `out_us` is then unchanged. `conductance_us` holds the
  /// conductances of these devices at `t_s`.
  virtual bool read_noise_us(const DeviceArray& array, std::size_t first, double t_s,
                             std::span<const float> conductance_us,
                             std::span<float> out_us) const = 0;

  /// Standard deviation [µS] of 1/f noise at `t_s`, which is constant over all reads of an
  /// observation. False where the device has no 1/f noise.
  virtual bool slow_noise_us(const DeviceArray& array, std::size_t first, double t_s,
                             std::span<const float> conductance_us, std::span<float> out_us) const;

  /// Strength Q_s of the 1/f noise of a device (device/flicker.hpp); 0 without 1/f noise.
  virtual float flicker_strength(const DeviceArray&, std::size_t) const { return 0.0F; }

  /// Argument of the power law of drift, `since_s` after programming: G ∝ drift_age^−ν where
  /// drift_age is above 1.
  virtual double drift_age(double since_s) const { return since_s; }

  /// Conductance of an unprogrammed device, and highest conductance after programming [µS].
  virtual float lowest_us() const = 0;
  virtual float highest_us() const = 0;
};

/// Mean change of one SET pulse [µS] where neither the model nor the user defines it.
inline constexpr double default_pulse_us = 0.768;

inline constexpr double drift_step_tolerance = 1e-3;

/// `pulse_us`: mean change of one SET pulse [µS] where the model does not define it (ideal devices,
/// and all devices without update nonlinearity). Throws InputError for inconsistent values.
std::unique_ptr<const DeviceModel> make_model(const DeviceConfig& config, double pulse_us);

}  // namespace imcsim::device

#include "device/programming.hpp"
