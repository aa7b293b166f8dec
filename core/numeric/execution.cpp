#include "numeric/execution.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <mutex>
#include <thread>

namespace imcsim {

std::span<const std::string_view> names_of(Isa) {
  static constexpr std::array<std::string_view, 3> names = {"baseline", "avx2", "avx512"};
  return names;
}

bool is_supported(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx2) {
    return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
           __builtin_cpu_supports("fma") != 0;
  }
  if (isa == Isa::avx512) {
    return is_supported(Isa::avx2) && __builtin_cpu_supports("avx512f") != 0 &&
           __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512cd") != 0 &&
           __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
  }
#endif
  return isa == Isa::baseline;
}

Isa best_isa() {
  if (is_supported(Isa::avx512)) return Isa::avx512;
  return is_supported(Isa::avx2) ? Isa::avx2 : Isa::baseline;
}

int hardware_threads() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void parallel_for(int threads, std::size_t count, const std::function<void(std::size_t)>& body) {
  std::exception_ptr failure;
  std::mutex failure_guard;
  const auto guarded = [&](std::size_t i) {
    try {
      body(i);
    } catch (...) {
      const std::lock_guard lock(failure_guard);
      if (!failure) failure = std::current_exception();
    }
  };
#if defined(_OPENMP)
  const int team = std::max(1, std::min(threads, static_cast<int>(count)));
#pragma omp parallel for num_threads(team) schedule(dynamic, 1)
#else
  static_cast<void>(threads);
#endif
  for (std::size_t i = 0; i < count; ++i) guarded(i);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace imcsim
