// A query carried out on bitmaps in an array: rows read together, results in registers or rows.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "base/error.hpp"
#include "tasks/bulk_logic.hpp"
#include "tasks/query_parser.hpp"
#include "tasks/record_table.hpp"

namespace imcsim::tasks {

/// Where the result of a step goes: a digital register, AND and OR with it are digital
/// (Giannopoulos et al. 2020, doi:10.1002/aisy.202000141), or a row of the array that the next step
/// reads.
enum class Cascade { registers, write };
std::span<const std::string_view> names_of(Cascade);

/// What a query took.
struct QueryWork {
  std::uint64_t steps = 0;        ///< reads of rows, compared with references
  std::uint64_t comparisons = 0;  ///< of columns with references
  std::uint64_t wrong_bits = 0;   ///< that steps left
  double predicted_wrong_bits = 0.0;
  std::uint64_t row_writes = 0;       ///< of results that later steps read
  std::uint64_t most_row_writes = 0;  ///< of the row that was written most
  std::uint64_t scratch_rows = 0;
  std::uint64_t register_operations = 0;
  std::uint64_t index_rows = 0;  ///< bitmaps and bit slices of the columns that are asked about
  std::uint64_t index_ones = 0;
  OperationCounts counts;  ///< cells read, pulses of row writes
};

/// The records for which a query holds, record by record.
std::vector<bool> answer_exactly(const Query& query, const RecordTable& table);

/// Throws InputError{where, …}: unknown columns, comparisons of words, values that are no numbers.
void check_query(const Query& query, const RecordTable& table, const Where& where);

/// One bitmap for each value of a column of words; a column of numbers as bit slices of its codes,
/// and, where cells are empty, one of those that are not. Equality with a word reads one row, IN
/// several at once; A > c goes over the slices: from the highest bit, where c has a 0, GT ∨= EQ ∧ B
/// and EQ ∧= ¬B, else EQ ∧= B.
class QueryEngine {
 public:
  QueryEngine(const RecordTable& table, const LogicCells::Sampled& sampled, Cascade cascade,
              std::uint64_t seed, const Execution& execution);
  ~QueryEngine();

  /// The bits of the records, record i as bit i.
  std::vector<std::uint8_t> run(const Query& query);
  const QueryWork& work() const { return work_; }

 private:
  struct Lease;
  using Bits = std::vector<std::uint8_t>;
  struct Operand {
    std::shared_ptr<const Bits> bits;
    bool stored = false;  ///< in a row, else in a register
    enum class Constant { none, zero, one } constant = Constant::none;
    std::shared_ptr<Lease> lease{};  ///< of a scratch row
  };

  Operand evaluate(const Query& query);
  Operand predicate(const Query& query);
  Operand words(const Query& query, const RecordColumn& column);
  Operand numbers(const Query& query, const RecordColumn& column);
  Operand equals(const RecordColumn& column, const std::string& value);
  Operand above(const RecordColumn& column, std::uint64_t code);
  Operand equals_code(const RecordColumn& column, std::uint64_t code);
  Operand present(const RecordColumn& column, Operand operand);

  Operand constant(bool one) const;
  Operand bitmap(Bits bits);
  Operand slice(const RecordColumn& column, std::size_t bit);
  Operand presence(const RecordColumn& column);
  Operand combine(LogicOperation operation, Operand x, Operand y);
  Operand invert(Operand x);
  Operand sense(LogicOperation operation, const std::vector<Operand>& rows);
  Operand digital(LogicOperation operation, const Operand& x, const Operand& y);
  Operand in_register(const Operand& x);
  Operand in_row(Operand x);
  void add_index(const RecordColumn& column);

  const RecordTable& table_;
  const LogicCells::Sampled& sampled_;
  Cascade cascade_;
  std::uint64_t seed_;
  Execution execution_;
  std::size_t bytes_;
  std::uint8_t tail_;
  std::set<std::string> indexed_;
  std::map<std::size_t, std::uint64_t> scratch_writes_;
  std::set<std::size_t> free_scratch_;
  QueryWork work_;
};

}  // namespace imcsim::tasks
