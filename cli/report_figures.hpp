#pragma once

#include <string>
#include <vector>

#include "study/mvm.hpp"

namespace imcsim::cli {

/// Escapes `&`, `<`, `>` and quotes for HTML.
std::string html(std::string_view text);

/// One line of a chart; `low` and `high` are the limits of a band if they are as long as `y`.
struct ChartLine {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> low = {};
  std::vector<double> high = {};
};

struct Chart {
  std::string title;
  std::string x_name;
  bool logarithmic_x = false;
  std::vector<ChartLine> lines;
};

/// SVG with axes, ticks, lines and a legend. Points that are not finite (logarithmic: not positive)
/// are omitted; empty if no point remains.
std::string chart_svg(const Chart& chart);

/// A named mean with its standard deviation.
struct ChartDot {
  std::string name;
  double mean = 0.0;
  double deviation = 0.0;
};

/// SVG with one row per value: name, dot at the mean, whisker of ± one standard deviation; empty if
/// no mean is finite.
std::string dots_svg(const std::string& title, const std::vector<ChartDot>& dots);

/// Histogram with 40 bins of equal width, as SVG.
std::string histogram_svg(const std::string& title, const std::string& x_name,
                          const std::vector<double>& values);

/// A matrix as an image, from its minimum (dark) to its maximum (bright). Above 256 x 256 entries,
/// each pixel is the mean of a block.
std::string map_picture(const std::string& title, const study::FileMatrix& matrix);

/// Rows as a table; the first is the heading. At most `most` rows are shown.
std::string html_table(const std::vector<std::vector<std::string>>& rows, std::size_t most);

}  // namespace imcsim::cli
