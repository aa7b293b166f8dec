#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "network/network.hpp"

namespace imcsim::compiler {

/// Names of the networks that `model_shape` knows.
std::vector<std::string> model_shape_names();

/// A well-known network with the shapes of its weights but without their values: to be compiled and
/// timed, not computed. `resnet-20`, `resnet-32`: He et al., doi:10.1109/CVPR.2016.90, section 4.2,
/// for 3 × 32 × 32, shortcuts of type A; `resnet-18`, `resnet-50`: table 1, for 3 × 224 × 224.
/// Throws InputError{where, …} with neighbours for another name.
network::Graph model_shape(std::string_view name, const std::string& where);

}  // namespace imcsim::compiler
