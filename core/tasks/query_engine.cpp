#include "tasks/query_engine.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "numeric/events.hpp"
#include "tasks/query_values.hpp"
#include "tasks/sense.hpp"

namespace imcsim::tasks {
namespace {

std::uint64_t ones_in(const std::vector<std::uint8_t>& bits) {
  return std::accumulate(bits.begin(), bits.end(), std::uint64_t{0},
                         [](std::uint64_t sum, std::uint8_t byte) {
                           return sum + static_cast<std::uint64_t>(std::popcount(byte));
                         });
}

}  // namespace

std::span<const std::string_view> names_of(Cascade) {
  static constexpr std::array<std::string_view, 2> names = {"register", "write"};
  return names;
}

/// A scratch row, released with the last reference to it.
struct QueryEngine::Lease {
  QueryEngine& engine;
  std::size_t row;
  Lease(QueryEngine& its_engine, std::size_t its_row) : engine(its_engine), row(its_row) {}
  ~Lease() { engine.free_scratch_.insert(row); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
};

QueryEngine::QueryEngine(const RecordTable& table, const LogicCells::Sampled& sampled,
                         Cascade cascade, std::uint64_t seed, const Execution& execution)
    : table_(table),
      sampled_(sampled),
      cascade_(cascade),
      seed_(seed),
      execution_(execution),
      bytes_((table.records + 7) / 8),
      tail_(static_cast<std::uint8_t>(table.records % 8 == 0 ? 0xFFU
                                                             : (1U << (table.records % 8)) - 1U)) {}

QueryEngine::~QueryEngine() = default;

std::vector<std::uint8_t> QueryEngine::run(const Query& query) {
  const Operand result = in_register(evaluate(query));
  work_.scratch_rows = scratch_writes_.size();
  for (const auto& [row, writes] : scratch_writes_) {
    work_.most_row_writes = std::max(work_.most_row_writes, writes);
  }
  return *result.bits;
}

QueryEngine::Operand QueryEngine::evaluate(const Query& query) {
  if (query.kind == QueryKind::predicate) return predicate(query);
  if (query.kind == QueryKind::negation) return invert(evaluate(query.parts[0]));
  const LogicOperation operation = query.kind == QueryKind::conjunction
                                       ? LogicOperation::conjunction
                                       : LogicOperation::disjunction;
  Operand result = evaluate(query.parts[0]);
  for (std::size_t i = 1; i < query.parts.size(); ++i) {
    result = combine(operation, std::move(result), evaluate(query.parts[i]));
  }
  return result;
}

QueryEngine::Operand QueryEngine::predicate(const Query& query) {
  const RecordColumn& column = table_.column(query.column, query.column);
  add_index(column);
  return column.numeric ? numbers(query, column) : words(query, column);
}

/// Adds the rows of a column to the index, which is written before the first query.
void QueryEngine::add_index(const RecordColumn& column) {
  if (!indexed_.insert(column.name).second) return;
  if (!column.numeric) {
    work_.index_rows += column.distinct;
    work_.index_ones += table_.records;
    return;
  }
  work_.index_rows += column.code_bits + (column.has_empty_cells ? 1 : 0);
  for (std::size_t r = 0; r < table_.records; ++r) {
    work_.index_ones += static_cast<std::uint64_t>(std::popcount(column.codes[r]));
    if (column.has_empty_cells && !column.cells[r].empty()) work_.index_ones += 1;
  }
}

QueryEngine::Operand QueryEngine::words(const Query& query, const RecordColumn& column) {
  if (query.comparison == Comparison::unequal) return invert(equals(column, query.values[0]));
  std::vector<Operand> rows;
  Operand result = constant(false);
  for (const std::string& value : query.values) {
    rows.push_back(equals(column, value));
    if (rows.size() < most_sensed_rows && &value != &query.values.back()) continue;
    Operand part = rows.size() == 1 ? rows[0] : sense(LogicOperation::disjunction, rows);
    result = combine(LogicOperation::disjunction, std::move(result), std::move(part));
    rows.clear();
  }
  return result;
}

QueryEngine::Operand QueryEngine::numbers(const Query& query, const RecordColumn& column) {
  Operand result = constant(false);
  for (const std::string& value : query.values) {
    if (value.empty()) {
      Operand holes = column.has_empty_cells ? invert(presence(column)) : constant(false);
      result = combine(LogicOperation::disjunction, std::move(result), std::move(holes));
      continue;
    }
    const CodeBound bound = code_bound(column, value);
    Operand part;
    switch (query.comparison) {
      case Comparison::equal:
      case Comparison::unequal:
      case Comparison::in:
        part = bound.exact ? equals_code(column, bound.code) : constant(false);
        break;
      case Comparison::greater:
      case Comparison::less_equal:
        part = bound.below    ? constant(true)
               : bound.beyond ? constant(false)
                              : above(column, bound.code);
        break;
      default:  // A ≥ c is A > c − 1 if c is a code, otherwise A > the largest code below c
        if (bound.below || (bound.exact && bound.code == 0)) {
          part = constant(true);
        } else if (bound.beyond && !bound.exact) {
          part = constant(false);
        } else {
          part = above(column, bound.exact ? bound.code - 1 : bound.code);
        }
    }
    const bool inverted =
        query.comparison == Comparison::less || query.comparison == Comparison::less_equal;
    if (inverted) part = invert(std::move(part));
    result =
        combine(LogicOperation::disjunction, std::move(result), present(column, std::move(part)));
  }
  return query.comparison == Comparison::unequal ? invert(std::move(result)) : result;
}

QueryEngine::Operand QueryEngine::equals(const RecordColumn& column, const std::string& value) {
  Bits bits(bytes_);
  for (std::size_t r = 0; r < table_.records; ++r) {
    if (column.cells[r] == value) {
      bits[r / 8] = static_cast<std::uint8_t>(bits[r / 8] | (1U << (r % 8)));
    }
  }
  return bitmap(std::move(bits));
}

QueryEngine::Operand QueryEngine::above(const RecordColumn& column, std::uint64_t code) {
  Operand greater = constant(false);
  Operand equal = constant(true);
  for (std::size_t i = column.code_bits; i-- > 0;) {
    Operand bit = slice(column, i);
    if (((code >> i) & 1U) != 0) {
      equal = combine(LogicOperation::conjunction, std::move(equal), std::move(bit));
      continue;
    }
    if (cascade_ == Cascade::registers) bit = in_register(bit);  // read once, used twice
    greater = combine(LogicOperation::disjunction, std::move(greater),
                      combine(LogicOperation::conjunction, equal, bit));
    if (i > 0) {
      equal = combine(LogicOperation::conjunction, std::move(equal), invert(std::move(bit)));
    }
  }
  return greater;
}

QueryEngine::Operand QueryEngine::equals_code(const RecordColumn& column, std::uint64_t code) {
  Operand equal = constant(true);
  for (std::size_t i = column.code_bits; i-- > 0;) {
    Operand bit = slice(column, i);
    if (((code >> i) & 1U) == 0) bit = invert(std::move(bit));
    equal = combine(LogicOperation::conjunction, std::move(equal), std::move(bit));
  }
  return equal;
}

/// Excludes empty cells, which are stored as code 0.
QueryEngine::Operand QueryEngine::present(const RecordColumn& column, Operand operand) {
  if (!column.has_empty_cells) return operand;
  return combine(LogicOperation::conjunction, std::move(operand), presence(column));
}

QueryEngine::Operand QueryEngine::constant(bool one) const {
  auto bits = std::make_shared<Bits>(bytes_, static_cast<std::uint8_t>(one ? 0xFF : 0));
  bits->back() = static_cast<std::uint8_t>(bits->back() & tail_);
  return {std::move(bits), false, one ? Operand::Constant::one : Operand::Constant::zero};
}

QueryEngine::Operand QueryEngine::bitmap(Bits bits) {
  return {std::make_shared<Bits>(std::move(bits)), true};
}

QueryEngine::Operand QueryEngine::slice(const RecordColumn& column, std::size_t bit) {
  Bits bits(bytes_);
  for (std::size_t r = 0; r < table_.records; ++r) {
    const auto one = static_cast<unsigned>((column.codes[r] >> bit) & 1U);
    bits[r / 8] = static_cast<std::uint8_t>(bits[r / 8] | (one << (r % 8)));
  }
  return bitmap(std::move(bits));
}

QueryEngine::Operand QueryEngine::presence(const RecordColumn& column) {
  Bits bits(bytes_);
  for (std::size_t r = 0; r < table_.records; ++r) {
    const unsigned one = column.cells[r].empty() ? 0 : 1;
    bits[r / 8] = static_cast<std::uint8_t>(bits[r / 8] | (one << (r % 8)));
  }
  return bitmap(std::move(bits));
}

QueryEngine::Operand QueryEngine::combine(LogicOperation operation, Operand x, Operand y) {
  const bool is_and = operation == LogicOperation::conjunction;
  const auto neutral = is_and ? Operand::Constant::one : Operand::Constant::zero;
  if (x.constant == neutral) return y;
  if (y.constant == neutral) return x;
  if (x.constant != Operand::Constant::none || y.constant != Operand::Constant::none) {
    return constant(!is_and);
  }
  if (x.stored && y.stored) return sense(operation, {x, y});
  if (cascade_ == Cascade::write) {
    return sense(operation, {in_row(std::move(x)), in_row(std::move(y))});
  }
  return digital(operation, in_register(x), in_register(y));
}

QueryEngine::Operand QueryEngine::invert(Operand x) {
  if (x.constant != Operand::Constant::none) return constant(x.constant == Operand::Constant::zero);
  if (!x.stored && cascade_ == Cascade::registers) return digital(LogicOperation::inversion, x, x);
  return sense(LogicOperation::inversion, {in_row(std::move(x))});
}

QueryEngine::Operand QueryEngine::sense(LogicOperation operation,
                                        const std::vector<Operand>& rows) {
  Operands operands;
  for (const Operand& row : rows) operands.emplace_back(*row.bits);
  const std::uint32_t step = entities::query_steps(work_.steps);
  BulkResult read = logic_at_rates(operation, operands, sampled_, seed_, execution_, step);
  const std::vector<double> rates = error_probabilities(operation, sampled_.cells, rows.size());
  // Exclude the padding columns beyond the last record.
  read.classes.columns[0] -= 8 * bytes_ - table_.records;
  for (std::size_t k = 0; k < rates.size(); ++k) {
    work_.wrong_bits += read.classes.wrong[k];
    work_.predicted_wrong_bits += rates[k] * static_cast<double>(read.classes.columns[k]);
  }
  read.output.back() = static_cast<std::uint8_t>(read.output.back() & tail_);
  work_.steps += 1;
  work_.comparisons += table_.records;
  work_.counts.cells_read += rows.size() * table_.records;
  return {std::make_shared<Bits>(std::move(read.output)), false};
}

QueryEngine::Operand QueryEngine::digital(LogicOperation operation, const Operand& x,
                                          const Operand& y) {
  const bool alone = operation == LogicOperation::inversion;
  Operands operands = {*x.bits};
  if (!alone) operands.emplace_back(*y.bits);
  Bits bits = exact_logic(operation, operands, execution_);
  bits.back() = static_cast<std::uint8_t>(bits.back() & tail_);
  work_.register_operations += 1;
  work_.counts.digital_bytes += (alone ? 2 : 3) * bytes_;
  return {std::make_shared<Bits>(std::move(bits)), false};
}

QueryEngine::Operand QueryEngine::in_register(const Operand& x) {
  return x.stored ? sense(LogicOperation::disjunction, {x}) : x;
}

QueryEngine::Operand QueryEngine::in_row(Operand x) {
  if (x.stored) return x;
  if (free_scratch_.empty()) free_scratch_.insert(scratch_writes_.size());
  const std::size_t row = *free_scratch_.begin();
  free_scratch_.erase(free_scratch_.begin());
  scratch_writes_[row] += 1;
  work_.row_writes += 1;
  const std::uint64_t ones = ones_in(*x.bits);
  add_writes(sampled_, ones, table_.records - ones, work_.counts);
  x.stored = true;
  x.lease = std::make_shared<Lease>(*this, row);
  return x;
}

}  // namespace imcsim::tasks
