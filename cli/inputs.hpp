#pragma once

#include <string>

#include "study/study.hpp"

namespace imcsim::cli {

/// A matrix or vector from a .npy file. Throws InputError{where, …}.
study::FileMatrix load_matrix(const std::string& path, const std::string& where);

}  // namespace imcsim::cli
