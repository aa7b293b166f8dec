#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace imcsim::tasks {

/// Lines of a text that are neither empty nor comments (#), divided at commas.
struct TextRow {
  std::size_t line = 0;
  std::vector<std::string> cells;
};
std::vector<TextRow> text_rows(std::span<const std::uint8_t> bytes);

/// A table of numbers below one line of names, [rows × columns]. A last column with the name
/// `label` is separated: `labels` numbers its distinct values in order of appearance.
struct NumericTable {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
  std::vector<std::size_t> labels;
  std::vector<std::string> label_names;
  double at(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
};

/// Throws InputError with the line: unequal lengths, empty cells, text among numbers.
NumericTable numeric_table(std::span<const std::uint8_t> bytes, const std::string& name);

/// Rows of numbers without names, [rows × columns].
struct NumericMatrix {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
  double at(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
};

/// Throws InputError with the line: unequal lengths, text, an empty table.
NumericMatrix numeric_matrix(std::span<const TextRow> rows, const std::string& name);

}  // namespace imcsim::tasks
