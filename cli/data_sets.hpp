#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/dataset.hpp"

namespace imcsim::cli {

/// data/datasets.toml, embedded.
std::string_view embedded_datasets();

struct DatasetFile {
  std::string name;
  std::string sha256;  ///< of the uncompressed bytes
};

/// A data set known by name.
struct KnownDataset {
  std::string name;
  std::string title;
  std::string source;
  std::string package;
  std::vector<std::string> folders;  ///< folders in which packages install it
  std::vector<DatasetFile> files;
};
std::vector<KnownDataset> known_datasets();

/// The folder that contains the four IDX files or six CIFAR batches of `dataset` (a known name or a
/// folder), or an empty path. Searches `data_dir`, $IMCSIM_DATA, data/ in the program's folder, and
/// the folders in which packages install the data set.
std::filesystem::path find_dataset(const std::string& dataset, const std::string& data_dir);

/// Path of a file in `folder`, uncompressed or with .gz; empty if it does not exist.
std::filesystem::path find_data_file(const std::filesystem::path& folder, const std::string& name);

/// Reads and checks a data set. Throws InputError.
dataset::Dataset load_dataset(const std::string& dataset, const std::string& data_dir);

/// SHA-256 in hexadecimal.
std::string sha256(const std::vector<std::uint8_t>& bytes);

}  // namespace imcsim::cli
