#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace imcsim::tasks {

/// Basis in which image blocks are sparse.
enum class Basis { haar, dct };
std::span<const std::string_view> names_of(Basis);

/// An orthonormal transform of square blocks of side B (a power of two): Haar wavelets of log₂B
/// levels, or the type-II discrete cosine transform, along both axes.
class BlockTransform {
 public:
  BlockTransform(Basis basis, std::size_t side);

  /// block ← T·block·Tᵀ, and its inverse.
  void to_basis(std::span<double> block) const;
  void from_basis(std::span<double> block) const;

 private:
  void apply(std::span<double> block, bool inverse) const;

  std::size_t side_;
  std::vector<double> matrix_;  ///< T, row-major
};

}  // namespace imcsim::tasks
