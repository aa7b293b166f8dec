#include "data_sets.hpp"

#include <fmt/format.h>

#include <cstdlib>

#if defined(__EMSCRIPTEN__)
#include <emscripten.h>
#else
#include <sha256.h>
#endif

#include "base/error.hpp"
#include "base/toml.hpp"
#include "files.hpp"

namespace imcsim::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* idx_names[4] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                      "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

/// Training batches, and the test batch last.
constexpr const char* cifar_names[6] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                        "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};

bool holds_cifar(const fs::path& folder) { return !find_data_file(folder, cifar_names[5]).empty(); }

bool holds_dataset(const fs::path& folder) {
  return !folder.empty() && (!find_data_file(folder, idx_names[0]).empty() || holds_cifar(folder));
}

dataset::NamedBytes read_part(const fs::path& folder, const char* name, const char* expected) {
  const fs::path path = find_data_file(folder, name);
  if (path.empty()) {
    throw InputError(at_field("dataset"), fmt::format("\"{}\" lacks {}", folder.string(), name),
                     expected);
  }
  return {path.string(), read_bytes(path.string(), at_field("dataset"))};
}

dataset::Dataset load_cifar(const fs::path& folder) {
  std::vector<dataset::NamedBytes> training;
  training.reserve(5);
  for (int i = 0; i < 5; ++i) {
    training.push_back(read_part(folder, cifar_names[i], "the six binary batches of CIFAR-10"));
  }
  std::vector<dataset::NamedBytes> test;
  test.push_back(read_part(folder, cifar_names[5], "the six binary batches of CIFAR-10"));
  return {dataset::parse_cifar(training), dataset::parse_cifar(test)};
}

std::vector<fs::path> places_of(const KnownDataset& known, const std::string& data_dir) {
  std::vector<fs::path> places;
  if (!data_dir.empty()) return {fs::path(data_dir) / known.name, data_dir};
  if (const char* variable = std::getenv("IMCSIM_DATA"); variable != nullptr && *variable != 0) {
    places.insert(places.end(), {fs::path(variable) / known.name, variable});
  }
  if (const fs::path program = program_folder(); !program.empty()) {
    places.push_back(program / "data" / known.name);
  }
  places.insert(places.end(), known.folders.begin(), known.folders.end());
  return places;
}

}  // namespace

std::vector<KnownDataset> known_datasets() {
  std::vector<KnownDataset> list;
  const toml::table root = toml::parse(embedded_datasets());
  for (const auto& [name, node] : root) {
    const toml::table& table = *node.as_table();
    KnownDataset known;
    known.name = name.str();
    known.title = table["title"].value_or(std::string{});
    known.source = table["source"].value_or(std::string{});
    known.package = table["package"].value_or(std::string{});
    for (const toml::node& folder : *table["folders"].as_array()) {
      known.folders.push_back(folder.value_or(std::string{}));
    }
    for (const auto& [file, sum] : *table["sha256"].as_table()) {
      known.files.push_back({std::string(file.str()), sum.value_or(std::string{})});
    }
    list.push_back(std::move(known));
  }
  return list;
}

fs::path find_data_file(const fs::path& folder, const std::string& name) {
  std::error_code error;
  for (const char* ending : {"", ".gz"}) {
    fs::path path = folder / (name + ending);
    if (fs::is_regular_file(path, error)) return path;
  }
  return {};
}

fs::path find_dataset(const std::string& dataset, const std::string& data_dir) {
  for (const KnownDataset& known : known_datasets()) {
    if (known.name != dataset) continue;
    for (const fs::path& place : places_of(known, data_dir)) {
      if (holds_dataset(place)) return place;
    }
    return {};
  }
  std::error_code error;
  return fs::is_directory(dataset, error) ? fs::path(dataset) : fs::path{};
}

dataset::Dataset load_dataset(const std::string& dataset, const std::string& data_dir) {
  const fs::path folder = find_dataset(dataset, data_dir);
  if (folder.empty()) {
    std::vector<std::string> names;
    for (const KnownDataset& known : known_datasets()) {
      if (known.name == dataset) {
        throw InputError(
            at_field("dataset"), fmt::format("{} is not installed", dataset),
            fmt::format("--data-dir DIR with its files; ./dev fetches it from {}", known.package));
      }
      names.push_back(known.name);
    }
    throw InputError(at_field("dataset"), fmt::format("unknown data set \"{}\"", dataset),
                     fmt::format("a folder of four IDX files; {}", suggest(dataset, names)));
  }
  if (holds_cifar(folder)) return load_cifar(folder);
  dataset::NamedBytes files[4];
  for (int i = 0; i < 4; ++i) {
    files[i] = read_part(folder, idx_names[i], "four IDX files, plain or .gz");
  }
  return {dataset::parse_idx(std::move(files[0]), std::move(files[1])),
          dataset::parse_idx(std::move(files[2]), std::move(files[3]))};
}

#if defined(__EMSCRIPTEN__)
// SHA-256 from Node's crypto module.
EM_JS(void, node_sha256, (const std::uint8_t* data, std::size_t size, char* out), {
  const hash = require("crypto").createHash("sha256");
  hash.update(HEAPU8.subarray(data, data + size));
  stringToUTF8(hash.digest("hex"), out, 65);
});

std::string sha256(const std::vector<std::uint8_t>& bytes) {
  char text[65] = {};
  node_sha256(bytes.data(), bytes.size(), text);
  return text;
}
#else
std::string sha256(const std::vector<std::uint8_t>& bytes) {
  char text[SHA256_DIGEST_STRING_LENGTH] = {};
  SHA256Data(bytes.data(), bytes.size(), text);
  return text;
}
#endif

}  // namespace imcsim::cli
