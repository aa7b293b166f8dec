#include "tasks/table_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/error.hpp"

namespace imcsim::tasks {
namespace {

std::vector<std::string> split_cells(std::string_view line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else if (c != '"' && c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

double number_of(const std::string& cell, const std::string& where) {
  char* end = nullptr;
  const double value = std::strtod(cell.c_str(), &end);
  if (cell.empty() || end != cell.c_str() + cell.size() || !std::isfinite(value)) {
    throw InputError(where, fmt::format("\"{}\" is not a number", cell), "numbers in all columns");
  }
  return value;
}

}  // namespace

std::vector<TextRow> text_rows(std::span<const std::uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::vector<TextRow> rows;
  std::size_t number = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t at = std::min(text.find('\n', from), text.size());
    const std::string_view line = text.substr(from, at - from);
    from = at + 1;
    ++number;
    if (line.empty() || line == "\r" || line.front() == '#') continue;
    rows.push_back({number, split_cells(line)});
  }
  return rows;
}

NumericTable numeric_table(std::span<const std::uint8_t> bytes, const std::string& name) {
  const std::vector<TextRow> rows = text_rows(bytes);
  if (rows.size() < 3)
    throw InputError(name, "contains no table", "a header line, then at least two rows");
  NumericTable table;
  const std::vector<std::string>& names = rows[0].cells;
  const bool labeled = names.back() == "label";
  table.columns = names.size() - (labeled ? 1 : 0);
  if (table.columns == 0) throw InputError(name, "has no column of numbers", "at least one");
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::string where = fmt::format("{}:{}", name, rows[i].line);
    const std::vector<std::string>& cells = rows[i].cells;
    if (cells.size() != names.size()) {
      throw InputError(where, fmt::format("has {} columns", cells.size()),
                       fmt::format("{}, as on the first line", names.size()));
    }
    for (std::size_t j = 0; j < table.columns; ++j) {
      table.values.push_back(number_of(cells[j], where));
    }
    if (!labeled) continue;
    auto found = std::find(table.label_names.begin(), table.label_names.end(), cells.back());
    table.labels.push_back(static_cast<std::size_t>(found - table.label_names.begin()));
    if (found == table.label_names.end()) table.label_names.push_back(cells.back());
  }
  table.rows = rows.size() - 1;
  return table;
}

NumericMatrix numeric_matrix(std::span<const TextRow> rows, const std::string& name) {
  if (rows.empty()) throw InputError(name, "contains no numbers", "rows of numbers");
  NumericMatrix matrix{rows.size(), rows[0].cells.size(), {}};
  for (const TextRow& row : rows) {
    const std::string where = fmt::format("{}:{}", name, row.line);
    if (row.cells.size() != matrix.columns) {
      throw InputError(where, fmt::format("has {} columns", row.cells.size()),
                       fmt::format("{}, as on the previous rows", matrix.columns));
    }
    for (const std::string& cell : row.cells) matrix.values.push_back(number_of(cell, where));
  }
  return matrix;
}

}  // namespace imcsim::tasks
