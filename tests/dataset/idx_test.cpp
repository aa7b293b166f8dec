#include <boost/test/unit_test.hpp>
#include <functional>

#include "base/error.hpp"
#include "dataset/dataset.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(dataset_idx)

namespace {

using dataset::NamedBytes;

/// Two images of 2 x 3 pixels, labels 7 and 1.
testing::IdxPair two_images() {
  return {{"images", {0, 0, 8, 3, 0, 0, 0,  2,  0,  0,  0,  2,  0, 0, 0, 3,  //
                      1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 255}},
          {"labels", {0, 0, 8, 1, 0, 0, 0, 2, 7, 1}}};
}

struct Malformed {
  const char* name;
  std::function<void(testing::IdxPair&)> spoil;
  std::string message;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_valid_pair) {
  testing::IdxPair pair = two_images();
  dataset::LabeledImages set = dataset::parse_idx(pair.images, pair.labels);
  BOOST_TEST(set.size() == 2U);
  BOOST_TEST(set.rows() == 2U);
  BOOST_TEST(set.columns() == 3U);
  BOOST_TEST(set.features() == 6U);
  BOOST_TEST(set.image(0)[0] == 1);
  BOOST_TEST(set.image(1)[5] == 255);
  BOOST_TEST(set.image(1).size() == 6U);
  BOOST_TEST(set.label(0) == 7);
  BOOST_TEST(set.label(1) == 1);
  BOOST_TEST(set.pixels().size() == 12U);
  BOOST_TEST(set.labels().size() == 2U);
  set.limit(5);
  BOOST_TEST(set.size() == 2U);
  set.limit(1);
  BOOST_TEST(set.size() == 1U);
  BOOST_TEST(set.pixels().size() == 6U);
}

BOOST_AUTO_TEST_CASE(each_malformed_file_is_named_with_what_is_wrong) {
  const Malformed cases[] = {
      {"empty", [](auto& p) { p.images.bytes.clear(); },
       "images: has only 0 bytes (an IDX file of images, which starts with 0x00000803)"},
      {"wrong magic", [](auto& p) { p.images.bytes[3] = 1; },
       "images: starts with 0x00000801 (an IDX file of images, which starts with 0x00000803)"},
      {"labels given as images", [](auto& p) { p.labels.bytes[3] = 3; },
       "labels: starts with 0x00000803 (an IDX file of labels, which starts with 0x00000801)"},
      {"gzip",
       [](auto& p) {
         p.labels.bytes = {0x1F, 0x8B, 8, 0, 0};
       },
       "labels: is compressed with gzip (a plain IDX file)"},
      {"short header", [](auto& p) { p.images.bytes.resize(10); },
       "images: ends inside its header: 10 bytes (16 bytes of header)"},
      {"truncated", [](auto& p) { p.images.bytes.pop_back(); },
       "images: truncated: 27 bytes (28 bytes as stated in the header)"},
      {"trailing bytes", [](auto& p) { p.images.bytes.push_back(0); },
       "images: longer than stated in the header: 29 bytes (28 bytes as stated in the header)"},
      {"truncated labels", [](auto& p) { p.labels.bytes.pop_back(); },
       "labels: truncated: 9 bytes (10 bytes as stated in the header)"},
      {"unequal counts",
       [](auto& p) {
         p.labels.bytes[7] = 3;
         p.labels.bytes.push_back(0);
       },
       "labels: contains 3 labels (2, one for each image of images)"},
      {"no images", [](auto& p) { p.images.bytes[7] = 0; },
       "images: contains 0 images of 2 x 3 (at least one image with sides from 1 to 65536 pixels)"},
      {"no columns", [](auto& p) { p.images.bytes[15] = 0; },
       "images: contains 2 images of 2 x 0 (at least one image with sides from 1 to 65536 pixels)"},
      {"images of a height that no camera has", [](auto& p) { p.images.bytes[9] = 1; },
       "images: contains 2 images of 65538 x 3 (at least one image with sides from 1 to 65536 "
       "pixels)"},
      {"sizes whose product is larger than any file",
       [](auto& p) {
         for (const std::size_t at : {4U, 5U, 6U, 7U}) p.images.bytes[at] = 0xFF;
         for (const std::size_t at : {9U, 13U}) p.images.bytes[at] = 1;
         for (const std::size_t at : {11U, 15U}) p.images.bytes[at] = 0;
       },
       "images: truncated: 28 bytes (18446744069414584336 bytes as stated in the header)"},
  };
  for (const Malformed& malformed : cases) {
    testing::IdxPair pair = two_images();
    malformed.spoil(pair);
    BOOST_TEST_CONTEXT(malformed.name) {
      try {
        dataset::parse_idx(pair.images, pair.labels);
        BOOST_ERROR("accepted");
      } catch (const InputError& error) {
        BOOST_TEST(std::string(error.what()) == malformed.message);
      }
    }
  }
}

/// Every prefix of a valid file and every value of each byte of its header: either an InputError or
/// a set with all pixels.
BOOST_AUTO_TEST_CASE(corrupted_files_are_refused_or_complete) {
  const testing::IdxPair good = two_images();
  for (std::size_t n = 0; n < good.images.bytes.size(); ++n) {
    testing::IdxPair pair = two_images();
    pair.images.bytes.resize(n);
    BOOST_CHECK_THROW(dataset::parse_idx(pair.images, pair.labels), InputError);
  }
  for (std::size_t at = 0; at < 16; ++at) {
    for (int value = 0; value < 256; ++value) {
      testing::IdxPair pair = two_images();
      pair.images.bytes[at] = static_cast<std::uint8_t>(value);
      try {
        const dataset::LabeledImages set = dataset::parse_idx(pair.images, pair.labels);
        BOOST_TEST(set.pixels().size() == 12U);
      } catch (const InputError&) {
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(labels_and_shapes_are_checked_against_their_use) {
  testing::IdxPair pair = two_images();
  const dataset::LabeledImages set = dataset::parse_idx(pair.images, pair.labels);
  set.require_labels_below(8);
  BOOST_CHECK_EXCEPTION(set.require_labels_below(7), InputError, [](const InputError& error) {
    return std::string(error.what()) ==
           "labels: label 7 at index 0 (0 to 6 for a network with 7 outputs)";
  });
  pair.images.bytes[11] = 3;
  pair.images.bytes[15] = 2;
  const dataset::LabeledImages turned = dataset::parse_idx(pair.images, pair.labels);
  dataset::require_same_shape({set, set});
  BOOST_CHECK_EXCEPTION(
      dataset::require_same_shape({set, turned}), InputError, [](const InputError& error) {
        return std::string(error.what()) == "images: has images of 3 x 2 (2 x 3, as in images)";
      });
}

BOOST_AUTO_TEST_CASE(synthetic_images_are_as_sparse_as_mnist) {
  testing::IdxPair pair = testing::synthetic_idx(500, 0);
  const dataset::LabeledImages set = dataset::parse_idx(pair.images, pair.labels);
  std::size_t bright = 0;
  for (const std::uint8_t pixel : set.pixels()) bright += pixel != 0 ? 1U : 0U;
  const double fraction = static_cast<double>(bright) / static_cast<double>(set.pixels().size());
  BOOST_TEST(fraction > 0.16);
  BOOST_TEST(fraction < 0.22);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
