#include "tasks/query_values.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "tasks/query_engine.hpp"

namespace imcsim::tasks {
namespace {

__extension__ using Int128 = __int128;

/// value·10^decimals rounded down, and whether this is exact.
struct Scaled {
  Int128 floor = 0;
  bool exact = true;
};

Scaled scaled(const Decimal& value, std::uint32_t decimals) {
  Scaled result{value.mantissa, true};
  for (std::uint32_t d = value.decimals; d < decimals; ++d) result.floor *= 10;
  Int128 divisor = 1;
  for (std::uint32_t d = decimals; d < value.decimals; ++d) divisor *= 10;
  const Int128 quotient = result.floor / divisor;
  const Int128 rest = result.floor % divisor;
  return {rest < 0 ? quotient - 1 : quotient, rest == 0};
}

int sign_of(Int128 x) { return x < 0 ? -1 : x > 0 ? 1 : 0; }

/// Sign of cell − value.
int compared(const RecordColumn& column, std::size_t record, const std::string& value) {
  Decimal number;
  read_decimal(value, number);
  const Scaled bound = scaled(number, column.decimals);
  const Int128 cell = Int128{column.least} + static_cast<Int128>(column.codes[record]);
  const int sign = sign_of(cell - bound.floor);
  return sign == 0 && !bound.exact ? -1 : sign;
}

bool holds(const Query& query, const RecordColumn& column, std::size_t record) {
  const std::string& cell = column.cells[record];
  const auto equal = [&](const std::string& value) {
    if (!column.numeric || value.empty() || cell.empty()) return cell == value;
    return compared(column, record, value) == 0;
  };
  switch (query.comparison) {
    case Comparison::equal: return equal(query.values[0]);
    case Comparison::unequal: return !equal(query.values[0]);
    case Comparison::in: return std::any_of(query.values.begin(), query.values.end(), equal);
    default: break;
  }
  if (cell.empty()) return false;
  const int sign = compared(column, record, query.values[0]);
  switch (query.comparison) {
    case Comparison::less: return sign < 0;
    case Comparison::less_equal: return sign <= 0;
    case Comparison::greater: return sign > 0;
    default: return sign >= 0;
  }
}

bool holds(const Query& query, const RecordTable& table, std::size_t record) {
  const auto part = [&](const Query& inner) { return holds(inner, table, record); };
  switch (query.kind) {
    case QueryKind::conjunction: return std::all_of(query.parts.begin(), query.parts.end(), part);
    case QueryKind::disjunction: return std::any_of(query.parts.begin(), query.parts.end(), part);
    case QueryKind::negation: return !part(query.parts[0]);
    case QueryKind::predicate: break;
  }
  return holds(query, table.column(query.column, query.column), record);
}

}  // namespace

CodeBound code_bound(const RecordColumn& column, const std::string& value) {
  Decimal number;
  read_decimal(value, number);
  const Scaled bound = scaled(number, column.decimals);
  const Int128 code = bound.floor - column.least;
  const std::uint64_t greatest = *std::max_element(column.codes.begin(), column.codes.end());
  CodeBound result;
  result.below = code < 0;
  result.beyond = code >= static_cast<Int128>(greatest);
  result.exact = bound.exact && code >= 0 && code <= static_cast<Int128>(greatest);
  result.code =
      result.below ? 0 : static_cast<std::uint64_t>(std::min(code, static_cast<Int128>(greatest)));
  return result;
}

std::vector<bool> answer_exactly(const Query& query, const RecordTable& table) {
  std::vector<bool> found(table.records);
  for (std::size_t r = 0; r < table.records; ++r) found[r] = holds(query, table, r);
  return found;
}

void check_query(const Query& query, const RecordTable& table, const Where& where) {
  for (const Query& part : query.parts) check_query(part, table, where);
  if (query.kind != QueryKind::predicate) return;
  const RecordColumn& column = table.column(query.column, where);
  const bool orders = query.comparison != Comparison::equal &&
                      query.comparison != Comparison::unequal && query.comparison != Comparison::in;
  if (orders && !column.numeric) {
    throw InputError(where, fmt::format("\"{}\" contains text, which has no order", column.name),
                     "=, != or IN");
  }
  for (const std::string& value : query.values) {
    Decimal number;
    if (!column.numeric || read_decimal(value, number) || (value.empty() && !orders)) continue;
    throw InputError(
        where,
        fmt::format("\"{}\" is not a number, unlike the values of \"{}\"", value, column.name),
        "a decimal number");
  }
}

}  // namespace imcsim::tasks
