#include "support.hpp"

#include <array>
#include <utility>

namespace imcsim::testing {
namespace {

constexpr int side = 28;

void push_word(std::vector<std::uint8_t>& bytes, std::uint32_t word) {
  for (const int shift : {24, 16, 8, 0}) {
    bytes.push_back(static_cast<std::uint8_t>((word >> shift) & 0xFFU));
  }
}

/// Whether a pixel belongs to one of the two spots of class `c`.
bool is_bright(int c, int row, int column) {
  const std::array<std::pair<int, int>, 2> centers = {
      {{6 + (c * 7) % 16, 6 + (c * 11) % 16}, {6 + (c * 5 + 3) % 16, 6 + (c * 13 + 7) % 16}}};
  for (const auto& [center_row, center_column] : centers) {
    const int dr = row - center_row;
    const int dc = column - center_column;
    if (dr * dr + dc * dc <= 29) return true;
  }
  return false;
}

}  // namespace

std::vector<Isa> supported_isas() {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
    if (is_supported(isa)) isas.push_back(isa);
  }
  return isas;
}

IdxPair synthetic_idx(std::size_t count, std::uint32_t set, std::size_t classes) {
  const Stream stream(20, Purpose::shuffle, 1000 + set);
  IdxPair pair;
  pair.images.name = set == 0 ? "train-images" : "test-images";
  pair.labels.name = set == 0 ? "train-labels" : "test-labels";
  push_word(pair.images.bytes, 0x803);
  push_word(pair.images.bytes, static_cast<std::uint32_t>(count));
  push_word(pair.images.bytes, side);
  push_word(pair.images.bytes, side);
  push_word(pair.labels.bytes, 0x801);
  push_word(pair.labels.bytes, static_cast<std::uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<int>(i % classes);
    pair.labels.bytes.push_back(static_cast<std::uint8_t>(label));
    const std::uint32_t place = stream.word(i, side * side);
    const int down = static_cast<int>(place % 5) - 2;
    const int right = static_cast<int>((place >> 8) % 5) - 2;
    for (int row = 0; row < side; ++row) {
      for (int column = 0; column < side; ++column) {
        std::uint8_t pixel = 0;
        if (is_bright(label, row - down, column - right)) {
          const std::uint32_t word =
              stream.word(i, static_cast<std::uint32_t>(row * side + column));
          if (word % 10 != 0) pixel = static_cast<std::uint8_t>(80U + (word >> 16) % 176U);
        }
        pair.images.bytes.push_back(pixel);
      }
    }
  }
  return pair;
}

dataset::Dataset synthetic_digits(std::size_t training, std::size_t test) {
  IdxPair first = synthetic_idx(training, 0);
  IdxPair second = synthetic_idx(test, 1);
  return {dataset::parse_idx(std::move(first.images), std::move(first.labels)),
          dataset::parse_idx(std::move(second.images), std::move(second.labels))};
}

Matrix<float> random_matrix(std::size_t rows, std::size_t columns, float scale,
                            std::uint64_t seed) {
  Draws draws(seed);
  Matrix<float> matrix = padded_matrix<float>(rows, columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) matrix(i, j) = draws(scale);
  }
  return matrix;
}

}  // namespace imcsim::testing
