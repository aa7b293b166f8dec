// imcsim sweep: variants of a command, one row each; an interrupted sweep can be resumed.
#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

#include "base/error.hpp"
#include "command.hpp"
#include "files.hpp"
#include "run.hpp"
#include "signals.hpp"
#include "study/safetensors.hpp"
#include "study/version.hpp"
#include "sweep_folder.hpp"
#include "sweep_options.hpp"
#include "sweep_output.hpp"
#include "sweep_slurm.hpp"
#include "sweep_variants.hpp"
#include "sweep_workers.hpp"

namespace imcsim::cli {

namespace {

const HelpText sweep_help = {
    "imcsim sweep STUDY.toml [DIR…] -o DIR [OPTIONS]",
    "Runs every variant of a study (base configuration, axes, seeds) and writes one row per "
    "variant to DIR/table.csv. An interrupted sweep resumes when run again. Each DIR is a folder "
    "with the rows of another shard.",
    "  imcsim sweep data/studies/projection.toml --dry-run\n"
    "  imcsim sweep data/studies/projection.toml -o projection --jobs 2\n"};

/// A sweep: its options and its study.
struct Sweep {
  SweepOptions options;
  std::string name;  ///< of the study file
  std::string text;
  std::vector<std::string> folders;  ///< with rows of other shards
  study::SweepStudy study;
  Shard shard;
};

std::size_t jobs_of(const Sweep& sweep, std::size_t variants) {
  const auto requested = static_cast<std::size_t>(sweep.options.jobs);
  const std::size_t most = requested > 0 ? requested : static_cast<std::size_t>(hardware_threads());
  return std::max<std::size_t>(1, std::min(most, variants));
}

Execution execution_of_variant(const SweepOptions& options, std::size_t jobs) {
  HostOptions host;
  host.isa = options.isa;
  host.threads = options.threads;
  Execution execution = execution_of(host);
  if (options.threads == 0) {
    execution.threads = std::max(1, hardware_threads() / static_cast<int>(jobs));
  }
  return execution;
}

std::vector<std::size_t> missing_in(const Sweep& sweep, const study::SweepRows& rows) {
  std::vector<std::size_t> missing;
  for (std::size_t v = 0; v < sweep.study.variants(); ++v) {
    if (sweep.shard.holds(v) && !rows.contains(v)) missing.push_back(v);
  }
  return missing;
}

WorkerPlan plan_of(const Sweep& sweep, const SweepVariants& variants, std::size_t jobs) {
  const Execution execution = execution_of_variant(sweep.options, jobs);
  WorkerPlan plan;
  plan.workers = jobs;
  plan.compute = [&variants, execution](std::size_t v) { return variants.line(v, execution); };
  plan.lost_line = [&sweep](std::size_t v, const std::string& reason) {
    return study::failure_line(sweep.study, v, reason, {});
  };
  plan.should_continue = [] { return stop_signal() == 0; };
  return plan;
}

int list_variants(const Sweep& sweep) {
  std::vector<std::vector<std::string>> rows = {{"variant"}};
  for (const study::Axis* axis : sweep.study.axes()) rows[0].push_back(axis->key);
  rows[0].emplace_back("seed");
  study::Json json = study::Json::array();
  for (std::size_t v = 0; v < sweep.study.variants(); ++v) {
    if (!sweep.shard.holds(v)) continue;
    std::vector<std::string> row = study::values_at(sweep.study, v / sweep.study.seeds.size());
    row.insert(row.begin(), fmt::format("{}", v));
    row.push_back(fmt::format("{}", study::seed_of(sweep.study, v)));
    study::Json entry = study::Json::object();
    for (std::size_t c = 0; c < row.size(); ++c) entry[rows[0][c]] = row[c];
    if (sweep.options.view.json) json.push_back(std::move(entry));
    rows.push_back(std::move(row));
  }
  const ViewOptions& view = sweep.options.view;
  if (view.json) {
    write_stdout(json.dump(2) + "\n");
  } else if (view.csv) {
    write_stdout(csv_of(rows));
  } else {
    write_stdout(aligned_table(rows, style_for(STDOUT_FILENO, view.color)) +
                 fmt::format("{} variants of {}\n", grouped(rows.size() - 1), sweep.study.command));
  }
  return 0;
}

/// Runs one task of a job array: its variants, with a separate journal.
int run_task(const Sweep& sweep) {
  const SlurmTask task = read_slurm_task(sweep.options.task);
  const study::SweepStudy study = study::parse_sweep(sweep.text, task.study_name);
  SharedInputs inputs(sweep.options.data_dir);
  const SweepVariants variants(study, task.study_name, inputs, task.variants);
  Journal journal(task.journal, study);
  std::vector<std::size_t> missing;
  for (const std::size_t variant : task.variants) {
    if (!journal.rows().contains(variant)) missing.push_back(variant);
  }
  WorkerPlan plan = plan_of(sweep, variants, std::min(slurm_processors(), missing.size() + 1));
  if (sweep.options.threads == 0) {
    Execution execution = execution_of_variant(sweep.options, 1);
    execution.threads = 1;
    plan.compute = [&variants, execution](std::size_t v) { return variants.line(v, execution); };
  }
  plan.store = [&](const std::vector<std::string>& lines) { journal.append(lines); };
  catch_stop_signals();
  run_workers(WorkerKind::processes, missing, plan);
  return stop_signal() != 0 ? 128 + stop_signal() : 0;
}

/// Sums of the counts of all lines.
study::Json summed_counts(const std::string& journal) {
  study::Json sums = study::Json::object();
  for (const std::string& line : whole_lines(journal)) {
    const study::Json json = study::Json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("counts") || !json["counts"].is_object()) continue;
    for (const auto& [key, count] : json["counts"].items()) {
      if (!count.is_number_unsigned()) continue;
      sums[key] = sums.value(key, std::uint64_t{0}) + count.get<std::uint64_t>();
    }
  }
  return sums;
}

study::Json sweep_json(const Sweep& sweep, const study::SweepRows& rows, std::size_t failed,
                       const std::string& csv, const SweepFolder& folder, const Timing& timing) {
  study::Json base = study::Json::object();
  for (const study::Setting& setting : sweep.study.base) base[setting.key] = setting.text;
  study::Json axes = study::Json::object();
  for (const study::Axis* axis : sweep.study.axes()) axes[axis->key] = axis->values;
  const SweepOptions& options = sweep.options;
  const std::size_t jobs = jobs_of(sweep, sweep.study.variants());
  return {{"imcsim", version},
          {"command", "sweep"},
          {"seed", sweep.study.seeds.front()},
          {"config",
           {{"name", sweep.study.name},
            {"command", sweep.study.command},
            {"base", std::move(base)},
            {"axes", std::move(axes)},
            {"seeds", sweep.study.seeds}}},
          {"execution",
           {{"engine", names_of(options.engine)[static_cast<std::size_t>(options.engine)]},
            {"jobs", jobs},
            {"out", folder.path().string()}}},
          {"result",
           {{"variants", rows.size()},
            {"failed", failed},
            {"points", summary_json(sweep.study, study::summarize(sweep.study, rows))}}},
          {"counts", summed_counts(folder.table(".jsonl"))},
          {"cost", nullptr},
          {"digest", study::digest_text(study::hash_of_text(csv))},
          {"timing", {{"wall_s", timing.wall_s}, {"cpu_s", timing.cpu_s}, {"threads", jobs}}}};
}

void report_failures(const Sweep& sweep, const study::SweepRows& rows, std::size_t failed) {
  constexpr std::size_t most = 10;
  std::size_t reported = 0;
  for (const auto& [variant, row] : rows) {
    if (row.error.empty() || ++reported > most) continue;
    write_stderr(fmt::format("imcsim: {}: {}\n", variant_words(sweep.study, variant), row.error));
  }
  if (failed > most) write_stderr(fmt::format("imcsim: and {} more\n", failed - most));
  if (failed > 0) {
    write_stderr(fmt::format("imcsim: {} of {} variants failed; run again to retry them\n",
                             grouped(failed), grouped(rows.size())));
  }
}

/// Reports requested columns that no result has; the journal contains all values.
void report_unknown_columns(const Sweep& sweep, const study::SweepRows& rows) {
  study::SweepStudy any = sweep.study;
  any.columns.clear();
  const std::vector<std::string> known = study::result_columns(any, rows);
  std::vector<std::string> requested = sweep.study.columns;
  if (!sweep.study.metric.empty()) requested.push_back(sweep.study.metric);
  for (const std::string& column : requested) {
    if (known.empty() || std::find(known.begin(), known.end(), column) != known.end()) continue;
    write_stderr(fmt::format("imcsim: {}: no result has a column \"{}\" ({})\n", sweep.name, column,
                             suggest(column, known)));
  }
}

int finish_sweep(const Sweep& sweep, const study::SweepRows& rows, SweepTable& table,
                 const SweepFolder& folder, const Timing& timing) {
  const std::string csv = table.finish(rows);
  const auto failed = static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [](const auto& entry) { return !entry.second.error.empty(); }));
  const ViewOptions& view = sweep.options.view;
  if (view.json) {
    write_stdout(sweep_json(sweep, rows, failed, csv, folder, timing).dump(2) + "\n");
  } else if (view.csv) {
    write_stdout(csv);
  } else {
    const Style style = style_for(STDOUT_FILENO, view.color);
    const study::SweepSummary summary = study::summarize(sweep.study, rows);
    write_stdout(fmt::format("{}\n{}  {} done, {} failed, in {:.1f} s\n{}  {}\n{}  {}\n",
                             summary_text(sweep.study, summary, style), style.bold("variants"),
                             grouped(rows.size() - failed), failed, timing.wall_s,
                             style.bold("table   "), folder.table(".csv"), style.bold("digest  "),
                             study::digest_text(study::hash_of_text(csv))));
  }
  report_unknown_columns(sweep, rows);
  report_failures(sweep, rows, failed);
  return failed == 0 ? 0 : 1;
}

int stopped(const Sweep& sweep, const SweepProgress& progress) {
  write_stderr(
      fmt::format("imcsim: stopped by {} with {} of {} variants done; run again to continue\n",
                  stop_signal() == 2 ? "Ctrl-C" : "TERM", grouped(progress.done()),
                  grouped(missing_in(sweep, {}).size())));
  return 128 + stop_signal();
}

/// Adds the rows of other shards to the journal.
void import_rows(const Sweep& sweep, const SweepFolder& folder, Journal& journal) {
  std::vector<std::string> tables = tables_in(folder.path(), sweep.study);
  for (const std::string& other : sweep.folders) {
    for (std::string& table : tables_in(other, sweep.study)) tables.push_back(std::move(table));
  }
  for (const std::string& table : tables) {
    std::vector<std::string> lines;
    for (std::string& line : whole_lines(table)) {
      study::SweepRow row;
      const bool good = study::read_line(sweep.study, line, row) && row.error.empty();
      if (good && sweep.shard.holds(row.variant)) lines.push_back(std::move(line));
    }
    journal.append(lines);
  }
}

void run_engine(const Sweep& sweep, const SweepVariants& variants, const SweepFolder& folder,
                Journal& journal,
                const std::function<void(const std::vector<std::string>&)>& store) {
  const std::vector<std::size_t> missing = missing_in(sweep, journal.rows());
  const SweepOptions& options = sweep.options;
  WorkerPlan plan = plan_of(sweep, variants, jobs_of(sweep, missing.size()));
  plan.store = store;
  if (options.engine == SweepEngine::local) {
    if (!missing.empty()) run_workers(options.workers, missing, plan);
    return;
  }
  SlurmRequest request;
  request.folder = folder.path().string();
  request.part = folder.table("").substr((folder.path() / "table").string().size());
  request.study_name = sweep.name;
  request.data_dir = options.data_dir;
  request.chunk = static_cast<std::size_t>(options.chunk);
  request.at_once = static_cast<std::size_t>(options.jobs);
  request.options = options.sbatch_options;
  request.missing = [&] { return missing_in(sweep, journal.rows()); };
  request.store = store;
  request.lost_line = plan.lost_line;
  request.should_continue = plan.should_continue;
  request.report = [&](const std::string& words) {
    if (!options.view.quiet) write_stderr(fmt::format("imcsim: {}\n", words));
  };
  run_on_slurm(request);
}

int run(const Sweep& sweep) {
  const Stopwatch watch;
  SharedInputs inputs(sweep.options.data_dir);
  const SweepVariants variants(sweep.study, sweep.name, inputs);
  if (sweep.options.dry_run) return list_variants(sweep);
  if (sweep.options.out.empty()) throw InputError("-o", "is missing", "a folder for the table");
  const SweepFolder folder(sweep.options.out, sweep.shard, sweep.study, sweep.text);
  Journal journal(folder.table(".jsonl"), sweep.study);
  import_rows(sweep, folder, journal);
  SweepTable table(folder.table(".csv"), sweep.study);
  table.append(journal.rows(), {});
  SweepProgress progress(sweep.options.progress, sweep.options.view, missing_in(sweep, {}).size(),
                         journal.rows().size());
  const auto store = [&](const std::vector<std::string>& lines) {
    const std::vector<const study::SweepRow*> fresh = journal.append(lines);
    table.append(journal.rows(), fresh);
    progress.report(fresh);
  };
  catch_stop_signals();
  run_engine(sweep, variants, folder, journal, store);
  progress.finish();
  if (stop_signal() != 0 && !missing_in(sweep, journal.rows()).empty()) {
    return stopped(sweep, progress);
  }
  return finish_sweep(sweep, journal.rows(), table, folder, watch.elapsed());
}

}  // namespace

int run_sweep(const std::vector<std::string>& words) {
  Sweep sweep;
  const FieldList fields = fields_of(sweep.options);
  const ParsedArguments arguments = parse_arguments("sweep", fields, words, 1000);
  split_settings(arguments, fields, FieldList{});
  if (show_help(arguments, sweep_help, fields)) return 0;
  if (arguments.positional.empty()) {
    throw InputError("sweep STUDY.toml", "is missing", "a study file");
  }
  check_view(sweep.options.view);
  sweep.name = arguments.positional.front();
  sweep.folders.assign(arguments.positional.begin() + 1, arguments.positional.end());
  sweep.text = read_text(sweep.name, "sweep STUDY.toml");
  sweep.study = study::parse_sweep(sweep.text, sweep.name);
  if (!sweep.options.shard.empty()) sweep.shard = parse_shard(sweep.options.shard);
  return sweep.options.task.empty() ? run(sweep) : run_task(sweep);
}

}  // namespace imcsim::cli
