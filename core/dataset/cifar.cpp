#include <fmt/format.h>

#include "base/error.hpp"
#include "dataset/dataset.hpp"

namespace imcsim::dataset {
namespace {

constexpr std::size_t side = 32;
constexpr std::size_t channels = 3;
constexpr std::size_t plane = side * side;
constexpr std::size_t record = 1 + channels * plane;
constexpr std::uint8_t classes = 10;

void require_records(const NamedBytes& file) {
  if (!file.bytes.empty() && file.bytes.size() % record == 0) return;
  throw InputError(file.name, fmt::format("has {} bytes", file.bytes.size()),
                   fmt::format("a CIFAR-10 file: records of {} bytes", record));
}

/// Converts three color planes to pixels of three values.
void interleave(const std::uint8_t* planes, std::uint8_t* pixels) {
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t p = 0; p < plane; ++p) pixels[p * channels + c] = planes[c * plane + p];
  }
}

}  // namespace

LabeledImages parse_cifar(const std::vector<NamedBytes>& files) {
  if (files.empty()) throw InputError("CIFAR-10", "no files", "at least one");
  std::size_t count = 0;
  for (const NamedBytes& file : files) {
    require_records(file);
    count += file.bytes.size() / record;
  }
  NamedBytes pixels{files.front().name, std::vector<std::uint8_t>(count * channels * plane)};
  NamedBytes labels{files.front().name, {}};
  labels.bytes.reserve(count);
  for (const NamedBytes& file : files) {
    for (std::size_t at = 0; at < file.bytes.size(); at += record) {
      if (file.bytes[at] >= classes) {
        throw InputError(file.name, fmt::format("label {} at byte {}", file.bytes[at], at),
                         "0 to 9");
      }
      interleave(file.bytes.data() + at + 1,
                 pixels.bytes.data() + labels.bytes.size() * channels * plane);
      labels.bytes.push_back(file.bytes[at]);
    }
  }
  LabeledImages set;
  set.images_ = std::make_shared<const NamedBytes>(std::move(pixels));
  set.labels_ = std::make_shared<const NamedBytes>(std::move(labels));
  set.size_ = count;
  set.rows_ = side;
  set.columns_ = side;
  set.channels_ = channels;
  return set;
}

}  // namespace imcsim::dataset
