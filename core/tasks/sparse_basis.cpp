#include "tasks/sparse_basis.hpp"

#include <array>
#include <cmath>

namespace imcsim::tasks {
namespace {

/// Rows of the Haar basis: the mean, then the levels from coarse to fine.
std::vector<double> haar(std::size_t side) {
  std::vector<double> t(side * side, 0.0);
  for (std::size_t j = 0; j < side; ++j) t[j] = 1.0 / std::sqrt(static_cast<double>(side));
  std::size_t row = 1;
  for (std::size_t width = side; width >= 2; width /= 2) {
    const double height = 1.0 / std::sqrt(static_cast<double>(width));
    for (std::size_t first = 0; first < side; first += width, ++row) {
      for (std::size_t j = 0; j < width; ++j) {
        t[row * side + first + j] = j < width / 2 ? height : -height;
      }
    }
  }
  return t;
}

/// cos(k·(2j + 1)·π/2B), by half-angle and addition formulas from cos π = −1 instead of a library
/// function, hence bit-identical on all machines.
std::vector<double> cosines(std::size_t side) {
  double cosine = -1.0;
  for (std::size_t half = 1; half < 2 * side; half *= 2) cosine = std::sqrt(0.5 * (1.0 + cosine));
  std::vector<double> of_angle(4 * side + 1);
  of_angle[0] = 1.0;
  of_angle[1] = cosine;
  for (std::size_t n = 2; n < of_angle.size(); ++n) {
    of_angle[n] = 2.0 * cosine * of_angle[n - 1] - of_angle[n - 2];
  }
  std::vector<double> t(side * side);
  for (std::size_t k = 0; k < side; ++k) {
    const double norm = std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(side));
    for (std::size_t j = 0; j < side; ++j) {
      t[k * side + j] = norm * of_angle[k * (2 * j + 1) % (4 * side)];
    }
  }
  return t;
}

}  // namespace

std::span<const std::string_view> names_of(Basis) {
  static constexpr std::array<std::string_view, 2> names = {"haar", "dct"};
  return names;
}

BlockTransform::BlockTransform(Basis basis, std::size_t side)
    : side_(side), matrix_(basis == Basis::haar ? haar(side) : cosines(side)) {}

void BlockTransform::to_basis(std::span<double> block) const { apply(block, false); }
void BlockTransform::from_basis(std::span<double> block) const { apply(block, true); }

void BlockTransform::apply(std::span<double> block, bool inverse) const {
  const auto t = [&](std::size_t i, std::size_t j) {
    return inverse ? matrix_[j * side_ + i] : matrix_[i * side_ + j];
  };
  std::vector<double> half(side_ * side_, 0.0);
  for (std::size_t i = 0; i < side_; ++i) {
    for (std::size_t k = 0; k < side_; ++k) {
      for (std::size_t j = 0; j < side_; ++j) {
        half[i * side_ + j] += t(i, k) * block[k * side_ + j];
      }
    }
  }
  for (std::size_t i = 0; i < side_; ++i) {
    for (std::size_t j = 0; j < side_; ++j) {
      double sum = 0.0;
      for (std::size_t k = 0; k < side_; ++k) sum += half[i * side_ + k] * t(j, k);
      block[i * side_ + j] = sum;
    }
  }
}

}  // namespace imcsim::tasks
