#pragma once

#include <span>

namespace imcsim {

struct MeanAndDeviation {
  double mean = 0.0;
  double deviation = 0.0;  ///< sample standard deviation (n − 1); 0 for a single value
};

/// Sums in the order of `values`, in double precision.
MeanAndDeviation mean_and_deviation(std::span<const double> values);

}  // namespace imcsim
