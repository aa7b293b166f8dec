// imcsim ablate: each non-ideality switched off in turn, and on alone.
#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <map>
#include <mutex>

#include "ablate_output.hpp"
#include "base/error.hpp"
#include "base/observer.hpp"
#include "command.hpp"
#include "data_sets.hpp"
#include "files.hpp"
#include "npy.hpp"
#include "run.hpp"
#include "signals.hpp"
#include "study/ablation.hpp"
#include "study/infer.hpp"
#include "study/mvm.hpp"
#include "study/train_session.hpp"

namespace imcsim::cli {
namespace {

using study::AblatedCommand;

std::string non_ideality_names() {
  std::string names;
  for (const study::NonIdeality& entry : study::non_idealities()) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", entry.name);
  }
  return names;
}

const HelpText& ablate_help() {
  static const HelpText text = {
      "imcsim ablate [train|infer|mvm] [OPTIONS]",
      fmt::format(
          "Switches each non-ideality off in turn, and on alone, over several seeds. Reports the "
          "test accuracy of train, the accuracy of infer at the last time, or the relative error "
          "of mvm, each with its standard error. The table has one row for each of these "
          "non-idealities that the configuration contains: {}. --json gives the meaning and the "
          "settings of each row. Nonlinearity and noise of a pulse depend on the pulse size; the "
          "rows of these two alone therefore include granularity. With everything off, the "
          "conductance range, the refresh and the initial weights remain. Additional rows: "
          "converters of 8 to 4 bits, 1 % stuck devices, no refresh.",
          non_ideality_names()),
      "  imcsim ablate --train-limit 6000 --test-limit 1000 --epochs 1\n"
      "  imcsim ablate mvm --rows 64 --cols 64 --device pcm-inference --t 1d --runs 5\n"};
  return text;
}

/// An ablation: configuration, variants, and the function that runs one of them.
struct Experiment {
  AblatedCommand command = AblatedCommand::train;
  HostOptions host;
  Execution execution;
  std::uint64_t seed = 1;
  std::size_t runs = 1;
  study::Json config;
  std::string toml;
  std::vector<study::AblationVariant> variants;
  std::vector<std::size_t> same_as;  ///< index of the first variant with an equal configuration
  /// Runs a variant with a seed; empty if the run was stopped.
  std::function<std::optional<study::AblationRun>(std::size_t variant, std::uint64_t seed,
                                                  const Execution&)>
      run_one;
};

/// Parsed options of one of the three commands.
template <class Config>
struct ParsedRequest {
  HostOptions host;
  study::Resolved<Config> resolved;
};

/// Default values from a model file; configuration files and flags override them.
using ModelDefaults = std::function<study::Settings(const study::Settings& given)>;

template <class Config>
std::optional<ParsedRequest<Config>> read_words(const std::vector<std::string>& words,
                                                bool has_data,
                                                const ModelDefaults& model_defaults = {}) {
  Config reference;
  ParsedRequest<Config> parsed;
  FieldList host_fields;
  describe_shared(parsed.host, host_fields);
  if (has_data) describe_data_dir(parsed.host, host_fields);
  const FieldList config_fields = fields_of(reference);
  FieldList fields = config_fields;
  fields.add(host_fields);
  const ParsedArguments arguments = parse_arguments("ablate", fields, words, 0);
  study::Settings all = split_settings(arguments, host_fields, config_fields);
  if (show_help_of<Config>(arguments, ablate_help(), all, host_fields)) return {};
  if (model_defaults) {
    const study::Settings defaults = model_defaults(all);
    all.insert(all.begin(), defaults.begin(), defaults.end());
  }
  parsed.resolved = study::resolve_config<Config>(all, read_preset_file);
  if constexpr (std::is_same_v<Config, study::AblatedInferConfig>) {
    study::Resolved<study::InferConfig> inner{parsed.resolved.config, parsed.resolved.origins};
    study::resolve_reprogramming(inner);
    parsed.resolved.config.reprogram = inner.config.reprogram;
  }
  if (show_config(parsed.host, fields_of(parsed.resolved.config), parsed.resolved.origins))
    return {};
  check_outputs(parsed.host);
  return parsed;
}

template <class Config>
Experiment experiment_of(AblatedCommand command, ParsedRequest<Config>& parsed) {
  Config& config = parsed.resolved.config;
  Experiment experiment;
  experiment.command = command;
  experiment.host = parsed.host;
  experiment.execution = execution_of(parsed.host);
  experiment.seed = config.seed;
  experiment.runs = static_cast<std::size_t>(config.runs);
  experiment.config = study::to_json_object(config);
  experiment.toml = study::to_toml(fields_of(config), parsed.resolved.origins);
  experiment.variants = study::ablation_variants(command, fields_of(config));
  std::map<std::string, std::size_t> known;
  for (std::size_t v = 0; v < experiment.variants.size(); ++v) {
    Config changed = study::with_settings(config, experiment.variants[v].settings);
    const auto text = study::to_toml(fields_of(changed), {});
    experiment.same_as.push_back(known.try_emplace(text, v).first->second);
  }
  return experiment;
}

/// Stops a run after a stop signal.
class SignalObserver final : public Observer {
 public:
  bool should_continue(const Progress&) override { return stop_signal() == 0; }
};

/// Progress on stderr: number of finished runs.
class RunsView {
 public:
  RunsView(const HostOptions& host, std::size_t total)
      : kind_(progress_kind(host)),
        style_(style_for(STDERR_FILENO, host.view.color)),
        total_(total) {}

  void done(const study::AblationVariant& variant, const study::AblationRun& run) {
    const std::lock_guard lock(guard_);
    ++done_;
    const double wall_s = watch_.elapsed().wall_s;
    if (kind_ == ProgressKind::json) {
      study::Json line = {
          {"event", "run"},
          {"name", variant.name},
          {"variant", names_of(variant.kind)[static_cast<std::size_t>(variant.kind)]},
          {"seed", run.seed},
          {"value", nullptr},
          {"done", done_},
          {"total", total_},
          {"wall_s", wall_s}};
      if (run.failed.empty()) line["value"] = run.value;
      write_stderr(line.dump() + "\n");
    } else if (kind_ == ProgressKind::bar) {
      const double part = static_cast<double>(done_) / static_cast<double>(total_);
      write_stderr(fmt::format("\r\x1b[Krun {}/{} {:<30} {:.0f} s left", done_, total_,
                               style_.accent(bar(part, 30)), wall_s * (1.0 / part - 1.0)));
    }
  }
  void finish() const {
    if (kind_ == ProgressKind::bar && done_ > 0) write_stderr("\r\x1b[K");
  }

 private:
  ProgressKind kind_;
  Style style_;
  Stopwatch watch_;
  std::mutex guard_;
  std::size_t total_, done_ = 0;
};

/// Runs every variant with every seed on the threads; false if a signal stopped the ablation.
bool run_all(const Experiment& experiment, std::vector<std::vector<study::AblationRun>>& runs) {
  const std::size_t variants = experiment.variants.size();
  runs.assign(variants, std::vector<study::AblationRun>(experiment.runs));
  std::vector<std::pair<std::size_t, std::size_t>> jobs;
  for (std::size_t v = 0; v < variants; ++v) {
    for (std::size_t r = 0; r < experiment.runs && experiment.same_as[v] == v; ++r) {
      jobs.emplace_back(v, r);
    }
  }
  RunsView view(experiment.host, jobs.size());
  parallel_for(experiment.execution.threads, jobs.size(), [&](std::size_t j) {
    if (stop_signal() != 0) return;
    const std::size_t v = jobs[j].first;
    const std::size_t r = jobs[j].second;
    const std::uint64_t seed = experiment.seed + r;
    std::optional<study::AblationRun> run;
    try {
      run = experiment.run_one(v, seed, {experiment.execution.isa, 1});
    } catch (const RunError& error) {
      run.emplace();
      run->failed = error.what();
    }
    if (!run) return;
    run->seed = seed;
    view.done(experiment.variants[v], *run);
    runs[v][r] = std::move(*run);
  });
  view.finish();
  for (std::size_t v = 0; v < variants; ++v) runs[v] = runs[experiment.same_as[v]];
  return stop_signal() == 0;
}

int run_experiment(const Experiment& experiment) {
  const Stopwatch watch;
  catch_stop_signals();
  std::vector<std::vector<study::AblationRun>> runs;
  if (!run_all(experiment, runs)) {
    write_stderr("imcsim: stopped; no result was saved\n");
    return 128 + stop_signal();
  }
  if (!runs.front().front().failed.empty()) throw RunError(runs.front().front().failed);
  const AblatedCommand command = experiment.command;
  const std::vector<study::AblationRow> rows =
      study::ablation_rows(command, experiment.variants, runs);
  const Timing timing = watch.elapsed();
  const study::Json json = study::ablation_json(command, experiment.seed, experiment.config, rows);
  study::Json execution_info = execution_json(experiment.execution);
  execution_info["data-dir"] = experiment.host.data_dir;
  execution_info["out"] = experiment.host.out;
  const std::string csv = ablation_csv(rows);
  const NamedFiles files = {{"config.toml", experiment.toml},
                            {"ablation.csv", csv},
                            {"runs.csv", ablation_runs_csv(rows)}};
  finish(
      experiment.host, host_json(json, execution_info, experiment.execution, timing), csv,
      [&](const Style& style) {
        return ablation_text(command, rows, json["digest"].get<std::string>(), timing, style);
      },
      files);
  return 0;
}

int ablate_train(const std::vector<std::string>& words) {
  auto parsed = read_words<study::AblatedTrainConfig>(words, true);
  if (!parsed) return 0;
  const study::AblatedTrainConfig& config = parsed->resolved.config;
  Experiment experiment = experiment_of(AblatedCommand::train, *parsed);
  const dataset::Dataset data = load_dataset(config.dataset, parsed->host.data_dir);
  experiment.run_one = [&](std::size_t variant, std::uint64_t seed,
                           const Execution& execution) -> std::optional<study::AblationRun> {
    auto own = study::with_settings(config, experiment.variants[variant].settings);
    own.seed = seed;
    study::TrainSession session(own, data, execution);
    SignalObserver observer;
    if (!session.run(observer)) return {};
    const study::RunSummary done = session.summary();
    return study::AblationRun{seed, done.result.test_accuracy, done.digest, done.counts, {}};
  };
  return run_experiment(experiment);
}

int ablate_infer(const std::vector<std::string>& words) {
  std::vector<std::uint8_t> bytes;
  study::Safetensors file;
  const auto defaults_of_model = [&](const study::Settings& given) {
    const study::Setting* named = study::find_last(given, "model");
    if (named == nullptr) {
      throw InputError(at_field("model"), "is missing",
                       "a model file of imcsim train --save, or -");
    }
    bytes = read_bytes(named->text, named->where);
    file = study::read_safetensors(bytes, named->text);
    study::AblatedInferConfig reference;
    return study::settings_of_model(file, named->text, fields_of(reference));
  };
  auto parsed = read_words<study::AblatedInferConfig>(words, true, defaults_of_model);
  if (!parsed) return 0;
  const study::AblatedInferConfig& config = parsed->resolved.config;
  Experiment experiment = experiment_of(AblatedCommand::infer, *parsed);
  const study::TrainedModel model = study::read_model(file, config, config.model);
  const dataset::Dataset data = load_dataset(config.dataset, parsed->host.data_dir);
  experiment.run_one = [&](std::size_t variant, std::uint64_t seed,
                           const Execution& execution) -> std::optional<study::AblationRun> {
    auto own = study::with_settings(config, experiment.variants[variant].settings);
    own.seed = seed;
    const study::InferRun done = study::infer_once(own, model, data, execution);
    return study::AblationRun{seed, done.accuracy.back(), done.digest, done.counts, {}};
  };
  return run_experiment(experiment);
}

int ablate_mvm(const std::vector<std::string>& words) {
  auto parsed = read_words<study::AblatedMvmConfig>(words, false);
  if (!parsed) return 0;
  study::AblatedMvmConfig& config = parsed->resolved.config;
  std::optional<study::FileMatrix> matrix;
  std::optional<study::FileMatrix> vectors;
  if (!config.matrix.empty()) matrix = load_matrix(config.matrix, at_field("matrix"));
  if (!config.vector.empty()) vectors = load_matrix(config.vector, at_field("vector"));
  const auto task_of = [&](study::MvmConfig& own) {
    return study::make_mvm_task(own, matrix ? &*matrix : nullptr, vectors ? &*vectors : nullptr);
  };
  task_of(config);  // sets the sizes in the configuration from the files
  Experiment experiment = experiment_of(AblatedCommand::mvm, *parsed);
  experiment.run_one = [&](std::size_t variant, std::uint64_t seed,
                           const Execution& execution) -> std::optional<study::AblationRun> {
    auto own = study::with_settings(config, experiment.variants[variant].settings);
    own.seed = seed;
    const study::MvmTask task = task_of(own);
    const study::MvmStudy done = study::run_mvm(own, task, execution);
    return study::AblationRun{
        seed, done.product.error.relative_rms, done.digest, done.product.counts, {}};
  };
  return run_experiment(experiment);
}

}  // namespace

int run_ablate(const std::vector<std::string>& words) {
  const auto names = names_of(AblatedCommand{});
  // `imcsim help ablate mvm` passes `--help mvm`, equivalent to `mvm --help`.
  if (words.size() > 1 && words[0] == "--help" &&
      std::find(names.begin(), names.end(), words[1]) != names.end()) {
    std::vector<std::string> swapped = words;
    std::swap(swapped[0], swapped[1]);
    return run_ablate(swapped);
  }
  if (words.empty() || words.front().starts_with('-')) return ablate_train(words);
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  const auto found = std::find(names.begin(), names.end(), words.front());
  if (found == names.end()) {
    const std::vector<std::string> known(names.begin(), names.end());
    throw InputError("ablate", fmt::format("unknown command \"{}\"", words.front()),
                     suggest(words.front(), known));
  }
  switch (static_cast<AblatedCommand>(found - names.begin())) {
    case AblatedCommand::infer: return ablate_infer(rest);
    case AblatedCommand::mvm: return ablate_mvm(rest);
    case AblatedCommand::train: break;
  }
  return ablate_train(rest);
}

}  // namespace imcsim::cli
