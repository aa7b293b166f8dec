#pragma once

#include <span>
#include <string>
#include <vector>

namespace imcsim::tasks {

/// A grey image, row-major, 0 … 255.
struct Image {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels;
};

/// Most pixels of an image that is read.
inline constexpr std::size_t most_pixels = std::size_t{1} << 24;

/// Of the bytes of a PNG, PGM or PPM (binary, P5 and P6); colours become grey. Throws
/// InputError{name, …}: no such image, one that was cut off, more than most_pixels.
Image read_image(std::span<const std::uint8_t> bytes, const std::string& name);

/// As binary PGM (P5), or as PNG.
std::string pgm_of(const Image& image);
std::string png_of(const Image& image);

}  // namespace imcsim::tasks
