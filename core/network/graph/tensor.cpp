#include "network/graph/tensor.hpp"

#include <fmt/format.h>

#include <cmath>

#include "numeric/float_math.hpp"

namespace imcsim::network {

std::string name_of(DataType type) {
  switch (type) {
    case DataType::float32: return "float32";
    case DataType::uint8: return "uint8";
    case DataType::int8: return "int8";
    case DataType::uint16: return "uint16";
    case DataType::int16: return "int16";
    case DataType::int32: return "int32";
    case DataType::int64: return "int64";
    case DataType::string: return "string";
    case DataType::boolean: return "bool";
    case DataType::float16: return "float16";
    case DataType::float64: return "float64";
    case DataType::uint32: return "uint32";
    case DataType::uint64: return "uint64";
    case DataType::undefined: break;
  }
  return fmt::format("type {}", static_cast<int>(type));
}

bool is_real(DataType type) {
  return type == DataType::float32 || type == DataType::float64 || type == DataType::float16;
}

bool is_whole(DataType type) {
  switch (type) {
    case DataType::uint8:
    case DataType::int8:
    case DataType::uint16:
    case DataType::int16:
    case DataType::int32:
    case DataType::int64:
    case DataType::boolean:
    case DataType::uint32:
    case DataType::uint64: return true;
    default: return false;
  }
}

std::size_t element_count(const Dimensions& dims) {
  std::size_t count = 1;
  for (const std::size_t d : dims) {
    if (d == 0) return 0;
  }
  for (const std::size_t d : dims) {
    if (d > most_elements / count) return most_elements + 1;
    count *= d;
  }
  return count;
}

std::string dims_text(const Dimensions& dims) {
  return dims.empty() ? "scalar" : fmt::format("{}", fmt::join(dims, "x"));
}

void Tensor::reshape(DataType element, Dimensions sizes) {
  type = element;
  dims = std::move(sizes);
  const std::size_t count = element_count(dims);
  real.resize(is_real(type) ? count : 0);
  whole.resize(is_real(type) ? 0 : count);
}

float float_of_half(std::uint16_t bits) {
  const std::uint32_t exponent = (bits >> 10) & 31U;
  const std::uint32_t fraction = bits & 1023U;
  const float sign = (bits & 0x8000U) != 0 ? -1.0F : 1.0F;
  if (exponent == 0) return sign * static_cast<float>(fraction) * 0x1p-24F;
  const std::uint32_t wide = exponent == 31 ? 255U : exponent + 112U;
  return sign * numeric::float_of_bits(static_cast<std::int32_t>(wide << 23 | fraction << 13));
}

float rounded_to_half(float value) {
  const float magnitude = std::fabs(value);
  if (!(magnitude < 65520.0F)) {
    return std::isnan(value) ? value : std::copysign(HUGE_VALF, value);
  }
  // `step` is the distance of float16 numbers at this magnitude.
  const std::int32_t exponent = numeric::bits_of(magnitude) & 0x7F800000;
  const float unit = numeric::float_of_bits(exponent) * 0x1p-10F;
  const float step = unit > 0x1p-24F ? unit : 0x1p-24F;
  return std::copysign(numeric::round_even(magnitude / step) * step, value);
}

}  // namespace imcsim::network
