// toml++ as everything here includes it: what it takes for impossible is thrown, not the end of the
// program. Version 3.3 asserts on some texts that are no TOML (`[{a`).
#pragma once

#include <stdexcept>

namespace imcsim {

/// A text that toml++ did not expect to be possible.
class TomlSurprise : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] inline void surprise_of_toml(const char* expected) { throw TomlSurprise(expected); }

}  // namespace imcsim

#define TOML_ENABLE_FORMATTERS 0
#define TOML_ASSERT(expected) \
  ((expected) ? static_cast<void>(0) : ::imcsim::surprise_of_toml(#expected))
#include <toml++/toml.h>
