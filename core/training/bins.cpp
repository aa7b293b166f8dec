#include "training/bins.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::training {
namespace {

float largest(std::span<const float> values) {
  float most = 0.0F;
  for (const float v : values) most = std::max(most, std::fabs(v));
  return most;
}

float level(float value, float per_bin, float bin, float half) {
  return bin * numeric::clamp(numeric::round_even(value * per_bin), -half, half);
}

}  // namespace

Bins::Bins(std::string_view key, std::int64_t bins)
    : half_(std::floor(0.5F * static_cast<float>(bins))) {
  if (bins == 1)
    throw InputError(at_field(key), "a single bin has only the level 0", "0, or at least 2");
}

void Bins::round(std::span<float> values) const {
  const float most = largest(values);
  if (exact() || most == 0.0F) return;
  for (float& v : values) v = level(v, half_ / most, most / half_, half_);
}

const crossbar::DrivenLines& Bins::rounded(const crossbar::DrivenLines& all,
                                           crossbar::DrivenLines& buffer) const {
  const float most = largest({all.value.data(), all.count});
  if (exact() || most == 0.0F) return all;
  buffer.count = 0;
  for (std::size_t l = 0; l < all.count; ++l) {
    const float value = level(all.value[l], half_ / most, most / half_, half_);
    buffer.push(all.line[l], value, value != 0.0F);
  }
  buffer.fill_up();
  return buffer;
}

}  // namespace imcsim::training
