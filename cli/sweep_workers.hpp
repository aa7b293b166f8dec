#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace imcsim::cli {

/// Kind of workers of the local engine. Processes are forked from the master and share the data
/// loaded before; a crash loses only one variant. With threads, a crash ends the whole sweep.
enum class WorkerKind { processes, threads };
std::span<const std::string_view> names_of(WorkerKind);

/// Number of workers, and callbacks.
struct WorkerPlan {
  std::size_t workers = 1;
  /// Returns the line of a variant; never throws. Called in a worker.
  std::function<std::string(std::size_t variant)> compute;
  /// Returns the line of a variant whose worker process ended. Called in the master.
  std::function<std::string(std::size_t variant, const std::string& reason)> lost_line;
  /// Stores finished lines. Called in the master (threads: by one thread at a time).
  std::function<void(const std::vector<std::string>& lines)> store;
  /// False stops the workers; unfinished variants are discarded.
  std::function<bool()> should_continue;
};

/// Computes `variants` in order, each once, and passes every line to `store`. Exceptions of `store`
/// are rethrown after the workers have ended.
void run_workers(WorkerKind kind, const std::vector<std::size_t>& variants, const WorkerPlan& plan);

}  // namespace imcsim::cli
