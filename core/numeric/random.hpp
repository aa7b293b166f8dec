#pragma once

#include <cstdint>

#include "numeric/philox.hpp"

namespace imcsim {

/// What a draw is for. Draws of different purposes never share bits; the numbers are part of
/// what a seed means and are never used again for another purpose.
enum class Purpose : std::uint32_t {
  initial_weights = 1,
  shuffle = 2,
  programming = 3,      ///< SET and RESET: (device, its own pulse count)
  verify_read = 4,      ///< reads between programming pulses: (device, its own pulse count)
  training_read = 5,    ///< read noise of training products: (layer and direction, sample)
  evaluation_read = 6,  ///< the same while evaluating
  rounding = 7,         ///< stochastic rounding in the transfer: (layer, update)
  arbitration = 8,  ///< which device of a polarity gets a pulse: (its first device, pulses so far)
  device_spread = 9,      ///< what sets a device apart for ever: (device, trait)
  faults = 10,            ///< broken devices, rows, columns
  slow_noise = 11,        ///< 1/f noise: (device, observation and its own pulse count)
  converter_spread = 12,  ///< offset and gain of a converter: (bank, line)
  converter_noise = 13,   ///< noise of a conversion: (layer and direction, sample)
  calibration_read = 15,  ///< reads that calibrate: (layer, input)
  instrument = 14,        ///< inputs, matrices, traces that an instrument makes up
  pulse_train = 16,       ///< firing of a line in a pulse train: (layer and side, product)
  transfer_train = 17,  ///< the same where a column moves between arrays: (layer and side, sample)
  transfer_read = 18,   ///< read noise of such a column: (layer, sample)
  dropout = 19,         ///< which inputs of a layer are left out: (its place, sample)
  probe_read = 20,      ///< read noise while a training is probed: (layer and direction, image)
  compensation_read = 21,  ///< reads of known inputs: (layer and direction, observation and input)
  network_traffic = 40,    ///< packets that cores make: (core, cycle)
  task_read = 41,          ///< read noise of a task's products: (tile and direction, product)
  task_data = 42,          ///< inputs that a task makes up
  task_errors = 43,        ///< positions of wrong bits: (sequence, draw); wrong gates: (gate, row)
};

/// A family of independent random numbers, named by (seed, purpose, entity); each draw is named
/// by an event. events.hpp numbers entities and events. Nothing is stored but the name, so that the
/// same draw has the same bits wherever and in whatever order it is asked for. Philox4x32-10.
class Stream {
 public:
  Stream(std::uint64_t seed, Purpose purpose, std::uint32_t entity = 0);

  /// The same seed and purpose for another entity.
  Stream of(std::uint32_t entity) const;

  /// Standard normal number of `event`.
  float normal(std::uint64_t event) const;

  /// Uniform number in [0, 1) with 24 bits: draw `index` of `event`.
  float uniform(std::uint64_t event, std::uint32_t index = 0) const;

  /// 32 random bits: word `index` of `event`.
  std::uint32_t word(std::uint64_t event, std::uint32_t index = 0) const;

  /// For the kernels that draw whole rows at once; `normal(event)` is the first of such a row.
  numeric::PhiloxName name(std::uint64_t event) const;

 private:
  std::uint32_t key_[2];
  std::uint32_t entity_;
};

}  // namespace imcsim
