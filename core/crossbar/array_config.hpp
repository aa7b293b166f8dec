#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/describe.hpp"

namespace imcsim::crossbar {

/// Weight as the difference of two polarities, or of one polarity and a fixed reference in the
/// middle of the range. With a reference, a negative update is a depression pulse, or a RESET for
/// devices without depression pulses.
enum class Synapse { differential, single };
std::span<const std::string_view> names_of(Synapse);

/// Use of the error of the weight after a refresh: dropped, or added to the accumulator.
enum class RefreshRemainder { drop, accumulate };
std::span<const std::string_view> names_of(RefreshRemainder);

/// Which of the N devices of a polarity gets a pulse: the device selected by a counter of the whole
/// array, which is incremented at each pulse; a random device; or all devices at once.
enum class Arbitration { counter, random, all };
std::span<const std::string_view> names_of(Arbitration);

/// Model of the wire resistance in a product (crossbar/wires.hpp): attenuation factors of the
/// crossings, or exact transfer conductances, computed for the conductances of the last update.
enum class WireModel { fast, exact };
std::span<const std::string_view> names_of(WireModel);

/// 1/f noise of the devices: one value per device for all reads of an observation, or a new value
/// in each read, as for devices read one after the other, seconds apart.
enum class SlowNoise { held, each_read };
std::span<const std::string_view> names_of(SlowNoise);

/// Representation of weights by devices, and criteria of the refresh. Sources:
/// doi:10.3389/fnins.2020.00406 (mixed precision), doi:10.1038/s41467-018-04933-y (several devices
/// per weight); the thresholds of the refresh are assumed.
struct ArrayConfig {
  double conductance_per_weight_us = 8.0;
  Synapse synapse = Synapse::differential;
  std::int64_t devices_per_weight = 1;
  double significance_base = 1.0;
  Arbitration arbitration = Arbitration::counter;
  std::int64_t potentiation_every = 1;
  std::int64_t depression_every = 1;
  std::int64_t refresh_every = 100;
  double refresh_above_us = 8.0;
  double refresh_difference_us = 6.0;
  RefreshRemainder refresh_remainder = RefreshRemainder::drop;
  double wire_resistance_ohm = 0.0;
  WireModel wire_model = WireModel::fast;
  SlowNoise slow_noise = SlowNoise::held;
  std::string tile = "none";
};
void describe(ArrayConfig& config, FieldList& fields);

/// Largest crossbar; larger matrices are divided into tiles (0: as large as the matrix).
struct TileSize {
  std::size_t rows = 0;
  std::size_t columns = 0;
};

/// Parses `256x256` or `none`. Throws InputError{where, …}.
TileSize parse_tile(const std::string& text, const Where& where);

/// Number of pulses with the same effect on a weight as one pulse on a synapse of a single device:
/// N if the N devices get pulses in turn, 1 if each pulse goes to all devices.
std::int32_t pulses_per_granularity(const ArrayConfig& config);

/// Significance bⁿ of each of the N devices of a polarity, scaled to a sum of 1.
/// Source: doi:10.1088/2634-4386/ac4fb7.
std::vector<float> significances(const ArrayConfig& config);

/// Number of devices of a weight matrix.
std::uint64_t devices_of_matrix(const ArrayConfig& config, std::uint64_t rows,
                                std::uint64_t columns);

/// Throws InputError unless the devices `first` … `first + count − 1` have names for random draws.
void require_devices(std::uint64_t first, std::uint64_t count);

}  // namespace imcsim::crossbar
