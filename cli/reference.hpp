#pragma once

#include <string>

namespace imcsim::cli {

/// Every command and parameter as Markdown: default, unit, range, meaning and source of each, as
/// the commands' own lists of fields say it.
std::string reference();

}  // namespace imcsim::cli
