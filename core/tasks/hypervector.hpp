// Texts encoded as long random bit vectors. Sources: Karunaratne et al. 2020,
// doi:10.1038/s41928-020-0410-3; Rahimi, Kanerva and Rabaey 2016, doi:10.1145/2934583.2934624.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "numeric/random.hpp"

namespace imcsim::tasks {

/// D bits in 64-bit words; unused bits of the last word are 0.
using BitVector = std::vector<std::uint64_t>;

std::size_t words_of(std::size_t dimension);
bool bit_of(const BitVector& vector, std::size_t i);
std::uint64_t count_ones(const BitVector& vector);
/// Number of common ones.
std::uint64_t count_common(const BitVector& a, const BitVector& b);

/// Encoding of n letters as one vector; ρ: rotation by one bit, I(c): item vector of c.
///
///    exclusive     I(c₀) ⊕ ρI(c₁) ⊕ … ⊕ ρⁿ⁻¹I(c_{n−1}), c₀ the last letter
///    two_minterms  (∧ₖ ρᵏI(cₖ)) ∨ (∧ₖ ¬ρᵏI(cₖ)): two reads of several rows at once
enum class NgramEncoder { exclusive, two_minterms };
std::span<const std::string_view> names_of(NgramEncoder);

/// Sum of the n-gram vectors of a text.
struct Bundle {
  std::vector<std::uint32_t> counts;  ///< number of ones at each of the D bits
  std::uint64_t ngrams = 0;
};

class TextEncoder {
 public:
  /// Item vectors of `symbols` letters with exactly ⌊D/2⌋ ones each, drawn from `items`.
  TextEncoder(NgramEncoder encoder, std::size_t dimension, std::size_t ngram, std::size_t symbols,
              const Stream& items);

  std::size_t dimension() const { return dimension_; }
  std::size_t ngram() const { return ngram_; }

  /// Sum of the vectors of all n-grams of a text; empty if the text has fewer than n letters.
  Bundle bundle(std::span<const std::uint8_t> letters) const;

  /// Prototype of a class: bits that are one in more than half of the n-grams (exclusive), or the
  /// ⌊D/2⌋ most frequent ones, lowest index first among equals (two minterms).
  BitVector class_vector(const Bundle& bundle) const;

  /// Vector of a query: bits that are one in more than half of the n-grams (exclusive), or more
  /// often than the mean over all bits (two minterms).
  BitVector query_vector(const Bundle& bundle) const;

 private:
  void encode(std::span<const std::uint8_t> letters, std::size_t last, BitVector& out) const;
  BitVector above(const Bundle& bundle, std::uint64_t numerator, std::uint64_t denominator) const;

  NgramEncoder encoder_;
  std::size_t dimension_, ngram_, symbols_;
  std::vector<BitVector> rotated_;  ///< ρᵏI(c) at k·symbols + c
};

}  // namespace imcsim::tasks
