#include "sweep_options.hpp"

#include <array>

namespace imcsim::cli {

std::span<const std::string_view> names_of(SweepEngine) {
  static constexpr std::array<std::string_view, 2> names = {"local", "slurm"};
  return names;
}

void describe(SweepOptions& o, FieldList& f) {
  constexpr Audience all = Audience::everyone;
  f.group("Sweep");
  f.field("out", o.out, Unit::none, {}, "folder of the table and the journal; also -o", "", all);
  f.field("dry-run", o.dry_run, Unit::none, {}, "check every variant, list them and stop", "", all);
  f.field("engine", o.engine, Unit::none, {}, "this machine, or job arrays of Slurm", "", all);
  f.field("jobs", o.jobs, Unit::none, {0.0, 4096.0}, "variants (slurm: tasks) at a time; 0: all",
          "", all);
  f.field("shard", o.shard, Unit::none, {}, "only part I of N, as 2/5", "", all);
  f.field("chunk", o.chunk, Unit::none, {0.0, 1e6},
          "slurm: variants a task; 0: as few as it takes");
  f.field("sbatch-options", o.sbatch_options, Unit::none, {}, "slurm: more words for sbatch");
  f.field("workers", o.workers, Unit::none, {}, "local: a crash takes one variant, or all");
  f.field("task", o.task, Unit::none, {}, "for the tasks of a job array alone: their plan");
  f.field("data-dir", o.data_dir, Unit::none, {},
          "where data sets lie; then $IMCSIM_DATA, then where ./dev put them");
  describe(o.view, f);
  f.group("Execution");
  f.field("threads", o.threads, Unit::none, {0.0, 4096.0}, "of one variant; 0: what jobs leave");
  f.field("isa", o.isa, Unit::none, {}, "compiled kernels to run; never changes a result");
  f.field("progress", o.progress, Unit::none, {}, "on stderr; auto: a bar on a terminal", "", all);
}

}  // namespace imcsim::cli
