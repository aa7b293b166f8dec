// dataset: labelled images from bytes in memory.
//
// LabelledImages   one set: pixels kept as the bytes they came in, labels beside them
// Dataset          a training set and a test set of the same shape
// parse_idx        the IDX format of MNIST, checked against what the header promises
// parse_cifar      the binary format of CIFAR-10
//
// Files and gzip are undone by the host; this folder sees plain bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace imcsim::dataset {

/// Bytes and the name under which errors speak of them.
struct NamedBytes {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

/// `size` images of `rows` × `columns` pixels of `channels` numbers, 0 … 255, each with a label.
/// Copies share the bytes.
class LabelledImages {
 public:
  LabelledImages() = default;

  std::size_t size() const { return size_; }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::size_t channels() const { return channels_; }
  std::size_t features() const { return rows_ * columns_ * channels_; }

  /// Pixels of image `i`, row by row, all channels of a pixel together.
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
  friend LabelledImages parse_cifar(const std::vector<NamedBytes>& files);

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
  LabelledImages training;
  LabelledImages test;
};

/// Reads an IDX pair: images with magic 0x00000803 and sizes [n, rows, columns], labels with
/// 0x00000801 and [n], big-endian. Throws InputError that names the file, what is wrong with it
/// and what would be right: wrong magic, truncated, trailing bytes, unequal counts, no images.
/// The format: http://yann.lecun.com/exdb/mnist/.
LabelledImages parse_idx(NamedBytes images, NamedBytes labels);

/// Reads files of CIFAR-10's binary format, one behind the other: records of a label 0 … 9 and the
/// red, green and blue planes of 32 × 32 bytes. Throws InputError that names the file: no whole
/// number of records, a label beyond 9, no images.
/// The format: https://www.cs.toronto.edu/~kriz/cifar.html.
LabelledImages parse_cifar(const std::vector<NamedBytes>& files);

/// Throws InputError where the two sets differ in shape.
void require_same_shape(const Dataset& data);

}  // namespace imcsim::dataset
