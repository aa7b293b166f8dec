// Pooling, reductions, rearrangement and type conversion of elements.
#include <algorithm>
#include <limits>

#include "network/graph/execute.hpp"

namespace imcsim::network {
namespace {

/// Calls body(pixel) for the pixels under the window; returns their number including padding.
template <class Body>
std::size_t for_each_under(const Window& w, std::size_t position, const Body& body) {
  const std::size_t at[3] = {position / (w.out[1] * w.out[2]), position / w.out[2] % w.out[1],
                             position % w.out[2]};
  std::size_t inside = 0;
  for (std::size_t k = 0; k < Window::product(w.kernel); ++k) {
    const std::size_t of_kernel[3] = {k / (w.kernel[1] * w.kernel[2]),
                                      k / w.kernel[2] % w.kernel[1], k % w.kernel[2]};
    std::size_t pixel = 0;
    bool is_pixel = true;
    bool is_padded = true;
    for (std::size_t a = 0; a < 3; ++a) {
      const std::size_t place = at[a] * w.stride[a] + of_kernel[a] * w.dilation[a];
      is_padded = is_padded && place < w.in[a] + w.before[a] + w.after[a];
      is_pixel = is_pixel && place >= w.before[a] && place - w.before[a] < w.in[a];
      pixel = pixel * w.in[a] + place - w.before[a];
    }
    inside += is_padded ? 1U : 0U;
    if (is_pixel) body(pixel);
  }
  return inside;
}

/// Column-major index of a pixel.
std::size_t transposed_place(const Window& w, std::size_t pixel) {
  const std::size_t x = pixel % w.in[2];
  const std::size_t y = pixel / w.in[2] % w.in[1];
  const std::size_t z = pixel / (w.in[1] * w.in[2]);
  return (x * w.in[1] + y) * w.in[0] + z;
}

template <class T>
void largest_under(const Pool& pool, const T* x, std::size_t images, T* y, std::int64_t* indices) {
  const std::size_t plane_in = Window::product(pool.window.in);
  const std::size_t plane_out = Window::product(pool.window.out);
  for (std::size_t k = 0; k < images * plane_out; ++k) {
    const std::size_t image = k / plane_out;
    T most = std::numeric_limits<T>::lowest();
    std::size_t winner = absent;
    for_each_under(pool.window, k % plane_out, [&](std::size_t pixel) {
      const T value = x[image * plane_in + pixel];
      if (winner != absent && !(value > most)) return;
      most = value;
      winner = pixel;
    });
    y[k] = most;
    if (indices == nullptr || winner == absent) continue;
    const std::size_t place = pool.column_major ? transposed_place(pool.window, winner) : winner;
    indices[k] = static_cast<std::int64_t>(image * plane_in + place);
  }
}

void mean_under(const Pool& pool, const float* x, std::size_t images, float* y) {
  const std::size_t plane_in = Window::product(pool.window.in);
  const std::size_t plane_out = Window::product(pool.window.out);
  for (std::size_t k = 0; k < images * plane_out; ++k) {
    float sum = 0.0F;
    std::size_t pixels = 0;
    const std::size_t padded_pixels =
        for_each_under(pool.window, k % plane_out, [&](std::size_t pixel) {
          sum += x[k / plane_out * plane_in + pixel];
          ++pixels;
        });
    y[k] = sum / static_cast<float>(
                     std::max<std::size_t>(1, pool.counts_padding ? padded_pixels : pixels));
  }
}

template <class T>
void rearrange_as(const Rearrange& r, const T* x, T* y) {
  const std::size_t rank = r.offset.size();
  if (rank == 0) {
    *y = *x;
    return;
  }
  const std::vector<std::int64_t>& last = r.offset[rank - 1];
  std::size_t rows = 1;
  for (std::size_t a = 0; a + 1 < rank; ++a) rows *= r.offset[a].size();
  const T fill = static_cast<T>(r.fill);
  for (std::size_t row = 0; row < rows; ++row, y += last.size()) {
    std::int64_t base = 0;
    bool filled = false;
    std::size_t rest = row;
    for (std::size_t a = rank - 1; a-- > 0;) {
      const std::int64_t offset = r.offset[a][rest % r.offset[a].size()];
      rest /= r.offset[a].size();
      filled = filled || offset < 0;
      base += offset;
    }
    for (std::size_t i = 0; i < last.size(); ++i) {
      y[i] = filled || last[i] < 0 ? fill : x[base + last[i]];
    }
  }
}

template <class T>
void concat_part(const T* from, std::size_t length, std::size_t rows, T* to, std::size_t stride) {
  for (std::size_t row = 0; row < rows; ++row)
    std::copy_n(from + row * length, length, to + row * stride);
}

}  // namespace

void execute_pool(const Pool& pool, const Tensor& x, Tensor& y, Tensor* indices) {
  const std::size_t images = x.dims[0] * x.dims[1];
  if (pool.kind == Pool::Kind::mean) {
    return mean_under(pool, x.real.data(), images, y.real.data());
  }
  std::int64_t* const places = indices == nullptr ? nullptr : indices->whole.data();
  if (is_real(x.type)) {
    largest_under(pool, x.real.data(), images, y.real.data(), places);
  } else {
    largest_under(pool, x.whole.data(), images, y.whole.data(), places);
  }
}

void execute_reduce(const Reduce& reduce, const Tensor& x, Tensor& y) {
  const std::size_t rank = x.dims.size();
  Dimensions stride(rank, 0);
  std::size_t kept = 1;
  for (std::size_t a = rank; a-- > 0;) {
    if (reduce.is_reduced[a]) continue;
    stride[a] = kept;
    kept *= x.dims[a];
  }
  std::fill(y.real.begin(), y.real.end(), 0.0F);
  for (std::size_t i = 0; i < x.real.size(); ++i) {
    std::size_t place = 0;
    std::size_t rest = i;
    for (std::size_t a = rank; a-- > 0;) {
      place += rest % x.dims[a] * stride[a];
      rest /= x.dims[a];
    }
    y.real[place] += x.real[i];
  }
  if (reduce.kind == Reduce::Kind::sum || x.real.empty()) return;
  const std::size_t members = x.real.size() / y.real.size();
  const auto share = static_cast<float>(members);
  for (float& value : y.real) value /= share;
}

void execute_rearrange(const Rearrange& rearrange, const Tensor& x, Tensor& y) {
  if (y.size() == 0) return;
  if (is_real(y.type)) {
    rearrange_as(rearrange, x.real.data(), y.real.data());
  } else {
    rearrange_as(rearrange, x.whole.data(), y.whole.data());
  }
}

void execute_concat(const Concat& concat, std::span<const Tensor* const> inputs, Tensor& y) {
  std::size_t rows = 1;
  for (std::size_t a = 0; a < concat.axis; ++a) rows *= y.dims[a];
  if (y.size() == 0) return;
  const std::size_t stride = y.size() / rows;
  std::size_t first = 0;
  for (const Tensor* x : inputs) {
    const std::size_t length = x->size() / rows;
    if (is_real(y.type)) {
      concat_part(x->real.data(), length, rows, y.real.data() + first, stride);
    } else {
      concat_part(x->whole.data(), length, rows, y.whole.data() + first, stride);
    }
    first += length;
  }
}

void execute_cast(const Tensor& x, Tensor& y) {
  const bool from_real = is_real(x.type);
  for (std::size_t i = 0; i < y.real.size(); ++i) {
    const float value = from_real ? x.real[i] : static_cast<float>(x.whole[i]);
    y.real[i] = y.type == DataType::float16 ? rounded_to_half(value) : value;
  }
  for (std::size_t i = 0; i < y.whole.size(); ++i) {
    if (from_real && y.type == DataType::boolean) {
      y.whole[i] = x.real[i] != 0.0F ? 1 : 0;
    } else if (from_real) {
      constexpr float most = 0x1p62F;
      const bool fits = x.real[i] > -most && x.real[i] < most;
      y.whole[i] = wrapped(y.type, fits ? static_cast<std::int64_t>(x.real[i]) : 0);
    } else {
      y.whole[i] = wrapped(y.type, x.whole[i]);
    }
  }
}

}  // namespace imcsim::network
