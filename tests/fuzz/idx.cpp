// Input: length of the image file (two bytes), image file, label file.
#include "dataset/dataset.hpp"
#include "fuzz.hpp"

namespace imcsim::fuzz {

void run(Bytes bytes) {
  const std::size_t high = take_number(bytes);
  const std::size_t low = take_number(bytes);
  const Bytes images = take(bytes, 256 * high + low);
  const dataset::LabeledImages set = dataset::parse_idx({"images", {images.begin(), images.end()}},
                                                        {"labels", {bytes.begin(), bytes.end()}});
  require(set.pixels().size() == set.size() * set.features(), "all pixels and no more");
  unsigned sum = 0;
  for (std::size_t i = 0; i < set.size(); ++i) {
    sum += sum_of(set.image(i)) + static_cast<unsigned>(set.label(i));
  }
  keep(sum);
  set.require_labels_below(10);
}

}  // namespace imcsim::fuzz
