// Data sets of the page, and files of the user.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "simulator.hpp"
#include "study/fit_study.hpp"

namespace imcsim::web {

using emscripten::val;

namespace {

void append_word(std::vector<std::uint8_t>& bytes, std::size_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    bytes.push_back(static_cast<std::uint8_t>((value >> shift) & 0xFFU));
  }
}

/// Images `first` … `end − 1` of a data set as a separate IDX pair.
dataset::LabeledImages part_of(const dataset::LabeledImages& all, std::size_t first,
                               std::size_t end, const std::string& name) {
  dataset::NamedBytes images{name, {}};
  dataset::NamedBytes labels{name + " labels", {}};
  for (const std::size_t word : {std::size_t{0x803}, end - first, all.rows(), all.columns()}) {
    append_word(images.bytes, word);
  }
  for (const std::size_t word : {std::size_t{0x801}, end - first}) append_word(labels.bytes, word);
  const auto from = static_cast<std::ptrdiff_t>(first);
  const auto to = static_cast<std::ptrdiff_t>(end);
  const auto size = static_cast<std::ptrdiff_t>(all.features());
  const std::span<const std::uint8_t> pixels = all.pixels();
  const std::span<const std::uint8_t> classes = all.labels();
  images.bytes.insert(images.bytes.end(), pixels.begin() + from * size, pixels.begin() + to * size);
  labels.bytes.insert(labels.bytes.end(), classes.begin() + from, classes.begin() + to);
  return dataset::parse_idx(std::move(images), std::move(labels));
}

}  // namespace

std::string Simulator::load(const std::string& name, const val& train_images,
                            const val& train_labels, const val& test_images,
                            const val& test_labels) {
  return answer([&] {
    dataset::Dataset data;
    data.training = dataset::parse_idx({"train-images", bytes_of(train_images)},
                                       {"train-labels", bytes_of(train_labels)});
    data.test = dataset::parse_idx({"t10k-images", bytes_of(test_images)},
                                   {"t10k-labels", bytes_of(test_labels)});
    data_ = std::move(data);
    data_name_ = name;
    return Json::object();
  });
}

std::string Simulator::load_pair(const std::string& name, const val& images, const val& labels) {
  return answer([&] {
    const dataset::LabeledImages all =
        dataset::parse_idx({name, bytes_of(images)}, {"labels of " + name, bytes_of(labels)});
    const std::size_t test = all.size() / 6;
    if (test == 0) {
      throw InputError(name, "file has " + std::to_string(all.size()) + " images",
                       "must be at least 6; the last sixth is the test set");
    }
    const std::span<const std::uint8_t> classes = all.labels();
    const std::size_t max_label = *std::max_element(classes.begin(), classes.end());
    dataset::Dataset data;
    data.training = part_of(all, 0, all.size() - test, name);
    data.test = part_of(all, all.size() - test, all.size(), name + ", held out");
    data_ = std::move(data);
    data_name_ = name;
    return Json{{"training", all.size() - test},
                {"test", test},
                {"rows", all.rows()},
                {"columns", all.columns()},
                {"classes", std::max<std::size_t>(2, max_label + 1)}};
  });
}

std::string Simulator::fit(const std::string& name, const std::string& csv,
                           const std::string& preset) {
  return answer([&] {
    study::FitConfig config;
    config.curves = name;
    const std::vector<study::CurveFile> files = {{name, csv}};
    const study::FitStudy done = study::run_fit_study(config, files);
    presets_[preset] = done.preset;
    return Json{{"preset", done.preset}, {"fit", study::fit_study_json(config, done)}};
  });
}

}  // namespace imcsim::web
