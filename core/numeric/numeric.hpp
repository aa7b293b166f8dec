// numeric: numbers that are the same everywhere.
//
// Stream      counter-based random draws: named, never owned, in any order
// events.hpp  the numbers that name draws: ranges with a capacity
// Execution   which compiled kernels run and on how many threads; never changes a result
// Matrix      padded, aligned rows (xtensor) that kernels and files share
// Statistics  mean and deviation in a fixed order
//
// float_math.hpp (elementary functions) and simd.hpp (registers) stand beside it for all folders.
// It knows no device and no network.
#pragma once

#include "numeric/execution.hpp"
#include "numeric/numeric_kernels.hpp"
#include "numeric/random.hpp"
#include "numeric/statistics.hpp"
#include "numeric/tensor.hpp"
