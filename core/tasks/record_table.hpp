// A table of records as spreadsheets write it, column by column, and its columns as bitmaps.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace imcsim::tasks {

/// A column: words, or numbers where each cell that is not empty is a decimal number; those also as
/// integer codes, (number − least)·10^decimals.
struct RecordColumn {
  std::string name;
  std::vector<std::string> cells;
  std::uint64_t bytes = 0;  ///< of its text

  bool numeric = false;
  bool has_holes = false;  ///< empty cells
  std::uint32_t decimals = 0;
  std::int64_t least = 0;            ///< in units of 10^−decimals
  std::vector<std::uint64_t> codes;  ///< 0 where the cell is empty
  std::size_t code_bits = 0;

  std::size_t distinct = 0;  ///< values, empty ones among them
};

struct RecordTable {
  std::vector<RecordColumn> columns;
  std::size_t records = 0;

  /// Throws InputError{where, …} that names the nearest columns.
  const RecordColumn& column(const std::string& name, const Where& where) const;
};

/// CSV with names in the first line; cells in double quotes may hold commas, line ends and,
/// doubled, quotes. Throws InputError{name:line, …}: unequal lengths, open quotes, no records,
/// equal names.
RecordTable record_table(std::span<const std::uint8_t> bytes, const std::string& name);

/// A decimal number as mantissa·10^−decimals; false where it is none or has more than 15 digits.
struct Decimal {
  std::int64_t mantissa = 0;
  std::uint32_t decimals = 0;
};
bool read_decimal(std::string_view text, Decimal& out);

}  // namespace imcsim::tasks
