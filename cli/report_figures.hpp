#pragma once

#include <string>
#include <vector>

#include "study/mvm.hpp"

namespace imcsim::cli {

/// `&`, `<`, `>` and quotes as HTML writes them.
std::string html(std::string_view text);

/// One line of a chart; `low` and `high` bound a band around it where they are as long as `y`.
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

/// An SVG with axes, ticks, lines and a legend. Points that are not finite (logarithmic: not
/// positive) are left out; nothing where no point is left.
std::string chart_svg(const Chart& chart);

/// A mean and its deviation under a name.
struct ChartDot {
  std::string name;
  double mean = 0.0;
  double deviation = 0.0;
};

/// Named values one below the other, each a dot with a whisker of its deviation; nothing where none
/// is finite.
std::string dots_svg(const std::string& title, const std::vector<ChartDot>& dots);

/// Distribution of numbers in 40 classes of equal width, as an SVG.
std::string histogram_svg(const std::string& title, const std::string& x_name,
                          const std::vector<double>& values);

/// A matrix as a picture: dark is its least, bright its greatest value; where it is larger than
/// 256 x 256, each point is the mean of a block.
std::string map_picture(const std::string& title, const study::FileMatrix& matrix);

/// Rows as a table; the first is the heading. At most `most` rows are shown.
std::string html_table(const std::vector<std::vector<std::string>>& rows, std::size_t most);

}  // namespace imcsim::cli
