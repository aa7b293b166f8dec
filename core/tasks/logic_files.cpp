// logic and|or|xor|nand|nor|not|majority: bitwise operations on whole files.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tasks/bulk_logic.hpp"
#include "tasks/stateful_bulk.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

enum class Style { read, stateful };
std::span<const std::string_view> names_of(Style) {
  static constexpr std::array<std::string_view, 2> names = {"read", "stateful"};
  return names;
}

enum class Simulation { rates, cells };
std::span<const std::string_view> names_of(Simulation) {
  static constexpr std::array<std::string_view, 2> names = {"rates", "cells"};
  return names;
}

constexpr std::string_view scouting = "doi:10.1109/ISVLSI.2017.121";

class LogicFiles final : public Task {
 public:
  explicit LogicFiles(std::string_view word) {
    const auto words = names_of(LogicOperation{});
    operation_ =
        static_cast<LogicOperation>(std::find(words.begin(), words.end(), word) - words.begin());
  }

  void describe(FieldList& f) override {
    constexpr Audience all = Audience::everyone;
    f.group("Logic");
    f.field("style", style_, Unit::none, {},
            "rows are read together and sensed, or gates between cells compute", scouting, all);
    f.field("write-back", write_back_, Unit::none, {},
            "the result is written into a row again (for a cascade)", "", all);
    f.field("simulate", simulation_, Unit::none, {},
            "wrong bits at their closed-form rates, or every cell programmed and read", "", all);
    f.field("columns", columns_, Unit::none, {1.0, 1048576.0}, "columns of an array");
    f.field("gates", gates_, Unit::none, {}, "of --style stateful: which gates cells know",
            "doi:10.1038/nature08940, doi:10.1109/TCSII.2014.2357292", all);
    f.field("gate-error", gate_error_, Unit::fraction, {0.0, 0.5},
            "of --style stateful: how often a gate leaves the wrong bit");
    tasks::describe(cells_, f);
    describe_device(cells_, f);
  }

  device::DeviceConfig* device() override { return &cells_.device; }
  std::vector<InputSpec> inputs() const override {
    return {
        {"operands", "A.bin", "files of equal length, bit by bit", InputKind::file, true, true}};
  }
  std::string_view output() const override { return "the resulting bytes"; }

  Answer run(const Request& request) override {
    Operands operands;
    const std::vector<const Input*> given = request.all("operands");
    for (const Input* input : given) operands.push_back(input->bytes);
    const std::string where(names_of(LogicOperation{})[static_cast<std::size_t>(operation_)]);
    check_operands(operation_, operands.size(), where);
    for (const Input* input : given) {
      if (input->bytes.size() == operands[0].size()) continue;
      throw InputError(where, fmt::format("\"{}\" has {} bytes", input->name, input->bytes.size()),
                       fmt::format("{}, as \"{}\"", operands[0].size(), given[0]->name));
    }
    if (operands[0].empty()) throw InputError(where, "the files are empty", "at least one byte");
    Answer answer = style_ == Style::read ? run_read(operands, request, where)
                                          : run_stateful_style(operands, request, where);
    von_neumann(operands, answer);
    return answer;
  }

 private:
  Answer run_read(const Operands& operands, const Request& request, const std::string& where) {
    const std::size_t n = operands.size();
    const LogicCells cells(cells_, request.seed);
    const LogicCells::Sampled sampled = cells.sample();
    BulkResult bulk =
        simulation_ == Simulation::rates
            ? logic_at_rates(operation_, operands, sampled, request.seed, request.execution)
            : logic_by_cells(operation_, operands, cells, sampled, request.execution, where);
    const std::vector<double> rates = error_probabilities(operation_, sampled.cells, n);
    const std::uint64_t bits = std::uint64_t{8} * bulk.output.size();
    Answer answer;
    Table classes{{"ones", "columns", "wrong", "error", "predicted_error"}, {}};
    std::uint64_t wrong = 0;
    double predicted = 0.0;
    for (std::size_t k = 0; k <= n; ++k) {
      const std::uint64_t columns = bulk.classes.columns[k];
      wrong += bulk.classes.wrong[k];
      predicted += rates[k] * static_cast<double>(columns) / static_cast<double>(bits);
      const double rate =
          columns == 0 ? 0.0
                       : static_cast<double>(bulk.classes.wrong[k]) / static_cast<double>(columns);
      classes.rows.push_back(
          {integer(k), integer(columns), integer(bulk.classes.wrong[k]), rate, rates[k]});
    }
    const Sensing sensing = sensing_of(operation_, sampled.cells, n);
    const std::uint64_t comparisons = bits * sensing.references_us.size();
    const auto columns = static_cast<std::uint64_t>(columns_);
    answer.results = {{"bits", integer(bits)},
                      {"wrong_bits", integer(wrong)},
                      {"classes", classes},
                      {"references_us", Numbers(sensing.references_us)},
                      {"set_mean_us", sampled.cells.set_mean_us},
                      {"set_std_us", sampled.cells.set_std_us},
                      {"reset_mean_us", sampled.cells.reset_mean_us},
                      {"reset_std_us", sampled.cells.reset_std_us},
                      {"array_reads", integer((bits + columns - 1) / columns)},
                      {"comparisons", integer(comparisons)}};
    answer.table = "classes";
    answer.error = static_cast<double>(wrong) / static_cast<double>(bits);
    answer.predicted_error = predicted;
    answer.counts = bulk.counts;
    // A comparison is a conversion of one bit.
    answer.counts.forward_mvm = (bits + columns - 1) / columns;
    answer.counts.adc_conversions = comparisons;
    if (write_back_) {
      const std::uint64_t ones = count_ones(bulk.output);
      add_writes(sampled, ones, bits - ones, answer.counts);
    }
    finish(operands, std::move(bulk.output), request, answer);
    return answer;
  }

  Answer run_stateful_style(const Operands& operands, const Request& request,
                            const std::string& where) {
    const std::size_t n = operands.size();
    const StatefulProgram program = stateful_program(operation_, gates_, n, where);
    StatefulResult bulk = run_stateful(program, gates_, operation_, operands, gate_error_,
                                       request.seed, request.execution);
    const std::uint64_t bits = std::uint64_t{8} * bulk.output.size();
    Answer answer;
    answer.results = {{"bits", integer(bits)},
                      {"wrong_bits", integer(bulk.wrong_bits)},
                      {"cycles", integer(program.cycles(gates_))},
                      {"gates", integer(program.steps.size())},
                      {"cells", integer(program.cells)},
                      {"writes_per_cell_max", integer(program.most_writes(gates_))}};
    answer.error = static_cast<double>(bulk.wrong_bits) / static_cast<double>(bits);
    answer.counts.set_pulses = bulk.set_pulses + bulk.ones;
    answer.counts.reset_pulses = bulk.reset_pulses + bits * n - bulk.ones;
    answer.counts.cells_read = bits;
    answer.counts.adc_conversions = bits;
    answer.remarks.emplace_back("operands are written with one pulse a bit, before the cycles");
    finish(operands, std::move(bulk.output), request, answer);
    return answer;
  }

  static std::uint64_t count_ones(const std::vector<std::uint8_t>& bytes) {
    std::uint64_t ones = 0;
    for (const std::uint8_t byte : bytes) {
      ones += static_cast<std::uint64_t>(__builtin_popcount(byte));
    }
    return ones;
  }

  void finish(const Operands& operands, std::vector<std::uint8_t> output, const Request& request,
              Answer& answer) const {
    const std::vector<std::uint8_t> exact = exact_logic(operation_, operands, request.execution);
    answer.exact = {{"ones", integer(count_ones(exact))}};
    answer.results.push_back({"ones", integer(count_ones(output))});
    if (!request.output_name.empty()) answer.output_bytes.assign(output.begin(), output.end());
    const std::size_t size = output.size();
    answer.arrays.push_back({"output", std::move(output), 1, size});
    answer.samples = (std::uint64_t{8} * size + 63) / 64;
    answer.sample = "64 bits";
    answer.sample_counts = answer.counts;
    answer.sample_counts.set_pulses = 0;
    answer.sample_counts.reset_pulses = 0;
    answer.sample_counts.verify_reads = 0;
  }

  static void von_neumann(const Operands& operands, Answer& answer) {
    const std::uint64_t bytes = operands[0].size();
    answer.von_neumann = {(operands.size() + 1) * bytes, (bytes + 7) / 8};
  }

  LogicOperation operation_ = LogicOperation::conjunction;
  Style style_ = Style::read;
  Simulation simulation_ = Simulation::rates;
  StatefulStyle gates_ = StatefulStyle::magic;
  bool write_back_ = false;
  std::int64_t columns_ = 512;
  double gate_error_ = 0.0;
  LogicCellConfig cells_;
};

std::unique_ptr<Task> make(std::string_view word) { return std::make_unique<LogicFiles>(word); }

constexpr std::string_view about =
    "Stores files as rows of cells, reads two or more rows at once and compares the currents with\n"
    "references: the bits, how many are wrong, and how many theory expects. --style stateful\n"
    "computes by gates between cells instead.";
constexpr std::string_view two =
    "  imcsim logic xor plain.bin key.bin -o cipher.bin\n"
    "  imcsim logic and a.bin b.bin --device pcm --programming single-shot\n";
constexpr std::string_view one =
    "  imcsim logic not a.bin -o inverse.bin\n"
    "  imcsim logic not a.bin --style stateful --gates imply\n";
constexpr std::string_view three =
    "  imcsim logic majority a.bin b.bin c.bin -o m.bin\n"
    "  imcsim logic majority a.bin b.bin c.bin --simulate cells\n";

}  // namespace

std::span<const TaskEntry> logic_file_entries() {
  static constexpr TaskEntry entries[] = {
      {"logic", "and", "1 where all files have a 1", about, two, make},
      {"logic", "or", "1 where any file has a 1", about, two, make},
      {"logic", "xor", "1 where two files differ", about, two, make},
      {"logic", "nand", "0 where all files have a 1", about, two, make},
      {"logic", "nor", "0 where any file has a 1", about, two, make},
      {"logic", "not", "a file inverted", about, one, make},
      {"logic", "majority", "1 where most files have a 1", about, three, make}};
  return entries;
}

}  // namespace imcsim::tasks
