#pragma once

#include <cstddef>
#include <functional>

#include "numeric/isa.hpp"

namespace imcsim {

/// How work is executed. Neither member ever changes a result.
struct Execution {
  Isa isa = Isa::baseline;
  int threads = 1;
};

/// Hardware threads of this machine, at least 1.
int hardware_threads();

/// body(i) for i = 0 … count − 1, spread over at most `threads` threads in no fixed order: bodies
/// must not share what they write. An exception of a body is thrown on after all have ended.
void parallel_for(int threads, std::size_t count, const std::function<void(std::size_t)>& body);

}  // namespace imcsim
