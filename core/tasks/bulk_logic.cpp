#include "tasks/bulk_logic.hpp"

#include "numeric/events.hpp"
#include "tasks/bulk_words.hpp"
#include "tasks/error_positions.hpp"

namespace imcsim::tasks {
namespace {

using detail::Block;
using detail::blocks_of;
using detail::BulkLogic;

constexpr std::size_t block_bytes = 65536;

std::uint64_t ones_of(const ClassCounts& classes) {
  std::uint64_t ones = 0;
  for (std::size_t k = 0; k < classes.columns.size(); ++k) ones += k * classes.columns[k];
  return ones;
}

}  // namespace

std::vector<std::uint8_t> exact_logic(LogicOperation operation, const Operands& operands,
                                      const Execution& execution) {
  const BulkLogic logic(operation, operands);
  std::vector<std::uint8_t> out(operands[0].size());
  const std::vector<Block> blocks = blocks_of(out.size(), block_bytes);
  parallel_for(execution.threads, blocks.size(),
               [&](std::size_t b) { logic.exact(blocks[b], out.data(), nullptr); });
  return out;
}

BulkResult logic_at_rates(LogicOperation operation, const Operands& operands,
                          const LogicCells::Sampled& sampled, std::uint64_t seed,
                          const Execution& execution, std::uint32_t operation_entity) {
  const std::size_t n = operands.size();
  const std::vector<double> rates = error_probabilities(operation, sampled.cells, n);
  const double most = *std::max_element(rates.begin(), rates.end());
  const BulkLogic logic(operation, operands);
  const Stream stream(seed, Purpose::task_errors, operation_entity);
  BulkResult result;
  result.output.resize(operands[0].size());
  const std::vector<Block> blocks = blocks_of(result.output.size(), block_bytes);
  std::vector<ClassCounts> parts(
      blocks.size(), {std::vector<std::uint64_t>(n + 1), std::vector<std::uint64_t>(n + 1)});
  parallel_for(execution.threads, blocks.size(), [&](std::size_t b) {
    const Block& block = blocks[b];
    ClassCounts& part = parts[b];
    logic.exact(block, result.output.data(), part.columns.data());
    ErrorPositions positions(most, stream, events::error_sequences(b));
    for (std::uint64_t at = positions.next(); at < 8 * block.size; at = positions.next()) {
      const std::size_t byte = block.first + static_cast<std::size_t>(at / 8);
      const auto bit = static_cast<unsigned>(at % 8);
      const std::size_t ones = logic.ones_at(byte, bit);
      if (positions.uniform() * most >= rates[ones]) continue;
      result.output[byte] = static_cast<std::uint8_t>(result.output[byte] ^ (1U << bit));
      part.wrong[ones] += 1;
    }
  });
  result.classes = detail::sum_of(parts, n + 1);
  const std::uint64_t bits = std::uint64_t{8} * result.output.size();
  const std::uint64_t ones = ones_of(result.classes);
  add_writes(sampled, ones, bits * n - ones, result.counts);
  result.counts.cells_read = bits * n;
  result.cells = sampled.cells;
  return result;
}

}  // namespace imcsim::tasks
