// imcsim fit CURVES.csv -o my-device.toml: a device preset from measured curves.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "command.hpp"
#include "files.hpp"
#include "run.hpp"
#include "study/fit_study.hpp"
#include "study/safetensors.hpp"
#include "study/train_config.hpp"

namespace imcsim::cli {
namespace {

const HelpText fit_help = {
    "imcsim fit CURVES.csv… [-o DEVICE.toml] [OPTIONS]",
    "Fits a device preset to measured curves: pulses, drift, or repeated reads. Columns of a "
    "curve: pulse, t_s or read; conductance_us, conductance_s, resistance_ohm, or current_a and "
    "voltage_v; optionally device, direction, target_us; or mean_us and std_us over devices.",
    "  imcsim device pulse --csv | imcsim fit -\n"
    "  imcsim device drift --times 100s,1h,1d,1y --csv | imcsim fit - --model pcm -o -\n"};

constexpr std::size_t most_files = 64;
constexpr std::size_t most_table_values = 4;

struct FitRequest {
  study::FitConfig config;
  study::Origins origins;
  HostOptions host;
  std::string output;
};

std::vector<std::string> names_between_commas(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (end > at) names.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

std::vector<study::CurveFile> read_curves(const std::string& curves) {
  const std::vector<std::string> names = names_between_commas(curves);
  if (names.empty()) {
    throw InputError("fit CURVES.csv", "is missing", "a CSV file of measured curves, or -");
  }
  if (std::count(names.begin(), names.end(), "-") > 1) {
    throw InputError(at_field("curves"), "stdin is named twice", "one file -");
  }
  std::vector<study::CurveFile> files;
  files.reserve(names.size());
  for (const std::string& name : names) {
    files.push_back({name == "-" ? "stdin" : name, read_text(name, at_field("curves"))});
  }
  return files;
}

std::string values_text(const instrument::Estimate& estimate) {
  if (!estimate.text.empty()) return estimate.text;
  if (!estimate.table) return fmt::format("{:.5g}", estimate.values.front());
  if (estimate.values.size() > most_table_values) {
    const auto [low, high] = std::minmax_element(estimate.values.begin(), estimate.values.end());
    return fmt::format("{:.4g} … {:.4g} ({})", *low, *high, estimate.values.size());
  }
  std::vector<std::string> words;
  for (const double value : estimate.values) words.push_back(fmt::format("{:.4g}", value));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string estimates_text(const study::FitStudy& study, const Style& style) {
  study::TrainConfig reference;
  const FieldList fields = fields_of(reference);
  std::vector<std::vector<std::string>> rows = {{"key", "value", "± error", "unit", "note"}};
  for (const instrument::Estimate& estimate : study.estimates) {
    const Field* field = fields.find(estimate.key);
    const bool known =
        !estimate.table && !estimate.errors.empty() && std::isfinite(estimate.errors.front());
    rows.push_back({estimate.key, values_text(estimate),
                    known ? fmt::format("{:.2g}", estimate.errors.front()) : "",
                    field == nullptr ? "" : std::string(unit_name(field->text.unit)),
                    estimate.note});
  }
  return aligned_table(rows, style);
}

/// Plot of both curves in characters: o measured, · fitted, ● both.
std::string overlay(const instrument::FitCheck& check, bool log_x, std::string_view title,
                    std::string_view x_label, const Style& style) {
  constexpr int width = 60;
  constexpr int height = 12;
  const std::vector<instrument::FitRow>& rows = check.rows;
  if (rows.size() < 2 || rows.back().x <= rows.front().x) return {};
  double low = rows.front().measured_us;
  double high = low;
  for (const instrument::FitRow& row : rows) {
    low = std::min({low, row.measured_us, row.fitted_us});
    high = std::max({high, row.measured_us, row.fitted_us});
  }
  log_x = log_x && rows.front().x > 0.0;
  const auto at_x = [&](double x) { return log_x ? std::log(x) : x; };
  const auto column = [&](double x) {
    const double part =
        (at_x(x) - at_x(rows.front().x)) / (at_x(rows.back().x) - at_x(rows.front().x));
    return static_cast<std::size_t>(std::lround(part * (width - 1)));
  };
  const auto line = [&](double y) {
    const double part = high > low ? (high - y) / (high - low) : 0.5;
    return static_cast<std::size_t>(std::lround(part * (height - 1)));
  };
  std::vector<std::vector<int>> cells(height, std::vector<int>(width, 0));
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {  // the fitted curve, without gaps
    const std::size_t from = column(rows[i].x);
    const std::size_t to = std::max(column(rows[i + 1].x), from + 1);
    for (std::size_t c = from; c <= std::min<std::size_t>(to, width - 1); ++c) {
      const double part = static_cast<double>(c - from) / static_cast<double>(to - from);
      cells[line(rows[i].fitted_us + part * (rows[i + 1].fitted_us - rows[i].fitted_us))][c] |= 1;
    }
  }
  for (const instrument::FitRow& row : rows) cells[line(row.measured_us)][column(row.x)] |= 2;
  std::string text = fmt::format("{}   {} measured  {} fitted  ● both\n", style.bold(title),
                                 style.accent("o"), style.good("·"));
  for (int r = 0; r < height; ++r) {
    std::string scale(8, ' ');
    if (r == 0) scale = fmt::format("{:8.3g}", high);
    if (r == height - 1) scale = fmt::format("{:8.3g}", low);
    std::string drawn;
    for (const int cell : cells[static_cast<std::size_t>(r)]) {
      if (cell == 0) drawn += ' ';
      if (cell == 1) drawn += style.good("·");
      if (cell == 2) drawn += style.accent("o");
      if (cell == 3) drawn += style.accent("●");
    }
    while (drawn.ends_with(' ')) drawn.pop_back();
    text += fmt::format("{}{}\n", style.dim(scale + " ┤"), drawn);
  }
  const std::string first = fmt::format("{:.4g}", rows.front().x);
  const std::string last = fmt::format("{:.4g}", rows.back().x);
  const std::string label = fmt::format("{}{}", x_label, log_x ? " (log)" : "");
  const std::size_t gap =
      width - std::min<std::size_t>(width, first.size() + last.size() + display_width(label));
  return text + style.dim(fmt::format("          {}{}{}{}{}\n", first, std::string(gap / 2, ' '),
                                      label, std::string(gap - gap / 2, ' '), last));
}

std::string text_of_fit(const study::FitStudy& study, const FitRequest& request,
                        const Style& style) {
  std::vector<std::vector<std::string>> rows = {
      {"curve", "kind", "devices", "points", "rms µS", "R²"}};
  std::string plots;
  for (std::size_t i = 0; i < study.curves.size(); ++i) {
    const instrument::Curve& curve = study.curves[i];
    const instrument::FitCheck& check = study.checks[i];
    const auto kind = static_cast<std::size_t>(curve.kind);
    rows.push_back({curve.name, std::string(names_of(curve.kind)[kind]),
                    curve.statistics ? "means" : fmt::format("{}", curve.devices),
                    fmt::format("{}", curve.points), fmt::format("{:.3g}", check.rms_us),
                    fmt::format("{:.4f}", check.r_squared)});
    static constexpr std::string_view titles[] = {"mean conductance, µS", "mean conductance, µS",
                                                  "standard deviation of a read, µS"};
    static constexpr std::string_view labels[] = {"pulse", "t_s", "conductance_us"};
    const std::string drawn = overlay(check, curve.kind == instrument::CurveKind::drift,
                                      titles[kind], labels[kind], style);
    if (!drawn.empty()) plots += drawn + "\n";
  }
  std::string text = aligned_table(rows, style) + "\n" + plots + estimates_text(study, style);
  if (!study.assumed.empty()) {
    text += fmt::format(
        "\n"
        "Not measured: {}\n",
        fmt::join(study.assumed, "; "));
  }
  if (request.output.empty()) {
    text += style.dim(
        "\n"
        "No file was written; -o DEVICE.toml writes the preset.\n");
  } else if (request.output != "-") {
    text += fmt::format(
        "\n"
        "Written: {0}; use it with --device {0}\n",
        request.output);
  }
  return text + fmt::format("{}  {}\n", style.bold("digest"), study::digest_text(study.digest));
}

std::string rows_csv(const study::FitStudy& study) {
  std::vector<std::vector<std::string>> rows = {
      {"curve", "kind", "x", "measured_us", "measured_std_us", "fitted_us", "fitted_std_us"}};
  for (std::size_t i = 0; i < study.curves.size(); ++i) {
    const instrument::Curve& curve = study.curves[i];
    const std::string kind(names_of(curve.kind)[static_cast<std::size_t>(curve.kind)]);
    for (const instrument::FitRow& row : study.checks[i].rows) {
      std::vector<std::string> cells = {curve.name, kind};
      for (const double value :
           {row.x, row.measured_us, row.measured_std_us, row.fitted_us, row.fitted_std_us}) {
        cells.push_back(fmt::format("{}", value));
      }
      rows.push_back(std::move(cells));
    }
  }
  return csv_of(rows);
}

/// False if only help or the configuration was requested.
bool read_fit_request(const std::vector<std::string>& words, FitRequest& request) {
  FieldList host_fields;
  describe_shared(request.host, host_fields);
  describe_output("output", request.output, "FILE",
                  "File for the device preset, in TOML (-: stdout)", host_fields);
  const FieldList config_fields = fields_of(request.config);
  FieldList fields = config_fields;
  fields.add(host_fields);
  const ParsedArguments arguments = parse_arguments("fit", fields, words, most_files);
  for (const std::string& name : arguments.positional) {
    if (name.find(',') == std::string::npos) continue;
    throw InputError("fit", fmt::format("\"{}\" contains a comma", name), "a name without commas");
  }
  study::Settings curves;
  if (!arguments.positional.empty()) {
    curves.push_back(
        {"curves", fmt::format("{}", fmt::join(arguments.positional, ",")), "fit", "flag"});
  }
  const study::Settings all = split_settings(arguments, host_fields, config_fields, curves);
  if (!request.host.preset.empty()) {
    throw InputError(at_field("preset"), "has no options for fit", "no preset");
  }
  study::apply(all, config_fields, request.origins);
  if (show_help(arguments, fit_help, fields)) return false;
  if (show_config(request.host, fields_of(request.config), request.origins)) return false;
  check_outputs(request.host, "output", request.output);
  return true;
}

}  // namespace

int run_fit(const std::vector<std::string>& words) {
  FitRequest request;
  if (!read_fit_request(words, request)) return 0;
  const Execution execution = execution_of(request.host);
  const Stopwatch watch;
  const study::FitStudy study =
      study::run_fit_study(request.config, read_curves(request.config.curves));
  if (!request.output.empty()) write_file(request.output, study.preset);
  study::Json execution_info = execution_json(execution);
  execution_info["out"] = request.host.out;
  execution_info["output"] = request.output;
  const std::string json = host_json(study::fit_study_json(request.config, study), execution_info,
                                     execution, watch.elapsed());
  const std::string csv = rows_csv(study);
  const NamedFiles files = {
      {"config.toml", study::to_toml(fields_of(request.config), request.origins)},
      {"rows.csv", csv},
      {"device.toml", study.preset}};
  const bool to_stdout = request.output == "-";
  finish(
      request.host, json, csv,
      [&](const Style& style) {
        std::string text = text_of_fit(
            study, request, to_stdout ? style_for(STDERR_FILENO, request.host.view.color) : style);
        if (!to_stdout) return text;
        if (!request.host.view.quiet) write_stderr(text);
        return std::string{};
      },
      files);
  return 0;
}

}  // namespace imcsim::cli
