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
    "imcsim device pulse|drift|noise|program|temperature [--device pcm] [options]",
    "Measures many devices of one kind: SET pulses, drift, noise and its spectrum, programming,\n"
    "temperature.",
    "  imcsim device pulse --device pcm --count 10000\n"
    "  imcsim device drift --device pcm-inference --targets-us 20 --times 1s,1h,1d,1y --json\n"};

struct DeviceOptions {
  std::string dump;
};

/// The curve that a person looks at first, with its axes.
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
    case study::DeviceCurve::program: return {0, 3, false, "rms error of programming, µS"};
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

std::string the_curve(const ParsedArguments& arguments) {
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
  HostOptions unused;
  FieldList fields = command_fields(reference, unused);
  DeviceOptions options;
  fields.group("Output");
  fields.field("dump", options.dump, Unit::none, {},
               "every device at every point, as .npy [points x count]");
  ParsedArguments arguments = parse_arguments("device", fields, words, 1);
  if (show_help(arguments, device_help, fields)) return 0;
  std::erase_if(arguments.settings, [&](const study::Setting& setting) {
    if (setting.key == "dump") options.dump = setting.text;
    return setting.key == "dump";
  });
  study::Settings given;
  const std::string curve = the_curve(arguments);
  if (!curve.empty()) given.push_back({"curve", curve, "device", "flag"});
  const auto request = read_request<study::DeviceStudyConfig>(arguments, device_help, given);
  if (!request) return 0;
  require_writable(options.dump, "--dump");

  const Stopwatch watch;
  study::DeviceStudyConfig config = request->resolved.config;
  study::DeviceStudy study = study::run_device_study(config, !options.dump.empty());
  if (!options.dump.empty()) {
    const std::size_t devices = study.points > 0 ? study.dump.size() / study.points : 0;
    write_file(options.dump, npy_of(array_view(study.dump, study.points, devices)));
  }
  study::Json execution = execution_json(request->execution);
  execution["out"] = request->host.out;
  execution["dump"] = options.dump;
  const std::string json = host_json(study::device_study_json(config, study), execution,
                                     request->execution, watch.elapsed());
  const std::string csv = csv_of(text_rows(study.table, false));
  NamedFiles files = {{"config.toml", study::to_toml(fields_of(config), request->resolved.origins)},
                      {"rows.csv", csv}};
  if (!study.spectrum.rows.empty()) {
    files.emplace_back("spectrum.csv", csv_of(text_rows(study.spectrum, false)));
  }
  finish(
      request->host, json, csv,
      [&](const Style& style) { return text_of_study(config, study, style); }, files);
  return 0;
}

}  // namespace imcsim::cli
