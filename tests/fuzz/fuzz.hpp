// What the fuzz targets share. Each is one function from bytes to nothing; Clang's libFuzzer makes
// the bytes up. InputError is an answer; whatever else escapes a reader ends the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/describe.hpp"
#include "base/error.hpp"

namespace imcsim::fuzz {

using Bytes = std::span<const std::uint8_t>;

inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Throws what no target expects, so that the fuzzer keeps the input.
inline void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

/// Runs a reader. An error must be one line that says something.
template <class Reader>
void read_or_refuse(Reader&& reader) {
  try {
    reader();
  } catch (const InputError& error) {
    const std::string_view line = error.what();
    require(!line.empty() && line.find('\n') == std::string_view::npos, "an error of one line");
  }
}

/// The first number of the input; what follows it stays in `bytes`.
inline std::size_t take_number(Bytes& bytes) {
  if (bytes.empty()) return 0;
  const std::size_t number = bytes.front();
  bytes = bytes.subspan(1);
  return number;
}

/// So many bytes of the front, or all.
inline Bytes take(Bytes& bytes, std::size_t count) {
  const Bytes front = bytes.first(count < bytes.size() ? count : bytes.size());
  bytes = bytes.subspan(front.size());
  return front;
}

/// Reads each byte, so that one that is not there is noticed.
inline unsigned sum_of(Bytes bytes) {
  unsigned sum = 0;
  for (const std::uint8_t byte : bytes) sum += byte;
  return sum;
}

inline void keep(unsigned value) {
  static volatile unsigned sink = 0;
  sink = sink + value;
}

/// What each target defines.
void run(Bytes bytes);

}  // namespace imcsim::fuzz
