#pragma once

#include <string>

#include "base/error.hpp"
#include "numeric/tensor.hpp"
#include "study/mvm.hpp"

namespace imcsim::cli {

/// Reads a matrix or vector from a .npy file. An array of more than two dimensions, if
/// `most_dimensions` allows it, becomes one row per entry of its first dimension. Throws
/// InputError{where, …}.
study::FileMatrix load_matrix(const std::string& path, const Where& where,
                              std::size_t most_dimensions = 2);

/// A matrix as the bytes of a .npy file.
std::string npy_of(const ArrayView& view);

}  // namespace imcsim::cli
