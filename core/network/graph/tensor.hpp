#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "numeric/tensor.hpp"

namespace imcsim::network {

/// Types of the elements of a tensor, with their numbers in ONNX (TensorProto.DataType).
enum class DataType : std::int32_t {
  undefined = 0,
  float32 = 1,
  uint8 = 2,
  int8 = 3,
  uint16 = 4,
  int16 = 5,
  int32 = 6,
  int64 = 7,
  string = 8,
  boolean = 9,
  float16 = 10,
  float64 = 11,
  uint32 = 12,
  uint64 = 13,
};
std::string name_of(DataType type);

/// Floating-point types, all computed as float32.
bool is_real(DataType type);
/// Integers and truth values, all stored as int64.
bool is_whole(DataType type);

using Dimensions = std::vector<std::size_t>;

/// Maximum number of elements of a tensor and of all tensors of a graph. A file of a hundred bytes
/// can declare tensors of any size.
constexpr std::size_t most_elements = std::size_t{1} << 26;
constexpr std::size_t most_elements_total = std::size_t{1} << 28;

/// Product of `dims`, at most most_elements + 1.
std::size_t element_count(const Dimensions& dims);

/// Converts a nonnegative size from a file; at most most_elements + 1.
inline std::size_t size_of(std::int64_t given) {
  const auto most = static_cast<std::int64_t>(most_elements) + 1;
  return static_cast<std::size_t>(given < most ? given : most);
}

/// `2x3x4`; `scalar` without dimensions.
std::string dims_text(const Dimensions& dims);

/// Numbers in row-major order, in `real` or `whole` depending on the type.
struct Tensor {
  DataType type = DataType::float32;
  Dimensions dims;
  AlignedVector<float> real;
  std::vector<std::int64_t> whole;

  Tensor() = default;
  Tensor(DataType element, Dimensions sizes) { reshape(element, std::move(sizes)); }

  /// Sets type and sizes; the values of the elements are then unspecified.
  void reshape(DataType element, Dimensions sizes);
  std::size_t size() const { return is_real(type) ? real.size() : whole.size(); }
};

/// Nearest float16 as a float, ties to even; float value of the bits of a float16.
float rounded_to_half(float value);
float float_of_half(std::uint16_t bits);

}  // namespace imcsim::network
