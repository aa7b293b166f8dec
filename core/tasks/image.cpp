#include "tasks/image.hpp"

#include <fmt/format.h>

#include <cctype>
#include <memory>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#define STBI_ONLY_PNM
#define STBI_ASSERT(x)
#include <stb/stb_image.h>
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(x)
#include <stb/stb_image_write.h>

#include "base/error.hpp"

#pragma GCC diagnostic pop

namespace imcsim::tasks {
namespace {

constexpr std::size_t most_bytes = 1U << 30U;

/// Size of a PNM header: magic number, three numbers with optional comments before them, one
/// whitespace character. Throws for numbers that overflow in stb_image.
std::size_t pnm_header(std::span<const std::uint8_t> bytes, const std::string& name) {
  const auto is_blank = [&](std::size_t i) { return std::isspace(bytes[i]) != 0; };
  std::size_t at = 2;
  for (int number = 0; number < 3; ++number) {
    while (at < bytes.size() && (is_blank(at) || bytes[at] == '#')) {
      const bool comment = bytes[at] == '#';
      while (comment && at < bytes.size() && bytes[at] != '\n' && bytes[at] != '\r') ++at;
      if (!comment) ++at;
    }
    const std::size_t first = at;
    while (at < bytes.size() && std::isdigit(bytes[at]) != 0) ++at;
    if (at - first > 9)
      throw InputError(name, "header number has ten or more digits", "PGM or PNG");
  }
  return at + 1;
}

/// Throws if a chunk of a PNG is longer than the file, because stb_image allocates its stated
/// length.
void require_chunks(std::span<const std::uint8_t> bytes, const std::string& name) {
  constexpr std::size_t mark = 8;
  constexpr std::size_t before = 8;  // length and kind
  constexpr std::size_t sum = 4;
  for (std::size_t at = mark; at + before <= bytes.size();) {
    const std::size_t length = std::size_t{bytes[at]} << 24U | std::size_t{bytes[at + 1]} << 16U |
                               std::size_t{bytes[at + 2]} << 8U | std::size_t{bytes[at + 3]};
    if (length > bytes.size() - at - before) {
      throw InputError(name, "ends within a chunk", "PGM or PNG");
    }
    at += before + length + sum;
  }
}

/// Throws before memory is allocated for pixels that are missing in the file.
void require_whole(std::span<const std::uint8_t> bytes, const std::string& name) {
  const bool pnm = bytes.size() > 2 && bytes[0] == 'P' && (bytes[1] == '5' || bytes[1] == '6');
  const std::size_t header = pnm ? pnm_header(bytes, name) : 0;
  if (!pnm) require_chunks(bytes, name);
  const auto size = static_cast<int>(bytes.size());
  int width = 0;
  int height = 0;
  int channels = 0;
  if (stbi_info_from_memory(bytes.data(), size, &width, &height, &channels) == 0 || width < 1 ||
      height < 1) {
    throw InputError(name, "is not a readable image", "PGM or PNG");
  }
  const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  if (pixels > most_pixels) {
    throw InputError(name, fmt::format("has {} x {} pixels", width, height),
                     fmt::format("at most {} in total", most_pixels));
  }
  if (!pnm) return;
  // stb_image does not check that all pixels of a PNM are present.
  const bool wide = stbi_is_16_bit_from_memory(bytes.data(), size) != 0;
  if (wide && channels > 1) {  // stb_image 2.27 reads these as bytes, beyond the end
    throw InputError(name, "has 16-bit color channels", "8-bit color, or gray");
  }
  if (bytes.size() < header + pixels * static_cast<std::size_t>(channels) * (wide ? 2 : 1)) {
    throw InputError(name, "ends before its last pixel", "PGM or PNG");
  }
}

}  // namespace

Image read_image(std::span<const std::uint8_t> bytes, const std::string& name) {
  if (bytes.size() > most_bytes) throw InputError(name, "is too large", "PGM or PNG");
  require_whole(bytes, name);
  int width = 0;
  int height = 0;
  int channels = 0;
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(bytes.data(), static_cast<int>(bytes.size()), &width, &height,
                            &channels, 1),
      stbi_image_free);
  if (!pixels) throw InputError(name, "is not a readable image", "PGM or PNG");
  Image image{static_cast<std::size_t>(width), static_cast<std::size_t>(height), {}};
  image.pixels.assign(pixels.get(), pixels.get() + image.width * image.height);
  return image;
}

std::string pgm_of(const Image& image) {
  std::string bytes = fmt::format("P5\n{} {}\n255\n", image.width, image.height);
  bytes.append(image.pixels.begin(), image.pixels.end());
  return bytes;
}

std::string png_of(const Image& image) {
  std::string bytes;
  const auto append = [](void* context, void* data, int size) {
    static_cast<std::string*>(context)->append(static_cast<const char*>(data),
                                               static_cast<std::size_t>(size));
  };
  stbi_write_png_to_func(append, &bytes, static_cast<int>(image.width),
                         static_cast<int>(image.height), 1, image.pixels.data(),
                         static_cast<int>(image.width));
  return bytes;
}

}  // namespace imcsim::tasks
