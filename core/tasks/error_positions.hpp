#pragma once

#include <cstdint>

#include "numeric/random.hpp"

namespace imcsim::tasks {

/// Positions 0, 1, 2, … that err independently with probability p, in ascending order, without a
/// draw for each position: the gap to the next is geometric, ⌊ln U / ln(1 − p)⌋, U in (0, 1] with
/// 53 bits. `event` names the sequence within the stream.
class ErrorPositions {
 public:
  ErrorPositions(double p, const Stream& stream, std::uint64_t event);

  /// The next position; `none` if it is beyond the end of any file.
  std::uint64_t next();

  /// Uniform in [0, 1), of the position that `next` returned last; used to thin the sequence.
  double uniform() const { return uniform_; }

  static constexpr std::uint64_t none = ~std::uint64_t{0};

 private:
  Stream stream_;
  std::uint64_t event_;
  double inverse_log_;  ///< 1/ln(1 − p), negative; 0: never errs
  bool always_;
  std::uint64_t position_ = 0;
  std::uint32_t draws_ = 0;
  double uniform_ = 0.0;
};

}  // namespace imcsim::tasks
