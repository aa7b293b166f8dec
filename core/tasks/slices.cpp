#include "tasks/slices.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/error.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::uint64_t most_levels = std::uint64_t{1} << 40U;

}  // namespace

Slices::Slices(std::int64_t count, std::int64_t base) : base_(static_cast<std::uint64_t>(base)) {
  std::uint64_t power = 1;
  std::uint64_t sum = 0;
  for (std::int64_t s = 0; s < count; ++s) {
    powers_.push_back(power);
    sum += power;
    power *= base_;
    if (power <= most_levels) continue;
    throw InputError(at_field("slices"),
                     fmt::format("{} digits of base {} exceed the resolution", count, base),
                     "slice-base to the power of slices at most 2^40");
  }
  levels_ = power - 1;
  for (const std::uint64_t each : powers_) {
    significances_.push_back(static_cast<double>(each) / static_cast<double>(sum));
  }
}

double Slices::part(std::size_t s, double w) const {
  if (base_ == 1) return w;
  const auto whole =
      static_cast<std::uint64_t>(std::llround(std::fabs(w) * static_cast<double>(levels_)));
  const std::uint64_t digit = whole / powers_[s] % base_;
  const double part = static_cast<double>(digit) / static_cast<double>(base_ - 1);
  return w < 0.0 ? -part : part;
}

}  // namespace imcsim::tasks
