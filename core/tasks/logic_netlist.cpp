// logic run: executes a NOR netlist in rows of an array, one input vector per row.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "tasks/normal_tail.hpp"
#include "tasks/simpler.hpp"
#include "tasks/table_input.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

// Up to this number all input vectors, otherwise random ones.
constexpr std::size_t most_listed_inputs = 10;
constexpr std::size_t random_vectors = 1024;
constexpr std::size_t most_vectors = 1U << 20U;

/// Bits of one signal in all rows, 64 rows per word.
using Plane = std::vector<std::uint64_t>;

bool bit_of(const Plane& plane, std::size_t row) {
  return ((plane[row / 64] >> (row % 64)) & 1U) != 0;
}

class LogicNetlist final : public Task {
 public:
  void describe(FieldList& f) override {
    f.group("Mapping");
    f.field("row-size", row_size_, Unit::none, {1.0, 1e7}, "Cells per row",
            "doi:10.1109/TCAD.2019.2931188");
    f.field("gate-error", gate_error_, Unit::fraction, {0.0, 0.5}, "Error probability of a gate");
    f.mark_common({"row-size", "gate-error"});
  }
  std::vector<InputSpec> inputs() const override {
    return {{"netlist", "NETLIST.v", "Structural Verilog with inv1 and nor2 gates", InputKind::file,
             true},
            {"vectors", "",
             "Input vectors of 0 and 1, separated by commas (none: all, or 1024 random vectors)",
             InputKind::text},
            {"vectors-file", "", "File of input vectors, one per line; replaces option vectors"}};
  }
  std::string_view output() const override { return "the outputs, one vector of 0 and 1 per line"; }
  Answer run(const Request& request) override;

 private:
  std::vector<Plane> vectors(const Netlist& netlist, const Request& request);
  std::vector<Plane> given_vectors(const Netlist& netlist, const std::vector<TextRow>& lines,
                                   const Where& where, bool numbered);
  void report(const Netlist& netlist, const RowMapping& mapping, const StatefulArray& array,
              const std::vector<Plane>& inputs, Answer& answer) const;

  std::int64_t row_size_ = 512;
  double gate_error_ = 0.0;
  std::size_t rows_ = 0;
};

std::vector<Plane> LogicNetlist::given_vectors(const Netlist& netlist,
                                               const std::vector<TextRow>& lines,
                                               const Where& where, bool numbered) {
  std::vector<Plane> planes(netlist.inputs.size());
  for (const TextRow& line : lines) {
    const Where at = numbered ? Where(fmt::format("{}:{}", where.text, line.line)) : where;
    for (const std::string& word : line.cells) {
      const bool bits =
          std::all_of(word.begin(), word.end(), [](char c) { return c == '0' || c == '1'; });
      if (!bits || word.size() != planes.size() || rows_ >= most_vectors) {
        throw InputError(
            at, fmt::format("\"{}\" is not an input vector", word),
            fmt::format("{} digits 0 or 1: {}", planes.size(), fmt::join(netlist.inputs, " ")));
      }
      for (std::size_t i = 0; i < planes.size(); ++i) {
        if (rows_ % 64 == 0) planes[i].push_back(0);
        planes[i][rows_ / 64] |= std::uint64_t{word[i] == '1'} << (rows_ % 64);
      }
      rows_ += 1;
    }
  }
  if (rows_ == 0) throw InputError(where, "contains no vectors", "words of 0 and 1");
  return planes;
}

std::vector<Plane> LogicNetlist::vectors(const Netlist& netlist, const Request& request) {
  const Input* text = request.find("vectors");
  const Input* file = request.find("vectors-file");
  if (text != nullptr && file != nullptr) {
    throw InputError(at_field("vectors"), "given together with vectors-file", "one of the two");
  }
  if (text != nullptr) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(text->text.data());
    return given_vectors(netlist, text_rows({data, text->text.size()}), at_field("vectors"), false);
  }
  if (file != nullptr) return given_vectors(netlist, text_rows(file->bytes), file->name, true);
  const std::size_t n = netlist.inputs.size();
  const bool all = n <= most_listed_inputs;
  rows_ = all ? std::size_t{1} << n : random_vectors;
  std::vector<Plane> planes(n, Plane((rows_ + 63) / 64));
  const Stream draws(request.seed, Purpose::task_data, entities::task_inputs);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t row = 0; row < rows_; ++row) {
      // The first input is the most significant bit of the row number.
      const bool one =
          all ? ((row >> (n - 1 - i)) & 1U) != 0
              : (draws.word(events::places(row), static_cast<std::uint32_t>(i)) & 1U) != 0;
      planes[i][row / 64] |= std::uint64_t{one} << (row % 64);
    }
  }
  return planes;
}

Answer LogicNetlist::run(const Request& request) {
  const Input& file = *request.find("netlist");
  const std::string_view text(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
  const Netlist netlist = parse_netlist(text, file.name);
  const RowMapping mapping = map_to_row(netlist, static_cast<std::size_t>(row_size_));
  const std::vector<Plane> inputs = vectors(netlist, request);
  StatefulArray array(rows_, gate_error_,
                      Stream(request.seed, Purpose::task_errors, entities::netlist_gates));
  array.add_cells(mapping.cells);
  for (std::size_t i = 0; i < inputs.size(); ++i) array.load(i, inputs[i]);
  array.preset(inputs.size());
  run_mapping(mapping, array);
  Answer answer;
  report(netlist, mapping, array, inputs, answer);
  answer.von_neumann = {(inputs.size() + netlist.outputs.size()) * rows_ / 8,
                        netlist.gates.size() * ((rows_ + 63) / 64)};
  answer.counts.set_pulses = array.set_pulses();
  answer.counts.reset_pulses = array.reset_pulses();
  answer.sample_counts = answer.counts;
  answer.samples = rows_;
  answer.sample = "vector";
  return answer;
}

void LogicNetlist::report(const Netlist& netlist, const RowMapping& mapping,
                          const StatefulArray& array, const std::vector<Plane>& inputs,
                          Answer& answer) const {
  const std::size_t outputs = netlist.outputs.size();
  std::vector<Plane> exact(outputs);
  for (std::size_t w = 0; w < (rows_ + 63) / 64; ++w) {
    std::vector<std::uint64_t> bits(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) bits[i] = inputs[i][w];
    const std::vector<std::uint64_t> signals = netlist.evaluate(bits);
    for (std::size_t o = 0; o < outputs; ++o) exact[o].push_back(signals[netlist.outputs[o]]);
  }
  Table table{{"vector", "output", "exact"}, {}};
  std::vector<std::uint8_t> values;
  std::uint64_t wrong_bits = 0;
  std::uint64_t wrong_rows = 0;
  for (std::size_t row = 0; row < rows_; ++row) {
    std::string given, found, right;
    for (const Plane& plane : inputs) given += bit_of(plane, row) ? '1' : '0';
    for (std::size_t o = 0; o < outputs; ++o) {
      const std::span<const std::uint64_t> bits = array.bits(mapping.output_cells[o]);
      const bool one = ((bits[row / 64] >> (row % 64)) & 1U) != 0;
      found += one ? '1' : '0';
      right += bit_of(exact[o], row) ? '1' : '0';
      wrong_bits += found.back() == right.back() ? 0 : 1;
      values.push_back(one ? 1 : 0);
    }
    wrong_rows += found == right ? 0 : 1;
    answer.output_bytes += found + "\n";
    table.rows.push_back({given, found, right});
  }
  answer.results = {{"module", netlist.name},
                    {"inputs", fmt::format("{}", fmt::join(netlist.inputs, " "))},
                    {"outputs", fmt::format("{}", fmt::join(netlist.output_names, " "))},
                    {"convention", std::string("simpler")},
                    {"cycles", integer(array.cycles())},
                    {"gates", integer(array.gates())},
                    {"initialisation_cycles", integer(mapping.initializations)},
                    {"cells", integer(mapping.cells)},
                    {"writes_per_cell_max", integer(array.most_writes())},
                    {"rows", integer(rows_)},
                    {"wrong_rows", integer(wrong_rows)},
                    {"wrong_bits", integer(wrong_bits)},
                    {"vectors", std::move(table)}};
  answer.table = "vectors";
  answer.exact = {{"gates", integer(netlist.gates.size())}};
  const auto n = static_cast<double>(rows_);
  answer.error = static_cast<double>(wrong_rows) / n;
  if (gate_error_ == 0.0) answer.predicted_error = 0.0;
  answer.arrays.push_back({"outputs", std::move(values), rows_, outputs});
}

std::unique_ptr<Task> make_netlist(std::string_view) { return std::make_unique<LogicNetlist>(); }

constexpr std::string_view about_netlist =
    "Maps a netlist of NOT and NOR gates to one row of an array (SIMPLER), with cells initialized\n"
    "in batches, and runs it in all rows in parallel. Reports cycles, cells and outputs.";

}  // namespace

std::span<const TaskEntry> logic_netlist_entries() {
  static constexpr TaskEntry entries[] = {
      {"logic", "run", "Run a netlist of NOR gates in the rows of an array", about_netlist,
       "  imcsim logic run data/examples/full_adder.v --row-size 12\n"
       "  imcsim logic run data/examples/full_adder.v --vectors 011,111 --gate-error 0.01\n",
       make_netlist}};
  return entries;
}

}  // namespace imcsim::tasks
