#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "network/network.hpp"

namespace imcsim::compiler {

/// A well-known network with the shapes of its weights but without values, for compilation and
/// timing only.
struct ModelShape {
  std::string_view name;
  std::string_view summary;
  std::string_view source;
  network::Graph (*make)();
};

/// All listed networks: the default perceptron of training, LeNet-5, residual networks for small
/// images (section 4.2 of their source) and for large images (table 1).
std::span<const ModelShape> model_shapes();
std::vector<std::string> model_shape_names();

/// Throws InputError{where, …} for an unknown name, with the nearest known names.
network::Graph model_shape(std::string_view name, const Where& where);

}  // namespace imcsim::compiler
