// imcsim mvm: matrix-vector products in one crossbar, and their error by source.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "command.hpp"
#include "npy.hpp"
#include "run.hpp"
#include "study/safetensors.hpp"

namespace imcsim::cli {
namespace {

const HelpText mvm_help = {
    "imcsim mvm [--rows M --cols N | --matrix A.npy --vector X.npy] [OPTIONS]",
    "Programs a matrix A into a crossbar, multiplies vectors x with it (y = x A, inputs on the "
    "rows), and reports the relative error, in total and by source.",
    "  imcsim mvm --rows 256 --cols 256 --device pcm-inference --t 1d\n"
    "  imcsim mvm --device projected-pcm --verify-margin-us 0.1 --devices-per-weight 4\n"};

std::vector<std::vector<std::string>> source_rows(const study::MvmStudy& study, bool for_display) {
  std::vector<std::vector<std::string>> rows = {{"source", "relative_rms_error"}};
  double most = study.product.error.relative_rms;
  for (const auto& [name, error] : study.product.by_source) most = std::max(most, error);
  if (for_display) rows[0] = {"source", "error alone", ""};
  const auto add = [&](const std::string& name, double error) {
    if (!for_display) return rows.push_back({name, fmt::format("{}", error)});
    const double part = most > 0.0 ? error / most : 0.0;
    rows.push_back({name, fmt::format("{:.3f} %", 100.0 * error), bar(part, 32)});
  };
  for (const auto& [name, error] : study.product.by_source) add(name, error);
  add("all together", study.product.error.relative_rms);
  return rows;
}

std::string text_of_study(const study::MvmConfig& config, const study::MvmStudy& study,
                          const Timing& timing, const Style& style) {
  const crossbar::WriteReport& writing = study.product.writing;
  std::string text = aligned_table(source_rows(study, true), style) + "\n";
  const auto line = [&](const std::string& name, const std::string& value) {
    text += fmt::format("{}  {}\n", style.bold(fmt::format("{:<16}", name)), value);
  };
  line("array",
       fmt::format("{} x {}, {} devices, {} vectors", config.rows, config.cols,
                   grouped(writing.devices), grouped(static_cast<std::uint64_t>(config.samples))));
  line("relative error",
       style.good(fmt::format("{:.3f} %", 100.0 * study.product.error.relative_rms)));
  line("effective bits", fmt::format("{:.2f} of weights and inputs, {:.2f} of the output",
                                     study.product.error.effective_bits, study.output_bits));
  if (writing.pulses > 0) {
    line("programming",
         fmt::format(
             "{:.2f} % of the devices within the margin, {:.1f} pulses per device",
             100.0 * static_cast<double>(writing.converged) / static_cast<double>(writing.devices),
             static_cast<double>(writing.pulses) / static_cast<double>(writing.devices)));
  }
  const study::Json cost = study::cost_json(config.cost, study::work_of(config, study));
  const std::string words = study::cost_words(cost, "product");
  if (!words.empty()) line("energy", words);
  line("digest", study::digest_text(study.digest));
  line("time", fmt::format("{:.2f} s", timing.wall_s));
  return text;
}

}  // namespace

int run_mvm(const std::vector<std::string>& words) {
  study::MvmConfig reference;
  Request<study::MvmConfig> request;
  FieldList host_fields;
  describe_shared(request.host, host_fields);
  const ParsedArguments arguments =
      parse_arguments("mvm", command_fields(reference, host_fields), words, 0);
  if (!read_request(request, arguments, mvm_help, host_fields)) return 0;
  check_outputs(request.host);

  const Stopwatch watch;
  study::MvmConfig& config = request.resolved.config;
  std::optional<study::FileMatrix> matrix;
  std::optional<study::FileMatrix> vectors;
  if (!config.matrix.empty()) matrix = load_matrix(config.matrix, at_field("matrix"));
  if (!config.vector.empty()) vectors = load_matrix(config.vector, at_field("vector"));
  const study::MvmTask task =
      study::make_mvm_task(config, matrix ? &*matrix : nullptr, vectors ? &*vectors : nullptr);
  study::MvmStudy study = study::run_mvm(config, task, request.execution);
  const Timing timing = watch.elapsed();

  study::Json execution = execution_json(request.execution);
  execution["out"] = request.host.out;
  const std::string json =
      host_json(study::mvm_json(config, study), execution, request.execution, timing);
  const std::string csv = csv_of(source_rows(study, false));
  const NamedFiles files = {
      {"config.toml", study::to_toml(fields_of(config), request.resolved.origins)},
      {"error_by_source.csv", csv},
      {"output.npy", npy_of(array_view(study.product.output, task.product.columns))},
      {"exact.npy", npy_of(array_view(study.product.exact, task.product.columns))}};
  finish(
      request.host, json, csv,
      [&](const Style& style) { return text_of_study(config, study, timing, style); }, files);
  return 0;
}

}  // namespace imcsim::cli
