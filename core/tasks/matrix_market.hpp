#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace imcsim::tasks {

/// A matrix read from a file, [rows × columns], row-major, with all entries.
struct MarketMatrix {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
  std::size_t size_line = 0;  ///< line of the matrix size in the file
  double at(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
};

/// Limits: number of rows and of columns; number of entries of the full matrix for files in
/// coordinate format, which can be much smaller than the matrix.
inline constexpr std::size_t most_market_rows = 8192;
inline constexpr std::size_t most_market_places = std::size_t{1} << 24;

/// Reads a Matrix Market text: array or coordinate, real or integer, general or symmetric (the file
/// then holds the entries on and below the diagonal). Throws InputError with the line for other
/// formats and for missing, surplus, duplicate, misplaced or non-finite entries.
/// Source: doi:10.6028/NIST.IR.5935.
MarketMatrix read_matrix_market(std::span<const std::uint8_t> bytes, const std::string& name);

}  // namespace imcsim::tasks
