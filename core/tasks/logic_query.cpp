// logic query: selection of records by queries on bitmaps in an array.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "tasks/query_engine.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::string_view paper = "doi:10.1002/aisy.202000141";

class LogicQuery final : public Task {
 public:
  void describe(FieldList& f) override {
    f.group("Query");
    f.field("cascade", cascade_, Unit::none, {},
            "Intermediate results: held in a register, or written to a row", paper);
    f.field("columns", columns_, Unit::none, {1.0, 1048576.0},
            "Columns per array (one record per column)");
    f.mark_common({"cascade", "columns"});
    tasks::describe(cells_, f);
    describe_device(cells_, f);
  }
  device::DeviceConfig* device() override { return &cells_.device; }
  std::vector<InputSpec> inputs() const override {
    return {{"table", "TABLE.csv", "Table with a header line, one record per line", InputKind::file,
             true},
            {"query", "QUERY",
             "Comparisons combined with AND, OR, NOT and parentheses (= != < <= > >= IN)",
             InputKind::text, true}};
  }
  std::string_view output() const override {
    return "the numbers of the matching records, one per line";
  }
  Answer run(const Request& request) override;

 private:
  void report(const RecordTable& table, const std::set<std::string>& requested,
              const std::vector<std::uint8_t>& bits, const std::vector<bool>& exact,
              Answer& answer) const;
  void count(const RecordTable& table, const std::set<std::string>& requested,
             const QueryWork& work, const LogicCells::Sampled& sampled, Answer& answer) const;

  Cascade cascade_ = Cascade::registers;
  std::int64_t columns_ = 512;
  LogicCellConfig cells_;
};

void collect(const Query& query, std::set<std::string>& columns) {
  if (query.kind == QueryKind::predicate) columns.insert(query.column);
  for (const Query& part : query.parts) collect(part, columns);
}

/// Adds a note for each text value that does not occur in the table, with the nearest ones.
void remark_unknown(const Query& query, const RecordTable& table, Answer& answer) {
  for (const Query& part : query.parts) remark_unknown(part, table, answer);
  if (query.kind != QueryKind::predicate) return;
  const RecordColumn& column = table.column(query.column, query.column);
  if (column.numeric) return;
  const std::set<std::string> known(column.cells.begin(), column.cells.end());
  for (const std::string& value : query.values) {
    if (known.contains(value)) continue;
    const std::vector<std::string> names(known.begin(), known.end());
    answer.remarks.push_back(
        fmt::format("no record has {} = \"{}\" ({})", column.name, value, suggest(value, names)));
  }
}

Answer LogicQuery::run(const Request& request) {
  const Input& file = *request.find("table");
  const RecordTable table = record_table(file.bytes, file.name);
  const Query query = parse_query(request.find("query")->text, "query");
  check_query(query, table, "query");
  std::set<std::string> requested;
  collect(query, requested);
  const LogicCells::Sampled sampled = LogicCells(cells_, request.seed).sample();
  QueryEngine engine(table, sampled, cascade_, request.seed, request.execution);
  std::vector<std::uint8_t> bits = engine.run(query);
  Answer answer;
  report(table, requested, bits, answer_exactly(query, table), answer);
  count(table, requested, engine.work(), sampled, answer);
  remark_unknown(query, table, answer);
  const std::size_t size = bits.size();
  answer.arrays.push_back({"records", std::move(bits), 1, size});
  return answer;
}

void LogicQuery::report(const RecordTable& table, const std::set<std::string>& requested,
                        const std::vector<std::uint8_t>& bits, const std::vector<bool>& exact,
                        Answer& answer) const {
  Table rows{{"record"}, {}};
  rows.columns.insert(rows.columns.end(), requested.begin(), requested.end());
  std::int64_t found = 0, right = 0, false_positives = 0, false_negatives = 0;
  for (std::size_t r = 0; r < table.records; ++r) {
    const bool one = ((bits[r / 8] >> (r % 8)) & 1U) != 0;
    found += one ? 1 : 0;
    right += exact[r] ? 1 : 0;
    false_positives += one && !exact[r] ? 1 : 0;
    false_negatives += !one && exact[r] ? 1 : 0;
    if (!one) continue;
    answer.output_bytes += fmt::format("{}\n", r + 1);
    std::vector<Cell>& row = rows.rows.emplace_back();
    row.emplace_back(integer(r + 1));
    for (const std::string& name : requested) row.emplace_back(table.column(name, name).cells[r]);
  }
  answer.results = {{"count", found},
                    {"records", integer(table.records)},
                    {"false_positives", false_positives},
                    {"false_negatives", false_negatives},
                    {"rows", std::move(rows)}};
  answer.table = "rows";
  answer.exact = {{"count", right}};
  answer.error =
      static_cast<double>(false_positives + false_negatives) / static_cast<double>(table.records);
}

void LogicQuery::count(const RecordTable& table, const std::set<std::string>& requested,
                       const QueryWork& work, const LogicCells::Sampled& sampled,
                       Answer& answer) const {
  const std::uint64_t records = table.records;
  const auto columns = static_cast<std::uint64_t>(columns_);
  const std::uint64_t tiles = (records + columns - 1) / columns;
  const std::uint64_t index_bits = work.index_rows * records;
  std::uint64_t bytes = 0;
  for (const std::string& name : requested) bytes += table.column(name, name).bytes;
  const Section more = {
      {"steps", integer(work.steps)},
      {"wrong_step_bits", integer(work.wrong_bits)},
      {"predicted_wrong_step_bits", work.predicted_wrong_bits},
      {"index_rows", integer(work.index_rows)},
      {"scratch_rows", integer(work.scratch_rows)},
      {"tiles", integer(tiles)},
      {"array_reads", integer(work.steps * tiles)},
      {"register_operations", integer(work.register_operations)},
      {"row_writes", integer(work.row_writes)},
      {"writes_per_cell_max", integer(std::max<std::uint64_t>(1, work.most_row_writes))},
      {"border_bytes", integer(2 * work.steps + (records + 7) / 8)},
      {"bitmap_index_bytes", integer((work.steps + 1) * ((records + 7) / 8))}};
  answer.results.insert(answer.results.end(), more.begin(), more.end());
  // Wrong bits of all steps; masking by later steps is neglected.
  answer.predicted_error = work.predicted_wrong_bits / static_cast<double>(records);
  answer.von_neumann = {bytes, records * requested.size()};
  answer.counts = work.counts;
  answer.counts.forward_mvm = work.steps * tiles;
  answer.counts.adc_conversions = work.comparisons;
  answer.sample_counts = answer.counts;
  answer.sample = "query";
  add_writes(sampled, work.index_ones, index_bits - work.index_ones, answer.counts);
}

std::unique_ptr<Task> make_query(std::string_view) { return std::make_unique<LogicQuery>(); }

constexpr std::string_view about_query =
    "Stores the columns of a table as bitmaps, one record per column of the array, and finds\n"
    "records by reading rows together: AND, OR, NOT, IN, = and != on words, and < <= > >= on\n"
    "numbers. An empty cell equals only \"\". Names with operator characters, or with AND, OR or "
    "NOT in capitals, need quotes.";

}  // namespace

std::span<const TaskEntry> logic_query_entries() {
  static constexpr TaskEntry entries[] = {
      {"logic", "query", "Find records of a table with bitmaps in an array", about_query,
       "  imcsim logic query data/examples/birdstrikes.csv "
       "\"Wildlife Size=Large AND Phase of flight=Climb AND Time of day=Night\"\n"
       "  imcsim logic query data/examples/birdstrikes.csv "
       "\"Speed IAS in knots>=250 AND NOT Effect Amount of damage=None\" --cascade write\n",
       make_query}};
  return entries;
}

}  // namespace imcsim::tasks
