#pragma once

#include <span>
#include <string>
#include <vector>

namespace imcsim::tasks {

/// A gray-scale image, row-major, 0 … 255.
struct Image {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels;
};

/// Largest number of pixels of an input image.
inline constexpr std::size_t most_pixels = std::size_t{1} << 24;

/// Reads a PNG, PGM or PPM (binary, P5 and P6); colors are converted to gray. Throws
/// InputError{name, …} for unknown formats, truncated files, more than most_pixels.
Image read_image(std::span<const std::uint8_t> bytes, const std::string& name);

/// The image as binary PGM (P5), or as PNG.
std::string pgm_of(const Image& image);
std::string png_of(const Image& image);

}  // namespace imcsim::tasks
