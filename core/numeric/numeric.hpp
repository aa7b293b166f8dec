// numeric: random numbers, matrices and elementary functions with the same bits on every platform.
//
// Stream      counter-based random numbers, addressed by name, in any order
// events.hpp  entity and event numbers of random draws: ranges with a capacity
// Execution   instruction set and number of threads; does not change results
// Matrix      matrix with padded, aligned rows (xtensor), used by kernels and files
// Statistics  mean and standard deviation, summed in a fixed order
//
// Other folders also include float_math.hpp (elementary functions) and simd.hpp (registers).
// numeric depends on no device and no network.
#pragma once

#include "numeric/execution.hpp"
#include "numeric/numeric_kernels.hpp"
#include "numeric/random.hpp"
#include "numeric/statistics.hpp"
#include "numeric/tensor.hpp"
