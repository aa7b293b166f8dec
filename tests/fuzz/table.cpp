// Tables of records, of numbers, and without column names; the first byte selects the reader.
#include "fuzz.hpp"
#include "tasks/record_table.hpp"
#include "tasks/table_input.hpp"

namespace imcsim::fuzz {
namespace {

void read_records(Bytes bytes) {
  const tasks::RecordTable table = tasks::record_table(bytes, "x.csv");
  for (const tasks::RecordColumn& column : table.columns) {
    require(column.cells.size() == table.records, "one cell per record");
    require(!column.numeric || column.codes.size() == table.records, "one code per record");
    require(column.code_bits <= 64, "codes of 64 bits");
  }
}

void read_numbers(Bytes bytes) {
  const tasks::NumericTable table = tasks::numeric_table(bytes, "x.csv");
  require(table.values.size() == table.rows * table.columns, "a full table");
  for (const std::size_t label : table.labels) require(label < table.label_names.size(), "labels");
}

}  // namespace

void run(Bytes bytes) {
  switch (take_number(bytes) % 3) {
    case 0: return read_records(bytes);
    case 1: return read_numbers(bytes);
    default: break;
  }
  const tasks::NumericMatrix matrix = tasks::numeric_matrix(tasks::text_rows(bytes), "x.csv");
  require(matrix.values.size() == matrix.rows * matrix.columns, "a full matrix");
}

}  // namespace imcsim::fuzz
