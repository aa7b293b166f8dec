#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/dataset.hpp"

namespace imcsim::cli {

/// data/datasets.toml, built in.
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
  std::vector<std::string> folders;  ///< where a package puts it
  std::vector<DatasetFile> files;
};
std::vector<KnownDataset> known_datasets();

/// The folder that holds the four IDX files or six CIFAR batches of `dataset` (a known name or a
/// folder), or an empty path. Looks in `data_dir`, $IMCSIM_DATA, beside the program, and where
/// packages put it.
std::filesystem::path find_dataset(const std::string& dataset, const std::string& data_dir);

/// Path of a file in `folder`, plain or with .gz; empty where there is none.
std::filesystem::path find_idx(const std::filesystem::path& folder, const std::string& name);

/// Reads and checks them. Throws InputError.
dataset::Dataset load_dataset(const std::string& dataset, const std::string& data_dir);

/// SHA-256 in hexadecimal.
std::string sha256(const std::vector<std::uint8_t>& bytes);

}  // namespace imcsim::cli
