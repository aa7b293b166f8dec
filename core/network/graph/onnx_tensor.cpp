// Tensors of an ONNX file: dimensions, and data in one of eight forms.
#include "network/graph/onnx_tensor.hpp"

#include <fmt/format.h>

#include <cstring>

#include "base/error.hpp"

namespace imcsim::network {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

void require(const pbf_reader& reader, pbf_wire_type type) {
  if (reader.wire_type() != type) throw protozero::unknown_pbf_wire_type_exception{};
}

void append_doubles(pbf_reader& reader, std::vector<float>& out) {
  if (reader.wire_type() == pbf_wire_type::length_delimited) {
    for (const double value : reader.get_packed_double()) out.push_back(static_cast<float>(value));
    return;
  }
  require(reader, pbf_wire_type::fixed64);
  out.push_back(static_cast<float>(reader.get_double()));
}

/// Fields of a TensorProto in use, with undecoded data.
struct RawTensor {
  std::string name;
  DataType type = DataType::undefined;
  std::vector<std::int64_t> dims;
  std::vector<float> reals;          ///< float_data, double_data
  std::vector<std::int64_t> wholes;  ///< int32_data, int64_data, uint64_data
  protozero::data_view raw;
  bool has_raw = false;
  bool is_external = false;
  bool is_segment = false;
};

RawTensor raw_tensor(pbf_reader reader) {
  RawTensor raw;
  while (reader.next()) {
    switch (reader.tag()) {
      case 1: append_wholes(reader, raw.dims); break;
      case 2: raw.type = static_cast<DataType>(whole_field(reader)); break;
      case 3:
        raw.is_segment = true;
        reader.skip();
        break;
      case 4: append_reals(reader, raw.reals); break;
      case 5:
      case 7:
      case 11: append_wholes(reader, raw.wholes); break;
      case 8: raw.name = text_field(reader); break;
      case 9:
        require(reader, pbf_wire_type::length_delimited);
        raw.raw = reader.get_view();
        raw.has_raw = true;
        break;
      case 10: append_doubles(reader, raw.reals); break;
      case 13:
        raw.is_external = true;
        reader.skip();
        break;
      case 14: raw.is_external = whole_field(reader) == 1 || raw.is_external; break;
      default: reader.skip();
    }
  }
  return raw;
}

std::size_t bytes_of(DataType type) {
  switch (type) {
    case DataType::uint8:
    case DataType::int8:
    case DataType::boolean: return 1;
    case DataType::uint16:
    case DataType::int16:
    case DataType::float16: return 2;
    case DataType::int64:
    case DataType::uint64:
    case DataType::float64: return 8;
    default: return 4;
  }
}

/// Element `i` of little-endian bytes.
template <class T>
T element(const RawTensor& raw, std::size_t i) {
  T value;
  std::memcpy(&value, raw.raw.data() + i * sizeof(T), sizeof(T));
  return value;
}

std::int64_t whole_element(const RawTensor& raw, std::size_t i) {
  switch (raw.type) {
    case DataType::uint8:
    case DataType::boolean: return element<std::uint8_t>(raw, i);
    case DataType::int8: return element<std::int8_t>(raw, i);
    case DataType::uint16: return element<std::uint16_t>(raw, i);
    case DataType::int16: return element<std::int16_t>(raw, i);
    case DataType::int32: return element<std::int32_t>(raw, i);
    case DataType::uint32: return element<std::uint32_t>(raw, i);
    default: return element<std::int64_t>(raw, i);
  }
}

float real_element(const RawTensor& raw, std::size_t i) {
  switch (raw.type) {
    case DataType::float16: return float_of_half(element<std::uint16_t>(raw, i));
    case DataType::float64: return static_cast<float>(element<double>(raw, i));
    default: return element<float>(raw, i);
  }
}

Tensor decoded(const RawTensor& raw, Dimensions dims, const std::string& where) {
  Tensor tensor;
  const std::size_t count = element_count(dims);
  const bool real = is_real(raw.type);
  const bool half_bits = raw.type == DataType::float16 && !raw.has_raw;
  const std::size_t given = raw.has_raw            ? raw.raw.size() / bytes_of(raw.type)
                            : (real && !half_bits) ? raw.reals.size()
                                                   : raw.wholes.size();
  if (given != count || (raw.has_raw && raw.raw.size() % bytes_of(raw.type) != 0)) {
    throw InputError(where, fmt::format("tensor \"{}\" contains {} numbers", raw.name, given),
                     fmt::format("{} for the dimensions {}", count, dims_text(dims)));
  }
  tensor.reshape(raw.type, std::move(dims));
  for (std::size_t i = 0; i < count; ++i) {
    if (!real) {
      tensor.whole[i] = raw.has_raw ? whole_element(raw, i) : raw.wholes[i];
    } else if (half_bits) {
      tensor.real[i] = float_of_half(static_cast<std::uint16_t>(raw.wholes[i]));
    } else {
      tensor.real[i] = raw.has_raw ? real_element(raw, i) : raw.reals[i];
    }
  }
  return tensor;
}

}  // namespace

std::string text_field(pbf_reader& reader) {
  require(reader, pbf_wire_type::length_delimited);
  return reader.get_string();
}

std::int64_t whole_field(pbf_reader& reader) {
  require(reader, pbf_wire_type::varint);
  return reader.get_int64();
}

float real_field(pbf_reader& reader) {
  require(reader, pbf_wire_type::fixed32);
  return reader.get_float();
}

pbf_reader message_field(pbf_reader& reader) {
  require(reader, pbf_wire_type::length_delimited);
  return reader.get_message();
}

void append_wholes(pbf_reader& reader, std::vector<std::int64_t>& out) {
  if (reader.wire_type() == pbf_wire_type::length_delimited) {
    for (const std::int64_t value : reader.get_packed_int64()) out.push_back(value);
    return;
  }
  out.push_back(whole_field(reader));
}

void append_reals(pbf_reader& reader, std::vector<float>& out) {
  if (reader.wire_type() == pbf_wire_type::length_delimited) {
    for (const float value : reader.get_packed_float()) out.push_back(value);
    return;
  }
  out.push_back(real_field(reader));
}

Tensor tensor_of(pbf_reader reader, std::string& name, const std::string& where) {
  const RawTensor raw = raw_tensor(reader);
  name = raw.name;
  if (raw.is_external) {
    throw InputError(where, fmt::format("tensor \"{}\" is stored in another file", raw.name),
                     "a model that contains its weights");
  }
  if (raw.is_segment || !(is_real(raw.type) || is_whole(raw.type))) {
    throw InputError(
        where,
        fmt::format("tensor \"{}\" {}", raw.name,
                    raw.is_segment ? "is stored in segments" : "is of " + name_of(raw.type)),
        "complete tensors of floats, integers or truth values");
  }
  Dimensions dims;
  for (const std::int64_t d : raw.dims) {
    if (d < 0 || d > static_cast<std::int64_t>(most_elements)) {
      throw InputError(where, fmt::format("tensor \"{}\" has a dimension of {}", raw.name, d),
                       fmt::format("0 to {}", most_elements));
    }
    dims.push_back(static_cast<std::size_t>(d));
  }
  return decoded(raw, std::move(dims), where);
}

}  // namespace imcsim::network
