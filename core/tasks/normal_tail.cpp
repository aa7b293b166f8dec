#include "tasks/normal_tail.hpp"

#include <cmath>
#include <cstdint>

namespace imcsim::tasks {
namespace {

constexpr double ln2_high = 6.93147180369123816490e-01;  // 33 bits, so that n·ln2_high is exact
constexpr double ln2_low = 1.90821492927058770002e-10;
constexpr double inverse_sqrt_2pi = 0.39894228040143267794;

double power_of_two(std::int64_t n) {
  return __builtin_bit_cast(double, static_cast<std::uint64_t>(n + 1023) << 52U);
}

}  // namespace

double exact_exp(double x) {
  if (x < -708.0) return 0.0;
  if (x > 709.0) x = 709.0;
  const double n = std::floor(x * 1.44269504088896340736 + 0.5);
  const double r = (x - n * ln2_high) - n * ln2_low;
  double sum = 1.0;
  for (int k = 17; k >= 1; --k) sum = 1.0 + sum * (r / static_cast<double>(k));
  return sum * power_of_two(static_cast<std::int64_t>(n));
}

double exact_log(double x) {
  const auto bits = __builtin_bit_cast(std::uint64_t, x);
  auto exponent = static_cast<std::int64_t>(bits >> 52U) - 1023;
  double m =
      __builtin_bit_cast(double, (bits & 0x000FFFFFFFFFFFFFU) | 0x3FF0000000000000U);  // 1 … 2
  if (m > 1.41421356237309504880) {
    m *= 0.5;
    exponent += 1;
  }
  const double s = (m - 1.0) / (m + 1.0);
  const double z = s * s;
  double sum = 1.0 / 23.0;
  for (int k = 21; k >= 1; k -= 2) sum = 1.0 / static_cast<double>(k) + z * sum;
  const auto n = static_cast<double>(exponent);
  return n * ln2_high + (2.0 * s * sum + n * ln2_low);
}

double normal_tail(double x) {
  if (x < 0.0) return 1.0 - normal_tail(-x);
  const double density = inverse_sqrt_2pi * exact_exp(-0.5 * x * x);
  if (x < 3.0) {
    double term = x;
    double sum = x;
    for (int k = 3; k < 200 && term > 1e-18 * sum; k += 2) {
      term *= x * x / static_cast<double>(k);
      sum += term;
    }
    return 0.5 - density * sum;
  }
  double fraction = x;
  for (int k = 150; k >= 1; --k) fraction = x + static_cast<double>(k) / fraction;
  return density / fraction;
}

}  // namespace imcsim::tasks
