#pragma once

#include <protozero/pbf_reader.hpp>

#include "network/graph/onnx_model.hpp"

namespace imcsim::network {

/// Content of a field. Throws protozero::exception if the field has another wire type.
std::string text_field(protozero::pbf_reader& reader);
std::int64_t whole_field(protozero::pbf_reader& reader);
float real_field(protozero::pbf_reader& reader);
protozero::pbf_reader message_field(protozero::pbf_reader& reader);

/// Appends one number of an unpacked field or all of a packed one.
void append_wholes(protozero::pbf_reader& reader, std::vector<std::int64_t>& out);
void append_reals(protozero::pbf_reader& reader, std::vector<float>& out);

/// Reads a TensorProto; `name` receives its name.
Tensor tensor_of(protozero::pbf_reader reader, std::string& name, const std::string& where);

}  // namespace imcsim::network
