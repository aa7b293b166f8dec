// Execution of queries on bitmaps in an array: several rows read at once, results in registers or
// rows.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "base/error.hpp"
#include "tasks/bulk_logic.hpp"
#include "tasks/query_parser.hpp"
#include "tasks/record_table.hpp"

namespace imcsim::tasks {

/// Destination of the result of a step: a digital register, with further AND and OR computed
/// digitally (Giannopoulos et al. 2020, doi:10.1002/aisy.202000141), or a row of the array, read by
/// the next step.
enum class Cascade { registers, write };
std::span<const std::string_view> names_of(Cascade);

/// Operations of a query.
struct QueryWork {
  std::uint64_t steps = 0;        ///< reads of rows with comparison to references
  std::uint64_t comparisons = 0;  ///< comparisons of columns with references
  std::uint64_t wrong_bits = 0;   ///< wrong output bits of the steps
  double predicted_wrong_bits = 0.0;
  std::uint64_t row_writes = 0;       ///< writes of results that are read by later steps
  std::uint64_t most_row_writes = 0;  ///< largest number of writes to one row
  std::uint64_t scratch_rows = 0;
  std::uint64_t register_operations = 0;
  std::uint64_t index_rows = 0;  ///< bitmaps and bit slices of the columns used
  std::uint64_t index_ones = 0;
  OperationCounts counts;  ///< cells read, pulses of row writes
};

/// For each record, whether the query holds.
std::vector<bool> answer_exactly(const Query& query, const RecordTable& table);

/// Throws InputError{where, …} for unknown columns, ordering comparisons of text, values that are
/// not numbers.
void check_query(const Query& query, const RecordTable& table, const Where& where);

/// A column of text is stored as one bitmap per value; a column of numbers as bit slices of its
/// codes, with one more bitmap for the nonempty cells if some are empty. Equality with a text reads
/// one row, IN several rows at once. A > c uses the slices from the highest bit: if the bit of c is
/// 0, GT ∨= EQ ∧ B and EQ ∧= ¬B, otherwise EQ ∧= B.
class QueryEngine {
 public:
  QueryEngine(const RecordTable& table, const LogicCells::Sampled& sampled, Cascade cascade,
              std::uint64_t seed, const Execution& execution);
  ~QueryEngine();

  /// Bitmap of the records for which the query holds, record i as bit i.
  std::vector<std::uint8_t> run(const Query& query);
  const QueryWork& work() const { return work_; }

 private:
  struct Lease;
  using Bits = std::vector<std::uint8_t>;
  struct Operand {
    std::shared_ptr<const Bits> bits;
    bool stored = false;  ///< in a row; false: in a register
    enum class Constant { none, zero, one } constant = Constant::none;
    std::shared_ptr<Lease> lease{};  ///< for a scratch row
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
