#include "dataset/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"

namespace imcsim::dataset {

std::span<const std::uint8_t> LabeledImages::image(std::size_t i) const {
  return {images_->bytes.data() + images_offset_ + i * features(), features()};
}

std::span<const std::uint8_t> LabeledImages::pixels() const {
  return {images_->bytes.data() + images_offset_, size_ * features()};
}

std::span<const std::uint8_t> LabeledImages::labels() const {
  return {labels_->bytes.data() + labels_offset_, size_};
}

void LabeledImages::limit(std::size_t count) { size_ = std::min(size_, count); }

void LabeledImages::require_labels_below(std::size_t classes) const {
  for (std::size_t i = 0; i < size_; ++i) {
    if (static_cast<std::size_t>(label(i)) >= classes) {
      throw InputError(labels_->name, fmt::format("label {} at index {}", label(i), i),
                       fmt::format("0 to {} for a network with {} outputs", classes - 1, classes));
    }
  }
}

void require_same_shape(const Dataset& data) {
  if (data.training.rows() == data.test.rows() && data.training.columns() == data.test.columns() &&
      data.training.channels() == data.test.channels()) {
    return;
  }
  throw InputError(data.test.name(),
                   fmt::format("has images of {} x {}", data.test.rows(), data.test.columns()),
                   fmt::format("{} x {}, as in {}", data.training.rows(), data.training.columns(),
                               data.training.name()));
}

}  // namespace imcsim::dataset
