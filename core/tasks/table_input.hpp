#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace imcsim::tasks {

/// Lines of a text that hold something, without those that begin with #; cells are cut at commas.
struct TextRow {
  std::size_t line = 0;
  std::vector<std::string> cells;
};
std::vector<TextRow> text_rows(std::span<const std::uint8_t> bytes);

/// A table of numbers below one line of names, [rows × columns]. A last column called `label` is
/// taken apart: `labels` then has a number of each distinct word, in the order in which they come.
struct NumericTable {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
  std::vector<std::size_t> labels;
  std::vector<std::string> label_names;
  double at(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
};

/// Throws InputError that names the line: unequal lengths, holes, words among numbers.
NumericTable numeric_table(std::span<const std::uint8_t> bytes, const std::string& name);

/// Rows of numbers without names, [rows × columns].
struct NumericMatrix {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
  double at(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
};

/// Throws InputError that names the line: unequal lengths, words, nothing at all.
NumericMatrix numeric_matrix(std::span<const TextRow> rows, const std::string& name);

}  // namespace imcsim::tasks
