#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace imcsim::cli {

/// Colors of one output stream, or none.
class Style {
 public:
  explicit Style(bool on) : on_(on) {}
  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }
  std::string accent(std::string_view text) const { return paint("36", text); }
  std::string good(std::string_view text) const { return paint("32", text); }
  std::string bad(std::string_view text) const { return paint("31", text); }
  /// A character whose upper and lower halves have these gray levels (255: white); without colors,
  /// a shade of their mean.
  std::string grays(std::uint8_t upper, std::uint8_t lower) const;
  /// Resets the colors at the end of a line of grays().
  std::string plain() const;

 private:
  std::string paint(std::string_view code, std::string_view text) const;
  bool on_;
};

enum class ColorChoice { automatic, always, never };
std::span<const std::string_view> names_of(ColorChoice);

/// Colors for a stream: as chosen; automatic: on a terminal, unless NO_COLOR is set.
Style style_for(int descriptor, ColorChoice choice = ColorChoice::automatic);

bool is_terminal(int descriptor);

/// Columns of the terminal of a stream; 80 if unknown.
int terminal_width(int descriptor);

/// Columns of a text on the screen.
std::size_t display_width(std::string_view text);

/// `text` in lines of at most `width` columns, broken at spaces; its line ends count as spaces.
/// Lines after the first are indented by `indent`; no line end at the end.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

/// Columns aligned, numbers to the right; the first row is the heading.
std::string aligned_table(const std::vector<std::vector<std::string>>& rows, const Style& style);

/// The same rows as CSV (RFC 4180).
std::string csv_of(const std::vector<std::vector<std::string>>& rows);

/// `1,234,567`.
std::string grouped(std::uint64_t number);

/// A curve to plot: y over x. An axis is logarithmic if requested and all its values are positive.
struct XySeries {
  std::string name;
  std::vector<double> x, y;
  bool log_x = false;
  bool log_y = false;
  bool percent = false;  ///< y are fractions, shown as percent
};

/// Plot of a curve in braille characters (2 x 4 dots each), with the scale at the left and
/// `x_label` below; empty for fewer than two points.
std::string xy_plot(const XySeries& series, std::string_view x_label, const Style& style);

/// A bar of length `part` (0 … 1) times `width` characters.
std::string bar(double part, std::size_t width);

}  // namespace imcsim::cli
