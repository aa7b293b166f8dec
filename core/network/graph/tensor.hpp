#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "numeric/tensor.hpp"

namespace imcsim::network {

/// Types of a tensor's elements, with the numbers that ONNX gives them (TensorProto.DataType).
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

/// Computed as float32 here, however wide they are in the file.
bool is_real(DataType type);
/// Whole numbers and truth values, kept as int64 here.
bool is_whole(DataType type);

using Dimensions = std::vector<std::size_t>;

/// No tensor of a graph may have more elements, and all together no more than the second: a file of
/// a hundred bytes can ask for any amount of memory.
constexpr std::size_t most_elements = std::size_t{1} << 26;
constexpr std::size_t most_elements_together = std::size_t{1} << 28;

/// Product of `dims`; most_elements + 1 where it is beyond that.
std::size_t element_count(const Dimensions& dims);

/// A size as a file gives it, not negative; what is beyond most_elements becomes most_elements + 1.
inline std::size_t size_of(std::int64_t given) {
  const auto most = static_cast<std::int64_t>(most_elements) + 1;
  return static_cast<std::size_t>(given < most ? given : most);
}

/// `2x3x4`; `scalar` without dimensions.
std::string dims_text(const Dimensions& dims);

/// Numbers in row-major order: in `real` or, by their type, in `whole`.
struct Tensor {
  DataType type = DataType::float32;
  Dimensions dims;
  AlignedVector<float> real;
  std::vector<std::int64_t> whole;

  Tensor() = default;
  Tensor(DataType element, Dimensions sizes) { reshape(element, std::move(sizes)); }

  /// Takes this type and these sizes; what the elements are is then not said.
  void reshape(DataType element, Dimensions sizes);
  std::size_t size() const { return is_real(type) ? real.size() : whole.size(); }
};

/// The nearest float16, ties to even, as a float; and the float of sixteen bits.
float rounded_to_half(float value);
float float_of_half(std::uint16_t bits);

}  // namespace imcsim::network
