#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/describe.hpp"

namespace imcsim::crossbar {

/// A weight as the difference of two polarities, or of one against a fixed reference in the middle
/// of the range (then a negative update depresses: graded where the device knows such pulses, a
/// RESET where not).
enum class Synapse { differential, single };
std::span<const std::string_view> names_of(Synapse);

/// What becomes of the part of a difference that a refresh did not write.
enum class RefreshRemainder { drop, accumulate };
std::span<const std::string_view> names_of(RefreshRemainder);

/// Which of the N devices of a polarity a pulse goes to: the one that a counter of the whole array
/// points to, which moves on with each pulse; a random one; or all of them at once.
enum class Arbitration { counter, random, all };
std::span<const std::string_view> names_of(Arbitration);

/// How the wires' resistance gets into a product (crossbar/wires.hpp): as an attenuation of each
/// crossing, or as the exact transfer conductances, which holds until the next pulse.
enum class WireModel { fast, exact };
std::span<const std::string_view> names_of(WireModel);

/// 1/f noise of the devices: one value a device for all reads of an observation, or a new one in
/// each read, as where devices are read one by one, seconds apart.
enum class SlowNoise { held, each_read };
std::span<const std::string_view> names_of(SlowNoise);

/// How weights stand in the array, and when pairs are refreshed. Sources:
/// doi:10.3389/fnins.2020.00406 (mixed precision), doi:10.1038/s41467-018-04933-y (several devices
/// a weight); thresholds of the refresh are assumed.
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

/// Largest crossbar that a matrix is cut into; 0: as large as the matrix.
struct TileSize {
  std::size_t rows = 0;
  std::size_t columns = 0;
};

/// Of `256x256`, or `none`. Throws InputError{where, …}.
TileSize parse_tile(const std::string& text, const Where& where);

/// Pulses that together move a weight by the change that one pulse makes with a single device: N
/// where they go to the N devices in turn, 1 where each goes to all.
std::int32_t pulses_a_granularity(const ArrayConfig& config);

/// Significance bⁿ of each of the N devices of a polarity, scaled to a sum of 1.
/// Source: doi:10.1088/2634-4386/ac4fb7.
std::vector<float> significances(const ArrayConfig& config);

/// Devices behind a matrix of weights.
std::uint64_t devices_of_matrix(const ArrayConfig& config, std::uint64_t rows,
                                std::uint64_t columns);

/// Throws InputError unless `count` devices from `first` on have names for their random draws.
void require_devices(std::uint64_t first, std::uint64_t count);

}  // namespace imcsim::crossbar
