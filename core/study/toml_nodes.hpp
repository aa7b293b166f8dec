#pragma once

#include <string>
#include <string_view>

#include "base/toml.hpp"

namespace imcsim::study {

/// Throws InputError{name:line, …} on what is not TOML.
toml::table parse_toml(std::string_view text, const std::string& name);

/// A value as it would stand behind an option; a list of numbers as `[1, 2]`. Throws
/// InputError{where, …} on tables and dates.
std::string scalar_text(const toml::node& node, const std::string& where, std::string_view key);

}  // namespace imcsim::study
