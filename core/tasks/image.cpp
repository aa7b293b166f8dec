#include "tasks/image.hpp"

#include <fmt/format.h>

#include <memory>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_ASSERT(x)
#include <stb/stb_image.h>
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(x)
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace imcsim::tasks {
namespace {

constexpr std::size_t most_bytes = 1U << 30U;

}  // namespace

Image read_image(std::span<const std::uint8_t> bytes, const std::string& name) {
  static constexpr std::string_view expected = "PGM or PNG";
  if (bytes.size() > most_bytes) throw InputError(name, "is too large", std::string(expected));
  int width = 0;
  int height = 0;
  int channels = 0;
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(bytes.data(), static_cast<int>(bytes.size()), &width, &height,
                            &channels, 1),
      stbi_image_free);
  if (!pixels || width < 1 || height < 1) {
    throw InputError(name, "is not an image that can be read", std::string(expected));
  }
  // The reader fills up what a file that was cut off does not have.
  const auto needed = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  if (bytes[0] == 'P' && bytes.size() < needed) {
    throw InputError(name, "ends before its last pixel", std::string(expected));
  }
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
