#include "sweep_output.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>

#include "files.hpp"
#include "run.hpp"
#include "sweep_folder.hpp"

namespace imcsim::cli {
namespace {

constexpr std::size_t summary_rows = 40;
constexpr std::size_t most_figures = 4;

std::string figure_text(const MeanAndDeviation& figure, std::size_t counted) {
  if (counted == 0) return "";
  if (counted == 1) return fmt::format("{:.5g}", figure.mean);
  return fmt::format("{:.5g} ± {:.2g}", figure.mean, figure.deviation);
}

/// Axes with two or more values, all of them numbers.
std::vector<std::size_t> numeric_axes(const study::SweepStudy& study) {
  std::vector<std::size_t> numeric;
  const std::vector<const study::Axis*> axes = study.axes();
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::vector<std::string>& values = axes[a]->values;
    const bool numbers = std::all_of(values.begin(), values.end(), [](const std::string& text) {
      return std::isfinite(study::number_of(text));
    });
    if (numbers && values.size() > 1) numeric.push_back(a);
  }
  return numeric;
}

std::string curve(const study::SweepSummary& summary, std::size_t axis, const std::string& name,
                  const Style& style) {
  std::vector<std::pair<double, double>> points;
  for (const study::SweepPoint& point : summary.points) {
    if (std::isfinite(point.figures.front().mean)) {
      points.emplace_back(study::number_of(point.axes[axis]), point.figures.front().mean);
    }
  }
  std::sort(points.begin(), points.end());
  XySeries series{summary.columns.front(), {}, {}, false, false, false};
  for (const auto& [x, y] : points) {
    series.x.push_back(x);
    series.y.push_back(y);
  }
  if (points.size() > 2 && points.front().first > 0.0) {
    series.log_x = points.back().first / points.front().first > 100.0;
  }
  return xy_plot(series, name, style);
}

/// Two characters per grid point, denser for larger values.
std::string shades(const study::SweepSummary& summary, std::size_t across, std::size_t down,
                   const std::vector<const study::Axis*>& axes, const Style& style) {
  static constexpr std::string_view inks[] = {"··", "░░", "▒▒", "▓▓", "██"};
  std::map<double, std::map<double, double>> grid;
  std::set<double> columns;
  double low = INFINITY;
  double high = -INFINITY;
  for (const study::SweepPoint& point : summary.points) {
    const double value = point.figures.front().mean;
    const double x = study::number_of(point.axes[across]);
    columns.insert(x);
    grid[study::number_of(point.axes[down])][x] = value;
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (!(high > low) || columns.size() > 38) return {};
  std::string text = style.bold(summary.columns.front()) +
                     fmt::format("  {} {:.4g}  {} {:.4g}\n", inks[0], low, inks[4], high);
  for (auto row = grid.rbegin(); row != grid.rend(); ++row) {
    text += style.dim(fmt::format("{:>10.4g} ┤", row->first));
    for (const double x : columns) {
      const auto found = row->second.find(x);
      const bool known = found != row->second.end() && std::isfinite(found->second);
      const double part = known ? (found->second - low) / (high - low) : 0.0;
      text += known ? style.accent(inks[static_cast<std::size_t>(std::lround(4.0 * part))]) : "  ";
    }
    text += "\n";
  }
  const std::string ends = fmt::format("{:.4g} to {:.4g}", *columns.begin(), *columns.rbegin());
  return text + style.dim(fmt::format("            {}: {}, vertical {}\n", axes[across]->key, ends,
                                      axes[down]->key));
}

std::string picture(const study::SweepStudy& study, const study::SweepSummary& summary,
                    const Style& style) {
  const std::vector<const study::Axis*> axes = study.axes();
  const std::vector<std::size_t> numeric = numeric_axes(study);
  if (summary.columns.empty() || axes.size() != numeric.size()) return {};
  if (axes.size() == 1) return curve(summary, 0, axes[0]->key, style);
  if (axes.size() == 2 && study.groups.size() == 2) return shades(summary, 1, 0, axes, style);
  if (study.groups.size() == 1) return curve(summary, 0, axes[0]->key, style);
  return {};
}

}  // namespace

SweepTable::~SweepTable() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void SweepTable::append(const study::SweepRows& all,
                        const std::vector<const study::SweepRow*>& fresh) {
  if (columns_.empty()) {
    // Columns of the rows so far; finish() writes a table with all columns.
    columns_ = study::result_columns(study_, all);
    if (columns_.empty()) return;
    std::vector<std::vector<std::string>> rows = {study::table_heading(study_, columns_)};
    for (const auto& [variant, row] : all) {
      rows.push_back(study::table_row(study_, row, columns_));
    }
    write_file(path_, csv_of(rows));
    descriptor_ = open_to_append(path_);
    return;
  }
  std::vector<std::vector<std::string>> rows;
  rows.reserve(fresh.size());
  for (const study::SweepRow* row : fresh) rows.push_back(table_row(study_, *row, columns_));
  append_whole(descriptor_, csv_of(rows), path_);
}

std::string SweepTable::finish(const study::SweepRows& rows) {
  const std::vector<std::string> columns = study::result_columns(study_, rows);
  std::vector<std::vector<std::string>> texts = {study::table_heading(study_, columns)};
  for (const auto& [variant, row] : rows) texts.push_back(study::table_row(study_, row, columns));
  std::string text = csv_of(texts);
  write_file(path_, text);
  return text;
}

SweepProgress::SweepProgress(ProgressKind kind, const ViewOptions& view, std::size_t total,
                             std::size_t done)
    : kind_(kind),
      style_(style_for(STDERR_FILENO, view.color)),
      total_(total),
      done_(done),
      done_at_start_(done),
      start_(std::chrono::steady_clock::now()),
      drawn_(start_) {
  if (kind_ == ProgressKind::automatic) {
    kind_ = is_terminal(STDERR_FILENO) ? ProgressKind::bar : ProgressKind::none;
  }
  if (view.quiet) kind_ = ProgressKind::none;
}

void SweepProgress::report(const std::vector<const study::SweepRow*>& fresh) {
  done_ += fresh.size();
  for (const study::SweepRow* row : fresh) {
    if (!row->error.empty()) ++failed_;
    if (kind_ != ProgressKind::json) continue;
    study::Json event = {{"event", row->error.empty() ? "variant" : "failed"},
                         {"variant", row->variant},
                         {"done", done_},
                         {"total", total_}};
    if (!row->error.empty()) event["error"] = row->error;
    write_stderr(event.dump(-1, ' ', false, study::Json::error_handler_t::replace) + "\n");
  }
  if (kind_ != ProgressKind::bar || seconds_since(drawn_) < 0.1) return;
  drawn_ = std::chrono::steady_clock::now();
  const double speed = static_cast<double>(done_ - done_at_start_) / seconds_since(start_);
  const double left_s = speed > 0.0 ? static_cast<double>(total_ - done_) / speed : 0.0;
  const double part =
      static_cast<double>(done_) / static_cast<double>(std::max<std::size_t>(1, total_));
  const std::string failures = failed_ == 0 ? "" : fmt::format("  {} failed", failed_);
  write_stderr(fmt::format("\r\x1b[K{}  {} of {} variants  {:.0f} s left{}",
                           style_.accent(fmt::format("{:<24}", bar(part, 24))), grouped(done_),
                           grouped(total_), left_s, failures));
  on_screen_ = true;
}

void SweepProgress::finish() {
  if (on_screen_) write_stderr("\r\x1b[K");
  on_screen_ = false;
}

std::string summary_text(const study::SweepStudy& study, const study::SweepSummary& summary,
                         const Style& style) {
  std::vector<std::string> heading;
  for (const study::Axis* axis : study.axes()) heading.push_back(axis->key);
  heading.emplace_back("seeds");
  const std::size_t figures = std::min(most_figures, summary.columns.size());
  for (std::size_t c = 0; c < figures; ++c) heading.push_back(summary.columns[c]);
  std::vector<std::vector<std::string>> rows = {heading};
  for (const study::SweepPoint& point : summary.points) {
    if (rows.size() > summary_rows) break;
    std::vector<std::string> row = point.axes;
    row.push_back(point.failed == 0 ? fmt::format("{}", point.done)
                                    : fmt::format("{}, {} failed", point.done, point.failed));
    for (std::size_t c = 0; c < figures; ++c) {
      row.push_back(figure_text(point.figures[c], point.counted[c]));
    }
    rows.push_back(std::move(row));
  }
  std::string text = aligned_table(rows, style);
  if (summary.points.size() + 1 > rows.size()) {
    text += style.dim(
        fmt::format("… and {} more in table.csv\n", summary.points.size() + 1 - rows.size()));
  }
  const std::string drawn = picture(study, summary, style);
  return drawn.empty() ? text : text + "\n" + drawn;
}

study::Json summary_json(const study::SweepStudy& study, const study::SweepSummary& summary) {
  study::Json list = study::Json::array();
  const std::vector<const study::Axis*> axes = study.axes();
  for (const study::SweepPoint& point : summary.points) {
    study::Json entry = {{"axes", study::Json::object()},
                         {"done", point.done},
                         {"failed", point.failed},
                         {"mean", study::Json::object()},
                         {"std", study::Json::object()}};
    for (std::size_t a = 0; a < axes.size(); ++a) entry["axes"][axes[a]->key] = point.axes[a];
    for (std::size_t c = 0; c < summary.columns.size(); ++c) {
      if (point.counted[c] == 0) continue;
      entry["mean"][summary.columns[c]] = point.figures[c].mean;
      entry["std"][summary.columns[c]] = point.figures[c].deviation;
    }
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace imcsim::cli
