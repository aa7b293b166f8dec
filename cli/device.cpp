// imcsim device pulse|drift|noise|program|temperature: curves of one kind of device.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "command.hpp"
#include "files.hpp"
#include "npy.hpp"
#include "run.hpp"
#include "study/safetensors.hpp"

namespace imcsim::cli {
namespace {

const HelpText device_help = {
    "imcsim device [pulse|drift|noise|program|temperature] [OPTIONS]",
    "Simulates a measurement on many devices of one kind: SET pulses, drift over time, noise and "
    "its spectrum, programming error, or temperature dependence.",
    "  imcsim device pulse --device pcm --count 10000\n"
    "  imcsim device drift --device pcm-inference --targets-us 20 --times 1s,1h,1d,1y\n"};

/// The plotted curve: columns of x and y, scale of x, title.
struct Plotted {
  std::size_t x;
  std::size_t y;
  bool logarithmic;
  std::string title;
};

Plotted plotted(study::DeviceCurve curve) {
  switch (curve) {
    case study::DeviceCurve::pulse: return {0, 1, false, "mean conductance, µS"};
    case study::DeviceCurve::drift: return {0, 1, true, "mean conductance, µS"};
    case study::DeviceCurve::noise: return {0, 1, true, "noise density (ΔG/G)², 1/Hz"};
    case study::DeviceCurve::program: return {0, 3, false, "rms programming error, µS"};
    case study::DeviceCurve::temperature: break;
  }
  return {0, 1, false, "mean conductance, µS"};
}

std::string text_of_study(const study::DeviceStudyConfig& config, const study::DeviceStudy& study,
                          const Style& style) {
  std::string text = aligned_table(text_rows(study.table, true), style) + "\n";
  const bool noise = config.curve == study::DeviceCurve::noise;
  const study::Table& shown = noise ? study.spectrum : study.table;
  const Plotted plot = plotted(config.curve);
  XySeries series{plot.title, {}, {}, plot.logarithmic, noise, false};
  for (const std::vector<double>& row : shown.rows) {
    series.x.push_back(row[plot.x]);
    series.y.push_back(row[plot.y]);
  }
  const std::string drawn = xy_plot(series, shown.columns[plot.x], style);
  if (!drawn.empty()) text += drawn + "\n";
  for (const auto& [name, value] : study.figures) {
    text += fmt::format("{}  {:.5g}\n", style.bold(fmt::format("{:<18}", name)), value);
  }
  return text + fmt::format("{}  {}\n", style.bold(fmt::format("{:<18}", "digest")),
                            study::digest_text(study.digest));
}

std::string curve_argument(const ParsedArguments& arguments) {
  if (arguments.positional.empty()) return {};
  const std::string& word = arguments.positional.front();
  for (const std::string_view name : names_of(study::DeviceCurve{})) {
    if (name == word) return word;
  }
  throw InputError("device", fmt::format("unknown curve \"{}\"", word),
                   fmt::format("one of {}", fmt::join(names_of(study::DeviceCurve{}), ", ")));
}

}  // namespace

int run_device(const std::vector<std::string>& words) {
  study::DeviceStudyConfig reference;
  Request<study::DeviceStudyConfig> request;
  std::string dump;
  FieldList host_fields;
  describe_shared(request.host, host_fields);
  describe_output("dump", dump, "FILE.npy",
                  "File for the value of every device at every point, shape [points, count]",
                  host_fields);
  const ParsedArguments arguments =
      parse_arguments("device", command_fields(reference, host_fields), words, 1);
  study::Settings given;
  const std::string curve = curve_argument(arguments);
  if (!curve.empty()) given.push_back({"curve", curve, "device", "flag"});
  if (!read_request(request, arguments, device_help, host_fields, given)) return 0;
  check_outputs(request.host, "dump", dump);

  const Stopwatch watch;
  study::DeviceStudyConfig config = request.resolved.config;
  study::DeviceStudy study = study::run_device_study(config, !dump.empty());
  if (!dump.empty()) {
    const std::size_t devices = study.points > 0 ? study.dump.size() / study.points : 0;
    write_file(dump, npy_of(array_view(study.dump, study.points, devices)));
  }
  study::Json execution = execution_json(request.execution);
  execution["out"] = request.host.out;
  execution["dump"] = dump;
  const std::string json = host_json(study::device_study_json(config, study), execution,
                                     request.execution, watch.elapsed());
  const std::string csv = csv_of(text_rows(study.table, false));
  NamedFiles files = {{"config.toml", study::to_toml(fields_of(config), request.resolved.origins)},
                      {"rows.csv", csv}};
  if (!study.spectrum.rows.empty()) {
    files.emplace_back("spectrum.csv", csv_of(text_rows(study.spectrum, false)));
  }
  finish(
      request.host, json, csv,
      [&](const Style& style) { return text_of_study(config, study, style); }, files);
  return 0;
}

}  // namespace imcsim::cli
