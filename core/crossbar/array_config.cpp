#include "crossbar/array_config.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/error.hpp"
#include "numeric/events.hpp"

namespace imcsim::crossbar {

std::span<const std::string_view> names_of(Synapse) {
  static constexpr std::array<std::string_view, 2> names = {"differential", "single"};
  return names;
}

std::span<const std::string_view> names_of(Arbitration) {
  static constexpr std::array<std::string_view, 3> names = {"counter", "random", "all"};
  return names;
}

std::span<const std::string_view> names_of(RefreshRemainder) {
  static constexpr std::array<std::string_view, 2> names = {"drop", "accumulate"};
  return names;
}

std::span<const std::string_view> names_of(WireModel) {
  static constexpr std::array<std::string_view, 2> names = {"fast", "exact"};
  return names;
}

std::span<const std::string_view> names_of(SlowNoise) {
  static constexpr std::array<std::string_view, 2> names = {"held", "each-read"};
  return names;
}

TileSize parse_tile(const std::string& text, const Where& where) {
  if (text == "none") return {};
  TileSize size;
  const char* const end = text.data() + text.size();
  const auto [x, error] = std::from_chars(text.data(), end, size.rows);
  if (error == std::errc{} && x != end && *x == 'x') {
    const auto [rest, second] = std::from_chars(x + 1, end, size.columns);
    if (second == std::errc{} && rest == end && size.rows > 1 && size.columns > 1) return size;
  }
  throw InputError(where, fmt::format("\"{}\" is not a crossbar size", text),
                   "ROWSxCOLS such as 256x256, each at least 2, or none");
}

std::int32_t pulses_per_granularity(const ArrayConfig& config) {
  const bool all = config.arbitration == Arbitration::all;
  return all ? 1 : static_cast<std::int32_t>(config.devices_per_weight);
}

std::vector<float> significances(const ArrayConfig& config) {
  const auto count = static_cast<std::size_t>(config.devices_per_weight);
  std::vector<double> powers;
  powers.reserve(count);
  double power = 1.0;
  double sum = 0.0;
  for (std::int64_t n = 0; n < config.devices_per_weight; ++n) {
    powers.push_back(power);
    sum += power;
    power *= config.significance_base;
  }
  std::vector<float> parts;
  parts.reserve(count);
  for (const double p : powers) parts.push_back(static_cast<float>(p / sum));
  return parts;
}

void describe(ArrayConfig& c, FieldList& f) {
  constexpr std::string_view paper = "doi:10.3389/fnins.2020.00406";
  constexpr std::string_view boybat = "doi:10.1038/s41467-018-04933-y";
  constexpr std::string_view assumed = "assumed; after doi:10.3389/fnins.2020.00406";
  constexpr double most_us = 1e4;
  f.group("Array");
  f.field("conductance-per-weight-us", c.conductance_per_weight_us, Unit::siemens_us,
          {1e-3, most_us}, "Conductance difference that represents a weight of 1", paper);
  f.field("synapse", c.synapse, Unit::none, {},
          "Weight as the difference of two conductances, or of a conductance and a fixed reference",
          boybat);
  f.field("devices-per-weight", c.devices_per_weight, Unit::none, {1.0, 64.0},
          "Number of devices of each polarity per weight", boybat);
  f.field("significance-base", c.significance_base, Unit::none, {1.0, 16.0},
          "Base b of device significance b^n (1: all equal, 2: binary slices)",
          "doi:10.1088/2634-4386/ac4fb7");
  f.field("arbitration", c.arbitration, Unit::none, {},
          "Choice of the device that receives a pulse: global counter, random, or all devices",
          boybat);
  f.field("potentiation-every", c.potentiation_every, Unit::none, {1.0, 1e6},
          "Apply one of every N potentiating pulses, counted per array", boybat);
  f.field("depression-every", c.depression_every, Unit::none, {1.0, 1e6},
          "Apply one of every N depressing pulses, counted per array", boybat);
  f.field("refresh-every", c.refresh_every, Unit::samples, {0.0, 1e9},
          "Samples between refreshes of saturated device pairs (0: never)", paper);
  f.field("refresh-above-us", c.refresh_above_us, Unit::siemens_us, {0.0, most_us},
          "Refresh a pair when one of its devices exceeds this conductance", assumed);
  f.field("refresh-difference-us", c.refresh_difference_us, Unit::siemens_us, {0.0, most_us},
          "Refresh a pair only when its difference is below this conductance", assumed);
  f.field("refresh-remainder", c.refresh_remainder, Unit::none, {},
          "Weight error left by a refresh: dropped, or added to the accumulator", assumed);
  f.field("wire-resistance-ohm", c.wire_resistance_ohm, Unit::ohms, {0.0, 1e3},
          "Wire resistance between neighboring cells; a common value is 0.35 Ω",
          "default of a public simulator: 0.35 Ω");
  f.field("tile", c.tile, "ROWSxCOLS|none",
          "Maximum crossbar size; larger matrices are split and their partial sums are added");
  f.field("wire-model", c.wire_model, Unit::none, {},
          "Wire resistance by attenuation factors, or by the exact solution of the circuit",
          "nodal analysis; doi:10.1016/j.softx.2020.100617");
  f.field("slow-noise", c.slow_noise, Unit::none, {},
          "1/f noise: one value for all reads at a given time, or a new value for each read",
          "doi:10.1038/s41467-020-16108-9; separate reads: doi:10.1038/s41928-018-0054-8");
}

std::uint64_t devices_of_matrix(const ArrayConfig& config, std::uint64_t rows,
                                std::uint64_t columns) {
  const std::uint64_t polarities = config.synapse == Synapse::single ? 1 : 2;
  return polarities * rows * columns * static_cast<std::uint64_t>(config.devices_per_weight);
}

void require_devices(std::uint64_t first, std::uint64_t count) {
  const std::uint64_t most = entities::devices.count;
  if (first <= most && count <= most - first) return;
  throw InputError(
      "arrays", fmt::format("{} devices in one simulation", first + count),
      fmt::format("at most {}: use smaller matrices, or fewer devices-per-weight", most));
}

}  // namespace imcsim::crossbar
