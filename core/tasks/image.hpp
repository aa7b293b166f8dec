#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/base.hpp"

namespace imcsim::tasks {

/// A grey image, row-major, 0 … 255.
struct Image {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels;
};

/// Of the bytes of a PGM, PNG or another format that stb_image reads; colours become grey. Throws
/// InputError{name, …}.
Image read_image(std::span<const std::uint8_t> bytes, const std::string& name);

/// As binary PGM (P5), or as PNG.
std::string pgm_of(const Image& image);
std::string png_of(const Image& image);

}  // namespace imcsim::tasks
