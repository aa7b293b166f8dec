#include "tasks/stateful_bulk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "tasks/error_positions.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t stateful_block_bytes = 65536;
constexpr std::size_t most_patterned = 3;

/// Appends the gates of a style to a program. Calls that append gates must not be arguments of the
/// same call, because the order of evaluation is unspecified.
class Builder {
 public:
  Builder(StatefulStyle style, std::size_t operands) : style_(style) { program_.cells = operands; }

  std::size_t inversion(std::size_t a) {
    if (style_ != StatefulStyle::imply) return gate(StatefulGate::inversion, a, a);
    const std::size_t out = cleared();
    imply(a, out);
    return out;
  }

  std::size_t nand(std::size_t a, std::size_t b) {
    if (style_ == StatefulStyle::magic) return inversion(conjunction(a, b));
    if (style_ == StatefulStyle::pulses) return gate(StatefulGate::nand, a, b);
    const std::size_t out = cleared();
    imply(a, out);
    imply(b, out);
    return out;
  }

  std::size_t nor(std::size_t a, std::size_t b) {
    if (style_ == StatefulStyle::imply) return inversion(disjunction(a, b));
    return gate(StatefulGate::nor, a, b);
  }

  std::size_t conjunction(std::size_t a, std::size_t b) {
    if (style_ != StatefulStyle::magic) return inversion(nand(a, b));
    const std::size_t not_b = inversion(b);
    const std::size_t not_a = inversion(a);
    return nor(not_a, not_b);
  }

  /// Overwrites b in the IMPLY style.
  std::size_t disjunction(std::size_t a, std::size_t b) {
    if (style_ != StatefulStyle::imply) return inversion(nor(a, b));
    imply(inversion(a), b);
    return b;
  }

  std::size_t exclusive(std::size_t a, std::size_t b) {
    if (style_ != StatefulStyle::imply) {
      const std::size_t both = conjunction(a, b);
      return nor(nor(a, b), both);
    }
    const std::size_t not_a = inversion(a);
    const std::size_t either = inversion(b);
    imply(a, b);           // b: a IMP b
    imply(not_a, either);  // b IMP a
    return nand(b, either);
  }

  std::size_t majority(std::size_t a, std::size_t b, std::size_t c) {
    if (style_ == StatefulStyle::magic) {  // carry of the full adder: six gates
      const std::size_t neither = nor(a, b);
      const std::size_t only_a = nor(b, neither);
      const std::size_t same = nor(nor(a, neither), only_a);
      return nor(neither, nor(same, c));
    }
    const std::size_t not_both = nand(a, b);
    return nand(not_both, nand(c, disjunction(a, b)));
  }

  StatefulProgram finish(std::size_t result) {
    program_.result = result;
    return std::move(program_);
  }

 private:
  std::size_t gate(StatefulGate kind, std::size_t a, std::size_t b) {
    program_.steps.push_back({kind, a, b, program_.cells});
    return program_.cells++;
  }
  std::size_t cleared() { return gate(StatefulGate::clear, 0, 0); }
  void imply(std::size_t a, std::size_t out) {
    program_.steps.push_back({StatefulGate::imply, a, a, out});
  }

  StatefulStyle style_;
  StatefulProgram program_;
};

std::uint64_t pulses_of(StatefulGate gate) { return gate == StatefulGate::inversion ? 1 : 2; }

/// Cells of a block of columns, as 64-bit words.
using Words = std::vector<std::uint64_t>;

std::uint64_t applied(const StatefulStep& step, std::uint64_t a, std::uint64_t b,
                      std::uint64_t out) {
  switch (step.gate) {
    case StatefulGate::imply: return ~a | out;
    case StatefulGate::inversion: return ~a;
    case StatefulGate::nor: return ~(a | b);
    case StatefulGate::nand: return ~(a & b);
    case StatefulGate::clear: break;
  }
  return 0;
}

std::uint64_t ones_in(std::uint64_t word) {
  return static_cast<std::uint64_t>(std::popcount(word));
}

struct Pulses {
  std::uint64_t set = 0, reset = 0;

  void count(StatefulStyle style, const StatefulStep& step, const std::uint64_t (&word)[4],
             std::uint64_t present) {
    const auto [a, b, before, after] = word;
    if (step.gate == StatefulGate::clear) {
      reset += ones_in(present);
    } else if (style == StatefulStyle::imply) {
      set += ones_in(after & ~before & present);
    } else if (style == StatefulStyle::magic) {  // initialization to 1; the gate RESETs cells
      set += ones_in(present);
      reset += ones_in(~after & present);
    } else {  // RESET first; input pulses crystallize
      reset += ones_in(present);
      set += ones_in(a & present);
      if (step.gate != StatefulGate::inversion) set += ones_in(b & present);
    }
  }
};

}  // namespace

std::span<const std::string_view> names_of(StatefulStyle) {
  static constexpr std::array<std::string_view, 3> names = {"imply", "magic", "pcm-single"};
  return names;
}

std::uint64_t StatefulProgram::cycles(StatefulStyle style) const {
  if (style == StatefulStyle::imply) return steps.size();
  if (style == StatefulStyle::magic) return 2 * steps.size();
  std::uint64_t cycles = 0;
  for (const StatefulStep& step : steps) cycles += 2 + pulses_of(step.gate);
  return cycles;
}

std::uint64_t StatefulProgram::most_writes(StatefulStyle style) const {
  std::vector<std::uint64_t> writes(cells);
  for (const StatefulStep& step : steps) {
    writes[step.out] += style == StatefulStyle::imply   ? 1
                        : style == StatefulStyle::magic ? 2
                                                        : 1 + pulses_of(step.gate);
  }
  return writes.empty() ? 0 : *std::max_element(writes.begin(), writes.end());
}

StatefulProgram stateful_program(LogicOperation operation, StatefulStyle style, std::size_t n,
                                 const Where& where) {
  check_operands(operation, n, where);
  Builder builder(style, n);
  if (operation == LogicOperation::inversion) return builder.finish(builder.inversion(0));
  if (operation == LogicOperation::exclusive) return builder.finish(builder.exclusive(0, 1));
  if (operation == LogicOperation::majority) {
    if (n != 3) {
      throw InputError(where, fmt::format("stateful majority of {} operands", n),
                       "3 operands, or style = read");
    }
    return builder.finish(builder.majority(0, 1, 2));
  }
  const bool is_and = operation == LogicOperation::conjunction || operation == LogicOperation::nand;
  std::size_t result = 0;
  for (std::size_t r = 1; r + 1 < n; ++r) {
    result = is_and ? builder.conjunction(result, r) : builder.disjunction(result, r);
  }
  const std::size_t last = n - 1;
  switch (operation) {
    case LogicOperation::conjunction: return builder.finish(builder.conjunction(result, last));
    case LogicOperation::nand: return builder.finish(builder.nand(result, last));
    case LogicOperation::nor: return builder.finish(builder.nor(result, last));
    default: return builder.finish(builder.disjunction(result, last));
  }
}

double GateErrorRates::rate(StatefulGate gate, std::size_t ones) const {
  if (gate == StatefulGate::inversion) return inversion[ones];
  if (gate == StatefulGate::nor || gate == StatefulGate::nand) return two_inputs[ones];
  return other;
}

double GateErrorRates::most(StatefulGate gate) const {
  if (gate == StatefulGate::inversion) return *std::max_element(inversion.begin(), inversion.end());
  if (gate == StatefulGate::nor || gate == StatefulGate::nand) {
    return *std::max_element(two_inputs.begin(), two_inputs.end());
  }
  return other;
}

bool applied(StatefulGate gate, bool a, bool b, bool out) {
  const auto word = [](bool bit) { return bit ? ~std::uint64_t{0} : std::uint64_t{0}; };
  return (applied(StatefulStep{gate, 0, 0, 0}, word(a), word(b), word(out)) & 1U) != 0;
}

std::size_t ones_of_inputs(StatefulGate gate, bool a, bool b) {
  const std::size_t first = a ? 1 : 0;
  return gate == StatefulGate::inversion ? first : first + (b ? 1 : 0);
}

namespace {

/// A block of columns with all of its cells.
class StatefulBlock {
 public:
  StatefulBlock(const StatefulProgram& program, const Operands& operands, std::size_t first,
                std::size_t size)
      : program_(program),
        size_(size),
        words_((size + 7) / 8),
        tail_(size % 8 == 0 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * (size % 8))) - 1),
        cells_(program.cells, Words(words_)) {
    for (std::size_t r = 0; r < operands.size(); ++r) {
      std::memcpy(cells_[r].data(), operands[r].data() + first, size);
    }
  }

  void count_operands(std::size_t operands, StatefulResult& part) const {
    for (std::size_t r = 0; r < operands; ++r) {
      for (const std::uint64_t word : cells_[r]) part.ones += ones_in(word);
    }
    if (operands > most_patterned) return;
    part.patterns.resize(std::size_t{1} << operands);
    for (std::size_t pattern = 0; pattern < part.patterns.size(); ++pattern) {
      for (std::size_t w = 0; w < words_; ++w) {
        std::uint64_t columns = present(w);
        for (std::size_t r = 0; r < operands; ++r) {
          columns &= ((pattern >> r) & 1U) != 0 ? cells_[r][w] : ~cells_[r][w];
        }
        part.patterns[pattern] += ones_in(columns);
      }
    }
  }

  void run(StatefulStyle style, const GateErrorRates& rates, const Stream& stream,
           std::size_t block, Pulses& pulses) {
    for (std::size_t s = 0; s < program_.steps.size(); ++s) {
      const StatefulStep& step = program_.steps[s];
      Words& out = cells_[step.out];
      for (std::size_t w = 0; w < words_; ++w) {
        const std::uint64_t a = cells_[step.a][w];
        const std::uint64_t b = cells_[step.b][w];
        const std::uint64_t before = out[w];
        out[w] = applied(step, a, b, before);
        pulses.count(style, step, {a, b, before, out[w]}, present(w));
      }
      ErrorPositions wrong(rates.most(step.gate), stream,
                           events::error_sequences(block * program_.steps.size() + s));
      apply_errors(step, rates, wrong);
    }
  }

  /// Compares the result with the exact bytes in `output`, and replaces them.
  void finish(std::uint8_t* output, StatefulResult& part) const {
    Words exact(words_);
    std::memcpy(exact.data(), output, size_);
    const Words& found = cells_[program_.result];
    for (std::size_t w = 0; w < words_; ++w) {
      part.wrong_bits += ones_in((exact[w] ^ found[w]) & present(w));
      part.exact_ones += ones_in(exact[w]);
    }
    std::memcpy(output, found.data(), size_);
  }

 private:
  std::uint64_t present(std::size_t w) const { return w + 1 < words_ ? ~std::uint64_t{0} : tail_; }

  /// Inverts wrong bits: positions are drawn at the gate's largest rate and thinned to the rate of
  /// the inputs.
  void apply_errors(const StatefulStep& step, const GateErrorRates& rates, ErrorPositions& wrong) {
    const double most = rates.most(step.gate);
    for (std::uint64_t at = wrong.next(); at < 8 * size_; at = wrong.next()) {
      const auto w = static_cast<std::size_t>(at / 64);
      const auto bit = [&](std::size_t cell) { return ((cells_[cell][w] >> (at % 64)) & 1U) != 0; };
      const std::size_t ones = ones_of_inputs(step.gate, bit(step.a), bit(step.b));
      if (wrong.uniform() * most >= rates.rate(step.gate, ones)) continue;
      cells_[step.out][w] ^= std::uint64_t{1} << (at % 64);
    }
  }

  const StatefulProgram& program_;
  std::size_t size_, words_;
  std::uint64_t tail_;
  std::vector<Words> cells_;
};

}  // namespace

StatefulResult run_stateful(const StatefulProgram& program, StatefulStyle style,
                            LogicOperation operation, const Operands& operands,
                            const GateErrorRates& rates, std::uint64_t seed,
                            const Execution& execution) {
  StatefulResult result;
  result.output = exact_logic(operation, operands, execution);
  const std::size_t bytes = result.output.size();
  const std::size_t blocks = (bytes + stateful_block_bytes - 1) / stateful_block_bytes;
  const Stream stream(seed, Purpose::task_errors, entities::stateful_operation);
  std::vector<StatefulResult> parts(blocks);
  parallel_for(execution.threads, blocks, [&](std::size_t block) {
    const std::size_t first = block * stateful_block_bytes;
    StatefulBlock work(program, operands, first, std::min(stateful_block_bytes, bytes - first));
    Pulses pulses;
    work.count_operands(operands.size(), parts[block]);
    work.run(style, rates, stream, block, pulses);
    work.finish(result.output.data() + first, parts[block]);
    parts[block].set_pulses = pulses.set;
    parts[block].reset_pulses = pulses.reset;
  });
  for (const StatefulResult& part : parts) {
    result.wrong_bits += part.wrong_bits;
    result.exact_ones += part.exact_ones;
    result.set_pulses += part.set_pulses;
    result.reset_pulses += part.reset_pulses;
    result.ones += part.ones;
    result.patterns.resize(part.patterns.size());
    for (std::size_t i = 0; i < part.patterns.size(); ++i) result.patterns[i] += part.patterns[i];
  }
  return result;
}

}  // namespace imcsim::tasks
