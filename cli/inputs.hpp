#pragma once

#include <string>

#include "study/study.hpp"

namespace imcsim::cli {

/// A matrix or vector from a .npy file; of more dimensions, where they are allowed, all behind the
/// first make up a row. Throws InputError{where, …}.
study::FileMatrix load_matrix(const std::string& path, const std::string& where,
                              std::size_t most_dimensions = 2);

}  // namespace imcsim::cli
