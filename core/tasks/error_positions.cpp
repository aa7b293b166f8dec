#include "tasks/error_positions.hpp"

#include "tasks/normal_tail.hpp"

namespace imcsim::tasks {
namespace {

/// ln(1 − p), accurate for p far below the rounding error of 1 − p.
double log_of_complement(double p) {
  if (p > 1e-5) return exact_log(1.0 - p);
  return -p * (1.0 + p * (0.5 + p * (1.0 / 3.0)));
}

}  // namespace

ErrorPositions::ErrorPositions(double p, const Stream& stream, std::uint64_t event)
    : stream_(stream),
      event_(event),
      inverse_log_(p > 0.0 && p < 1.0 ? 1.0 / log_of_complement(p) : 0.0),
      always_(p >= 1.0) {}

std::uint64_t ErrorPositions::next() {
  if (!always_ && inverse_log_ == 0.0) return none;
  std::uint32_t block[4][1];
  numeric::philox(stream_.name(event_), draws_++, block);
  uniform_ = static_cast<double>(block[3][0]) * 0x1p-32;
  std::uint64_t gap = 0;
  if (!always_) {
    const std::uint64_t bits = (std::uint64_t{block[0][0]} << 21U) ^ (block[1][0] >> 11U);
    const double u = (static_cast<double>(bits & ((std::uint64_t{1} << 53U) - 1)) + 1.0) * 0x1p-53;
    const double skip = exact_log(u) * inverse_log_;
    if (skip >= 0x1p62) return none;
    gap = static_cast<std::uint64_t>(skip);
  }
  const std::uint64_t found = position_ + gap;
  position_ = found + 1;
  return found;
}

}  // namespace imcsim::tasks
