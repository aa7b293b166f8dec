// dataset: labelled images from bytes in memory.
//
// LabelledImages   one set: pixels kept as the bytes they came in, labels beside them
// Dataset          a training set and a test set of the same shape
// parse_idx        the IDX format of MNIST, checked against what the header promises
//
// Files and gzip are undone by the host; this folder sees plain bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "numeric/numeric.hpp"

namespace imcsim::dataset {

/// Bytes and the name under which errors speak of them.
struct NamedBytes {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

/// `size` grey images of `rows` × `columns` pixels, 0 … 255, each with a label. Copies share the
/// bytes.
class LabelledImages {
 public:
  LabelledImages() = default;

  std::size_t size() const { return size_; }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::size_t features() const { return rows_ * columns_; }

  /// Row-major pixels of image `i`.
  std::span<const std::uint8_t> image(std::size_t i) const;
  int label(std::size_t i) const { return labels_->bytes[labels_offset_ + i]; }

  /// Only the first `count` images (all, where there are fewer).
  void limit(std::size_t count);

  /// Throws InputError at the first label that is not below `classes`.
  void require_labels_below(std::size_t classes) const;

  const std::string& name() const { return images_->name; }
  std::span<const std::uint8_t> pixels() const;
  std::span<const std::uint8_t> labels() const;

 private:
  friend LabelledImages parse_idx(NamedBytes images, NamedBytes labels);

  std::shared_ptr<const NamedBytes> images_;
  std::shared_ptr<const NamedBytes> labels_;
  std::size_t images_offset_ = 0;
  std::size_t labels_offset_ = 0;
  std::size_t size_ = 0;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
};

struct Dataset {
  LabelledImages training;
  LabelledImages test;
};

/// Reads an IDX pair: images with magic 0x00000803 and sizes [n, rows, columns], labels with
/// 0x00000801 and [n], big-endian. Throws InputError that names the file, what is wrong with it
/// and what would be right: wrong magic, truncated, trailing bytes, unequal counts, no images.
/// The format: http://yann.lecun.com/exdb/mnist/.
LabelledImages parse_idx(NamedBytes images, NamedBytes labels);

/// Throws InputError where the two sets differ in shape.
void require_same_shape(const Dataset& data);

}  // namespace imcsim::dataset
