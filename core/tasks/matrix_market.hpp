#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace imcsim::tasks {

/// A matrix of a file, [rows × columns], row-major and full.
struct MarketMatrix {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
  std::size_t size_line = 0;  ///< where the size stands in the file
  double at(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
};

/// Largest number of rows and of columns that is read; a file of coordinates, which may say little
/// of a large matrix, has at most so many places.
inline constexpr std::size_t most_market_rows = 8192;
inline constexpr std::size_t most_market_places = std::size_t{1} << 24;

/// Reads a Matrix Market text: array or coordinate, real or integer, general or symmetric (then
/// the entries on and below the diagonal stand in the file). Throws InputError that names the
/// line: other formats, entries that are missing, too many, twice there, out of place, or no
/// finite number.
/// Source: doi:10.6028/NIST.IR.5935.
MarketMatrix read_matrix_market(std::span<const std::uint8_t> bytes, const std::string& name);

}  // namespace imcsim::tasks
