#pragma once

namespace imcsim::tasks {

/// eˣ and natural logarithm in double precision, from +, −, ×, ÷ and integer operations alone: the
/// same bits from every compiler and library. Relative error below 4e-16 where the result is
/// normal; `exp` is 0 below −708, `log` is for positive, normal x.
double exact_exp(double x);
double exact_log(double x);

/// Q(x) = P(N > x) of a standard normal N, for any x, to 1e-13 relative as far as it is normal.
/// Series of Φ up to 3, the continued fraction of Mills' ratio beyond (Abramowitz and Stegun,
/// 26.2.10 and 26.2.14).
double normal_tail(double x);

}  // namespace imcsim::tasks
