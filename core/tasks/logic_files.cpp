// logic and|or|xor|nand|nor|not|majority: bitwise operations on whole files.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "tasks/bulk_logic.hpp"
#include "tasks/gate_errors.hpp"
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

constexpr std::size_t pictured_bits = 64;
constexpr std::size_t most_pictured = 8;
constexpr std::string_view scouting = "doi:10.1109/ISVLSI.2017.121";

class LogicFiles final : public Task {
 public:
  explicit LogicFiles(std::string_view word) {
    const auto words = names_of(LogicOperation{});
    operation_ =
        static_cast<LogicOperation>(std::find(words.begin(), words.end(), word) - words.begin());
  }

  void describe(FieldList& f) override {
    f.group("Logic");
    f.field("style", style_, Unit::none, {},
            "Logic style: sensing of several rows at once, or stateful gates between cells",
            scouting);
    f.field("write-back", write_back_, Unit::none, {},
            "Write the result back into a row, for cascaded operations");
    f.field(
        "simulate", simulation_, Unit::none, {},
        "Simulation of bit errors: closed-form rates, or programming and reading of every cell");
    f.field("columns", columns_, Unit::none, {1.0, 1048576.0}, "Columns per array");
    f.group("Stateful gates");
    f.field("family", family_, Unit::none, {}, "Gate family of style = stateful",
            "doi:10.1038/nature08940, doi:10.1109/TCSII.2014.2357292");
    f.mark_common({"style", "write-back", "simulate", "family"});
    tasks::describe(gate_errors_, f);
    tasks::describe(cells_, f);
    describe_device(cells_, f);
  }

  device::DeviceConfig* device() override { return &cells_.device; }
  std::vector<InputSpec> inputs() const override {
    return {{"operands", "A.bin", "Files of equal length, combined bit by bit", InputKind::file,
             true, true}};
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
  Answer run_read(const Operands& operands, const Request& request, const Where& where) {
    const std::size_t n = operands.size();
    const LogicCells cells(cells_, request.seed);
    const LogicCells::Sampled sampled = cells.sample();
    BulkResult bulk =
        simulation_ == Simulation::rates
            ? logic_at_rates(operation_, operands, sampled, request.seed, request.execution)
            : logic_by_cells(operation_, operands, cells, sampled, request.execution,
                             request.observer, where);
    const Sensing sensing = sensing_of(operation_, sampled.cells, n);
    const std::vector<double> rates = error_probabilities(operation_, sensing, bulk.cells, n);
    const std::uint64_t bits = std::uint64_t{8} * bulk.output.size();
    const auto columns = static_cast<std::uint64_t>(columns_);
    const std::uint64_t comparisons = bits * sensing.references_us.size();
    Answer answer;
    answer.results = {{"bits", integer(bits)},
                      {"wrong_bits", integer(sum_of(bulk.classes.wrong))},
                      {"classes", table_of(bulk.classes, rates)},
                      {"references_us", Numbers(sensing.references_us)},
                      {"set_mean_us", bulk.cells.set_mean_us},
                      {"set_std_us", bulk.cells.set_std_us},
                      {"reset_mean_us", bulk.cells.reset_mean_us},
                      {"reset_std_us", bulk.cells.reset_std_us},
                      {"array_reads", integer((bits + columns - 1) / columns)},
                      {"comparisons", integer(comparisons)}};
    answer.table = "classes";
    answer.error = rate_of(sum_of(bulk.classes.wrong), bits);
    answer.predicted_error = predicted_rate(bulk.classes, rates, bits);
    const double spread =
        std::sqrt(std::get<double>(*answer.predicted_error) / static_cast<double>(bits));
    if (std::fabs(std::get<double>(answer.error) - std::get<double>(*answer.predicted_error)) >
        6.0 * spread + 6.0 / static_cast<double>(bits)) {
      answer.remarks.emplace_back(
          "predicted errors assume normal distributions; the conductances of this device are not "
          "normal");
    }
    answer.counts = bulk.counts;
    // A comparison counts as a 1-bit conversion.
    answer.counts.forward_mvm = (bits + columns - 1) / columns;
    answer.counts.adc_conversions = comparisons;
    if (operation_ == LogicOperation::exclusive && simulation_ == Simulation::rates) {
      answer.results.push_back({"decryption", decrypted(operands, bulk.output, sampled,
                                                        *answer.predicted_error, request)});
    }
    const std::uint64_t ones = count_ones(bulk.output);
    if (write_back_) add_writes(sampled, ones, bits - ones, answer.counts);
    answer.results.push_back({"ones", integer(ones)});
    answer.exact = {{"ones", integer(exact_ones(bulk.classes, n))}};
    finish(operands, std::move(bulk.output), answer);
    if (!bulk.column_us.empty()) {
      const std::size_t shown = bulk.column_us.size();
      answer.arrays.push_back({"conductance_us", std::move(bulk.conductance_us), n, shown, false});
      answer.arrays.push_back({"column_us", std::move(bulk.column_us), 1, shown, false});
    }
    return answer;
  }

  /// Decrypts the output with the second file, as with a one-time pad, and counts the wrong bits of
  /// the first file.
  Section decrypted(const Operands& operands, const std::vector<std::uint8_t>& output,
                    const LogicCells::Sampled& sampled, const Value& predicted,
                    const Request& request) const {
    const BulkResult back = logic_at_rates(operation_, {output, operands[1]}, sampled, request.seed,
                                           request.execution, entities::second_operation);
    std::uint64_t wrong = 0;
    for (std::size_t i = 0; i < output.size(); ++i) {
      wrong += static_cast<std::uint64_t>(
          std::popcount(static_cast<unsigned>(back.output[i] ^ operands[0][i])));
    }
    const std::uint64_t bits = std::uint64_t{8} * output.size();
    return {{"wrong_bits", integer(wrong)},
            {"error", rate_of(wrong, bits)},
            {"predicted_error", 2.0 * std::get<double>(predicted)}};
  }

  static double rate_of(std::uint64_t wrong, std::uint64_t of) {
    return of == 0 ? 0.0 : static_cast<double>(wrong) / static_cast<double>(of);
  }

  static std::uint64_t sum_of(const std::vector<std::uint64_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  }

  static Table table_of(const ClassCounts& classes, const std::vector<double>& rates) {
    Table table{{"ones", "columns", "wrong", "error", "predicted_error"}, {}};
    for (std::size_t k = 0; k < rates.size(); ++k) {
      table.rows.push_back({integer(k), integer(classes.columns[k]), integer(classes.wrong[k]),
                            rate_of(classes.wrong[k], classes.columns[k]), rates[k]});
    }
    return table;
  }

  static double predicted_rate(const ClassCounts& classes, const std::vector<double>& rates,
                               std::uint64_t bits) {
    double wrong = 0.0;
    for (std::size_t k = 0; k < rates.size(); ++k) {
      wrong += rates[k] * static_cast<double>(classes.columns[k]);
    }
    return wrong / static_cast<double>(bits);
  }

  std::uint64_t exact_ones(const ClassCounts& classes, std::size_t n) const {
    std::uint64_t ones = 0;
    for (std::size_t k = 0; k <= n; ++k) {
      if (exact_output(operation_, n, k)) ones += classes.columns[k];
    }
    return ones;
  }

  Answer run_stateful_style(const Operands& operands, const Request& request, const Where& where) {
    const std::size_t n = operands.size();
    const StatefulProgram program = stateful_program(operation_, family_, n, where);
    const GateErrorRates rates = gate_errors_.rates(family_, request.seed);
    StatefulResult bulk = run_stateful(program, family_, operation_, operands, rates, request.seed,
                                       request.execution);
    const std::uint64_t bits = std::uint64_t{8} * bulk.output.size();
    Answer answer;
    answer.results = {{"bits", integer(bits)},
                      {"wrong_bits", integer(bulk.wrong_bits)},
                      {"cycles", integer(program.cycles(family_))},
                      {"gates", integer(program.steps.size())},
                      {"cells", integer(program.cells)},
                      {"writes_per_cell_max", integer(program.most_writes(family_))},
                      {"ones", integer(count_ones(bulk.output))}};
    gate_errors_.report(rates, answer.results);
    answer.error = rate_of(bulk.wrong_bits, bits);
    answer.predicted_error = predicted_error(program, operation_, n, rates, bulk.patterns);
    answer.counts.set_pulses = bulk.set_pulses + bulk.ones;
    answer.counts.reset_pulses = bulk.reset_pulses + bits * n - bulk.ones;
    answer.counts.cells_read = bits;
    answer.counts.adc_conversions = bits;
    answer.exact = {{"ones", integer(bulk.exact_ones)}};
    answer.remarks.emplace_back("operands are written with one pulse per bit before the cycles");
    finish(operands, std::move(bulk.output), answer);
    return answer;
  }

  static std::uint64_t count_ones(const std::vector<std::uint8_t>& bytes) {
    std::uint64_t ones = 0;
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, 8);
      ones += static_cast<std::uint64_t>(std::popcount(word));
    }
    for (; at < bytes.size(); ++at) {
      ones += static_cast<std::uint64_t>(std::popcount(bytes[at]));
    }
    return ones;
  }

  void finish(const Operands& operands, std::vector<std::uint8_t> output, Answer& answer) const {
    answer.pictures.push_back(picture_of(operands, output));
    const std::size_t size = output.size();
    answer.output_raw = "output";
    answer.arrays.push_back({"output", std::move(output), 1, size});
    answer.samples = (std::uint64_t{8} * size + 63) / 64;
    answer.sample = "64 bits";
    answer.sample_counts = answer.counts;
    answer.sample_counts.set_pulses = 0;
    answer.sample_counts.reset_pulses = 0;
    answer.sample_counts.verify_reads = 0;
  }

  /// Image of the first bits of each operand, followed by the result.
  static GrayImage picture_of(const Operands& operands, const std::vector<std::uint8_t>& output) {
    GrayImage image{"first bits of each file and, below, of the result", pictured_bits, 0, {}};
    std::vector<std::span<const std::uint8_t>> rows(operands.begin(), operands.end());
    if (rows.size() > most_pictured) rows.resize(most_pictured);
    rows.emplace_back(output);
    for (const std::span<const std::uint8_t>& row : rows) {
      for (std::size_t line = 0; line < 2; ++line) {
        for (std::size_t i = 0; i < pictured_bits; ++i) {
          const bool one = i / 8 < row.size() && ((row[i / 8] >> (i % 8)) & 1U) != 0;
          image.pixels.push_back(one ? 255 : 0);
        }
      }
    }
    image.height = 2 * rows.size();
    return image;
  }

  static void von_neumann(const Operands& operands, Answer& answer) {
    const std::uint64_t bytes = operands[0].size();
    answer.von_neumann = {(operands.size() + 1) * bytes, (bytes + 7) / 8};
  }

  LogicOperation operation_ = LogicOperation::conjunction;
  Style style_ = Style::read;
  Simulation simulation_ = Simulation::rates;
  StatefulStyle family_ = StatefulStyle::magic;
  bool write_back_ = false;
  std::int64_t columns_ = 512;
  GateErrorConfig gate_errors_;
  LogicCellConfig cells_;
};

std::unique_ptr<Task> make_files(std::string_view word) {
  return std::make_unique<LogicFiles>(word);
}

constexpr std::string_view about_files =
    "Stores files as rows of cells, reads several rows at once and compares the currents with\n"
    "references. Reports the result, the wrong bits and the expected number of wrong bits.\n"
    "With style = stateful, gates between cells compute the result.";
constexpr std::string_view encryption =
    "  head -c 16399 /dev/urandom >key; imcsim logic xor data/examples/ascent.pgm key -o cipher\n"
    "  imcsim logic xor cipher key -o plain.pgm\n";
constexpr std::string_view two_and =
    "  head -c 16399 /dev/urandom | imcsim logic and data/examples/ascent.pgm - -o masked\n"
    "  imcsim logic and masked data/examples/ascent.pgm --device pcm-hermes --simulate cells\n";
constexpr std::string_view two_or =
    "  head -c 16399 /dev/urandom | imcsim logic or data/examples/ascent.pgm - -o masked\n"
    "  imcsim logic or masked data/examples/ascent.pgm --device pcm-hermes --simulate cells\n";
constexpr std::string_view two_nand =
    "  head -c 16399 /dev/urandom | imcsim logic nand data/examples/ascent.pgm - -o masked\n"
    "  imcsim logic nand masked data/examples/ascent.pgm --device pcm-hermes --simulate cells\n";
constexpr std::string_view two_nor =
    "  head -c 16399 /dev/urandom | imcsim logic nor data/examples/ascent.pgm - -o masked\n"
    "  imcsim logic nor masked data/examples/ascent.pgm --device pcm-hermes --simulate cells\n";
constexpr std::string_view one =
    "  imcsim logic not data/examples/ascent.pgm -o inverse\n"
    "  imcsim logic not data/examples/ascent.pgm --style stateful --family imply\n";
constexpr std::string_view three =
    "  imcsim logic not data/examples/ascent.pgm -o inverse\n"
    "  imcsim logic majority data/examples/ascent.pgm inverse data/examples/ascent.pgm\n";

}  // namespace

std::span<const TaskEntry> logic_file_entries() {
  static constexpr TaskEntry entries[] = {
      {"logic", "and", "AND: 1 where all files have a 1", about_files, two_and, make_files},
      {"logic", "or", "OR: 1 where any file has a 1", about_files, two_or, make_files},
      {"logic", "xor", "XOR: 1 where two files differ", about_files, encryption, make_files},
      {"logic", "nand", "NAND: 0 where all files have a 1", about_files, two_nand, make_files},
      {"logic", "nor", "NOR: 0 where any file has a 1", about_files, two_nor, make_files},
      {"logic", "not", "NOT: invert a file", about_files, one, make_files},
      {"logic", "majority", "Majority: 1 where most files have a 1", about_files, three,
       make_files}};
  return entries;
}

}  // namespace imcsim::tasks
