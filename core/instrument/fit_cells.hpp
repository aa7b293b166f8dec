#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace imcsim::instrument {

inline constexpr std::size_t no_column = static_cast<std::size_t>(-1);

/// Known column names; some of these columns are ignored.
inline const std::vector<std::string>& known_columns() {
  static const std::vector<std::string> names = {
      "device",         "pulse",          "direction",      "t_s",
      "read",           "target_us",      "conductance_us", "conductance_s",
      "resistance_ohm", "current_a",      "voltage_v",      "mean_us",
      "std_us",         "change_mean_us", "change_std_us",  "quantile_05_us",
      "median_us",      "quantile_95_us", "read_noise",     "slow_noise",
      "measured"};
  return names;
}

inline std::string_view trimmed_cell(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(blank) - first + 1);
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// The cells of all lines that are neither empty nor comments.
class CurveTable {
 public:
  CurveTable(std::string_view text, const std::string& name) : name_(name) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::size_t line = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view words = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      ++line;
      if (words.ends_with('\r')) words.remove_suffix(1);
      if (trimmed_cell(words).empty() || trimmed_cell(words).starts_with('#')) continue;
      if (columns_.empty()) {
        read_heading(words, line);
      } else {
        add_row(words, line);
      }
    }
    if (columns_.empty()) {
      throw InputError(name, "has no header line", "a line such as device,pulse,conductance_us");
    }
    if (rows_.empty())
      throw InputError(name, "has a header line but no points", "one line per point");
  }

  std::size_t rows() const { return rows_.size(); }
  bool has(std::string_view column) const { return place(column) != no_column; }

  std::string_view text(std::size_t row, std::string_view column) const {
    const std::size_t at = place(column);
    return at == no_column ? std::string_view{} : rows_[row].cells[at];
  }

  double number(std::size_t row, std::string_view column) const {
    std::string cell(text(row, column));
    if (separator_ != ',') std::replace(cell.begin(), cell.end(), ',', '.');
    char* end = nullptr;
    const double value = std::strtod(cell.c_str(), &end);
    const bool plain = cell.find_first_not_of("0123456789.+-eE") == std::string::npos;
    if (cell.empty() || !plain || end != cell.c_str() + cell.size() || !std::isfinite(value)) {
      refuse(row, fmt::format("\"{}\" is not a number for {}", cell, column), "a number");
    }
    return value;
  }

  [[noreturn]] void refuse(std::size_t row, const std::string& what,
                           const std::string& expected) const {
    throw InputError(fmt::format("{}:{}", name_, rows_[row].line), what, expected);
  }

 private:
  struct Row {
    std::size_t line;
    std::vector<std::string_view> cells;
  };

  std::vector<std::string_view> cells_of(std::string_view words) const {
    std::vector<std::string_view> cells;
    while (true) {
      const std::size_t end = words.find(separator_);
      cells.push_back(trimmed_cell(words.substr(0, end)));
      if (end == std::string_view::npos) return cells;
      words.remove_prefix(end + 1);
    }
  }

  void read_heading(std::string_view words, std::size_t line) {
    const std::string where = fmt::format("{}:{}", name_, line);
    for (const char candidate : {',', ';', '\t'}) {
      if (words.find(candidate) != std::string_view::npos) separator_ = candidate;
    }
    for (const std::string_view cell : cells_of(words)) {
      std::string column(cell);
      std::transform(column.begin(), column.end(), column.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      if (column == "time_s") column = "t_s";
      const std::vector<std::string>& known = known_columns();
      const bool digit =
          !column.empty() && column.find_first_not_of("0123456789.+-e") == std::string::npos;
      if (digit) {
        throw InputError(where, "starts with a number instead of a header line",
                         "a first line such as device,pulse,conductance_us");
      }
      if (std::find(known.begin(), known.end(), column) == known.end()) {
        const std::vector<std::string> near = nearest_names(column, known);
        throw InputError(
            where, fmt::format("unknown column \"{}\"", column),
            near.empty() ? "pulse, t_s or read, and conductance_us" : suggest(column, known));
      }
      if (std::find(columns_.begin(), columns_.end(), column) != columns_.end()) {
        throw InputError(where, fmt::format("column {} is repeated", column), "unique columns");
      }
      columns_.push_back(std::move(column));
    }
  }

  void add_row(std::string_view words, std::size_t line) {
    Row row{line, cells_of(words)};
    if (row.cells.size() != columns_.size()) {
      throw InputError(fmt::format("{}:{}", name_, line),
                       fmt::format("{} cells for {} columns", row.cells.size(), columns_.size()),
                       "one cell per column");
    }
    rows_.push_back(std::move(row));
  }

  std::size_t place(std::string_view column) const {
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    return found == columns_.end() ? no_column : static_cast<std::size_t>(found - columns_.begin());
  }

  std::string name_;
  char separator_ = ',';
  std::vector<std::string> columns_;
  std::vector<Row> rows_;
};

}  // namespace imcsim::instrument
