#include <fmt/format.h>

#include "base/error.hpp"
#include "dataset/dataset.hpp"

namespace imcsim::dataset {
namespace {

/// Sizes in an IDX header of `dimensions` dimensions; checks the magic number.
std::vector<std::size_t> read_header(const NamedBytes& file, std::uint32_t magic,
                                     std::size_t dimensions) {
  const std::size_t header = 4 + 4 * dimensions;
  const auto word = [&](std::size_t at) {
    return std::uint32_t{file.bytes[at]} << 24 | std::uint32_t{file.bytes[at + 1]} << 16 |
           std::uint32_t{file.bytes[at + 2]} << 8 | std::uint32_t{file.bytes[at + 3]};
  };
  if (file.bytes.size() >= 2 && file.bytes[0] == 0x1F && file.bytes[1] == 0x8B) {
    throw InputError(file.name, "is compressed with gzip", "a plain IDX file");
  }
  if (file.bytes.size() < 4 || word(0) != magic) {
    throw InputError(file.name,
                     file.bytes.size() < 4 ? fmt::format("has only {} bytes", file.bytes.size())
                                           : fmt::format("starts with 0x{:08x}", word(0)),
                     fmt::format("an IDX file of {}, which starts with 0x{:08x}",
                                 dimensions == 3 ? "images" : "labels", magic));
  }
  if (file.bytes.size() < header) {
    throw InputError(file.name, fmt::format("ends inside its header: {} bytes", file.bytes.size()),
                     fmt::format("{} bytes of header", header));
  }
  std::vector<std::size_t> sizes;
  for (std::size_t d = 0; d < dimensions; ++d) sizes.push_back(word(4 + 4 * d));
  return sizes;
}

void require_body(const NamedBytes& file, std::size_t header, std::uint64_t body) {
  const std::uint64_t expected = header + body;
  if (file.bytes.size() == expected) return;
  throw InputError(
      file.name,
      fmt::format("{}: {} bytes",
                  file.bytes.size() < expected ? "truncated" : "longer than stated in the header",
                  file.bytes.size()),
      fmt::format("{} bytes as stated in the header", expected));
}

}  // namespace

LabeledImages parse_idx(NamedBytes images, NamedBytes labels) {
  const std::vector<std::size_t> shape = read_header(images, 0x00000803, 3);
  const std::vector<std::size_t> count = read_header(labels, 0x00000801, 1);
  constexpr std::size_t most = std::size_t{1} << 16;
  if (shape[0] == 0 || shape[1] == 0 || shape[2] == 0 || shape[1] > most || shape[2] > most) {
    throw InputError(images.name,
                     fmt::format("contains {} images of {} x {}", shape[0], shape[1], shape[2]),
                     "at least one image with sides from 1 to 65536 pixels");
  }
  require_body(images, 16, std::uint64_t{shape[0]} * shape[1] * shape[2]);
  require_body(labels, 8, count[0]);
  if (count[0] != shape[0]) {
    throw InputError(labels.name, fmt::format("contains {} labels", count[0]),
                     fmt::format("{}, one for each image of {}", shape[0], images.name));
  }
  LabeledImages set;
  set.images_ = std::make_shared<const NamedBytes>(std::move(images));
  set.labels_ = std::make_shared<const NamedBytes>(std::move(labels));
  set.images_offset_ = 16;
  set.labels_offset_ = 8;
  set.size_ = shape[0];
  set.rows_ = shape[1];
  set.columns_ = shape[2];
  return set;
}

}  // namespace imcsim::dataset
