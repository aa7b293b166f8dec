// Elementwise operations and softmax.
#include <algorithm>
#include <cmath>

#include "network/graph/execute.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::network {
namespace {

/// Integer overflow wraps.
std::int64_t applied(Arithmetic::Kind kind, std::int64_t a, std::int64_t b) {
  const auto x = static_cast<std::uint64_t>(a);
  const auto y = static_cast<std::uint64_t>(b);
  switch (kind) {
    case Arithmetic::Kind::add: return static_cast<std::int64_t>(x + y);
    case Arithmetic::Kind::subtract: return static_cast<std::int64_t>(x - y);
    case Arithmetic::Kind::multiply: return static_cast<std::int64_t>(x * y);
    case Arithmetic::Kind::divide: break;
  }
  if (b == 0) return 0;
  return b == -1 ? static_cast<std::int64_t>(0 - x) : a / b;
}

float applied(Arithmetic::Kind kind, float a, float b) {
  switch (kind) {
    case Arithmetic::Kind::add: return a + b;
    case Arithmetic::Kind::subtract: return a - b;
    case Arithmetic::Kind::multiply: return a * b;
    case Arithmetic::Kind::divide: break;
  }
  return a / b;
}

/// Offsets of elements of `dims`, broadcast to `out`, for each row of `out` along its last axis.
class RowPlaces {
 public:
  RowPlaces(const Dimensions& dims, const Dimensions& out) : out_(out), stride_(dims.size(), 0) {
    std::size_t stride = 1;
    for (std::size_t a = dims.size(); a-- > 0;) {
      stride_[a] = dims[a] > 1 ? stride : 0;
      stride *= dims[a];
    }
  }
  std::size_t first(std::size_t row) const {
    std::size_t place = 0;
    for (std::size_t a = out_.size() - 1; a-- > 0;) {
      place += row % out_[a] * stride_[a];
      row /= out_[a];
    }
    return place;
  }
  std::size_t step() const { return stride_.back(); }

 private:
  const Dimensions& out_;
  Dimensions stride_;
};

/// y ← y ∘ x with broadcast x.
template <class T>
void combine(Arithmetic::Kind kind, const Dimensions& dims, const T* x, const Dimensions& out,
             T* y) {
  const std::size_t count = element_count(out);
  if (dims == out || out.empty()) {
    for (std::size_t i = 0; i < count; ++i) y[i] = applied(kind, y[i], x[i]);
    return;
  }
  const RowPlaces places(dims, out);
  const std::size_t length = out.back();
  const std::size_t step = places.step();
  for (std::size_t row = 0; length > 0 && row < count / length; ++row) {
    const T* const from = x + places.first(row);
    T* const to = y + row * length;
    for (std::size_t i = 0; i < length; ++i) to[i] = applied(kind, to[i], from[i * step]);
  }
}

template <class T>
void spread(const Dimensions& dims, const T* x, const Dimensions& out, T* y) {
  if (dims == out || out.empty()) return void(std::copy_n(x, element_count(out), y));
  const RowPlaces places(dims, out);
  const std::size_t length = out.back();
  for (std::size_t row = 0; length > 0 && row < element_count(out) / length; ++row) {
    const T* const from = x + places.first(row);
    for (std::size_t i = 0; i < length; ++i) y[row * length + i] = from[i * places.step()];
  }
}

}  // namespace

std::int64_t wrapped(DataType type, std::int64_t value) {
  switch (type) {
    case DataType::uint8: return static_cast<std::uint8_t>(value);
    case DataType::int8: return static_cast<std::int8_t>(value);
    case DataType::uint16: return static_cast<std::uint16_t>(value);
    case DataType::int16: return static_cast<std::int16_t>(value);
    case DataType::int32: return static_cast<std::int32_t>(value);
    case DataType::uint32: return static_cast<std::uint32_t>(value);
    case DataType::boolean: return value != 0 ? 1 : 0;
    default: return value;
  }
}

void execute_arithmetic(const Arithmetic& arithmetic, std::span<const Tensor* const> inputs,
                        Tensor& y) {
  const bool real = is_real(y.type);
  if (real) {
    spread(arithmetic.aligned[0], inputs[0]->real.data(), y.dims, y.real.data());
  } else {
    spread(arithmetic.aligned[0], inputs[0]->whole.data(), y.dims, y.whole.data());
  }
  for (std::size_t k = 1; k < inputs.size(); ++k) {
    const Dimensions& dims = arithmetic.aligned[k];
    if (real) {
      combine(arithmetic.kind, dims, inputs[k]->real.data(), y.dims, y.real.data());
    } else {
      combine(arithmetic.kind, dims, inputs[k]->whole.data(), y.dims, y.whole.data());
    }
  }
  for (std::int64_t& value : y.whole) value = wrapped(y.type, value);
}

void apply(Arithmetic::Kind kind, const float* x, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = applied(kind, y[i], x[i]);
}

void apply(const Unary& unary, const float* x, float* y, std::size_t count) {
  const float a = unary.a;
  const float b = unary.b;
  const auto each = [&](const auto& f) {
    for (std::size_t i = 0; i < count; ++i) y[i] = f(x[i]);
  };
  switch (unary.kind) {
    case Unary::Kind::relu: return each([](float v) { return v > 0.0F ? v : 0.0F; });
    case Unary::Kind::sigmoid: return each([](float v) { return numeric::sigmoid(v); });
    case Unary::Kind::tanh: return each([](float v) { return numeric::tanh(v); });
    case Unary::Kind::leaky_relu: return each([a](float v) { return v < 0.0F ? a * v : v; });
    case Unary::Kind::exp: return each([](float v) { return numeric::exp(v); });
    case Unary::Kind::negate: return each([](float v) { return -v; });
    case Unary::Kind::absolute: return each([](float v) { return std::fabs(v); });
    case Unary::Kind::root: return each([](float v) { return std::sqrt(v); });
    case Unary::Kind::clip: break;
  }
  each([a, b](float v) { return std::min(std::max(v, a), b); });
}

void execute_unary(const Unary& unary, const Tensor& x, Tensor& y) {
  apply(unary, x.real.data(), y.real.data(), x.real.size());
  if (unary.kind != Unary::Kind::clip) return;
  for (std::size_t i = 0; i < x.whole.size(); ++i) {
    y.whole[i] = std::min(std::max(x.whole[i], unary.whole_a), unary.whole_b);
  }
}

void execute_softmax(const Softmax& softmax, const Tensor& x, Tensor& y) {
  const std::size_t inner = softmax.inner;
  if (x.real.empty()) return;
  for (std::size_t o = 0; o < softmax.outer * inner; ++o) {
    const std::size_t first = o / inner * softmax.length * inner + o % inner;
    const float* const from = x.real.data() + first;
    float* const to = y.real.data() + first;
    float largest = from[0];
    for (std::size_t i = 1; i < softmax.length; ++i) largest = std::max(largest, from[i * inner]);
    float sum = 0.0F;
    for (std::size_t i = 0; i < softmax.length; ++i) {
      to[i * inner] = numeric::exp(from[i * inner] - largest);
      sum += to[i * inner];
    }
    const float of_sum = softmax.logarithm ? numeric::log(sum) : 0.0F;
    for (std::size_t i = 0; i < softmax.length; ++i) {
      float& value = to[i * inner];
      value = softmax.logarithm ? from[i * inner] - largest - of_sum : value / sum;
    }
  }
}

ChannelAffine channel_affine(const ChannelNormalization& normalization,
                             std::span<const Tensor* const> inputs) {
  ChannelAffine affine;
  for (std::size_t c = 0; c < inputs[1]->real.size(); ++c) {
    const float scale = inputs[1]->real[c] / std::sqrt(inputs[4]->real[c] + normalization.epsilon);
    affine.scale.push_back(scale);
    affine.offset.push_back(inputs[2]->real[c] - inputs[3]->real[c] * scale);
  }
  return affine;
}

void execute_normalization(const ChannelNormalization& normalization,
                           std::span<const Tensor* const> inputs, Tensor& y) {
  const Tensor& x = *inputs[0];
  const std::size_t channels = x.dims[1];
  const std::size_t samples = x.dims[0];
  if (x.real.empty()) return;
  const std::size_t inner = x.real.size() / (samples * channels);
  const ChannelAffine affine = channel_affine(normalization, inputs);
  for (std::size_t row = 0; row < samples * channels; ++row) {
    const float scale = affine.scale[row % channels];
    const float offset = affine.offset[row % channels];
    for (std::size_t i = row * inner; i < (row + 1) * inner; ++i) {
      y.real[i] = x.real[i] * scale + offset;
    }
  }
}

}  // namespace imcsim::network
