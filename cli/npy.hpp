#pragma once

#include <string>

#include "base/error.hpp"
#include "numeric/tensor.hpp"
#include "study/mvm.hpp"

namespace imcsim::cli {

/// A matrix or vector from a .npy file. A file with more than two dimensions, where
/// `most_dimensions` admits it, becomes one row per entry of its first dimension.
/// Throws InputError{where, …}.
study::FileMatrix load_matrix(const std::string& path, const Where& where,
                              std::size_t most_dimensions = 2);

/// A matrix as the bytes of a .npy file.
std::string npy_of(const ArrayView& view);

}  // namespace imcsim::cli
