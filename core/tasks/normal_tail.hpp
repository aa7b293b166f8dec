#pragma once

namespace imcsim::tasks {

/// eˣ and natural logarithm in double precision, from +, −, ×, ÷ and integer operations only, hence
/// bit-identical for all compilers and libraries. Relative error below 4e-16 for normal results;
/// `exp` is 0 below −708, `log` requires a positive, normal x.
double exact_exp(double x);
double exact_log(double x);

/// Q(x) = P(N > x) of a standard normal N, for any x; relative error 1e-13 for normal results.
/// Series of Φ up to 3, the continued fraction of Mills' ratio beyond (Abramowitz and Stegun,
/// 26.2.10 and 26.2.14).
double normal_tail(double x);

}  // namespace imcsim::tasks
