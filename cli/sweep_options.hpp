#pragma once

#include <cstdint>
#include <string>

#include "arguments.hpp"
#include "sweep_workers.hpp"

namespace imcsim::cli {

enum class SweepEngine { local, slurm };
std::span<const std::string_view> names_of(SweepEngine);

/// Options of `imcsim sweep`.
struct SweepOptions {
  SweepEngine engine = SweepEngine::local;
  std::int64_t jobs = 0;
  std::string shard;
  std::string out;
  bool dry_run = false;
  std::int64_t chunk = 0;
  std::string sbatch_options;
  WorkerKind workers = WorkerKind::processes;
  std::string data_dir;
  std::string task;
  std::int64_t threads = 0;
  IsaChoice isa = IsaChoice::automatic;
  ProgressKind progress = ProgressKind::automatic;
  ViewOptions view;
};
void describe(SweepOptions& options, FieldList& fields);

}  // namespace imcsim::cli
