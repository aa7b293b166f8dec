#include "tasks/bit_tests.hpp"

#include <cmath>

namespace imcsim::tasks {
namespace {

double ones_of(std::span<const std::uint8_t> bits) {
  std::uint64_t ones = 0;
  for (const std::uint8_t bit : bits) ones += bit;
  return static_cast<double>(ones);
}

}  // namespace

double monobit_z(std::span<const std::uint8_t> bits) {
  if (bits.empty()) return 0.0;
  const auto n = static_cast<double>(bits.size());
  return (2.0 * ones_of(bits) - n) / std::sqrt(n);
}

double runs_z(std::span<const std::uint8_t> bits) {
  if (bits.empty()) return 0.0;
  const auto n = static_cast<double>(bits.size());
  const double share = ones_of(bits) / n;
  if (share == 0.0 || share == 1.0) return 0.0;
  std::uint64_t runs = 1;
  for (std::size_t i = 1; i < bits.size(); ++i) runs += bits[i] != bits[i - 1] ? 1 : 0;
  const double both = share * (1.0 - share);
  return (static_cast<double>(runs) - 2.0 * n * both) / (2.0 * std::sqrt(n) * both);
}

double serial_z(std::span<const std::uint8_t> bits, std::size_t lag) {
  if (bits.size() <= lag) return 0.0;
  std::uint64_t equal = 0;
  for (std::size_t i = lag; i < bits.size(); ++i) equal += bits[i] == bits[i - lag] ? 1 : 0;
  const auto pairs = static_cast<double>(bits.size() - lag);
  return (2.0 * static_cast<double>(equal) - pairs) / std::sqrt(pairs);
}

}  // namespace imcsim::tasks
