// A table of records as written by spreadsheets, column by column, and its columns as bitmaps.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace imcsim::tasks {

/// A column: text, or numbers if each nonempty cell is a decimal number; numbers also as integer
/// codes, (number − least)·10^decimals.
struct RecordColumn {
  std::string name;
  std::vector<std::string> cells;
  std::uint64_t bytes = 0;  ///< of the text in the file

  bool numeric = false;
  bool has_empty_cells = false;  ///< empty cells
  std::uint32_t decimals = 0;
  std::int64_t least = 0;            ///< in units of 10^−decimals
  std::vector<std::uint64_t> codes;  ///< 0 where the cell is empty
  std::size_t code_bits = 0;

  std::size_t distinct = 0;  ///< number of distinct values, including empty
};

struct RecordTable {
  std::vector<RecordColumn> columns;
  std::size_t records = 0;

  /// Throws InputError{where, …} with the nearest column names.
  const RecordColumn& column(const std::string& name, const Where& where) const;
};

/// Reads CSV with names in the first line; quoted cells may contain commas, line ends and doubled
/// quotes. Throws InputError{name:line, …} for unequal lengths, unclosed quotes, no records, equal
/// names.
RecordTable record_table(std::span<const std::uint8_t> bytes, const std::string& name);

/// A decimal number as mantissa·10^−decimals; read_decimal is false for other text or more than 15
/// digits.
struct Decimal {
  std::int64_t mantissa = 0;
  std::uint32_t decimals = 0;
};
bool read_decimal(std::string_view text, Decimal& out);

}  // namespace imcsim::tasks
