// What the tasks that count share: their operands, how much work is too much, how cells cross.
#pragma once

#include "tasks/counting_cells.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {

/// Numbers beyond this are not counted: a double holds it exactly.
inline constexpr std::uint64_t most_counted = 9007199254740992;  // 2⁵³

/// Of an input that is a word: decimal digits, at most `most_counted`. Throws InputError.
std::uint64_t whole_number(const Input& input);

/// Throws InputError where `trials` of `pulses` pulses to cells of `devices` devices, which take
/// `entities` random entities a trial, are too many.
void check_counting_effort(std::uint64_t pulses, std::uint64_t entities, std::uint64_t devices,
                           std::uint64_t trials);

/// The pulse by which each of `count` fresh cells of K devices is SET first.
std::vector<std::uint64_t> first_crossings(const CountingModel& model, std::uint32_t modulus,
                                           std::size_t count, std::uint32_t devices,
                                           std::uint32_t first_entity, const Execution& execution);

/// Share of the cells by the pulse that SETs them.
Table crossing_table(const std::vector<std::uint64_t>& pulses, std::uint32_t modulus);

/// ln(1 − p), to double precision where p is small.
double log_of_rest(double p);

}  // namespace imcsim::tasks
