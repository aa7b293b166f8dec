// Common parts of the counting tasks: operands, limits on the effort, distribution of crossings.
#pragma once

#include "tasks/counting_cells.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {

/// Largest number that can be counted; represented exactly by a double.
inline constexpr std::uint64_t most_counted = 9007199254740992;  // 2⁵³

/// Parses an input given as text: decimal digits, at most `most_counted`. Throws InputError.
std::uint64_t whole_number(const Input& input);

/// Throws InputError if the work is too large: `trials` repetitions of `pulses` pulses to cells of
/// `devices` devices, with `entities` random entities per repetition.
void check_counting_effort(std::uint64_t pulses, std::uint64_t entities, std::uint64_t devices,
                           std::uint64_t trials);

/// Number of pulses until each of `count` fresh cells of K devices is SET.
std::vector<std::uint64_t> first_crossings(const CountingModel& model, std::uint32_t modulus,
                                           std::size_t count, std::uint32_t devices,
                                           std::uint32_t first_entity, const Execution& execution);

/// Fraction of cells by the number of pulses until SET.
Table crossing_table(const std::vector<std::uint64_t>& pulses, std::uint32_t modulus);

/// ln(1 − p), to double precision for small p.
double log_of_rest(double p);

}  // namespace imcsim::tasks
