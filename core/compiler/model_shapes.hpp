#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "network/network.hpp"

namespace imcsim::compiler {

/// A well-known network with the shapes of its weights but without their values: to be compiled and
/// timed, not computed.
struct ModelShape {
  std::string_view name;
  std::string_view summary;
  std::string_view source;
  network::Graph (*make)();
};

/// The closed list of them: a perceptron as the training learns it, LeNet-5, residual networks for
/// small pictures (section 4.2 of their source) and for large ones (table 1).
std::span<const ModelShape> model_shapes();
std::vector<std::string> model_shape_names();

/// Throws InputError{where, …} with neighbours for a name that is not in the list.
network::Graph model_shape(std::string_view name, const Where& where);

}  // namespace imcsim::compiler
