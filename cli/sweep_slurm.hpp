#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace imcsim::cli {

/// What a job array is made from, and who takes its lines.
struct SlurmRequest {
  std::string folder;      ///< of the sweep
  std::string part;        ///< tells shards of one folder apart; may be empty
  std::string study_name;  ///< as named in errors
  std::string data_dir;
  std::size_t chunk = 0;    ///< variants a task; 0: as many as the cluster's largest array needs
  std::size_t at_once = 0;  ///< tasks at a time; 0: as Slurm likes
  std::string options;      ///< more words for sbatch
  /// Variants that have no row, asked anew after rows of a former call were taken.
  std::function<std::vector<std::size_t>()> missing;
  std::function<void(const std::vector<std::string>& lines)> take;
  std::function<std::string(std::size_t variant, const std::string& reason)> lost;
  std::function<bool()> should_continue;
  std::function<void(const std::string& words)> say;
};

/// Submits the missing variants as one job array and follows it until it is gone from the queue. A
/// job of a former call that is still there is followed instead, and what it left is collected
/// first. Returns false where should_continue ended it; the job then continues. Throws RunError
/// where Slurm is missing or refuses.
bool run_on_slurm(const SlurmRequest& request);

/// What a task of such an array does: its own variants and the file for their lines.
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
