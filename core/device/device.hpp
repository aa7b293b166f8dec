// device: what ONE kind of resistive device does: pulse, reset, drift, read noise.
//
// DeviceArray    the numbers: plain arrays over many devices, no physics
// DeviceModel    parameters and rules, immutable; works on an array and a list of places
// DeviceConfig   which model, with which parameters; make_model turns it into a DeviceModel
// Programmer     brings devices to target conductances: single shot, or with verifying reads
//
// It stops at the device: synapses, wires and converters are the crossbar's.
// A new device: one file here, its lines in the closed list (device_config.hpp, device.cpp), one
// preset in data/presets, one test.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "device/device_config.hpp"
#include "numeric/random.hpp"

namespace imcsim::device {

/// State of many devices of one model, one entry a device.
struct DeviceArray {
  /// Throws std::logic_error where not all of `count` devices from `first` on have an entity.
  DeviceArray(std::size_t count, std::uint32_t first);

  std::size_t size() const { return conductance_us.size(); }

  std::vector<float> conductance_us;    ///< as of the last programming, before drift, at 300 K
  std::vector<float> memory;            ///< what the device remembers of its pulses; 1 after RESET
  std::vector<double> programmed_at_s;  ///< simulated time of the last pulse
  std::vector<std::uint32_t> pulses;    ///< programming pulses so far: names its random draws
  std::uint32_t first_entity;           ///< random entity of device 0; device i has first + i

  /// Random entity of device `place`.
  std::uint32_t entity(std::size_t place) const {
    return first_entity + static_cast<std::uint32_t>(place);
  }

  /// Drift exponent of each device, where the model gives each its own; else empty.
  std::vector<float> drift_exponent;

  /// What sets one device apart from the next for ever: `DeviceModel::trait_count` numbers a
  /// device, drawn once by `DeviceModel::prepare`. They follow from the seed alone.
  std::vector<float> traits;
};

/// Places in an array, in any order; a device named twice gets two pulses.
using Places = std::span<const std::uint32_t>;

/// Rules of one kind of device. Conductances in µS, times in s of simulated time. The ambient
/// temperature is a parameter: the same array, asked through a model of another temperature,
/// tells what it would show there.
class DeviceModel {
 public:
  virtual ~DeviceModel() = default;

  /// Draws the traits of all devices of a new array and makes room for what else it needs.
  virtual void prepare(DeviceArray& array, const Stream& spread) const;

  /// One SET pulse to each of `places` at time `t_s`; draws come from `programming`.
  virtual void set(DeviceArray& array, Places places, double t_s,
                   const Stream& programming) const = 0;

  /// One RESET pulse to each of `places`: back to the lowest conductance.
  virtual void reset(DeviceArray& array, Places places, double t_s,
                     const Stream& programming) const = 0;

  /// One graded pulse down, where the device knows such; phase-change memory does not: then it
  /// is a RESET.
  virtual bool depresses() const { return false; }
  virtual void depress(DeviceArray& array, Places places, double t_s,
                       const Stream& programming) const;

  /// One pulse whose amplitude is chosen to leave `aim_us` in a nominal device, where the device
  /// knows such pulses; what it leaves in this one carries the device's spread and the pulse's
  /// noise. A pulse of this kind overwrites what was there.
  virtual bool aims() const { return false; }
  virtual void aim(DeviceArray& array, std::uint32_t place, float aim_us, double t_s,
                   const Stream& programming) const;

  /// Exact programming: what an experiment does that leaves programming out.
  virtual void set_exact(DeviceArray& array, std::uint32_t place, float target_us, double t_s,
                         const Stream& programming) const;

  /// Conductance of devices `first` … `first + out_us.size() − 1` at `t_s`, without noise.
  virtual void conductance_us(const DeviceArray& array, std::size_t first, double t_s,
                              std::span<float> out_us) const = 0;

  /// The same as a staircase in time: each step is a pure function of the device's age and
  /// differs from `conductance_us` by at most `drift_step_tolerance` of the value. Returns the
  /// time until which all of `out_us` stays as it is (infinity where nothing drifts). So a
  /// cache of it gives the same bits whenever it was filled.
  virtual double conductance_stepwise_us(const DeviceArray& array, std::size_t first, double t_s,
                                         std::span<float> out_us) const = 0;

  /// Standard deviation of one read at each conductance [µS], fresh in each read; false where
  /// reads are exact (`out_us` is then left alone). `conductance_us` is that of these devices at
  /// `t_s`.
  virtual bool read_noise_us(const DeviceArray& array, std::size_t first, double t_s,
                             std::span<const float> conductance_us,
                             std::span<float> out_us) const = 0;

  /// Standard deviation of 1/f noise at `t_s` [µS]: so slow that it is one number for all reads
  /// of an observation; false where the device has none.
  virtual bool slow_noise_us(const DeviceArray& array, std::size_t first, double t_s,
                             std::span<const float> conductance_us, std::span<float> out_us) const;

  /// Q_s of a device's 1/f noise (device/flicker.hpp); 0 where it has none.
  virtual float flicker_strength(const DeviceArray&, std::size_t) const { return 0.0F; }

  /// What drift's power law acts on at `since_s` after programming: G ∝ drift_age^−ν where it is
  /// above 1.
  virtual double drift_age(double since_s) const { return since_s; }

  /// Conductance of an unprogrammed device, and the highest that programming reaches [µS].
  virtual float lowest_us() const = 0;
  virtual float highest_us() const = 0;
};

/// Mean change of one SET pulse [µS] where neither the model nor the user states it.
inline constexpr double default_pulse_us = 0.768;

inline constexpr double drift_step_tolerance = 1e-3;

/// `pulse_us`: mean change of one SET pulse where the model does not say it itself (ideal
/// devices, and any device whose update nonlinearity is off).
/// Throws InputError for values that do not go together.
std::unique_ptr<const DeviceModel> make_model(const DeviceConfig& config, double pulse_us);

}  // namespace imcsim::device

#include "device/programming.hpp"
