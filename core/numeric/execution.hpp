#pragma once

#include <cstddef>
#include <functional>

#include "numeric/isa.hpp"

namespace imcsim {

/// Instruction set and number of threads. Neither changes a result.
struct Execution {
  Isa isa = Isa::baseline;
  int threads = 1;
};

/// Hardware threads of this machine, at least 1.
int hardware_threads();

/// Calls body(i) for i = 0 … count − 1 on at most `threads` threads, in no fixed order. Calls must
/// not write to the same data. An exception of a call is rethrown after all calls have ended.
void parallel_for(int threads, std::size_t count, const std::function<void(std::size_t)>& body);

}  // namespace imcsim
