#pragma once

#include <span>

namespace imcsim {

struct MeanAndDeviation {
  double mean = 0.0;
  double deviation = 0.0;  ///< of the sample (n − 1); 0 for a single value
};

/// In the order of `values`, in double precision.
MeanAndDeviation mean_and_deviation(std::span<const double> values);

}  // namespace imcsim
