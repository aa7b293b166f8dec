#include "compiler/stage_values.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"

namespace imcsim::compiler {
namespace {

using network::absent;

/// Dimensions of one pixel of a value, as a tensor.
network::Dimensions pixel_dims(const network::Dimensions& dims) {
  if (dims.size() == 4 && dims[0] == 1) return {1, dims[1], 1, 1};
  return dims;
}

/// Converts row-major planes to pixels with all channels together.
void to_pixels(const float* planes, const PixelGrid& grid, float* pixels) {
  for (std::size_t c = 0; c < grid.channels; ++c) {
    for (std::size_t p = 0; p < grid.pixels(); ++p) {
      pixels[p * grid.channels + c] = planes[c * grid.pixels() + p];
    }
  }
}

}  // namespace

StageValues::StageValues(const network::GraphNetwork& network, const Stage& stage,
                         const std::vector<fabric::PipelineObject>& objects,
                         const std::string& where)
    : network_(network), graph_(network.graph()), stage_(stage) {
  for (std::size_t o = 0; o < objects.size(); ++o) {
    memory_.emplace_back(objects[o], stage.inputs[o].grid);
  }
  for (const std::size_t n : stage.nodes) {
    const network::Node& node = graph_.nodes[n];
    const network::Value& value = graph_.values[node.outputs[0]];
    if (!network::is_real(value.type)) {
      throw InputError(where, fmt::format("\"{}\" has type {}", value.name, name_of(value.type)),
                       "floats, or values = off");
    }
    LocalNode local;
    local.node = n;
    local.grid = grid_of(value);
    const auto* arithmetic = std::get_if<network::Arithmetic>(&node.operation);
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      // Weights are not read pixel by pixel, but constant summands and concatenated constants are.
      const network::Dimensions* aligned = nullptr;
      if (arithmetic != nullptr) aligned = &arithmetic->aligned[k];
      if (std::holds_alternative<network::Concat>(node.operation) && node.inputs[k] != absent) {
        aligned = &graph_.values[node.inputs[k]].dims;
      }
      local.sources.push_back(source_of(node.inputs[k], aligned));
    }
    prepare(local);
    nodes_.push_back(std::move(local));
  }
  for (const std::size_t value : stage.outputs) {
    const auto at =
        std::find(stage.nodes.begin(), stage.nodes.end(), graph_.values[value].producer);
    outputs_.push_back(static_cast<std::size_t>(at - stage.nodes.begin()));
  }
}

StageValues::Source StageValues::source_of(std::size_t value,
                                           const network::Dimensions* aligned) const {
  Source source;
  if (value == absent) return source;
  const network::Value& read = graph_.values[value];
  source.grid = grid_of(read);
  if (read.constant) {
    source.from = From::constant;
    source.constant = read.constant.get();
    if (aligned == nullptr) return source;
    network::Value as_read;
    as_read.dims = *aligned;
    source.grid = grid_of(as_read);
    source.pixels.resize(read.constant->real.size());
    to_pixels(read.constant->real.data(), source.grid, source.pixels.data());
    return source;
  }
  for (std::size_t o = 0; o < stage_.inputs.size(); ++o) {
    if (stage_.inputs[o].value != value) continue;
    source.from = From::object;
    source.index = o;
    return source;
  }
  const auto at = std::find(stage_.nodes.begin(), stage_.nodes.end(), read.producer);
  source.from = From::node;
  source.index = static_cast<std::size_t>(at - stage_.nodes.begin());
  return source;
}

/// Elementwise over the channels if all operands have the same channels or are constant over
/// channels.
StageValues::Kind StageValues::arithmetic_kind(const LocalNode& node,
                                               const network::Arithmetic& arithmetic) const {
  bool plain = true;
  bool by_pixel = true;
  for (std::size_t k = 0; k < node.sources.size(); ++k) {
    const Source& source = node.sources[k];
    plain = plain && source.grid.channels == node.grid.channels;
    const network::Dimensions& dims = arithmetic.aligned[k];
    by_pixel = by_pixel && dims.size() == 4 && dims[0] == 1 && source.grid.channels == dims[1] &&
               (dims[1] == 1 || dims[1] == node.grid.channels);
  }
  if (node.grid.pixels() == 1) return plain ? Kind::arithmetic : Kind::pixel;
  return by_pixel ? Kind::arithmetic : Kind::whole;
}

StageValues::Kind StageValues::kind_of(const LocalNode& local) const {
  const network::Node& node = graph_.nodes[local.node];
  const network::Operation& operation = node.operation;
  const network::Dimensions& dims = graph_.values[node.inputs[0]].dims;
  const bool picture = dims.size() == 4 && dims[0] == 1;
  const Source& first = local.sources[0];
  if (first.from == From::object && stage_.inputs[first.index].accumulates) return Kind::summed;
  if (const auto* arithmetic = std::get_if<network::Arithmetic>(&operation)) {
    return arithmetic_kind(local, *arithmetic);
  }
  if (std::holds_alternative<network::Unary>(operation)) return Kind::unary;
  if (std::holds_alternative<network::Convolution>(operation)) {
    const bool on_crossbar = network_.first_matrix(local.node) != absent;
    return picture && on_crossbar ? Kind::convolution : Kind::whole;
  }
  if (picture && std::holds_alternative<network::Pool>(operation)) return Kind::pool;
  if (const auto* moved = std::get_if<network::Rearrange>(&operation)) {
    return picture && moves_pixels(*moved, first.grid) ? Kind::moved : Kind::whole;
  }
  if (!is_pixelwise(graph_, node)) return Kind::whole;
  if (std::holds_alternative<network::Copy>(operation)) return Kind::copied;
  if (const auto* concat = std::get_if<network::Concat>(&operation)) {
    return concat->axis == 1 && dims[0] == 1 ? Kind::joined : Kind::whole;
  }
  if (std::holds_alternative<network::ChannelNormalization>(operation)) {
    return node.inputs.size() > 1 && local.sources[1].constant != nullptr &&
                   local.sources[1].constant->real.size() == local.grid.channels
               ? Kind::affine
               : Kind::whole;
  }
  const bool of_channels = std::holds_alternative<network::Softmax>(operation) ||
                           std::holds_alternative<network::Cast>(operation);
  return of_channels ? Kind::pixel : Kind::whole;
}

void StageValues::prepare(LocalNode& local) const {
  local.kind = kind_of(local);
  const network::Node& node = graph_.nodes[local.node];
  const bool all = local.kind == Kind::whole;
  local.out.assign(local.grid.channels * (all ? local.grid.pixels() : 1), 0.0F);
  if (local.kind == Kind::affine) {
    std::vector<const network::Tensor*> inputs;
    for (const Source& source : local.sources) inputs.push_back(source.constant);
    local.affine =
        network::channel_affine(std::get<network::ChannelNormalization>(node.operation), inputs);
  }
  if (local.kind != Kind::pixel && !all) return;
  local.local = node;
  const network::Dimensions& out = graph_.values[node.outputs[0]].dims;
  local.result = network::Tensor(network::DataType::float32, all ? out : pixel_dims(out));
  local.result.type = graph_.values[node.outputs[0]].type;
  for (std::size_t k = 0; k < node.inputs.size(); ++k) {
    network::Tensor tensor;
    if (node.inputs[k] != absent && local.sources[k].constant == nullptr) {
      const network::Value& value = graph_.values[node.inputs[k]];
      tensor.reshape(value.type, all ? value.dims : pixel_dims(value.dims));
    }
    local.inputs.push_back(std::move(tensor));
  }
  auto* const softmax = std::get_if<network::Softmax>(&local.local.operation);
  if (softmax != nullptr && !all && local.grid.pixels() > 1) softmax->inner = 1;
}

void StageValues::begin(const network::FillInput& fill) {
  for (std::size_t o = 0; o < memory_.size(); ++o) {
    memory_[o].begin(&fill, graph_.values[stage_.inputs[o].value]);
  }
  for (LocalNode& node : nodes_) node.sample = ~std::uint64_t{0};
}

void StageValues::run(std::uint64_t sample, std::size_t iteration, const crossbar::Read& read,
                      network::GraphWorkspace& work) {
  sample_ = sample;
  read_ = {read.noise, read.event + sample};
  work_ = &work;
  y_ = iteration / stage_.grid.columns;
  x_ = iteration % stage_.grid.columns;
}

const float* StageValues::output(std::size_t k) { return evaluate(outputs_[k], y_, x_); }

const float* StageValues::pixel(Source& source, std::size_t y, std::size_t x) {
  // An operand with one row or column is broadcast.
  const std::size_t row = source.grid.rows == 1 ? 0 : y;
  const std::size_t column = source.grid.columns == 1 ? 0 : x;
  const std::size_t place = row * source.grid.columns + column;
  switch (source.from) {
    case From::object: return memory_[source.index].read(sample_, place);
    case From::node: return evaluate(source.index, row, column);
    case From::constant: return source.pixels.data() + place * source.grid.channels;
    case From::nothing: break;
  }
  return nullptr;
}

const float* StageValues::evaluate(std::size_t n, std::size_t y, std::size_t x) {
  LocalNode& node = nodes_[n];
  if (node.kind == Kind::whole) {
    if (node.sample != sample_) run_whole(node);
    node.sample = sample_;
    return node.out.data() + (y * node.grid.columns + x) * node.grid.channels;
  }
  if (node.sample != sample_ || node.y != y || node.x != x) {
    compute(node, y, x);
    node.sample = sample_;
    node.y = y;
    node.x = x;
  }
  return node.out.data();
}

/// Each source must be used before the next one is read, because both may use the same buffer.
void StageValues::compute(LocalNode& node, std::size_t y, std::size_t x) {
  const network::Operation& operation = graph_.nodes[node.node].operation;
  const std::size_t channels = node.grid.channels;
  float* const out = node.out.data();
  switch (node.kind) {
    case Kind::copied: std::copy_n(pixel(node.sources[0], y, x), channels, out); return;
    case Kind::unary:
      network::apply(std::get<network::Unary>(operation), pixel(node.sources[0], y, x), out,
                     channels);
      return;
    case Kind::affine: {
      const float* const in = pixel(node.sources[0], y, x);
      for (std::size_t c = 0; c < channels; ++c) {
        out[c] = in[c] * node.affine.scale[c] + node.affine.offset[c];
      }
      return;
    }
    case Kind::joined: {
      std::size_t first = 0;
      for (Source& source : node.sources) {
        std::copy_n(pixel(source, y, x), source.grid.channels, out + first);
        first += source.grid.channels;
      }
      return;
    }
    case Kind::summed: {
      const std::size_t object = node.sources[0].index;
      const auto* reduce = std::get_if<network::Reduce>(&operation);
      const bool sum = reduce != nullptr && reduce->kind == network::Reduce::Kind::sum;
      const auto share = static_cast<float>(stage_.inputs[object].grid.pixels());
      const float* const sums = memory_[object].sum(sample_);
      for (std::size_t c = 0; c < channels; ++c) out[c] = sum ? sums[c] : sums[c] / share;
      return;
    }
    case Kind::arithmetic: return combine(node, y, x);
    case Kind::moved: return move(node, y, x);
    case Kind::convolution: return convolve(node, y, x);
    case Kind::pool: return pool(node, y, x);
    case Kind::pixel: return run_pixel(node, y, x);
    case Kind::whole: break;
  }
}

void StageValues::combine(LocalNode& node, std::size_t y, std::size_t x) {
  const auto& arithmetic = std::get<network::Arithmetic>(graph_.nodes[node.node].operation);
  const std::size_t channels = node.grid.channels;
  float* const out = node.out.data();
  std::vector<float> spread;
  for (std::size_t k = 0; k < node.sources.size(); ++k) {
    const float* in = pixel(node.sources[k], y, x);
    if (node.sources[k].grid.channels != channels) {
      spread.assign(channels, in[0]);
      in = spread.data();
    }
    if (k == 0) {
      std::copy_n(in, channels, out);
    } else {
      network::apply(arithmetic.kind, in, out, channels);
    }
  }
}

void StageValues::move(LocalNode& node, std::size_t y, std::size_t x) {
  const auto& moved = std::get<network::Rearrange>(graph_.nodes[node.node].operation);
  const PixelGrid& from = node.sources[0].grid;
  const std::int64_t sample = moved.offset[0][0];
  const std::int64_t row = moved.offset[2][y];
  const std::int64_t column = moved.offset[3][x];
  const auto fill = static_cast<float>(moved.fill);
  const bool outside = sample < 0 || row < 0 || column < 0;
  const float* in = nullptr;
  if (!outside) {
    in = pixel(node.sources[0], static_cast<std::size_t>(row) / from.columns,
               static_cast<std::size_t>(column));
  }
  for (std::size_t c = 0; c < node.grid.channels; ++c) {
    const std::int64_t plane = moved.offset[1][c];
    node.out[c] =
        outside || plane < 0 ? fill : in[static_cast<std::size_t>(sample + plane) / from.pixels()];
  }
}

void StageValues::run_pixel(LocalNode& node, std::size_t y, std::size_t x) {
  std::vector<const network::Tensor*> inputs;
  for (std::size_t k = 0; k < node.sources.size(); ++k) {
    Source& source = node.sources[k];
    if (source.from != From::object && source.from != From::node) {
      inputs.push_back(source.constant);
      continue;
    }
    std::copy_n(pixel(source, y, x), source.grid.channels, node.inputs[k].real.begin());
    inputs.push_back(&node.inputs[k]);
  }
  network::execute(node.local, inputs, {&node.result, 1});
  std::copy(node.result.real.begin(), node.result.real.end(), node.out.begin());
}

}  // namespace imcsim::compiler
