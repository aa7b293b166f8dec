// logic add|subtract|multiply: arithmetic within the rows of an array, cycle by cycle.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "tasks/normal_tail.hpp"
#include "tasks/row_arithmetic.hpp"
#include "tasks/table_input.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t most_rows = 1U << 20U;

class LogicArithmetic final : public Task {
 public:
  explicit LogicArithmetic(std::string_view word) {
    const auto words = names_of(RowOperation{});
    operation_ =
        static_cast<RowOperation>(std::find(words.begin(), words.end(), word) - words.begin());
  }

  void describe(FieldList& f) override {
    f.group("Arithmetic");
    f.field("bits", bits_, Unit::bits, {1.0, 64.0}, "Width of the operands");
    f.field("convention", convention_, Unit::none, {},
            "Cycle model: one gate or initialization per cycle, partitioned minority gates, or NOR "
            "in one row",
            "doi:10.1109/TETC.2023.3268137, doi:10.1109/TCSII.2021.3118215, "
            "doi:10.1109/TCAD.2019.2931188");
    f.field("row-size", row_size_, Unit::none, {0.0, 1e6},
            "Cells per row for convention = simpler (0: enough for few initializations)");
    f.field("gate-error", gate_error_, Unit::fraction, {0.0, 0.5}, "Error probability of a gate");
    f.field("cycle-time", cycle_, Unit::seconds, {1e-12, 1.0}, "Duration of a cycle", "assumed");
    f.mark_common({"bits", "convention"});
  }

  std::vector<InputSpec> inputs() const override {
    return {{"a", "", "First operands, decimal or 0x..., separated by commas, one row each",
             InputKind::text},
            {"b", "", "Second operands, one per first operand", InputKind::text},
            {"a-file", "",
             "File of first operands, one per line or separated by commas; replaces option a"},
            {"b-file", "", "File of second operands; replaces option b"}};
  }
  std::string_view output() const override { return "the results, one per line"; }

  Answer run(const Request& request) override;

 private:
  std::vector<std::uint64_t> operand(const Request& request, std::string_view key) const;
  void report(const RowResult& found, const std::vector<std::uint64_t>& a,
              const std::vector<std::uint64_t>& b, Answer& answer) const;
  static void trace(const RowResult& found, Answer& answer);
  void count(const RowResult& found, std::size_t rows, Answer& answer) const;

  RowOperation operation_ = RowOperation::add;
  std::int64_t bits_ = 32;
  Convention convention_ = Convention::one_init;
  std::int64_t row_size_ = 0;
  double gate_error_ = 0.0;
  Duration cycle_{100e-9};
};

std::vector<std::uint64_t> LogicArithmetic::operand(const Request& request,
                                                    std::string_view key) const {
  const auto bits = static_cast<std::size_t>(bits_);
  const Input* text = request.find(key);
  const Input* file = request.find(fmt::format("{}-file", key));
  const Where where = at_field(key);
  if ((text == nullptr) == (file == nullptr)) {
    throw InputError(where, text == nullptr ? "is missing" : "is given twice",
                     fmt::format("one of {0} and {0}-file", key));
  }
  std::vector<std::uint64_t> values;
  const auto add = [&](const TextRow& row, const Where& from) {
    for (std::string cell : row.cells) {
      std::erase(cell, ' ');
      values.push_back(parse_number(cell, bits, from));
    }
  };
  if (text != nullptr) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(text->text.data());
    for (const TextRow& row : text_rows({data, text->text.size()})) add(row, where);
  } else {
    for (const TextRow& row : text_rows(file->bytes)) {
      add(row, fmt::format("{}:{}", file->name, row.line));
    }
  }
  if (values.empty() || values.size() > most_rows) {
    throw InputError(where, fmt::format("number of operands is {}", values.size()),
                     fmt::format("1 to {}", most_rows));
  }
  return values;
}

Answer LogicArithmetic::run(const Request& request) {
  const std::vector<std::uint64_t> a = operand(request, "a");
  const std::vector<std::uint64_t> b = operand(request, "b");
  if (a.size() != b.size()) {
    throw InputError(at_field("b"), fmt::format("number of operands is {}", b.size()),
                     fmt::format("{}, the number of first operands", a.size()));
  }
  const auto bits = static_cast<std::size_t>(bits_);
  const GateErrors errors{gate_error_,
                          Stream(request.seed, Purpose::task_errors, entities::arithmetic_gates)};
  const std::size_t row_size =
      row_size_ == 0 ? default_row_size(operation_, bits) : static_cast<std::size_t>(row_size_);
  const RowResult found = compute(convention_, operation_, {bits, a, b}, row_size, errors);
  Answer answer;
  report(found, a, b, answer);
  count(found, a.size(), answer);
  return answer;
}

void LogicArithmetic::report(const RowResult& found, const std::vector<std::uint64_t>& a,
                             const std::vector<std::uint64_t>& b, Answer& answer) const {
  const auto bits = static_cast<std::size_t>(bits_);
  Table rows{{"row", "a", "b", "value", "exact"}, {}};
  std::uint64_t wrong = 0;
  std::vector<std::uint32_t> words;
  for (std::size_t r = 0; r < a.size(); ++r) {
    const UInt128 exact = exact_value(operation_, bits, a[r], b[r]);
    wrong += found.values[r] == exact ? 0 : 1;
    rows.rows.push_back(
        {integer(r), decimal(a[r]), decimal(b[r]), decimal(found.values[r]), decimal(exact)});
    answer.output_bytes += decimal(found.values[r]) + "\n";
    for (unsigned w = 0; w < 4; ++w) {
      words.push_back(static_cast<std::uint32_t>((found.values[r] >> (32 * w)) & 0xFFFFFFFFU));
    }
  }
  const auto n = static_cast<double>(a.size());
  const double time_s = static_cast<double>(found.cycles) * cycle_.seconds;
  const auto name = names_of(convention_)[static_cast<std::size_t>(convention_)];
  answer.results = {{"value", decimal(found.values[0])},
                    {"convention", std::string(name)},
                    {"cycles", integer(found.cycles)},
                    {"gates", integer(found.gates)},
                    {"initialised_cells", integer(found.initializations)},
                    {"cells", integer(found.cells)},
                    {"writes_per_cell_max", integer(found.most_writes)},
                    {"rows", integer(a.size())},
                    {"wrong_rows", integer(wrong)},
                    {"wrong_gate_outputs", integer(found.wrong_bits)},
                    {"time_s", time_s},
                    {"throughput_per_s", n / time_s}};
  if (operation_ == RowOperation::subtract) {
    answer.results.push_back({"not_negative", static_cast<bool>(found.carry[0])});
  }
  answer.results.push_back({"values", std::move(rows)});
  answer.table = "values";
  answer.exact = {{"value", decimal(exact_value(operation_, bits, a[0], b[0]))}};
  answer.error = static_cast<double>(wrong) / n;
  // A row is wrong if any of its gates is wrong; cancellation of two errors is neglected.
  answer.predicted_error =
      gate_error_ == 0.0
          ? 0.0
          : 1.0 - exact_exp(static_cast<double>(found.gates) * exact_log(1.0 - gate_error_));
  answer.arrays.push_back({"values", std::move(words), a.size(), 4});
  trace(found, answer);
}

/// Adds the trace of cell operations, one row per step: kind, output cell, up to three input cells
/// (or 2³² − 1), cycles before the step, and resulting bits of the first 32 rows.
void LogicArithmetic::trace(const RowResult& found, Answer& answer) {
  std::vector<std::uint32_t> numbers;
  for (const CellStep& step : found.steps) {
    numbers.insert(numbers.end(), {static_cast<std::uint32_t>(step.kind), step.out, step.from[0],
                                   step.from[1], step.from[2], step.cycle, step.rows});
  }
  answer.arrays.push_back({"trace", std::move(numbers), found.steps.size(), 7, false});
  std::vector<std::uint32_t> places(found.places.begin(), found.places.end());
  const std::size_t bits = places.size();
  answer.arrays.push_back({"result_cells", std::move(places), 1, bits, false});
}

void LogicArithmetic::count(const RowResult& found, std::size_t rows, Answer& answer) const {
  const auto n = static_cast<std::uint64_t>(bits_);
  const std::uint64_t words = operation_ == RowOperation::multiply ? 4 : 3;
  answer.von_neumann = {(words * n * rows + 7) / 8, rows};
  answer.counts.set_pulses = found.set_pulses;
  answer.counts.reset_pulses = found.reset_pulses;
  answer.sample_counts = answer.counts;
  answer.samples = rows;
  answer.sample = operation_ == RowOperation::add        ? "sum"
                  : operation_ == RowOperation::subtract ? "difference"
                                                         : "product";
  if (operation_ == RowOperation::subtract) {
    answer.remarks.emplace_back("a difference is modulo 2^bits");
  }
  answer.remarks.emplace_back("cycles are those of one row; all rows operate in parallel");
}

std::unique_ptr<Task> make(std::string_view word) {
  return std::make_unique<LogicArithmetic>(word);
}

constexpr std::string_view about =
    "Adds, subtracts or multiplies with gates between the cells of a row, in all rows in\n"
    "parallel. Reports the value, the cycles under one of three cycle models, and cell wear.";

}  // namespace

std::span<const TaskEntry> logic_arithmetic_entries() {
  static constexpr TaskEntry entries[] = {
      {"logic", "add", "Add numbers with gates between the cells of a row", about,
       "  imcsim logic add --bits 32 --a 123456789 --b 987654321\n"
       "  imcsim logic add --bits 8 --a 1,2,3 --b 4,5,6 --convention min3\n",
       make},
      {"logic", "subtract", "Subtract numbers with gates between the cells of a row", about,
       "  imcsim logic subtract --bits 16 --a 5000 --b 123\n"
       "  imcsim logic subtract --bits 8 --a 0xff --b 0x0f --convention simpler --row-size 64\n",
       make},
      {"logic", "multiply", "Multiply numbers with gates between the cells of a row", about,
       "  imcsim logic multiply --bits 32 --a 123456789 --b 987654321\n"
       "  imcsim logic multiply --bits 64 --a 0xffffffffffffffff --b 3 --convention min3\n",
       make}};
  return entries;
}

}  // namespace imcsim::tasks
