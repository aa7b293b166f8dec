#pragma once

#include <span>
#include <vector>

#include "base/observer.hpp"
#include "crossbar/crossbar.hpp"
#include "tasks/slices.hpp"

namespace imcsim::tasks {

/// Factors x[i]·w[i], and the values mapped to full scale of converter and device.
struct Factors {
  std::vector<double> x, w;
  double x_scale = 1.0;  ///< at least the largest |x|
  double w_scale = 1.0;  ///< at least the largest |w|
};

struct ScalarProducts {
  std::vector<double> products;
  std::uint64_t devices = 0;
  OperationCounts writing;  ///< programming
  OperationCounts reading;  ///< the products
};

/// Products by Ohm's law: |w| is the conductance of a device (mean of K devices), ±x the voltage,
/// the current is the product. A device is read relative to a fixed reference in the middle of its
/// range; the contribution of the reference, ½·x, is added digitally:
///
///     x·w = ½·[x·(2|w| − 1) + x]·sign(w)
///
/// Each product reads its own devices once, `t_s` after programming. Slices are added digitally. If
/// the observer stops the run, the result is incomplete.
ScalarProducts scalar_products(const crossbar::CrossbarConfig& config, const Slices& slices,
                               const Factors& factors, double t_s, std::uint64_t seed,
                               const Execution& execution, Observer& observer);

}  // namespace imcsim::tasks
