// imcsim report: runs and sweeps as one self-contained HTML page.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "arguments.hpp"
#include "base/error.hpp"
#include "command.hpp"
#include "files.hpp"
#include "help.hpp"
#include "npy.hpp"
#include "report_figures.hpp"
#include "run.hpp"
#include "sweep_folder.hpp"

namespace imcsim::cli {
namespace {

namespace fs = std::filesystem;
using study::Json;
using Rows = std::vector<std::vector<std::string>>;

const HelpText report_help = {
    "imcsim report DIR… [-o FILE.html] [OPTIONS]",
    "Writes run directories (--out) and sweep folders as one self-contained HTML page with curves, "
    "distributions, conductance maps, tables and configuration.",
    "  imcsim device drift --count 100 --out drift; imcsim report drift -o report.html\n"
    "  imcsim mvm --rows 32 --cols 32 --out product; imcsim report product -o - >report.html\n"};

constexpr std::size_t most_folders = 200;
constexpr std::size_t report_rows = 60;
constexpr std::size_t most_charts = 12;

constexpr const char* style_sheet =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em;"
    "color:#1c2733;background:#fff}h1{font-size:1.6em}h2{border-top:1px solid #ccd;"
    "padding-top:.8em}code,td,th{font-variant-numeric:tabular-nums}table{border-collapse:collapse;"
    "font-size:13px}td,th{padding:.15em .7em;text-align:right;border-bottom:1px solid #e4e8ee}"
    "td:first-child,th:first-child{text-align:left}.scroll{overflow:auto;max-height:28em}"
    ".charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(420px,1fr));gap:1em}"
    "svg text{font:11px system-ui,sans-serif;fill:#44505c}svg .t{font-size:13px;font-weight:600;"
    "fill:#1c2733}svg .x{text-anchor:middle}svg .y{text-anchor:end}"
    "svg .g{stroke:#e4e8ee;fill:none}figure{margin:0}img{image-rendering:pixelated;width:100%;"
    "max-height:420px;object-fit:contain;background:#f2f4f7}figcaption,.more{font-size:12px;"
    "color:#55606c}pre{background:#f5f7f9;padding:1em;overflow:auto;font-size:12px}";

/// Rows of a CSV file written by this tool; quotes around cells are removed.
Rows read_csv(const std::string& path) {
  Rows rows;
  for (const std::string& line : whole_lines(path)) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
        cells.back() += c;
        ++i;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::vector<double> column_of(const Rows& rows, std::size_t column) {
  std::vector<double> values;
  for (std::size_t r = 1; r < rows.size(); ++r) {
    values.push_back(column < rows[r].size() ? study::number_of(rows[r][column]) : NAN);
  }
  return values;
}

bool is_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

/// True for positive values over more than a factor of 50, such as times.
bool needs_log_axis(const std::vector<double>& x) {
  const bool positive = std::all_of(x.begin(), x.end(), [](double v) { return v > 0.0; });
  return positive && x.size() > 2 && x.back() > 50.0 * x.front();
}

/// One chart per numeric column against the first column, if the first column is ascending.
std::string charts_of(const std::string& name, const Rows& rows) {
  if (rows.size() < 3) return {};
  const std::vector<double> x = column_of(rows, 0);
  if (!is_finite(x) || !std::is_sorted(x.begin(), x.end()) || x.front() == x.back()) return {};
  std::string charts;
  for (std::size_t c = 1; c < std::min(rows[0].size(), most_charts + 1); ++c) {
    const std::vector<double> y = column_of(rows, c);
    if (!is_finite(y)) continue;
    charts += chart_svg({fmt::format("{} ({})", rows[0][c], name),
                         rows[0][0],
                         needs_log_axis(x),
                         {{rows[0][c], x, y}}});
  }
  return charts;
}

/// Adds the scalars of the result; keys of nested objects are joined by dots.
void add_scalars(const Json& object, const std::string& prefix, Rows& rows) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object()) {
      add_scalars(value, prefix + key + ".", rows);
    } else if (value.is_number() || value.is_boolean()) {
      rows.push_back({prefix + key, value.dump()});
    } else if (value.is_string() && value.get_ref<const std::string&>().size() < 200) {
      rows.push_back({prefix + key, value.get<std::string>()});
    }
  }
}

/// Files of a folder whose names have this ending, sorted by name.
std::vector<fs::path> files_in(const fs::path& folder, std::string_view ending) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().ends_with(ending)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string conductances(const fs::path& folder) {
  std::string pictures;
  for (const fs::path& file : files_in(folder, ".npy")) {
    const std::string name = file.stem().string();
    if (name.find("conductance_us") == std::string::npos) continue;
    const study::FileMatrix matrix = load_matrix(file.string(), file.string());
    pictures += map_picture(name, matrix);
    pictures += histogram_svg("Devices by conductance: " + name, "conductance / µS", matrix.values);
  }
  return pictures;
}

/// Histogram of the output errors of a product.
std::string product_errors(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder / "output.npy", error) || !fs::exists(folder / "exact.npy", error)) {
    return {};
  }
  const study::FileMatrix output = load_matrix((folder / "output.npy").string(), "output.npy");
  const study::FileMatrix exact = load_matrix((folder / "exact.npy").string(), "exact.npy");
  std::vector<double> errors;
  for (std::size_t i = 0; i < std::min(output.values.size(), exact.values.size()); ++i) {
    errors.push_back(output.values[i] - exact.values[i]);
  }
  return histogram_svg("Outputs by error", "output − exact", errors);
}

std::string details(const std::string& name, const std::string& inside) {
  return fmt::format("<details><summary>{}</summary>{}</details>\n", html(name), inside);
}

std::string run_section(const std::string& name) {
  const fs::path folder = name;
  const Json json = Json::parse(read_text((folder / "result.json").string(), name), nullptr, false);
  if (!json.is_object() || !json.contains("result")) {
    throw InputError(name, "has an invalid result.json", "a folder written with --out");
  }
  Rows figures = {{"result", "value"}};
  add_scalars(json["result"], "", figures);
  std::string text = fmt::format(
      "<h2>{}</h2>\n<p><code>imcsim {} --config {}</code><br>digest <code>{}</code>, imcsim "
      "{}</p>\n",
      html(name), html(json.value("command", "?")), html((folder / "config.toml").string()),
      html(json.value("digest", "none")), html(json.value("imcsim", "?")));
  std::string pictures;
  std::string tables;
  for (const fs::path& file : files_in(folder, ".csv")) {
    const Rows rows = read_csv(file.string());
    pictures += charts_of(file.stem().string(), rows);
    tables += fmt::format("<h3>{}</h3>\n{}", html(file.filename().string()),
                          html_table(rows, report_rows));
  }
  pictures += conductances(folder) + product_errors(folder);
  text += html_table(figures, report_rows) + "<div class=\"charts\">\n" + pictures + "</div>\n" +
          tables;
  for (const fs::path& file : files_in(folder, ".svg")) text += read_text(file.string(), name);
  return text +
         details("Configuration",
                 "<pre>" + html(read_text((folder / "config.toml").string(), name)) + "</pre>");
}

/// Chart against a numeric axis: one line per combination of the other axes, with the standard
/// deviation over the seeds as a band.
std::string sweep_chart(const study::SweepStudy& study, const study::SweepSummary& summary,
                        std::size_t axis, std::size_t figure) {
  Chart chart{summary.columns[figure], study.axes()[axis]->key, false, {}};
  for (const study::SweepPoint& point : summary.points) {
    std::string rest;
    for (std::size_t a = 0; a < point.axes.size(); ++a) {
      if (a != axis) rest += (rest.empty() ? "" : ", ") + point.axes[a];
    }
    auto line = std::find_if(chart.lines.begin(), chart.lines.end(),
                             [&](const ChartLine& other) { return other.name == rest; });
    if (line == chart.lines.end()) {
      line = chart.lines.insert(chart.lines.end(), ChartLine{rest, {}, {}, {}, {}});
    }
    const MeanAndDeviation& value = point.figures[figure];
    line->x.push_back(study::number_of(point.axes[axis]));
    line->y.push_back(value.mean);
    line->low.push_back(value.mean - value.deviation);
    line->high.push_back(value.mean + value.deviation);
  }
  if (!chart.lines.empty()) chart.logarithmic_x = needs_log_axis(chart.lines.front().x);
  return chart_svg(chart);
}

/// Name of a combination of axis values: with several axes, the values that differ from the first
/// combination.
std::string name_of(const std::vector<const study::Axis*>& axes, const study::SweepPoint& point,
                    const study::SweepPoint& first) {
  const auto as_first = [&](const std::string& value) { return value == point.axes[0]; };
  if (axes.size() > 1 && std::all_of(point.axes.begin(), point.axes.end(), as_first)) {
    return "all " + point.axes[0];
  }
  std::string all;
  std::string differing;
  for (std::size_t a = 0; a < axes.size(); ++a) {
    all += (all.empty() ? "" : ", ") + point.axes[a];
    if (point.axes[a] == first.axes[a]) continue;
    differing +=
        (differing.empty() ? "" : ", ") + fmt::format("{} {}", axes[a]->key, point.axes[a]);
  }
  const std::string& name = axes.size() == 1 || differing.empty() ? all : differing;
  constexpr std::size_t longest = 30;
  return name.size() <= longest ? name : name.substr(0, longest - 1) + "…";
}

/// Chart without a numeric axis: one row per combination, labeled by its name.
std::string sweep_dots(const std::vector<const study::Axis*>& axes,
                       const study::SweepSummary& summary, std::size_t figure) {
  std::vector<ChartDot> dots;
  for (const study::SweepPoint& point : summary.points) {
    const MeanAndDeviation& value = point.figures[figure];
    dots.push_back({name_of(axes, point, summary.points.front()), value.mean, value.deviation});
  }
  return dots_svg(summary.columns[figure], dots);
}

std::string sweep_charts(const study::SweepStudy& study, const study::SweepSummary& summary) {
  const std::vector<const study::Axis*> axes = study.axes();
  std::string charts;
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::vector<std::string>& values = axes[a]->values;
    const bool numbers = std::all_of(values.begin(), values.end(), [](const std::string& text) {
      return std::isfinite(study::number_of(text));
    });
    if (!numbers || values.size() < 2) continue;
    for (std::size_t f = 0; f < std::min(summary.columns.size(), most_charts); ++f) {
      charts += sweep_chart(study, summary, a, f);
    }
    return charts;
  }
  for (std::size_t f = 0; f < std::min(summary.columns.size(), most_charts); ++f) {
    charts += sweep_dots(axes, summary, f);
  }
  return charts;
}

std::string sweep_section(const std::string& name) {
  const fs::path folder = name;
  const std::string text = read_text((folder / "study.toml").string(), name);
  const study::SweepStudy study = study::parse_sweep(text, (folder / "study.toml").string());
  study::SweepRows rows;
  for (const std::string& table : tables_in(folder, study)) {
    for (const std::string& line : whole_lines(table)) {
      study::SweepRow row;
      if (study::read_line(study, line, row)) rows.emplace(row.variant, std::move(row));
    }
  }
  const study::SweepSummary summary = study::summarize(study, rows);
  Rows means = {{}};
  for (const study::Axis* axis : study.axes()) means[0].push_back(axis->key);
  means[0].insert(means[0].end(), {"done", "failed"});
  means[0].insert(means[0].end(), summary.columns.begin(), summary.columns.end());
  for (const study::SweepPoint& point : summary.points) {
    std::vector<std::string> row = point.axes;
    row.insert(row.end(), {fmt::format("{}", point.done), fmt::format("{}", point.failed)});
    for (std::size_t c = 0; c < summary.columns.size(); ++c) {
      const bool several = point.counted[c] > 1;
      row.push_back(point.counted[c] == 0 ? ""
                    : several             ? fmt::format("{:.5g} ± {:.2g}", point.figures[c].mean,
                                                        point.figures[c].deviation)
                                          : fmt::format("{:.5g}", point.figures[c].mean));
    }
    means.push_back(std::move(row));
  }
  return fmt::format("<h2>{}: {}</h2>\n<p>{} of {} variants of <code>imcsim {}</code></p>\n",
                     html(name), html(study.name), rows.size(), study.variants(),
                     html(study.command)) +
         "<div class=\"charts\">\n" + sweep_charts(study, summary) + "</div>\n" +
         html_table(means, report_rows) + details("Study", "<pre>" + html(text) + "</pre>");
}

std::string section(const std::string& name) {
  std::error_code error;
  if (fs::is_regular_file(fs::path(name) / "study.json", error)) return sweep_section(name);
  for (const char* file : {"result.json", "config.toml"}) {
    if (fs::is_regular_file(fs::path(name) / file, error)) continue;
    throw InputError(name, "is neither a run directory nor a sweep folder",
                     "a folder written with --out or imcsim sweep -o");
  }
  return run_section(name);
}

}  // namespace

int run_report(const std::vector<std::string>& words) {
  std::string out = "report.html";
  FieldList fields;
  describe_output("out", out, "FILE", "File for the HTML page (-: stdout)", fields);
  const ParsedArguments arguments = parse_arguments("report", fields, words, most_folders);
  split_settings(arguments, fields, FieldList{});
  if (show_help(arguments, report_help, fields)) return 0;
  if (arguments.positional.empty()) {
    throw InputError("report DIR", "is missing", "a run directory or a sweep folder");
  }
  require_writable(out, at_field("out"));
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>imcsim report</title>"
      "<style>{}</style></head><body>\n<h1>imcsim report</h1>\n",
      style_sheet);
  for (const std::string& name : arguments.positional) page += section(name);
  page += "</body></html>\n";
  write_file(out, page);
  return 0;
}

}  // namespace imcsim::cli
