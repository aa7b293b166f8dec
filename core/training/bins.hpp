#pragma once

#include <span>
#include <string_view>

#include "crossbar/crossbar.hpp"

namespace imcsim::training {

/// Rounds a vector to few levels before an outer product, by its own largest entry:
///
///     h = ⌊bins/2⌋,  w = max|v|/h,  v ← w · clip(round_even(v/w), −h, h)
///
/// 0 bins: exact. What is below w/2 becomes zero, so that coarse products are sparse.
/// Source: the compound of a public simulator for mixed precision, after
/// doi:10.3389/fnins.2020.00406.
class Bins {
 public:
  /// Throws InputError{key, …} for 1 bin, which has no level but zero.
  Bins(std::string_view key, std::int64_t bins);

  bool exact() const { return half_ == 0.0F; }
  void round(std::span<float> values) const;

  /// `all`, rounded; in `room` where they change.
  const crossbar::DrivenLines& rounded(const crossbar::DrivenLines& all,
                                       crossbar::DrivenLines& room) const;

 private:
  float half_;
};

}  // namespace imcsim::training
