#pragma once

#include <span>

#include "numeric/tensor.hpp"

namespace imcsim::crossbar {

/// Lines with nonzero values, in ascending order, and their number `count`. After these entries
/// both arrays are padded with (line 0, value 0), which adds exact zeros to a product.
struct DrivenLines {
  AlignedVector<std::uint32_t> line;
  AlignedVector<float> value;
  std::size_t count = 0;

  explicit DrivenLines(std::size_t most) : line(padded(most) + 16), value(padded(most) + 16) {}

  /// Collects the nonzero entries of `x`.
  void gather(std::span<const float> x) noexcept {
    count = 0;
    for (std::size_t i = 0; i < x.size(); ++i) push(i, x[i], x[i] != 0.0F);
    fill_up();
  }

  /// Appends without a branch: the entry is kept only if `keep`.
  void push(std::size_t index, float x, bool keep) noexcept {
    line[count] = static_cast<std::uint32_t>(index);
    value[count] = x;
    count += keep ? 1U : 0U;
  }
  void fill_up() noexcept {
    for (std::size_t i = count; i < padded(count + 1); ++i) {
      line[i] = 0;
      value[i] = 0.0F;
    }
  }
};

}  // namespace imcsim::crossbar
