// imcsim train: training of a network on simulated devices.
#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "arguments.hpp"
#include "base/error.hpp"
#include "command.hpp"
#include "data_sets.hpp"
#include "files.hpp"
#include "run.hpp"
#include "run_observer.hpp"
#include "signals.hpp"
#include "study/version.hpp"
#include "train_output.hpp"

namespace imcsim::cli {
namespace {

const HelpText train_help = {
    "imcsim train [--dataset NAME] [--network SHAPE] [OPTIONS]",
    "Trains a perceptron or a convolutional network on simulated resistive devices, or in floating "
    "point, and reports accuracy, pulses and energy of each epoch.",
    "  imcsim train --dataset mnist --epochs 2\n"
    "  imcsim train --device ideal --adc-bits 0 --dac-bits 0 --runs 3 --epochs 1\n"};

/// A checked request for a training.
struct TrainRequest {
  HostOptions host;
  study::ResolvedTrainConfig resolved;
  Execution execution;
  CheckpointPlan plan;
  std::vector<std::uint8_t> checkpoint;  ///< bytes of --resume
};

void resolve_resumed(TrainRequest& request, const study::Settings& given) {
  const std::string& name = request.host.resume;
  request.checkpoint = read_bytes(name, at_field("resume"));
  study::Settings settings =
      study::settings_of_file(study::read_safetensors(request.checkpoint, name), name);
  settings.insert(settings.end(), given.begin(), given.end());
  request.resolved = study::resolve_train_config(settings, read_preset_file);
}

void check_host(const TrainRequest& request) {
  const HostOptions& host = request.host;
  if (request.resolved.config.runs > 1) {
    for (const auto& [key, value] :
         {std::pair("checkpoint", host.checkpoint), std::pair("resume", host.resume),
          std::pair("save", host.save)}) {
      if (value.empty()) continue;
      throw InputError(at_field(key),
                       fmt::format("cannot be used with {} runs", request.resolved.config.runs),
                       "--runs 1");
    }
  }
  check_outputs(host, "save", host.save);
  if (host.checkpoint == "-") {
    throw InputError(at_field("checkpoint"), "a checkpoint cannot be written to stdout",
                     "a file name");
  }
  require_writable(host.checkpoint, at_field("checkpoint"));
}

/// False if only help or the configuration was requested.
bool read_train_request(const std::vector<std::string>& words, TrainRequest& request) {
  study::TrainConfig reference;
  const FieldList host_fields = fields_of(request.host);
  const ParsedArguments arguments =
      parse_arguments("train", command_fields(reference, host_fields), words, 0);
  const study::Settings given = split_settings(arguments, host_fields, fields_of(reference));
  if (show_help_of<study::TrainConfig>(arguments, train_help, given, host_fields)) return false;
  if (request.host.resume.empty()) {
    request.resolved = study::resolve_train_config(given, read_preset_file);
  } else {
    resolve_resumed(request, given);
  }
  request.execution = execution_of(request.host);
  request.plan = checkpoint_plan(request.host);
  if (show_config(request.host, fields_of(request.resolved.config), request.resolved.origins)) {
    return false;
  }
  check_host(request);
  return true;
}

void describe_on_stderr(const TrainRequest& request, const std::string& folder) {
  if (!request.host.view.verbose) return;
  const auto isa = names_of(request.execution.isa)[static_cast<std::size_t>(request.execution.isa)];
  write_stderr(fmt::format("imcsim {}: {} threads, {} kernels, data in {}\n", version,
                           request.execution.threads, isa, folder));
  for (const auto& [key, origin] : request.resolved.origins) {
    write_stderr(fmt::format("  {} from {}\n", key, origin));
  }
}

std::uint64_t samples_per_epoch(const study::TrainConfig& config, const dataset::Dataset& data) {
  const std::uint64_t all = data.training.size();
  return config.train_limit == 0 ? all
                                 : std::min(all, static_cast<std::uint64_t>(config.train_limit));
}

/// Exit code of a stopped training; reports how to continue.
int stopped(const TrainRequest& request, const Progress& progress) {
  const std::string what = stop_signal() == 2 ? "Ctrl-C" : "TERM";
  std::string rest = "no state was saved";
  if (!request.plan.path.empty()) {
    rest =
        fmt::format("continue with: imcsim train --resume {0} --checkpoint {0}", request.plan.path);
  } else if (request.resolved.config.runs == 1) {
    rest += "; --checkpoint FILE saves the state";
  }
  write_stderr(fmt::format("imcsim: stopped by {} after {} of {} samples; {}\n", what,
                           grouped(progress.done), grouped(progress.total), rest));
  return 128 + stop_signal();
}

void print_report(const TrainReport& report) {
  const HostOptions& host = report.host;
  if (host.view.json) return write_stdout(report_json(report));
  if (host.view.csv) return write_stdout(report_csv(report));
  if (host.save == "-") {
    if (!host.view.quiet) {
      write_stderr(
          fmt::format("{}", report_text(report, style_for(STDERR_FILENO, host.view.color))));
    }
    return;
  }
  write_stdout(report_text(report, style_for(STDOUT_FILENO, host.view.color)));
  for (const training::Finding& finding : study::mean_result(report.runs).diagnosis) {
    write_stderr(fmt::format("imcsim: note: {}\n", finding.message));
  }
}

int train(TrainRequest& request) {
  const Stopwatch watch;
  const study::TrainConfig& config = request.resolved.config;
  const dataset::Dataset data = load_dataset(config.dataset, request.host.data_dir);
  const std::string folder = find_dataset(config.dataset, request.host.data_dir).string();
  describe_on_stderr(request, folder);

  const auto run_count = static_cast<std::size_t>(config.runs);
  std::vector<study::RunSummary> runs(run_count);
  ProgressView view(request.host, run_count, config.training.epochs);
  std::unique_ptr<study::TrainSession> single;
  const auto run_one = [&](std::size_t r, const Execution& execution) {
    if (stop_signal() != 0) return;
    study::TrainConfig own = config;
    own.seed = config.seed + r;
    auto session = std::make_unique<study::TrainSession>(own, data, execution);
    if (!request.checkpoint.empty()) {
      session->resume(study::read_safetensors(request.checkpoint, request.host.resume),
                      request.host.resume);
    }
    RunObserver observer(view, r, *session, request.plan);
    const std::uint64_t report_every =
        request.plan.every_steps > 0 ? std::min<std::uint64_t>(request.plan.every_steps, 16) : 16;
    session->run(observer, report_every);
    runs[r] = session->summary();
    if (run_count == 1) single = std::move(session);
  };
  catch_stop_signals();
  if (run_count == 1) {
    run_one(0, request.execution);
  } else {
    const Execution alone{request.execution.isa, 1};
    parallel_for(request.execution.threads, run_count, [&](std::size_t r) { run_one(r, alone); });
  }
  view.finish();
  Progress all{0, static_cast<std::uint64_t>(config.runs * config.training.epochs) *
                      samples_per_epoch(config, data)};
  for (const study::RunSummary& run : runs) all.done += run.samples;
  if (stop_signal() != 0 && all.done < all.total) return stopped(request, all);

  const TrainReport report{request.resolved,  runs,   request.host,
                           request.execution, folder, watch.elapsed()};
  try {
    if (!request.plan.path.empty()) write_file(request.plan.path, single->checkpoint());
    if (!request.host.save.empty()) write_file(request.host.save, single->model());
    if (!request.host.out.empty()) write_run_directory(report, single.get());
  } catch (const RunError&) {
    print_report(report);  // a full disk does not lose the result
    throw;
  }
  print_report(report);
  return 0;
}

}  // namespace

int run_train(const std::vector<std::string>& words) {
  TrainRequest request;
  return read_train_request(words, request) ? train(request) : 0;
}

}  // namespace imcsim::cli
