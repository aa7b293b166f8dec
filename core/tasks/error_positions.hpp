#pragma once

#include <cstdint>

#include "numeric/random.hpp"

namespace imcsim::tasks {

/// Positions of independent errors with probability p among 0, 1, 2, …, in ascending order, without
/// a draw for each position: the gap to the next error is geometric, ⌊ln U / ln(1 − p)⌋, U in (0,
/// 1] with 53 bits. `event` selects the sequence within the stream.
class ErrorPositions {
 public:
  ErrorPositions(double p, const Stream& stream, std::uint64_t event);

  /// The next error position; `none` beyond the end of any file.
  std::uint64_t next();

  /// A uniform number in [0, 1) for the position last returned by `next`, to thin the sequence.
  double uniform() const { return uniform_; }

  static constexpr std::uint64_t none = ~std::uint64_t{0};

 private:
  Stream stream_;
  std::uint64_t event_;
  double inverse_log_;  ///< 1/ln(1 − p), negative; 0: no errors
  bool always_;
  std::uint64_t position_ = 0;
  std::uint32_t draws_ = 0;
  double uniform_ = 0.0;
};

}  // namespace imcsim::tasks
