// Word-wise bitwise operations on whole files, and counts of columns by their number of ones.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "tasks/bulk_logic.hpp"

namespace imcsim::tasks::detail {

inline constexpr std::size_t most_planes = 8;

struct Block {
  std::size_t first = 0, size = 0;  ///< bytes
};

inline std::vector<Block> blocks_of(std::size_t bytes, std::size_t each) {
  std::vector<Block> blocks;
  for (std::size_t at = 0; at < bytes; at += each) {
    blocks.push_back({at, std::min(each, bytes - at)});
  }
  return blocks;
}

/// The `size` (at most eight) bytes from `at` on, as a word.
inline std::uint64_t word_at(std::span<const std::uint8_t> bytes, std::size_t at,
                             std::size_t size) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data() + at, size);
  return word;
}

inline std::uint64_t folded(LogicOperation operation, std::uint64_t a, std::uint64_t b) {
  switch (operation) {
    case LogicOperation::conjunction:
    case LogicOperation::nand: return a & b;
    case LogicOperation::exclusive: return a ^ b;
    default: return a | b;
  }
}

inline bool is_inverted(LogicOperation operation) {
  return operation == LogicOperation::nand || operation == LogicOperation::nor ||
         operation == LogicOperation::inversion;
}

/// Number of ones in each column of n words, as bit planes.
struct Ones {
  std::uint64_t plane[most_planes] = {};

  void add(std::uint64_t word) {
    for (std::size_t p = 0; p < most_planes && word != 0; ++p) {
      const std::uint64_t carry = plane[p] & word;
      plane[p] ^= word;
      word = carry;
    }
  }
  /// Mask of the columns with exactly k ones.
  std::uint64_t equal(std::size_t k, std::size_t planes) const {
    std::uint64_t mask = ~std::uint64_t{0};
    for (std::size_t p = 0; p < planes; ++p) mask &= ((k >> p) & 1U) != 0 ? plane[p] : ~plane[p];
    return mask;
  }
};

inline std::uint64_t majority(const Ones& ones, std::size_t n, std::size_t planes) {
  std::uint64_t word = 0;
  for (std::size_t k = n / 2 + 1; k <= n; ++k) word |= ones.equal(k, planes);
  return word;
}

/// Number of ones in up to 31 words, summed per byte with shifts, masks and additions, which
/// compilers vectorize.
class OnesCount {
 public:
  static constexpr std::size_t most_words = 31;

  void add(std::uint64_t word) {
    word -= (word >> 1U) & 0x5555555555555555U;
    word = (word & 0x3333333333333333U) + ((word >> 2U) & 0x3333333333333333U);
    bytes_ += (word + (word >> 4U)) & 0x0F0F0F0F0F0F0F0FU;
  }
  std::uint64_t take() {
    const std::uint64_t pairs =
        (bytes_ & 0x00FF00FF00FF00FFU) + ((bytes_ >> 8U) & 0x00FF00FF00FF00FFU);
    bytes_ = 0;
    return (pairs * 0x0001000100010001U) >> 48U;
  }

 private:
  std::uint64_t bytes_ = 0;
};

class BulkLogic {
 public:
  BulkLogic(LogicOperation operation, const Operands& operands)
      : operation_(operation),
        operands_(operands),
        planes_(static_cast<std::size_t>(std::bit_width(operands.size()))) {}

  /// Output of up to eight bytes; if `classes` is not null, counts their columns by class.
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
    std::size_t done = 0;
    if (operands_.size() == 2 && classes != nullptr) {
      const auto whole = [&](auto fold) { return whole_chunks(block, out, classes, fold); };
      switch (operation_) {
        case LogicOperation::conjunction:
          done = whole([](std::uint64_t a, std::uint64_t b) { return a & b; });
          break;
        case LogicOperation::nand:
          done = whole([](std::uint64_t a, std::uint64_t b) { return ~(a & b); });
          break;
        case LogicOperation::exclusive:
          done = whole([](std::uint64_t a, std::uint64_t b) { return a ^ b; });
          break;
        case LogicOperation::nor:
          done = whole([](std::uint64_t a, std::uint64_t b) { return ~(a | b); });
          break;
        default: done = whole([](std::uint64_t a, std::uint64_t b) { return a | b; });
      }
    }
    for (std::size_t at = done; at < block.size; at += 8) {
      const std::size_t size = std::min<std::size_t>(8, block.size - at);
      const std::uint64_t result = word(block.first + at, size, classes);
      std::memcpy(out + block.first + at, &result, size);
    }
  }

 private:
  /// Processes all complete chunks of words of the block; returns the number of bytes processed.
  template <class Fold>
  std::size_t whole_chunks(const Block& block, std::uint8_t* out, std::uint64_t* classes,
                           Fold fold) const {
    constexpr std::size_t chunk = 8 * OnesCount::most_words;
    const std::uint8_t* a = operands_[0].data() + block.first;
    const std::uint8_t* b = operands_[1].data() + block.first;
    std::uint64_t both = 0;
    std::uint64_t one = 0;
    std::size_t done = 0;
    for (; done + chunk <= block.size; done += chunk) {
      OnesCount ones_of_and;
      OnesCount ones_of_xor;
      for (std::size_t at = done; at < done + chunk; at += 8) {
        std::uint64_t x = 0;
        std::uint64_t y = 0;
        std::memcpy(&x, a + at, 8);
        std::memcpy(&y, b + at, 8);
        ones_of_and.add(x & y);
        ones_of_xor.add(x ^ y);
        const std::uint64_t result = fold(x, y);
        std::memcpy(out + block.first + at, &result, 8);
      }
      both += ones_of_and.take();
      one += ones_of_xor.take();
    }
    classes[0] += 8 * done - both - one;
    classes[1] += one;
    classes[2] += both;
    return done;
  }

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

inline ClassCounts sum_of(const std::vector<ClassCounts>& parts, std::size_t classes) {
  ClassCounts all{std::vector<std::uint64_t>(classes), std::vector<std::uint64_t>(classes)};
  for (const ClassCounts& part : parts) {
    for (std::size_t k = 0; k < classes; ++k) {
      all.columns[k] += part.columns[k];
      all.wrong[k] += part.wrong[k];
    }
  }
  return all;
}

}  // namespace imcsim::tasks::detail
