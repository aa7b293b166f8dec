#include "terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#if defined(__EMSCRIPTEN__)
#include <emscripten.h>
#endif

namespace imcsim::cli {
namespace {

constexpr int plot_height = 8;
constexpr int plot_width = 48;

std::string utf8(char32_t letter) {
  std::string text;
  text += static_cast<char>(0xE0 | (letter >> 12));
  text += static_cast<char>(0x80 | ((letter >> 6) & 0x3F));
  text += static_cast<char>(0x80 | (letter & 0x3F));
  return text;
}

/// Bits of the dots of a braille character by (row, column).
constexpr int braille_dot[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

bool is_numeric(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.,+-e%× ") == std::string_view::npos;
}

}  // namespace

std::string Style::grays(std::uint8_t upper, std::uint8_t lower) const {
  if (!on_) {
    static constexpr const char* shades[] = {" ", "░", "▒", "▓", "█"};
    return shades[(upper + lower) * 5 / 512];
  }
  // The 24 grays between black and white of the 256-color palette.
  return fmt::format("\x1b[38;5;{};48;5;{}m▀", 232 + upper * 24 / 256, 232 + lower * 24 / 256);
}

std::string Style::plain() const { return on_ ? "\x1b[0m" : ""; }

std::string Style::paint(std::string_view code, std::string_view text) const {
  return on_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::span<const std::string_view> names_of(ColorChoice) {
  static constexpr std::array<std::string_view, 3> names = {"auto", "always", "never"};
  return names;
}

Style style_for(int descriptor, ColorChoice choice) {
  if (choice != ColorChoice::automatic) return Style(choice == ColorChoice::always);
  const char* refused = std::getenv("NO_COLOR");
  return Style(is_terminal(descriptor) && (refused == nullptr || *refused == 0));
}

#if defined(__EMSCRIPTEN__)
// Emscripten reports every standard stream as a terminal; Node reports correctly.
EM_JS(int, node_is_terminal, (int descriptor),
      { return require("tty").isatty(descriptor) ? 1 : 0; });
bool is_terminal(int descriptor) { return node_is_terminal(descriptor) == 1; }
#else
bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }
#endif

int terminal_width(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (used > 0 && used + 1 + display_width(word) > width) {
      out += "\n" + std::string(indent, ' ');
      used = 0;
    }
    if (used > 0) out += " ";
    out += word;
    used += display_width(word) + (used > 0 ? 1 : 0);
  }
  return out;
}

std::string aligned_table(const std::vector<std::vector<std::string>>& rows, const Style& style) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      widths[c] = std::max(widths[c], display_width(row[c]));
    }
  }
  std::string text;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      const std::string& cell = rows[r][c];
      const std::string gap(widths[c] - display_width(cell), ' ');
      const bool right = rows.size() > 1 && is_numeric(rows[1][c]);
      if (c > 0) line += "  ";
      line += right ? gap + cell : cell + gap;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += (r == 0 ? style.dim(line) : line) + "\n";
  }
  return text;
}

std::string csv_of(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      std::string cell = row[c];
      if (cell.find_first_of(",\"\n") != std::string::npos) {
        for (std::size_t at = 0; (at = cell.find('"', at)) != std::string::npos; at += 2) {
          cell.insert(at, "\"");
        }
        cell.insert(0, "\"");
        cell += '"';
      }
      if (c > 0) text += ',';
      text += cell;
    }
    text += "\n";
  }
  return text;
}

std::string grouped(std::uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

namespace {

/// Plotted values of an axis: the logarithms if the axis is logarithmic and all values are
/// positive.
std::vector<double> drawn(std::span<const double> values, bool& logarithmic) {
  logarithmic = logarithmic && *std::min_element(values.begin(), values.end()) > 0.0;
  std::vector<double> at(values.begin(), values.end());
  if (logarithmic) {
    for (double& value : at) value = std::log10(value);
  }
  return at;
}

/// Dots of a curve: for each character of the plot, a bit mask of its eight dots.
std::vector<std::vector<int>> dots_of(std::span<const double> x, std::span<const double> y) {
  const auto [low, high] = std::minmax_element(y.begin(), y.end());
  const double span = std::max(*high - *low, 1e-12 * std::max(std::fabs(*high), 1e-12));
  const double x_span = std::max(x.back() - x.front(), 1e-300);
  std::vector<std::vector<int>> cells(plot_height, std::vector<int>(plot_width, 0));
  constexpr int dots_wide = 2 * plot_width;
  constexpr int dots_high = 4 * plot_height;
  int before = -1;
  std::size_t left = 0;
  for (int dot_x = 0; dot_x < dots_wide; ++dot_x) {
    const double position = x.front() + x_span * dot_x / (dots_wide - 1);
    while (left + 2 < x.size() && x[left + 1] < position) ++left;
    const double gap = x[left + 1] - x[left];
    const double part = gap > 0.0 ? std::clamp((position - x[left]) / gap, 0.0, 1.0) : 0.0;
    const double value = y[left] + part * (y[left + 1] - y[left]);
    const int dot_y = static_cast<int>(std::lround((value - *low) / span * (dots_high - 1)));
    const int from = before < 0 ? dot_y : std::min(before, dot_y);
    const int to = before < 0 ? dot_y : std::max(before, dot_y);
    for (int dot = from; dot <= to; ++dot) {
      const int row = dots_high - 1 - dot;
      cells[static_cast<std::size_t>(row / 4)][static_cast<std::size_t>(dot_x / 2)] |=
          braille_dot[row % 4][dot_x % 2];
    }
    before = dot_y;
  }
  return cells;
}

}  // namespace

std::string xy_plot(const XySeries& series, std::string_view x_label, const Style& style) {
  if (series.x.size() < 2) return {};
  bool log_x = series.log_x;
  bool log_y = series.log_y;
  const std::vector<double> x = drawn(series.x, log_x);
  const std::vector<double> y = drawn(series.y, log_y);
  const std::vector<std::vector<int>> cells = dots_of(x, y);
  const auto [low, high] = std::minmax_element(series.y.begin(), series.y.end());
  const auto scale_text = [&](double value) {
    return series.percent ? fmt::format("{:7.2f}%", 100.0 * value) : fmt::format("{:8.3g}", value);
  };
  std::string text = style.bold(series.name) + "\n";
  for (int row = 0; row < plot_height; ++row) {
    std::string scale(8, ' ');
    if (row == 0) scale = scale_text(*high);
    if (row == plot_height - 1) scale = scale_text(*low);
    std::string curve;
    for (const int cell : cells[static_cast<std::size_t>(row)]) {
      curve += utf8(static_cast<char32_t>(0x2800 + cell));
    }
    text += style.dim(scale + " ┤") + style.accent(curve) + "\n";
  }
  const std::string first = fmt::format("{:.4g}", series.x.front());
  const std::string last = fmt::format("{:.4g}", series.x.back());
  std::string axis(static_cast<std::size_t>(plot_width), ' ');
  axis.replace(0, first.size(), first);
  axis.replace(axis.size() - last.size(), last.size(), last);
  const std::string label = std::string(x_label) + (log_x ? " (log)" : "");
  axis.replace((axis.size() - label.size()) / 2, label.size(), label);
  return text + style.dim("          " + axis) + "\n";
}

std::string bar(double part, std::size_t width) {
  static constexpr std::string_view eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto steps = static_cast<std::size_t>(
      std::lround(std::clamp(part, 0.0, 1.0) * 8.0 * static_cast<double>(width)));
  std::string text;
  for (std::size_t k = 0; k < steps / 8; ++k) text += "█";
  return text + std::string(eighths[steps % 8]);
}

}  // namespace imcsim::cli
