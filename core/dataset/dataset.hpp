// dataset: labeled images from bytes in memory.
//
// LabeledImages   images as bytes, with labels
// Dataset          a training set and a test set of the same shape
// parse_idx        reads the IDX format of MNIST; the size must match the header
// parse_cifar      reads the binary format of CIFAR-10
//
// The caller reads files and decompresses gzip; this folder reads bytes in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace imcsim::dataset {

/// Bytes, and their name in errors.
struct NamedBytes {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

/// `size` images of `rows` × `columns` pixels with `channels` values 0 … 255, each with a label.
/// Copies share the bytes.
class LabeledImages {
 public:
  LabeledImages() = default;

  std::size_t size() const { return size_; }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::size_t channels() const { return channels_; }
  std::size_t features() const { return rows_ * columns_ * channels_; }

  /// Pixels of image `i`, row by row, with the channels of a pixel adjacent.
  std::span<const std::uint8_t> image(std::size_t i) const;
  int label(std::size_t i) const { return labels_->bytes[labels_offset_ + i]; }

  /// Keeps only the first `count` images (all, if there are fewer).
  void limit(std::size_t count);

  /// Throws InputError at the first label that is not below `classes`.
  void require_labels_below(std::size_t classes) const;

  const std::string& name() const { return images_->name; }
  std::span<const std::uint8_t> pixels() const;
  std::span<const std::uint8_t> labels() const;

 private:
  friend LabeledImages parse_idx(NamedBytes images, NamedBytes labels);
  friend LabeledImages parse_cifar(const std::vector<NamedBytes>& files);

  std::shared_ptr<const NamedBytes> images_;
  std::shared_ptr<const NamedBytes> labels_;
  std::size_t images_offset_ = 0;
  std::size_t labels_offset_ = 0;
  std::size_t size_ = 0;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::size_t channels_ = 1;
};

struct Dataset {
  LabeledImages training;
  LabeledImages test;
};

/// Reads an IDX pair: images with magic 0x00000803 and sizes [n, rows, columns], labels with
/// 0x00000801 and [n], big-endian. Throws InputError with the name of the file: wrong magic,
/// truncated, trailing bytes, unequal counts, no images.
/// The format: http://yann.lecun.com/exdb/mnist/.
LabeledImages parse_idx(NamedBytes images, NamedBytes labels);

/// Reads and joins files in the binary format of CIFAR-10: records of a label 0 … 9 and the red,
/// green and blue planes of 32 × 32 bytes. Throws InputError with the name of the file: incomplete
/// record, label above 9, no images.
/// The format: https://www.cs.toronto.edu/~kriz/cifar.html.
LabeledImages parse_cifar(const std::vector<NamedBytes>& files);

/// Throws InputError if the two sets differ in shape.
void require_same_shape(const Dataset& data);

}  // namespace imcsim::dataset
