#include "tasks/bulk_logic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "tasks/error_positions.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t block_bytes = 65536;
constexpr std::size_t cells_block_bytes = 1024;
constexpr std::size_t most_planes = 8;

struct Block {
  std::size_t first = 0, size = 0;  ///< bytes
};

std::vector<Block> blocks_of(std::size_t bytes, std::size_t each) {
  std::vector<Block> blocks;
  for (std::size_t at = 0; at < bytes; at += each) {
    blocks.push_back({at, std::min(each, bytes - at)});
  }
  return blocks;
}

/// Eight bytes from `at`, or what is left of them.
std::uint64_t word_at(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t size) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data() + at, size);
  return word;
}

std::uint64_t folded(LogicOperation operation, std::uint64_t a, std::uint64_t b) {
  switch (operation) {
    case LogicOperation::conjunction:
    case LogicOperation::nand: return a & b;
    case LogicOperation::exclusive: return a ^ b;
    default: return a | b;
  }
}

bool is_inverted(LogicOperation operation) {
  return operation == LogicOperation::nand || operation == LogicOperation::nor ||
         operation == LogicOperation::inversion;
}

/// How many of n words have a 1 in each column, as binary planes.
struct Ones {
  std::uint64_t plane[most_planes] = {};

  void add(std::uint64_t word) {
    for (std::size_t p = 0; p < most_planes && word != 0; ++p) {
      const std::uint64_t carry = plane[p] & word;
      plane[p] ^= word;
      word = carry;
    }
  }
  /// Columns with exactly k ones.
  std::uint64_t equal(std::size_t k, std::size_t planes) const {
    std::uint64_t mask = ~std::uint64_t{0};
    for (std::size_t p = 0; p < planes; ++p) mask &= ((k >> p) & 1U) != 0 ? plane[p] : ~plane[p];
    return mask;
  }
};

std::uint64_t majority(const Ones& ones, std::size_t n, std::size_t planes) {
  std::uint64_t word = 0;
  for (std::size_t k = n / 2 + 1; k <= n; ++k) word |= ones.equal(k, planes);
  return word;
}

class BulkLogic {
 public:
  BulkLogic(LogicOperation operation, const Operands& operands)
      : operation_(operation),
        operands_(operands),
        planes_(static_cast<std::size_t>(std::bit_width(operands.size()))) {}

  /// Output of eight bytes; `classes`, where asked for, counts their columns.
  std::uint64_t word(std::size_t at, std::size_t size, std::uint64_t* classes) const {
    const std::size_t n = operands_.size();
    if (n == 2) return word_of_two(at, size, classes);
    std::uint64_t result = word_at(operands_[0], at, size);
    Ones ones;
    const bool counts = classes != nullptr || operation_ == LogicOperation::majority;
    if (counts) ones.add(result);
    for (std::size_t r = 1; r < n; ++r) {
      const std::uint64_t next = word_at(operands_[r], at, size);
      result = folded(operation_, result, next);
      if (counts) ones.add(next);
    }
    if (operation_ == LogicOperation::majority) result = majority(ones, n, planes_);
    if (classes != nullptr) {
      const std::uint64_t present =
          size == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * size) - 1;
      for (std::size_t k = 0; k <= n; ++k) {
        classes[k] += static_cast<std::uint64_t>(std::popcount(ones.equal(k, planes_) & present));
      }
    }
    return is_inverted(operation_) ? ~result : result;
  }

  std::size_t ones_at(std::size_t byte, unsigned bit) const {
    std::size_t ones = 0;
    for (const auto& operand : operands_) ones += (operand[byte] >> bit) & 1U;
    return ones;
  }

  void exact(const Block& block, std::uint8_t* out, std::uint64_t* classes) const {
    for (std::size_t at = 0; at < block.size; at += 8) {
      const std::size_t size = std::min<std::size_t>(8, block.size - at);
      const std::uint64_t result = word(block.first + at, size, classes);
      std::memcpy(out + block.first + at, &result, size);
    }
  }

 private:
  std::uint64_t word_of_two(std::size_t at, std::size_t size, std::uint64_t* classes) const {
    const std::uint64_t a = word_at(operands_[0], at, size);
    const std::uint64_t b = word_at(operands_[1], at, size);
    if (classes != nullptr) {
      const auto both = static_cast<std::uint64_t>(std::popcount(a & b));
      const auto one = static_cast<std::uint64_t>(std::popcount(a ^ b));
      classes[0] += 8 * size - both - one;
      classes[1] += one;
      classes[2] += both;
    }
    const std::uint64_t result = folded(operation_, a, b);
    return is_inverted(operation_) ? ~result : result;
  }

  LogicOperation operation_;
  const Operands& operands_;
  std::size_t planes_;
};

ClassCounts sum_of(const std::vector<ClassCounts>& parts, std::size_t classes) {
  ClassCounts all{std::vector<std::uint64_t>(classes), std::vector<std::uint64_t>(classes)};
  for (const ClassCounts& part : parts) {
    for (std::size_t k = 0; k < classes; ++k) {
      all.columns[k] += part.columns[k];
      all.wrong[k] += part.wrong[k];
    }
  }
  return all;
}

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
                          const Execution& execution) {
  const std::size_t n = operands.size();
  const std::vector<double> rates = error_probabilities(operation, sampled.cells, n);
  const double most = *std::max_element(rates.begin(), rates.end());
  const BulkLogic logic(operation, operands);
  const Stream stream(seed, Purpose::task_errors);
  BulkResult result;
  result.output.resize(operands[0].size());
  const std::vector<Block> blocks = blocks_of(result.output.size(), block_bytes);
  std::vector<ClassCounts> parts(
      blocks.size(), {std::vector<std::uint64_t>(n + 1), std::vector<std::uint64_t>(n + 1)});
  parallel_for(execution.threads, blocks.size(), [&](std::size_t b) {
    const Block& block = blocks[b];
    ClassCounts& part = parts[b];
    logic.exact(block, result.output.data(), part.columns.data());
    ErrorPositions positions(most, stream, b);
    for (std::uint64_t at = positions.next(); at < 8 * block.size; at = positions.next()) {
      const std::size_t byte = block.first + static_cast<std::size_t>(at / 8);
      const auto bit = static_cast<unsigned>(at % 8);
      const std::size_t ones = logic.ones_at(byte, bit);
      if (positions.uniform() * most >= rates[ones]) continue;
      result.output[byte] = static_cast<std::uint8_t>(result.output[byte] ^ (1U << bit));
      part.wrong[ones] += 1;
    }
  });
  result.classes = sum_of(parts, n + 1);
  const std::uint64_t bits = std::uint64_t{8} * result.output.size();
  const std::uint64_t ones = ones_of(result.classes);
  add_writes(sampled, ones, bits * n - ones, result.counts);
  result.counts.cells_read = bits * n;
  return result;
}

BulkResult logic_by_cells(LogicOperation operation, const Operands& operands,
                          const LogicCells& cells, const LogicCells::Sampled& sampled,
                          const Execution& execution, const std::string& where) {
  const std::size_t n = operands.size();
  const std::size_t bytes = operands[0].size();
  if (std::uint64_t{8} * bytes * n > (std::uint64_t{1} << 31)) {
    throw InputError(where, fmt::format("{} operands of {} bytes are too many cells", n, bytes),
                     "2^31 cells, or --simulate rates");
  }
  const BulkLogic logic(operation, operands);
  const Sensing sensing = sensing_of(operation, sampled.cells, n);
  const auto sense_us = static_cast<float>(cells.sense_noise_us());
  BulkResult result;
  result.output.resize(bytes);
  const std::vector<Block> blocks = blocks_of(bytes, cells_block_bytes);
  std::vector<ClassCounts> parts(
      blocks.size(), {std::vector<std::uint64_t>(n + 1), std::vector<std::uint64_t>(n + 1)});
  std::vector<OperationCounts> counts(blocks.size());
  parallel_for(execution.threads, blocks.size(), [&](std::size_t b) {
    const Block& block = blocks[b];
    const std::size_t columns = 8 * block.size;
    std::vector<float> sum_us(columns);
    std::vector<float> variance(columns, sense_us * sense_us);
    std::vector<std::uint8_t> bits(columns);
    const auto first = static_cast<std::uint32_t>(8 * block.first * n);
    for (std::size_t r = 0; r < n; ++r) {
      for (std::size_t i = 0; i < columns; ++i) {
        bits[i] = (operands[r][block.first + i / 8] >> (i % 8)) & 1U;
      }
      const CellRow row =
          cells.program(bits, first + static_cast<std::uint32_t>(r * columns), counts[b]);
      for (std::size_t i = 0; i < columns; ++i) {
        sum_us[i] += row.conductance_us[i];
        if (!row.noise_us.empty()) variance[i] += row.noise_us[i] * row.noise_us[i];
      }
    }
    logic.exact(block, result.output.data(), parts[b].columns.data());
    for (std::size_t i = 0; i < columns; ++i) {
      const float noise = std::sqrt(variance[i]) * cells.reads().normal(8 * block.first + i);
      const bool seen = sensing.output(static_cast<double>(sum_us[i] + noise));
      std::uint8_t& byte = result.output[block.first + i / 8];
      if (seen == (((byte >> (i % 8)) & 1U) != 0)) continue;
      byte = static_cast<std::uint8_t>(byte ^ (1U << (i % 8)));
      parts[b].wrong[logic.ones_at(block.first + i / 8, static_cast<unsigned>(i % 8))] += 1;
    }
  });
  result.classes = sum_of(parts, n + 1);
  for (const OperationCounts& part : counts) result.counts += part;
  result.counts.cells_read = std::uint64_t{8} * bytes * n;
  return result;
}

}  // namespace imcsim::tasks
