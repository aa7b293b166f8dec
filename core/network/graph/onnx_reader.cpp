// Reads ModelProto and the messages in it. Field numbers: onnx/onnx.proto of github.com/onnx/onnx.
#include <fmt/format.h>

#include "base/error.hpp"
#include "network/graph/onnx_model.hpp"
#include "network/graph/onnx_tensor.hpp"

namespace imcsim::network {
namespace {

using protozero::pbf_reader;

OnnxAttribute attribute_of(pbf_reader reader, const std::string& where) {
  OnnxAttribute attribute;
  std::string unnamed;
  while (reader.next()) {
    switch (reader.tag()) {
      case 1: attribute.name = text_field(reader); break;
      case 2: attribute.real = real_field(reader); break;
      case 3: attribute.whole = whole_field(reader); break;
      case 4: attribute.text = text_field(reader); break;
      case 5:
        attribute.tensor =
            std::make_shared<const Tensor>(tensor_of(message_field(reader), unnamed, where));
        break;
      case 7: append_reals(reader, attribute.reals); break;
      case 8: append_wholes(reader, attribute.wholes); break;
      case 6:
      case 11:
        attribute.is_graph = true;
        reader.skip();
        break;
      default: reader.skip();
    }
  }
  return attribute;
}

OnnxNode node_of(pbf_reader reader, const std::string& where) {
  OnnxNode node;
  while (reader.next()) {
    switch (reader.tag()) {
      case 1: node.inputs.push_back(text_field(reader)); break;
      case 2: node.outputs.push_back(text_field(reader)); break;
      case 3: node.name = text_field(reader); break;
      case 4: node.op_type = text_field(reader); break;
      case 5: node.attributes.push_back(attribute_of(message_field(reader), where)); break;
      case 7: node.domain = text_field(reader); break;
      default: reader.skip();
    }
  }
  return node;
}

/// TensorShapeProto.Dimension: a number, or −1 for a name.
std::int64_t dimension_of(pbf_reader reader) {
  std::int64_t size = -1;
  while (reader.next()) {
    if (reader.tag() == 1) {
      size = whole_field(reader);
    } else {
      reader.skip();
    }
  }
  return size;
}

void read_tensor_type(pbf_reader reader, OnnxValue& value) {
  while (reader.next()) {
    if (reader.tag() == 1) {
      value.type = static_cast<DataType>(whole_field(reader));
    } else if (reader.tag() == 2) {
      std::vector<std::int64_t> dims;
      pbf_reader shape = message_field(reader);
      while (shape.next()) {
        if (shape.tag() == 1) {
          dims.push_back(dimension_of(message_field(shape)));
        } else {
          shape.skip();
        }
      }
      value.dims = std::move(dims);
    } else {
      reader.skip();
    }
  }
}

OnnxValue value_of(pbf_reader reader) {
  OnnxValue value;
  while (reader.next()) {
    if (reader.tag() == 1) {
      value.name = text_field(reader);
    } else if (reader.tag() == 2) {
      pbf_reader type = message_field(reader);
      while (type.next()) {
        if (type.tag() == 1) {
          read_tensor_type(message_field(type), value);
        } else {
          type.skip();
        }
      }
    } else {
      reader.skip();
    }
  }
  return value;
}

void read_graph(pbf_reader reader, OnnxModel& model, const std::string& where) {
  while (reader.next()) {
    switch (reader.tag()) {
      case 1: model.nodes.push_back(node_of(message_field(reader), where)); break;
      case 2: model.name = text_field(reader); break;
      case 5: {
        std::string name;
        auto tensor = std::make_shared<const Tensor>(tensor_of(message_field(reader), name, where));
        model.initializers[name] = std::move(tensor);
        break;
      }
      case 11: model.inputs.push_back(value_of(message_field(reader))); break;
      case 12: model.outputs.push_back(value_of(message_field(reader))); break;
      case 13: model.declared.push_back(value_of(message_field(reader))); break;
      case 15: throw InputError(where, "contains sparse weights", "dense weights");
      default: reader.skip();
    }
  }
}

/// OperatorSetId: the version of the default operator set of ONNX.
void read_opset(pbf_reader reader, OnnxModel& model) {
  std::string domain;
  std::int64_t version = 1;
  while (reader.next()) {
    switch (reader.tag()) {
      case 1: domain = text_field(reader); break;
      case 2: version = whole_field(reader); break;
      default: reader.skip();
    }
  }
  if (domain.empty() || domain == "ai.onnx") model.opset = version;
}

template <class Body>
void guarded(const std::string& where, const Body& body) {
  try {
    body();
  } catch (const protozero::end_of_buffer_exception&) {
    throw InputError(where, "ends in the middle of a field: truncated, or not an ONNX file",
                     "a complete ONNX file");
  } catch (const protozero::exception&) {
    throw InputError(where, "is damaged, or not an ONNX file", "a complete ONNX file");
  }
}

pbf_reader reader_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

OnnxModel read_onnx(std::span<const std::uint8_t> bytes, const std::string& where) {
  OnnxModel model;
  bool has_graph = false;
  guarded(where, [&] {
    pbf_reader reader = reader_of(bytes);
    while (reader.next()) {
      switch (reader.tag()) {
        case 1: model.ir_version = whole_field(reader); break;
        case 2: model.producer = text_field(reader); break;
        case 7:
          has_graph = true;
          read_graph(message_field(reader), model, where);
          break;
        case 8: read_opset(message_field(reader), model); break;
        case 25: throw InputError(where, "defines its own functions", "standard operators");
        default: reader.skip();
      }
    }
  });
  if (!has_graph) throw InputError(where, "contains no graph", "an ONNX file");
  return model;
}

Tensor read_onnx_tensor(std::span<const std::uint8_t> bytes, const std::string& where,
                        std::string* name) {
  Tensor tensor;
  std::string own;
  guarded(where, [&] { tensor = tensor_of(reader_of(bytes), own, where); });
  if (name != nullptr) *name = own;
  return tensor;
}

}  // namespace imcsim::network
