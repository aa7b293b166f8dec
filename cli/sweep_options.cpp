#include "sweep_options.hpp"

#include <array>

namespace imcsim::cli {

std::span<const std::string_view> names_of(SweepEngine) {
  static constexpr std::array<std::string_view, 2> names = {"local", "slurm"};
  return names;
}

void describe(SweepOptions& o, FieldList& f) {
  f.group("Sweep");
  f.field("dry-run", o.dry_run, Unit::none, {}, "Check and list all variants, then exit");
  f.field("engine", o.engine, Unit::none, {}, "Job engine: this machine, or Slurm job arrays");
  f.field("jobs", o.jobs, Unit::none, {0.0, 4096.0},
          "Number of variants, or Slurm tasks, at a time (0: one per core; Slurm: no limit)");
  f.field("shard", o.shard, "I/N", "Run only part I of N, such as 2/5");
  f.field("chunk", o.chunk, Unit::none, {0.0, 1e6},
          "Variants per Slurm task (0: as few as the array limit allows)");
  f.field("sbatch-options", o.sbatch_options, "TEXT", "Additional options for sbatch");
  f.field("workers", o.workers, Unit::none, {},
          "Worker type of the local engine; processes isolate a crash of one variant");
  f.field("task", o.task, "FILE", "Plan of one Slurm task; set by imcsim itself");
  f.field("data-dir", o.data_dir, "DIR",
          "Folder of data sets, searched before $IMCSIM_DATA and the folder of ./dev");
  describe(o.view, f);
  describe_output("out", o.out, "DIR", "Folder for the table and the journal of the sweep", f);
  f.group("Execution");
  f.field("threads", o.threads, Unit::none, {0.0, 4096.0},
          "Threads per variant (0: cores divided by jobs); affects time only");
  f.field("isa", o.isa, Unit::none, {}, "Instruction set of the kernels; affects time only");
  f.field("progress", o.progress, Unit::none, {},
          "Progress display on stderr (auto: a bar on a terminal)");
  f.mark_common({"dry-run", "engine", "jobs", "shard", "threads", "progress"});
}

}  // namespace imcsim::cli
