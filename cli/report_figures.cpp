#include "report_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tasks/tasks.hpp"
#include "terminal.hpp"

namespace imcsim::cli {
namespace {

constexpr double width = 460.0;
constexpr double height = 260.0;
constexpr double left = 64.0;
constexpr double right = 14.0;
constexpr double below_title = 30.0;
constexpr double below_legend = 48.0;
constexpr double bottom = 44.0;
constexpr std::size_t most_lines = 8;

constexpr const char* colors[most_lines] = {"#2563a8", "#c8553d", "#2f8f5b", "#8a5fb0",
                                            "#b8860b", "#3b8ea5", "#a0466e", "#5f6b76"};

/// Closed interval of the values shown.
struct Span {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool is_empty() const { return low > high; }
  void widen(double part) {
    const double more = high > low ? part * (high - low) : std::max(0.5, 0.1 * std::fabs(high));
    low -= more;
    high += more;
  }
};

/// Round numbers in an interval: multiples of 1, 2 or 5 times a power of ten.
std::vector<double> ticks(const Span& span, std::size_t wanted) {
  const double raw = (span.high - span.low) / static_cast<double>(wanted);
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double step = power * (raw / power > 5.0   ? 10.0
                               : raw / power > 2.0 ? 5.0
                               : raw / power > 1.0 ? 2.0
                                                   : 1.0);
  std::vector<double> values;
  for (double v = std::ceil(span.low / step) * step; v <= span.high + 1e-9 * step; v += step) {
    values.push_back(std::fabs(v) < 1e-9 * step ? 0.0 : v);
  }
  return values;
}

/// Maps values to SVG coordinates.
struct Sheet {
  Span x, y;
  bool logarithmic;
  double top = below_title;
  double place_x(double value) const {
    const double v = logarithmic ? std::log10(value) : value;
    return left + (width - left - right) * (v - x.low) / (x.high - x.low);
  }
  double place_y(double value) const {
    return height - bottom - (height - top - bottom) * (value - y.low) / (y.high - y.low);
  }
};

bool is_shown(const Chart& chart, double x, double y) {
  return std::isfinite(x) && std::isfinite(y) && (!chart.logarithmic_x || x > 0.0);
}

std::string open_svg(const std::string& title) {
  return fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">"
      "<text class=\"t\" x=\"{}\" y=\"18\">{}</text>",
      width, height, html(title), 6.0, html(title));
}

std::string axes_svg(const Sheet& sheet, const std::string& x_name) {
  std::string svg;
  for (const double v : ticks(sheet.y, 5)) {
    const double y = sheet.place_y(v);
    svg += fmt::format(
        "<path class=\"g\" d=\"M{} {:.1f}H{}\"/><text class=\"y\" x=\"{}\" "
        "y=\"{:.1f}\">{:.4g}</text>",
        left, y, width - right, left - 6.0, y + 4.0, v);
  }
  for (const double v : ticks(sheet.x, 6)) {
    if (sheet.logarithmic && v != std::floor(v)) continue;
    const double x =
        left + (width - left - right) * (v - sheet.x.low) / (sheet.x.high - sheet.x.low);
    svg += fmt::format(
        "<path class=\"g\" d=\"M{:.1f} {}V{}\"/><text class=\"x\" x=\"{:.1f}\" y=\"{}\">{}</text>",
        x, sheet.top, height - bottom, x, height - bottom + 15.0,
        sheet.logarithmic ? fmt::format("1e{:.0f}", v) : fmt::format("{:.4g}", v));
  }
  return svg + fmt::format("<text class=\"x\" x=\"{}\" y=\"{}\">{}</text>",
                           0.5 * (left + width - right), height - 8.0, html(x_name));
}

std::string band_svg(const Chart& chart, const Sheet& sheet, const ChartLine& line,
                     const char* color) {
  if (line.low.size() != line.y.size() || line.high.size() != line.y.size()) return {};
  std::string upper;
  std::string lower;
  for (std::size_t i = 0; i < line.y.size(); ++i) {
    if (!is_shown(chart, line.x[i], line.y[i])) continue;
    const double x = sheet.place_x(line.x[i]);
    upper += fmt::format("{:.1f},{:.1f} ", x, sheet.place_y(line.high[i]));
    lower.insert(0, fmt::format("{:.1f},{:.1f} ", x, sheet.place_y(line.low[i])));
  }
  return fmt::format("<polygon points=\"{}{}\" fill=\"{}\" opacity=\"0.18\"/>", upper, lower,
                     color);
}

std::string line_svg(const Chart& chart, const Sheet& sheet, std::size_t number) {
  const ChartLine& line = chart.lines[number];
  const char* color = colors[number];
  std::string points;
  std::string dots;
  for (std::size_t i = 0; i < line.y.size(); ++i) {
    if (!is_shown(chart, line.x[i], line.y[i])) continue;
    const double x = sheet.place_x(line.x[i]);
    const double y = sheet.place_y(line.y[i]);
    points += fmt::format("{:.1f},{:.1f} ", x, y);
    if (line.y.size() <= 60) {
      dots +=
          fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.6\" fill=\"{}\"/>", x, y, color);
    }
  }
  return band_svg(chart, sheet, line, color) +
         fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\"/>{}",
                     points, color, dots);
}

/// Legend below the title: a colored dash before the name of each line.
std::string legend_svg(const Chart& chart) {
  std::string svg;
  double x = left;
  for (std::size_t l = 0; l < std::min(chart.lines.size(), most_lines); ++l) {
    const std::string& name = chart.lines[l].name;
    svg += fmt::format(
        "<path d=\"M{:.0f} 36h14\" stroke=\"{}\" stroke-width=\"3\"/>"
        "<text class=\"l\" x=\"{:.0f}\" y=\"40\">{}</text>",
        x, colors[l], x + 19.0, html(name));
    x += 32.0 + 6.2 * static_cast<double>(display_width(name));
  }
  return svg;
}

/// Block means with at most `most` rows and columns.
study::FileMatrix downsampled(const study::FileMatrix& matrix, std::size_t most) {
  const std::size_t down = (matrix.rows + most - 1) / most;
  const std::size_t across = (matrix.columns + most - 1) / most;
  if (down <= 1 && across <= 1) return matrix;
  study::FileMatrix small;
  small.rows = (matrix.rows + down - 1) / down;
  small.columns = (matrix.columns + across - 1) / across;
  small.values.assign(small.rows * small.columns, 0.0);
  std::vector<double> counts(small.values.size(), 0.0);
  for (std::size_t r = 0; r < matrix.rows; ++r) {
    for (std::size_t c = 0; c < matrix.columns; ++c) {
      const std::size_t at = (r / down) * small.columns + c / across;
      small.values[at] += matrix.values[r * matrix.columns + c];
      counts[at] += 1.0;
    }
  }
  for (std::size_t i = 0; i < counts.size(); ++i) small.values[i] /= counts[i];
  return small;
}

std::string base64(std::string_view text_of_bytes) {
  const std::vector<std::uint8_t> bytes(text_of_bytes.begin(), text_of_bytes.end());
  constexpr const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left_over = bytes.size() - i;
    const std::uint32_t three = (std::uint32_t{bytes[i]} << 16) |
                                (left_over > 1 ? std::uint32_t{bytes[i + 1]} << 8 : 0u) |
                                (left_over > 2 ? std::uint32_t{bytes[i + 2]} : 0u);
    text += digits[three >> 18];
    text += digits[(three >> 12) & 63u];
    text += left_over > 1 ? digits[(three >> 6) & 63u] : '=';
    text += left_over > 2 ? digits[three & 63u] : '=';
  }
  return text;
}

}  // namespace

std::string html(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      default: safe += c;
    }
  }
  return safe;
}

std::string chart_svg(const Chart& chart) {
  const bool named = chart.lines.size() > 1;
  Sheet sheet{{}, {}, chart.logarithmic_x, named ? below_legend : below_title};
  for (const ChartLine& line : chart.lines) {
    for (std::size_t i = 0; i < line.y.size(); ++i) {
      if (!is_shown(chart, line.x[i], line.y[i])) continue;
      sheet.x.add(chart.logarithmic_x ? std::log10(line.x[i]) : line.x[i]);
      sheet.y.add(line.y[i]);
      if (line.low.size() == line.y.size()) sheet.y.add(line.low[i]);
      if (line.high.size() == line.y.size()) sheet.y.add(line.high[i]);
    }
  }
  if (sheet.x.is_empty()) return {};
  sheet.x.widen(0.02);
  sheet.y.widen(0.06);
  std::string svg = open_svg(chart.title) + axes_svg(sheet, chart.x_name);
  for (std::size_t l = 0; l < std::min(chart.lines.size(), most_lines); ++l) {
    svg += line_svg(chart, sheet, l);
  }
  return svg + (named ? legend_svg(chart) : "") + "</svg>\n";
}

std::string dots_svg(const std::string& title, const std::vector<ChartDot>& dots) {
  constexpr double step = 22.0;
  constexpr double names = 190.0;
  Span span;
  for (const ChartDot& dot : dots) {
    if (!std::isfinite(dot.mean)) continue;
    span.add(dot.mean - dot.deviation);
    span.add(dot.mean + dot.deviation);
  }
  if (span.is_empty()) return {};
  span.widen(0.06);
  const double foot = below_title + step * static_cast<double>(dots.size());
  const auto place = [&](double value) {
    return names + (width - names - right) * (value - span.low) / (span.high - span.low);
  };
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">"
      "<text class=\"t\" x=\"6\" y=\"18\">{}</text>",
      width, foot + 24.0, html(title), html(title));
  for (const double v : ticks(span, 5)) {
    svg += fmt::format(
        "<path class=\"g\" d=\"M{0:.1f} {1}V{2}\"/><text class=\"x\" x=\"{0:.1f}\" "
        "y=\"{3}\">{4:.4g}</text>",
        place(v), below_title, foot, foot + 16.0, v);
  }
  for (std::size_t d = 0; d < dots.size(); ++d) {
    if (!std::isfinite(dots[d].mean)) continue;
    const double y = below_title + step * (static_cast<double>(d) + 0.5);
    svg += fmt::format(
        "<text class=\"y\" x=\"{0}\" y=\"{1:.1f}\">{2}</text>"
        "<path d=\"M{3:.1f} {4:.1f}H{5:.1f}\" stroke=\"{7}\" stroke-width=\"1.8\"/>"
        "<circle cx=\"{6:.1f}\" cy=\"{4:.1f}\" r=\"4\" fill=\"{7}\"/>",
        names - 10.0, y + 4.0, html(dots[d].name), place(dots[d].mean - dots[d].deviation), y,
        place(dots[d].mean + dots[d].deviation), place(dots[d].mean), colors[0]);
  }
  return svg + "</svg>\n";
}

std::string histogram_svg(const std::string& title, const std::string& x_name,
                          const std::vector<double>& values) {
  constexpr std::size_t bins = 40;
  Sheet sheet{{}, {}, false, below_title};
  for (const double value : values) sheet.x.add(value);
  if (sheet.x.is_empty()) return {};
  if (sheet.x.high <= sheet.x.low) sheet.x.widen(0.0);
  std::vector<double> counts(bins, 0.0);
  const double step = (sheet.x.high - sheet.x.low) / static_cast<double>(bins);
  for (const double value : values) {
    const auto at = static_cast<std::size_t>((value - sheet.x.low) / step);
    counts[std::min(at, bins - 1)] += 1.0;
  }
  sheet.y = {0.0, 1.06 * *std::max_element(counts.begin(), counts.end())};
  const double first = sheet.x.low;
  sheet.x.widen(0.02);
  std::string svg = open_svg(title) + axes_svg(sheet, x_name);
  for (std::size_t k = 0; k < bins; ++k) {
    if (counts[k] == 0.0) continue;
    const double from = sheet.place_x(first + static_cast<double>(k) * step);
    const double to = sheet.place_x(first + static_cast<double>(k + 1) * step);
    const double y = sheet.place_y(counts[k]);
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>", from, y,
        std::max(0.5, to - from - 0.6), height - bottom - y, colors[0]);
  }
  return svg + "</svg>\n";
}

std::string map_picture(const std::string& title, const study::FileMatrix& matrix) {
  const study::FileMatrix small = downsampled(matrix, 256);
  Span span;
  for (const double value : small.values) span.add(value);
  if (span.is_empty()) return {};
  tasks::Image image;
  image.width = small.columns;
  image.height = small.rows;
  const double extent = span.high > span.low ? span.high - span.low : 1.0;
  for (const double value : small.values) {
    image.pixels.push_back(
        static_cast<std::uint8_t>(std::lround(255.0 * (value - span.low) / extent)));
  }
  const std::string png = tasks::png_of(image);
  return fmt::format(
      "<figure><img alt=\"{0}\" src=\"data:image/png;base64,{1}\"><figcaption>{0}: {2} x {3}, dark "
      "{4:.3g}, bright {5:.3g}</figcaption></figure>\n",
      html(title), base64(png), matrix.rows, matrix.columns, span.low, span.high);
}

std::string html_table(const std::vector<std::vector<std::string>>& rows, std::size_t most) {
  std::string text = "<div class=\"scroll\"><table>\n";
  for (std::size_t r = 0; r < std::min(rows.size(), most + 1); ++r) {
    text += "<tr>";
    const char* cell = r == 0 ? "th" : "td";
    for (const std::string& word : rows[r]) text += fmt::format("<{0}>{1}</{0}>", cell, html(word));
    text += "</tr>\n";
  }
  text += "</table></div>\n";
  if (rows.size() > most + 1) {
    text += fmt::format("<p class=\"more\">and {} more rows</p>\n", rows.size() - most - 1);
  }
  return text;
}

}  // namespace imcsim::cli
