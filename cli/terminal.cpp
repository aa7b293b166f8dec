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

/// Dots of a braille letter by (row, column).
constexpr int braille_dot[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

bool is_numeric(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.,+-e%× ") == std::string_view::npos;
}

}  // namespace

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
// Emscripten takes every standard stream for a terminal; Node knows better.
EM_JS(int, node_is_terminal, (int descriptor),
      { return require("tty").isatty(descriptor) ? 1 : 0; });
bool is_terminal(int descriptor) { return node_is_terminal(descriptor) == 1; }
#else
bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }
#endif

int terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
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

std::string curve_plot(const Series& series, std::string_view x_label, const Style& style) {
  const std::vector<double>& values = series.values;
  if (values.size() < 2) return {};
  const auto [low_at, high_at] = std::minmax_element(values.begin(), values.end());
  const double low = *low_at;
  const double span = std::max(*high_at - low, 1e-9);

  std::vector<std::vector<int>> cells(plot_height, std::vector<int>(plot_width, 0));
  const int dots_wide = 2 * plot_width;
  const int dots_high = 4 * plot_height;
  int before = -1;
  for (int x = 0; x < dots_wide; ++x) {
    const double position =
        static_cast<double>(x) / (dots_wide - 1) * static_cast<double>(values.size() - 1);
    const auto left = std::min(static_cast<std::size_t>(position), values.size() - 2);
    const double part = position - static_cast<double>(left);
    const double value = values[left] + part * (values[left + 1] - values[left]);
    const int y = static_cast<int>(std::lround((value - low) / span * (dots_high - 1)));
    const int from = before < 0 ? y : std::min(before, y);
    const int to = before < 0 ? y : std::max(before, y);
    for (int dot = from; dot <= to; ++dot) {
      const int row = dots_high - 1 - dot;
      cells[static_cast<std::size_t>(row / 4)][static_cast<std::size_t>(x / 2)] |=
          braille_dot[row % 4][x % 2];
    }
    before = y;
  }

  std::string text = style.bold(series.name) + "\n";
  for (int row = 0; row < plot_height; ++row) {
    std::string scale(8, ' ');
    if (row == 0) scale = fmt::format("{:7.2f}%", 100.0 * (low + span));
    if (row == plot_height - 1) scale = fmt::format("{:7.2f}%", 100.0 * low);
    std::string curve;
    for (const int cell : cells[static_cast<std::size_t>(row)]) {
      curve += utf8(static_cast<char32_t>(0x2800 + cell));
    }
    text += style.dim(scale + " ┤") + style.accent(curve) + "\n";
  }
  std::string axis(static_cast<std::size_t>(plot_width), ' ');
  const std::string last = fmt::format("{}", values.size());
  axis.replace(0, 1, "1");
  axis.replace(axis.size() - last.size(), last.size(), last);
  const std::size_t middle = (axis.size() - x_label.size()) / 2;
  axis.replace(middle, x_label.size(), x_label);
  return text + style.dim("          " + axis) + "\n";
}

}  // namespace imcsim::cli
