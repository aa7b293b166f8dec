#pragma once

#include <string>
#include <string_view>

#include "base/toml.hpp"

namespace imcsim::study {

/// Parses TOML. Throws InputError{name:line, …} for invalid text.
toml::table parse_toml(std::string_view text, const std::string& name);

/// A value as written after a command-line option; a list of numbers as `[1, 2]`. Throws
/// InputError{where, …} for tables and dates.
std::string scalar_text(const toml::node& node, const std::string& where, std::string_view key);

}  // namespace imcsim::study
