#include "tasks/record_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>

#include "base/error.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::uint32_t most_digits = 15;
constexpr std::size_t most_code_bits = 48;

/// Splits the text into records.
class RecordReader {
 public:
  RecordReader(std::string_view text, const std::string& file) : text_(text), file_(file) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  bool at_end() const { return at_ >= text_.size(); }
  std::size_t line() const { return first_line_; }

  std::vector<std::string> next() {
    first_line_ = line_;
    std::vector<std::string> cells(1);
    while (!at_end()) {
      const char c = text_[at_++];
      if (c == '"' && cells.back().empty()) {
        quoted(cells.back());
      } else if (c == ',') {
        cells.emplace_back();
      } else if (c == '\n') {
        line_ += 1;
        break;
      } else if (c != '\r') {
        cells.back() += c;
      }
    }
    return cells;
  }

 private:
  void quoted(std::string& cell) {
    for (; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        at_ += 1;
        if (at_end() || text_[at_] != '"') return;
      }
      if (c == '\n') line_ += 1;
      cell += c;
    }
    throw InputError(fmt::format("{}:{}", file_, first_line_), "quoted cell is not closed",
                     "\"…\"");
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  std::size_t line_ = 1, first_line_ = 1;
};

std::int64_t power_of_ten(std::uint32_t n) {
  std::int64_t power = 1;
  for (std::uint32_t i = 0; i < n; ++i) power *= 10;
  return power;
}

/// Computes the codes if all cells are numbers within the supported range.
void find_codes(RecordColumn& column) {
  std::vector<Decimal> numbers(column.cells.size());
  bool any = false;
  for (std::size_t r = 0; r < numbers.size(); ++r) {
    if (column.cells[r].empty()) continue;
    if (!read_decimal(column.cells[r], numbers[r])) return;
    column.decimals = std::max(column.decimals, numbers[r].decimals);
    any = true;
  }
  if (!any) return;
  bool first = true;
  std::int64_t most = 0;
  for (std::size_t r = 0; r < numbers.size(); ++r) {
    if (column.cells[r].empty()) continue;
    const std::int64_t scale = power_of_ten(column.decimals - numbers[r].decimals);
    constexpr std::int64_t limit = std::int64_t{1} << most_code_bits;
    if (numbers[r].mantissa > limit / scale || numbers[r].mantissa < -(limit / scale)) return;
    numbers[r].mantissa *= scale;
    column.least = first ? numbers[r].mantissa : std::min(column.least, numbers[r].mantissa);
    most = first ? numbers[r].mantissa : std::max(most, numbers[r].mantissa);
    first = false;
  }
  column.numeric = true;
  column.codes.resize(numbers.size());
  for (std::size_t r = 0; r < numbers.size(); ++r) {
    if (column.cells[r].empty()) continue;
    column.codes[r] = static_cast<std::uint64_t>(numbers[r].mantissa - column.least);
  }
  column.code_bits = std::max<std::size_t>(
      1, static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(most - column.least))));
}

void finish(RecordColumn& column) {
  std::set<std::string_view> values;
  for (const std::string& cell : column.cells) {
    values.insert(cell);
    column.bytes += cell.size() + 1;
    column.has_empty_cells = column.has_empty_cells || cell.empty();
  }
  column.distinct = values.size();
  find_codes(column);
}

}  // namespace

bool read_decimal(std::string_view text, Decimal& out) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  Decimal found;
  std::uint32_t digits = 0;
  bool point = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9' || digits == most_digits) return false;
    found.mantissa = 10 * found.mantissa + (c - '0');
    digits += 1;
    if (point) found.decimals += 1;
  }
  if (digits == 0) return false;
  if (negative) found.mantissa = -found.mantissa;
  out = found;
  return true;
}

const RecordColumn& RecordTable::column(const std::string& name, const Where& where) const {
  std::vector<std::string> names;
  for (const RecordColumn& column : columns) {
    if (column.name == name) return column;
    names.push_back(column.name);
  }
  throw InputError(where, fmt::format("no column \"{}\"", name), suggest(name, names));
}

RecordTable record_table(std::span<const std::uint8_t> bytes, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  RecordReader reader(text, name);
  RecordTable table;
  for (std::string& heading : reader.next()) {
    for (const RecordColumn& other : table.columns) {
      if (other.name == heading) {
        throw InputError(name + ":1", fmt::format("two columns \"{}\"", heading), "unique names");
      }
    }
    table.columns.emplace_back().name = std::move(heading);
  }
  while (!reader.at_end()) {
    std::vector<std::string> cells = reader.next();
    if (cells.size() == 1 && cells[0].empty() && table.columns.size() > 1) continue;
    if (cells.size() != table.columns.size()) {
      throw InputError(fmt::format("{}:{}", name, reader.line()),
                       fmt::format("has {} cells", cells.size()),
                       fmt::format("{}, as on the first line", table.columns.size()));
    }
    for (std::size_t c = 0; c < cells.size(); ++c) {
      table.columns[c].cells.push_back(std::move(cells[c]));
    }
    table.records += 1;
  }
  if (table.records == 0)
    throw InputError(name, "contains no records", "a header line, then one record per line");
  for (RecordColumn& column : table.columns) finish(column);
  return table;
}

}  // namespace imcsim::tasks
