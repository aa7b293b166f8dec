#include <algorithm>

#include "compiler/program.hpp"

namespace imcsim::compiler {

std::vector<AllowedRun> allowed_runs(const fabric::PipelineObject& object) {
  std::vector<AllowedRun> runs;
  std::size_t next = 0;  // first iteration that is not yet allowed
  for (std::size_t w = 0; w < object.pixels; ++w) {
    while (next < object.needed.size() && object.needed[next] <= w + 1) ++next;
    const std::int64_t iteration = static_cast<std::int64_t>(next) - 1;
    if (!runs.empty()) {
      AllowedRun& run = runs.back();
      const std::int64_t last =
          run.iteration + static_cast<std::int64_t>(run.step) * (run.count - 1);
      const std::int64_t step = iteration - last;
      if (run.count == 1 && (step == 0 || step == 1)) run.step = static_cast<std::uint32_t>(step);
      if (step == static_cast<std::int64_t>(run.step) && (step == 0 || step == 1)) {
        ++run.count;
        continue;
      }
    }
    runs.push_back({static_cast<std::uint32_t>(w), iteration, 1, 0});
  }
  return runs;
}

std::vector<std::uint32_t> needed_of(const std::vector<AllowedRun>& runs, std::size_t iterations,
                                     std::size_t pixels) {
  std::vector<std::uint32_t> needed(iterations, static_cast<std::uint32_t>(pixels + 1));
  std::size_t next = 0;
  for (const AllowedRun& run : runs) {
    for (std::uint32_t k = 0; k < run.count; ++k) {
      const std::int64_t allowed = run.iteration + static_cast<std::int64_t>(run.step) * k;
      while (next < iterations && static_cast<std::int64_t>(next) <= allowed) {
        needed[next++] = run.first + k + 1;
      }
    }
  }
  return needed;
}

}  // namespace imcsim::compiler
