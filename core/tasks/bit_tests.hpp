// Statistical tests of random bits. For a fair, independent sequence, the results are standard
// normal. Source: NIST SP 800-22, sections 2.1 and 2.3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace imcsim::tasks {

/// (2·ones − n)/√n.
double monobit_z(std::span<const std::uint8_t> bits);

/// (V − 2nπ(1 − π))/(2√n·π(1 − π)): V runs of equal bits, π the fraction of ones. 0 for constant
/// bits.
double runs_z(std::span<const std::uint8_t> bits);

/// (2·a − m)/√m: a of the m = n − lag pairs of bits at distance `lag` are equal.
double serial_z(std::span<const std::uint8_t> bits, std::size_t lag);

}  // namespace imcsim::tasks
