#pragma once

#include <string>

#include "study/study.hpp"

namespace imcsim::cli {

/// A matrix or vector from a .npy file. Throws InputError{where, …}.
study::FileMatrix load_matrix(const std::string& path, const std::string& where);

/// The configuration that a model brings along, as far as inference knows its keys.
study::Settings settings_of_model(const study::Safetensors& file, const std::string& name,
                                  const FieldList& known);

/// Another device than the model's can only be written anew: `reprogram` then says how. Throws
/// InputError where the devices were to be kept.
void settle_reprogramming(study::Resolved<study::InferConfig>& resolved);

}  // namespace imcsim::cli
