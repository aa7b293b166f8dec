#pragma once

#include <string>

#include "base/describe.hpp"
#include "terminal.hpp"

namespace imcsim::cli {

/// What a command's help says around its options.
struct HelpText {
  std::string usage;
  std::string summary;
  std::string examples;  ///< two lines that run
};

/// The long form lists all options, the short one those for everyone.
std::string help_page(const HelpText& text, const FieldList& fields, bool is_long,
                      const Style& style);

}  // namespace imcsim::cli
