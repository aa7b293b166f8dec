#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace imcsim::cli {

/// How the local engine spreads variants over the machine. Processes are forked from this one, so
/// that they share what it has loaded; one that dies takes only its own variant with it. Threads
/// share everything, a crash too.
enum class WorkerKind { processes, threads };
std::span<const std::string_view> names_of(WorkerKind);

/// What workers are told and asked.
struct WorkerPlan {
  std::size_t workers = 1;
  /// The line of a variant; never throws. Called in a worker.
  std::function<std::string(std::size_t variant)> compute;
  /// The line of a variant whose worker died. Called here.
  std::function<std::string(std::size_t variant, const std::string& reason)> lost;
  /// Finished lines. Called here (threads: by one thread at a time).
  std::function<void(const std::vector<std::string>& lines)> take;
  /// False asks all to stop; what is not finished is dropped.
  std::function<bool()> should_continue;
};

/// Computes `variants` in order, each once, and gives every line to `take`. What `take` throws is
/// thrown on, after the workers are ended.
void run_workers(WorkerKind kind, const std::vector<std::size_t>& variants, const WorkerPlan& plan);

}  // namespace imcsim::cli
