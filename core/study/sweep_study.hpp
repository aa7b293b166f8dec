#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "study/settings.hpp"

namespace imcsim::study {

/// A configuration key and its values, as text.
struct Axis {
  std::string key;
  std::vector<std::string> values;
  std::string where;  ///< in error messages: `study.toml:12`
};

/// Axes varied together; all have the same number of values.
using AxisGroup = std::vector<Axis>;

/// Maximum number of variants of a study.
inline constexpr std::size_t most_variants = 1000000;

/// Configuration of `imcsim sweep`: a command, a base configuration, axes, seeds.
struct SweepStudy {
  std::string name;
  std::string command;             ///< `train`
  std::vector<std::string> words;  ///< words after the command's name: `drift` of `device drift`
  Settings base;
  std::vector<AxisGroup> groups;  ///< crossed, in the order of the file; the last varies fastest
  std::vector<std::uint64_t> seeds;
  bool seeded = false;               ///< whether the study sets seeds; some commands have none
  std::string metric;                ///< column drawn in the summary; empty: the first
  std::vector<std::string> columns;  ///< of the table; empty: all numbers of the result

  /// Number of grid points of the axes; each is computed for every seed.
  std::size_t points() const;
  std::size_t variants() const { return points() * seeds.size(); }
  /// All axes, in order.
  std::vector<const Axis*> axes() const;
};

/// Reads a STUDY.toml:
///
///     [study]                          command = "train", name, repetitions = 3 or
///                                      seeds = [1, 5], metric, columns
///     [base]                           key = value, as in --config
///     [axes]                           key = [values], crossed with each other
///     key = {from, to, step}           from, from + step, … up to `to`
///    key = {from, to, count}          `count` values at equal distances
///     key = {from, to, count, scale = "log"}    at equal ratios
///    [[zip]]                          axes varied together
///
/// Numbers of ranges are rounded to twelve digits. Throws InputError{name:line, …}.
SweepStudy parse_sweep(std::string_view toml, const std::string& name);

/// Values of the axes at a point, in the order of SweepStudy::axes().
std::vector<std::string> values_at(const SweepStudy& study, std::size_t point);

/// Base and axes of a point as settings, without the seed; later settings override earlier ones.
Settings settings_at(const SweepStudy& study, std::size_t point);

/// The seed of a variant; variants are numbered by points, seeds fastest.
std::uint64_t seed_of(const SweepStudy& study, std::size_t variant);

/// Hash of all values that determine the results: version, command, base, axes, seeds.
std::uint64_t fingerprint(const SweepStudy& study);

}  // namespace imcsim::study
