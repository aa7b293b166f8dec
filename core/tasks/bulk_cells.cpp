// Bitwise operations in which every cell is programmed and read.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/error.hpp"
#include "base/observer.hpp"
#include "numeric/events.hpp"
#include "tasks/bulk_words.hpp"

namespace imcsim::tasks {
namespace {

using detail::Block;
using detail::blocks_of;
using detail::BulkLogic;

constexpr std::size_t cells_block_bytes = 1024;
constexpr std::size_t blocks_per_report = 64;
// Per operand; conductances of longer operands are not kept.
constexpr std::size_t shown_bytes = cells_block_bytes;

/// Sums over the cells of one state, as read.
struct StateSums {
  double cells = 0.0, us = 0.0, squared_us = 0.0, noise_variance = 0.0;

  void add(float us_of_cell, float noise_us) {
    const auto g = static_cast<double>(us_of_cell);
    const auto noise = static_cast<double>(noise_us);
    cells += 1.0;
    us += g;
    squared_us += g * g;
    noise_variance += noise * noise;
  }
  void add(const StateSums& other) {
    cells += other.cells;
    us += other.us;
    squared_us += other.squared_us;
    noise_variance += other.noise_variance;
  }
  double mean() const { return us / cells; }
  double deviation() const {
    return std::sqrt(std::max(0.0, (squared_us + noise_variance) / cells - mean() * mean()));
  }
};

/// Simulates the columns of one block cell by cell.
class CellBlock {
 public:
  CellBlock(const BulkLogic& logic, const Operands& operands, const LogicCells& cells,
            const Sensing& sensing, const Block& block)
      : logic_(logic),
        operands_(operands),
        cells_(cells),
        sensing_(sensing),
        block_(block),
        keeps_cells_(operands[0].size() <= shown_bytes) {}

  void run(std::vector<std::uint8_t>& output, ClassCounts& part, OperationCounts& counts) {
    const std::size_t columns = 8 * block_.size;
    sum_us_.assign(columns, 0.0F);
    const auto sense_us = static_cast<float>(cells_.sense_noise_us());
    variance_.assign(columns, sense_us * sense_us);
    for (std::size_t r = 0; r < operands_.size(); ++r) add_row(r, counts);
    logic_.exact(block_, output.data(), part.columns.data());
    for (std::size_t i = 0; i < columns; ++i) {
      const float noise =
          std::sqrt(variance_[i]) * cells_.reads().normal(events::cell_reads(8 * block_.first + i));
      sum_us_[i] += noise;
      const bool seen = sensing_.output(static_cast<double>(sum_us_[i]));
      std::uint8_t& byte = output[block_.first + i / 8];
      if (seen == (((byte >> (i % 8)) & 1U) != 0)) continue;
      byte = static_cast<std::uint8_t>(byte ^ (1U << (i % 8)));
      part.wrong[logic_.ones_at(block_.first + i / 8, static_cast<unsigned>(i % 8))] += 1;
    }
  }

  StateSums states[2];
  std::vector<float> conductance_us;  ///< of all cells, if `keeps_cells`

  std::vector<float> take_columns() { return std::move(sum_us_); }

 private:
  void add_row(std::size_t r, OperationCounts& counts) {
    const std::size_t columns = sum_us_.size();
    std::vector<std::uint8_t> bits(columns);
    for (std::size_t i = 0; i < columns; ++i) {
      bits[i] = (operands_[r][block_.first + i / 8] >> (i % 8)) & 1U;
    }
    const std::uint64_t first = std::uint64_t{8} * block_.first * operands_.size() + r * columns;
    const CellRow row = cells_.program(bits, entities::logic_cells.block(first, columns), counts);
    if (keeps_cells_) {
      conductance_us.insert(conductance_us.end(), row.conductance_us.begin(),
                            row.conductance_us.end());
    }
    for (std::size_t i = 0; i < columns; ++i) {
      const float noise_us = row.noise_us.empty() ? 0.0F : row.noise_us[i];
      sum_us_[i] += row.conductance_us[i];
      variance_[i] += noise_us * noise_us;
      states[bits[i]].add(row.conductance_us[i], noise_us);
    }
  }

  const BulkLogic& logic_;
  const Operands& operands_;
  const LogicCells& cells_;
  const Sensing& sensing_;
  Block block_;
  bool keeps_cells_;
  std::vector<float> sum_us_, variance_;
};

}  // namespace

BulkResult logic_by_cells(LogicOperation operation, const Operands& operands,
                          const LogicCells& cells, const LogicCells::Sampled& sampled,
                          const Execution& execution, Observer& observer, const Where& where) {
  const std::size_t n = operands.size();
  const std::size_t bytes = operands[0].size();
  if (std::uint64_t{8} * bytes * n > (std::uint64_t{1} << 31)) {
    throw InputError(
        where,
        fmt::format("{} operands of {} bytes exceed the number of simulated cells", n, bytes),
        "at most 2^31 cells, or simulate = rates");
  }
  const BulkLogic logic(operation, operands);
  const Sensing sensing = sensing_of(operation, sampled.cells, n);
  BulkResult result;
  result.output.resize(bytes);
  const std::vector<Block> blocks = blocks_of(bytes, cells_block_bytes);
  std::vector<ClassCounts> parts(
      blocks.size(), {std::vector<std::uint64_t>(n + 1), std::vector<std::uint64_t>(n + 1)});
  std::vector<std::array<StateSums, 2>> states(blocks.size());
  std::vector<OperationCounts> counts(blocks.size());
  for (std::size_t from = 0; from < blocks.size(); from += blocks_per_report) {
    if (!observer.should_continue({from, blocks.size()})) return result;
    const std::size_t count = std::min(blocks_per_report, blocks.size() - from);
    parallel_for(execution.threads, count, [&](std::size_t i) {
      const std::size_t b = from + i;
      CellBlock work(logic, operands, cells, sensing, blocks[b]);
      work.run(result.output, parts[b], counts[b]);
      states[b] = {work.states[0], work.states[1]};
      if (bytes > shown_bytes) return;  // short operands fit into one block
      result.conductance_us = std::move(work.conductance_us);
      result.column_us = work.take_columns();
    });
  }
  result.classes = detail::sum_of(parts, n + 1);
  for (const OperationCounts& part : counts) result.counts += part;
  result.counts.cells_read = std::uint64_t{8} * bytes * n;
  StateSums zero, one;
  for (const std::array<StateSums, 2>& pair : states) {
    zero.add(pair[0]);
    one.add(pair[1]);
  }
  result.cells = sampled.cells;
  if (one.cells > 0.0) {
    result.cells.set_mean_us = one.mean();
    result.cells.set_std_us = one.deviation();
  }
  if (zero.cells > 0.0) {
    result.cells.reset_mean_us = zero.mean();
    result.cells.reset_std_us = zero.deviation();
  }
  return result;
}

}  // namespace imcsim::tasks
