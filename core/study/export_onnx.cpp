#include "study/export_onnx.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <bit>
#include <protozero/pbf_writer.hpp>

#include "compiler/partition.hpp"
#include "study/version.hpp"

namespace imcsim::study {
namespace {

using network::Shape;
using network::Stage;
using network::StageKind;
using protozero::pbf_writer;

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

constexpr std::int64_t ir_version = 7;
constexpr std::int64_t opset = 13;
enum AttributeType { float_type = 1, ints_type = 7 };
constexpr std::int32_t float_elements = 1;

using Sizes = std::vector<std::int64_t>;

std::int64_t whole(std::size_t size) { return static_cast<std::int64_t>(size); }

void add_ints(pbf_writer& node, const std::string& name, const Sizes& values) {
  pbf_writer attribute(node, 5);
  attribute.add_string(1, name);
  for (const std::int64_t value : values) attribute.add_int64(8, value);
  attribute.add_enum(20, ints_type);
}

void add_float(pbf_writer& node, const std::string& name, float value) {
  pbf_writer attribute(node, 5);
  attribute.add_string(1, name);
  attribute.add_float(2, value);
  attribute.add_enum(20, float_type);
}

class Exporter {
 public:
  Exporter(const network::Architecture& architecture, network::Activation activation,
           training::Loss loss, const TrainedModel& model)
      : architecture_(architecture), activation_(activation), loss_(loss), model_(model) {}

  std::string run() {
    std::string graph;
    pbf_writer writer(graph);
    shape_ = architecture_.input;
    is_flat_ = shape_.pixels() == 1;
    add_value(writer, 11, "input", dims_of(shape_));
    for (std::size_t s = 0; s < architecture_.stages.size(); ++s) {
      add_stage(writer, architecture_.stages[s], s + 1 == architecture_.stages.size());
    }
    writer.add_string(2, "imcsim");
    add_value(writer, 12, value_, dims_of(shape_));
    return model_of(graph);
  }

 private:
  static std::string model_of(const std::string& graph) {
    std::string bytes;
    pbf_writer model(bytes);
    model.add_int64(1, ir_version);
    model.add_string(2, "imcsim");
    model.add_string(3, std::string(version));
    model.add_message(7, graph);
    pbf_writer import(model, 8);
    import.add_string(1, "");
    import.add_int64(2, opset);
    import.commit();
    return bytes;
  }

  Sizes dims_of(const Shape& shape) const {
    if (is_flat_) return {1, whole(shape.size())};
    return {1, whole(shape.channels), whole(shape.height), whole(shape.width)};
  }

  static void add_value(pbf_writer& graph, protozero::pbf_tag_type tag, const std::string& name,
                        const Sizes& dims) {
    pbf_writer value(graph, tag);
    value.add_string(1, name);
    pbf_writer type(value, 2);
    pbf_writer tensor(type, 1);
    tensor.add_int32(1, float_elements);
    pbf_writer shape(tensor, 2);
    for (const std::int64_t size : dims) {
      pbf_writer dim(shape, 1);
      dim.add_int64(1, size);
    }
  }

  static void add_tensor(pbf_writer& graph, const std::string& name, const Sizes& dims,
                         const std::vector<float>& values) {
    pbf_writer tensor(graph, 5);
    for (const std::int64_t size : dims) tensor.add_int64(1, size);
    tensor.add_int32(2, float_elements);
    tensor.add_string(8, name);
    tensor.add_bytes(9, reinterpret_cast<const char*>(values.data()),
                     values.size() * sizeof(float));
  }

  /// Adds a node from the present value to the next one; attributes are added by the caller.
  template <class More>
  void add_node(pbf_writer& graph, const std::string& type, const std::vector<std::string>& inputs,
                const More& more) {
    const std::string name = fmt::format("{}_{}", type, ++nodes_);
    pbf_writer node(graph, 1);
    node.add_string(1, value_);
    for (const std::string& input : inputs) node.add_string(1, input);
    node.add_string(2, name + "_out");
    node.add_string(3, name);
    node.add_string(4, type);
    more(node);
    value_ = name + "_out";
  }
  void add_node(pbf_writer& graph, const std::string& type) {
    add_node(graph, type, {}, [](pbf_writer&) {});
  }

  static void add_window(pbf_writer& node, const Stage& stage) {
    const std::int64_t kernel = whole(stage.kernel);
    const std::int64_t stride = whole(stage.stride);
    const std::int64_t padding = whole(stage.padding);
    add_ints(node, "kernel_shape", {kernel, kernel});
    add_ints(node, "strides", {stride, stride});
    if (padding > 0) add_ints(node, "pads", {padding, padding, padding, padding});
  }

  void add_stage(pbf_writer& graph, const Stage& stage, bool last) {
    switch (stage.kind) {
      case StageKind::dense: add_dense(graph, stage); break;
      case StageKind::convolution: add_convolution(graph, stage); break;
      case StageKind::max_pool:
      case StageKind::average_pool:
        add_node(graph, stage.kind == StageKind::max_pool ? "MaxPool" : "AveragePool", {},
                 [&](pbf_writer& node) { add_window(node, stage); });
        break;
    }
    shape_ = stage.out;
    if (!stage.has_weights()) return;
    if (stage.normalized) add_normalization(graph);
    ++layer_;
    if (!last) {
      const char* const names[] = {"Sigmoid", "Tanh", "Relu"};
      return add_node(graph, names[static_cast<std::size_t>(activation_)]);
    }
    add_node(graph, loss_ == training::Loss::quadratic ? "Sigmoid" : "Softmax");
  }

  std::vector<float> bias(const Stage& stage) const {
    const Matrix<float>& w = model_.weights[layer_];
    std::vector<float> values;
    for (std::size_t j = 0; j < stage.outputs(); ++j) values.push_back(w(stage.inputs(), j));
    return values;
  }

  /// Reorders the weights: values are flattened channel by channel in ONNX, pixel by pixel here.
  void add_dense(pbf_writer& graph, const Stage& stage) {
    if (!is_flat_) {
      add_node(graph, "Flatten");
      is_flat_ = true;
    }
    const Matrix<float>& w = model_.weights[layer_];
    const std::size_t pixels = shape_.pixels();
    const std::size_t channels = shape_.channels;
    std::vector<float> values;
    for (std::size_t i = 0; i < stage.inputs(); ++i) {
      const std::size_t row = i % pixels * channels + i / pixels;
      for (std::size_t j = 0; j < stage.outputs(); ++j) values.push_back(w(row, j));
    }
    const std::string name = fmt::format("layer{}", layer_);
    add_tensor(graph, name + ".weight", {whole(stage.inputs()), whole(stage.outputs())}, values);
    add_tensor(graph, name + ".bias", {whole(stage.outputs())}, bias(stage));
    add_node(graph, "Gemm", {name + ".weight", name + ".bias"}, [](pbf_writer&) {});
  }

  void add_convolution(pbf_writer& graph, const Stage& stage) {
    const Matrix<float>& w = model_.weights[layer_];
    const std::size_t channels = stage.in.channels;
    const std::size_t kernel = stage.kernel * stage.kernel;
    std::vector<float> values;
    for (std::size_t m = 0; m < stage.outputs(); ++m) {
      for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t k = 0; k < kernel; ++k) values.push_back(w(k * channels + c, m));
      }
    }
    const std::string name = fmt::format("layer{}", layer_);
    add_tensor(graph, name + ".weight",
               {whole(stage.outputs()), whole(channels), whole(stage.kernel), whole(stage.kernel)},
               values);
    add_tensor(graph, name + ".bias", {whole(stage.outputs())}, bias(stage));
    add_node(graph, "Conv", {name + ".weight", name + ".bias"},
             [&](pbf_writer& node) { add_window(node, stage); });
  }

  void add_normalization(pbf_writer& graph) {
    const network::Normalization& normalization = *model_.normalizations[layer_];
    network::Affine affine = normalization.folded();
    const std::size_t channels = normalization.channels();
    affine.scale.resize(channels);
    affine.offset.resize(channels);
    const std::string name = fmt::format("layer{}.", layer_);
    const Sizes dims = {whole(channels)};
    add_tensor(graph, name + "scale", dims, affine.scale);
    add_tensor(graph, name + "offset", dims, affine.offset);
    add_tensor(graph, name + "mean", dims, std::vector<float>(channels, 0.0F));
    add_tensor(graph, name + "variance", dims, std::vector<float>(channels, 1.0F));
    add_node(graph, "BatchNormalization",
             {name + "scale", name + "offset", name + "mean", name + "variance"},
             [](pbf_writer& node) { add_float(node, "epsilon", 0.0F); });
  }

  const network::Architecture& architecture_;
  network::Activation activation_;
  training::Loss loss_;
  const TrainedModel& model_;
  Shape shape_;
  bool is_flat_ = true;
  std::string value_ = "input";
  std::size_t layer_ = 0;
  std::size_t nodes_ = 0;
};

}  // namespace

std::string export_onnx(const network::Architecture& architecture, network::Activation activation,
                        training::Loss loss, const TrainedModel& model) {
  return Exporter(architecture, activation, loss, model).run();
}

Json export_json(const InferConfig& config, const network::Architecture& architecture,
                 const std::string& bytes) {
  Json result = {{"network", config.network},
                 {"opset", opset},
                 {"bytes", bytes.size()},
                 {"weights", architecture.weight_count()}};
  return envelope("export", config.seed, to_json_object(config), std::move(result), {},
                  hash_of_text(bytes));
}

}  // namespace imcsim::study
