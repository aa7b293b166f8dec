#include "tasks/hypervector.hpp"

#include <algorithm>
#include <array>

#include "numeric/events.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t word_bits = 64;
constexpr std::size_t planes = 32;

void set_bit(BitVector& vector, std::size_t i) {
  vector[i / word_bits] |= std::uint64_t{1} << (i % word_bits);
}

/// D 32-bit counters, stored as bit planes so that 64 are incremented at once.
class BitCounters {
 public:
  explicit BitCounters(std::size_t dimension)
      : dimension_(dimension), planes_(planes * words_of(dimension), 0) {}

  void add(const BitVector& vector) {
    for (std::size_t w = 0; w < vector.size(); ++w) {
      std::uint64_t carry = vector[w];
      for (std::uint64_t* plane = &planes_[w * planes]; carry != 0; ++plane) {
        const std::uint64_t both = *plane & carry;
        *plane ^= carry;
        carry = both;
      }
    }
  }

  std::vector<std::uint32_t> counts() const {
    std::vector<std::uint32_t> counts(dimension_, 0);
    for (std::size_t i = 0; i < dimension_; ++i) {
      for (std::size_t p = 0; p < planes; ++p) {
        const std::uint64_t bit = planes_[i / word_bits * planes + p] >> (i % word_bits) & 1U;
        counts[i] |= static_cast<std::uint32_t>(bit << p);
      }
    }
    return counts;
  }

 private:
  std::size_t dimension_;
  std::vector<std::uint64_t> planes_;
};

/// ⌊D/2⌋ ones at distinct random positions.
std::vector<std::uint8_t> half_ones(std::size_t dimension, const Stream& draws) {
  std::vector<std::uint8_t> bits(dimension, 0);
  std::fill_n(bits.begin(), dimension / 2, std::uint8_t{1});
  for (std::size_t i = dimension; i > 1; --i) {
    std::swap(bits[i - 1], bits[draws.word(events::places(i)) % i]);
  }
  return bits;
}

BitVector rotated(const std::vector<std::uint8_t>& bits, std::size_t by) {
  BitVector vector(words_of(bits.size()), 0);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i] != 0) set_bit(vector, (i + by) % bits.size());
  }
  return vector;
}

}  // namespace

std::size_t words_of(std::size_t dimension) { return (dimension + word_bits - 1) / word_bits; }

bool bit_of(const BitVector& vector, std::size_t i) {
  return (vector[i / word_bits] >> (i % word_bits) & 1U) != 0;
}

std::uint64_t count_ones(const BitVector& vector) { return count_common(vector, vector); }

std::uint64_t count_common(const BitVector& a, const BitVector& b) {
  std::uint64_t ones = 0;
  for (std::size_t w = 0; w < a.size(); ++w) {
    ones += static_cast<std::uint64_t>(__builtin_popcountll(a[w] & b[w]));
  }
  return ones;
}

std::span<const std::string_view> names_of(NgramEncoder) {
  static constexpr std::array<std::string_view, 2> names = {"xor", "2-minterm"};
  return names;
}

TextEncoder::TextEncoder(NgramEncoder encoder, std::size_t dimension, std::size_t ngram,
                         std::size_t symbols, const Stream& items)
    : encoder_(encoder),
      dimension_(dimension),
      ngram_(ngram),
      symbols_(symbols),
      rotated_(ngram * symbols) {
  for (std::size_t c = 0; c < symbols; ++c) {
    const auto bits = half_ones(dimension, items.of(entities::symbols(c)));
    for (std::size_t k = 0; k < ngram; ++k) rotated_[k * symbols + c] = rotated(bits, k);
  }
}

void TextEncoder::encode(std::span<const std::uint8_t> letters, std::size_t last,
                         BitVector& out) const {
  const BitVector& newest = rotated_[letters[last]];
  if (encoder_ == NgramEncoder::exclusive) {
    out = newest;
    for (std::size_t k = 1; k < ngram_; ++k) {
      const BitVector& item = rotated_[k * symbols_ + letters[last - k]];
      for (std::size_t w = 0; w < out.size(); ++w) out[w] ^= item[w];
    }
    return;
  }
  BitVector ones = newest;
  out = newest;  // ones of any item
  for (std::size_t k = 1; k < ngram_; ++k) {
    const BitVector& item = rotated_[k * symbols_ + letters[last - k]];
    for (std::size_t w = 0; w < out.size(); ++w) {
      ones[w] &= item[w];
      out[w] |= item[w];
    }
  }
  for (std::size_t w = 0; w < out.size(); ++w) out[w] = ones[w] | ~out[w];
  if (dimension_ % word_bits != 0) {
    out.back() &= (std::uint64_t{1} << (dimension_ % word_bits)) - 1;
  }
}

Bundle TextEncoder::bundle(std::span<const std::uint8_t> letters) const {
  Bundle bundle;
  if (letters.size() < ngram_) return bundle;
  BitCounters counters(dimension_);
  BitVector vector(words_of(dimension_));
  for (std::size_t last = ngram_ - 1; last < letters.size(); ++last) {
    encode(letters, last, vector);
    counters.add(vector);
  }
  bundle.counts = counters.counts();
  bundle.ngrams = letters.size() - ngram_ + 1;
  return bundle;
}

/// Bits whose count times `denominator` exceeds `numerator`.
BitVector TextEncoder::above(const Bundle& bundle, std::uint64_t numerator,
                             std::uint64_t denominator) const {
  BitVector vector(words_of(dimension_), 0);
  for (std::size_t i = 0; i < dimension_; ++i) {
    if (bundle.counts[i] * denominator > numerator) set_bit(vector, i);
  }
  return vector;
}

BitVector TextEncoder::class_vector(const Bundle& bundle) const {
  if (encoder_ == NgramEncoder::exclusive) return above(bundle, bundle.ngrams, 2);
  std::vector<std::size_t> order(dimension_);
  for (std::size_t i = 0; i < dimension_; ++i) order[i] = i;
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(dimension_ / 2);
  std::nth_element(order.begin(), middle, order.end(), [&](std::size_t a, std::size_t b) {
    return bundle.counts[a] != bundle.counts[b] ? bundle.counts[a] > bundle.counts[b] : a < b;
  });
  BitVector vector(words_of(dimension_), 0);
  for (auto place = order.begin(); place != middle; ++place) set_bit(vector, *place);
  return vector;
}

BitVector TextEncoder::query_vector(const Bundle& bundle) const {
  if (encoder_ == NgramEncoder::exclusive) return above(bundle, bundle.ngrams, 2);
  std::uint64_t sum = 0;
  for (const std::uint32_t count : bundle.counts) sum += count;
  return above(bundle, sum, dimension_);
}

}  // namespace imcsim::tasks
