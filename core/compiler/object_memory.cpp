// Contents of a core's memory, with tags that detect invalid programs.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "compiler/stage_values.hpp"

namespace imcsim::compiler {
namespace {

constexpr std::size_t sums_kept = 2;  ///< of the present and the next sample

std::size_t slots_of(const fabric::PipelineObject& object) {
  if (object.producer == fabric::PipelineObject::outside) return object.pixels;
  if (object.accumulates) return sums_kept;
  return std::max<std::size_t>(1, object.buffer_pixels);
}

}  // namespace

ObjectMemory::ObjectMemory(const fabric::PipelineObject& object, const PixelGrid& grid)
    : object_(object), grid_(grid), slots_(slots_of(object)) {
  pixels_.assign(slots_ * grid.channels, 0.0F);
  tag_.assign(slots_, 0);
}

void ObjectMemory::begin(const network::FillInput* fill, const network::Value& value) {
  std::fill(tag_.begin(), tag_.end(), 0);
  written_ = 0;
  if (object_.producer != fabric::PipelineObject::outside) return;
  fill_ = fill;
  input_.reshape(value.type, value.dims);
}

void ObjectMemory::fail(const char* what, std::uint64_t sample, std::size_t pixel) const {
  throw RunError(
      fmt::format("pixel {} of \"{}\", image {}, {}", pixel, object_.name, sample, what));
}

void ObjectMemory::write(std::uint64_t sample, std::size_t pixel, const float* values) {
  const std::uint64_t place = sample * object_.pixels + pixel;
  if (place != written_) {
    fail(place < written_ ? "is written twice" : "is written out of order", sample, pixel);
  }
  ++written_;
  if (object_.accumulates) {
    const auto slot = static_cast<std::size_t>(sample % sums_kept);
    float* const sums = pixels_.data() + slot * grid_.channels;
    if (pixel == 0) std::fill_n(sums, grid_.channels, 0.0F);
    for (std::size_t c = 0; c < grid_.channels; ++c) sums[c] += values[c];
    tag_[slot] = place + 1;
    return;
  }
  const auto slot = static_cast<std::size_t>(place % slots_);
  std::copy_n(values, grid_.channels, pixels_.data() + slot * grid_.channels);
  tag_[slot] = place + 1;
}

/// Loads an input of the network, pixel by pixel.
void ObjectMemory::load(std::uint64_t sample) {
  (*fill_)(static_cast<std::size_t>(sample), input_);
  const std::size_t pixels = grid_.pixels();
  for (std::size_t c = 0; c < grid_.channels; ++c) {
    for (std::size_t p = 0; p < pixels; ++p) {
      pixels_[p * grid_.channels + c] = input_.real[c * pixels + p];
    }
  }
  written_ = sample + 1;
}

const float* ObjectMemory::read(std::uint64_t sample, std::size_t pixel) {
  if (fill_ != nullptr) {
    if (written_ != sample + 1) load(sample);
    return pixels_.data() + pixel * grid_.channels;
  }
  const std::uint64_t place = sample * object_.pixels + pixel;
  const auto slot = static_cast<std::size_t>(place % slots_);
  if (tag_[slot] != place + 1) {
    fail(place >= written_ ? "is read before it is written" : "is overwritten before it is read",
         sample, pixel);
  }
  return pixels_.data() + slot * grid_.channels;
}

const float* ObjectMemory::sum(std::uint64_t sample) const {
  const auto slot = static_cast<std::size_t>(sample % sums_kept);
  if (tag_[slot] != (sample + 1) * object_.pixels) {
    fail("is accumulated before it is complete", sample, object_.pixels - 1);
  }
  return pixels_.data() + slot * grid_.channels;
}

}  // namespace imcsim::compiler
