#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace imcsim::cli {

/// Description of a job array, and callbacks for its lines.
struct SlurmRequest {
  std::string folder;      ///< of the sweep
  std::string part;        ///< suffix of a shard, such as .2-of-5; empty without shards
  std::string study_name;  ///< as named in errors
  std::string data_dir;
  std::size_t chunk = 0;    ///< variants per task (0: as few as the array limit allows)
  std::size_t at_once = 0;  ///< tasks at a time (0: no limit)
  std::string options;      ///< additional options for sbatch
  /// Variants without a row; called again after the rows of a previous job are stored.
  std::function<std::vector<std::size_t>()> missing;
  std::function<void(const std::vector<std::string>& lines)> store;
  std::function<std::string(std::size_t variant, const std::string& reason)> lost_line;
  std::function<bool()> should_continue;
  std::function<void(const std::string& words)> report;
};

/// Submits the missing variants as one job array and follows it until it has left the queue. Lines
/// of the job of a previous call are collected first; if that job is still queued, it is followed
/// instead. Returns false if should_continue returned false; the job then continues. Throws
/// RunError if Slurm is not installed or reports an error.
bool run_on_slurm(const SlurmRequest& request);

/// One task of a job array: its variants and the file for their lines.
struct SlurmTask {
  std::string study_name;
  std::vector<std::size_t> variants;
  std::string journal;
};
/// The task of $SLURM_ARRAY_TASK_ID in a plan. Throws InputError.
SlurmTask read_slurm_task(const std::string& plan);

/// Processors that Slurm gave to a task.
std::size_t slurm_processors();

}  // namespace imcsim::cli
