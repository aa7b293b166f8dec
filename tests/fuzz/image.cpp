#include "tasks/image.hpp"

#include "fuzz.hpp"

namespace imcsim::fuzz {
namespace {

tasks::Image read(std::string_view text) {
  return tasks::read_image({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                           "written");
}

}  // namespace

void run(Bytes bytes) {
  const tasks::Image image = tasks::read_image(bytes, "x.png");
  require(image.pixels.size() == image.width * image.height, "all pixels");
  keep(sum_of(image.pixels));
  if (image.pixels.size() > 256) return;
  require(read(tasks::pgm_of(image)).pixels == image.pixels, "PGM and back");
  require(read(tasks::png_of(image)).pixels == image.pixels, "PNG and back");
}

}  // namespace imcsim::fuzz
