#pragma once

#include <span>
#include <string_view>

#include "crossbar/crossbar.hpp"

namespace imcsim::training {

/// Rounds a vector to a few levels before an outer product, relative to its largest entry:
///
///     h = ⌊bins/2⌋,  w = max|v|/h,  v ← w · clip(round_even(v/w), −h, h)
///
/// 0 bins: exact. Values below w/2 become zero, so that coarse products are sparse. Source:
/// mixed-precision compound of a public simulator, after doi:10.3389/fnins.2020.00406.
class Bins {
 public:
  /// Throws InputError{key, …} for 1 bin, which has no level except zero.
  Bins(std::string_view key, std::int64_t bins);

  bool exact() const { return half_ == 0.0F; }
  void round(std::span<float> values) const;

  /// The rounded lines: `all` itself where rounding changes nothing, otherwise written to `buffer`.
  const crossbar::DrivenLines& rounded(const crossbar::DrivenLines& all,
                                       crossbar::DrivenLines& buffer) const;

 private:
  float half_;
};

}  // namespace imcsim::training
