#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/counts.hpp"
#include "base/describe.hpp"

namespace imcsim::tasks {

struct Result;

/// Named results in the order of their output.
using Section = std::vector<Result>;
using Integers = std::vector<std::int64_t>;

/// A table of a result: column names as used in JSON and CSV, and rows of cells.
using Cell = std::variant<bool, std::int64_t, double, std::string>;
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

/// Type of a result. A number that is not finite becomes null in JSON.
using Value =
    std::variant<bool, std::int64_t, double, std::string, Numbers, Integers, Table, Section>;

struct Result {
  std::string name;  ///< key in JSON: words joined by underscores, then the unit
  Value value;
};

/// Converts a size to a result.
inline std::int64_t integer(std::uint64_t n) { return static_cast<std::int64_t>(n); }

/// Cost on a machine that reads each operand from memory and stores each result.
struct VonNeumann {
  std::uint64_t bytes_moved = 0;
  std::uint64_t operations = 0;
};

/// An array of an answer, [rows × columns] without padding.
struct NamedArray {
  using Values = std::variant<std::vector<std::uint8_t>, std::vector<std::uint32_t>,
                              std::vector<float>, std::vector<double>>;
  std::string name;
  Values values;
  std::size_t rows = 0;
  std::size_t columns = 0;
  bool digested = true;  ///< included in the digest; exact results are not
};

/// Pictures for the terminal.
struct GrayImage {
  std::string title;
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<std::uint8_t> pixels;  ///< row-major, 255 is white
};
struct Bars {
  std::string title;
  std::vector<std::pair<std::string, double>> bars;  ///< not negative
};
struct Curve {
  std::string title;
  std::string x_label;
  std::vector<double> x, y;
  bool log_x = false;
  bool log_y = false;
};
using Picture = std::variant<GrayImage, Bars, Curve>;

struct OutputFile {
  std::string name;
  std::string bytes;
};

/// Result of a task as data; hosts convert the result to tables, JSON, CSV and pictures.
struct Answer {
  Section results;                         ///< of the computation in memory
  Section exact;                           ///< the same by ordinary arithmetic, in the same run
  Value error = 0.0;                       ///< difference between both: a number, or a Section
  std::optional<Value> predicted_error{};  ///< if a closed form exists
  VonNeumann von_neumann{};
  OperationCounts counts{};
  /// The part of the work that is priced per sample (a solve, a query, a letter), for all `samples`
  /// together; programming before the samples is excluded.
  OperationCounts sample_counts{};
  std::uint64_t samples = 1;
  std::string sample = "run";  ///< name of a sample

  std::string table;  ///< name of the entry of `results` printed by --csv; empty: none
  /// NAME.npy of --out; arrays marked as digested determine the digest.
  std::vector<NamedArray> arrays;
  std::vector<OutputFile> files;  ///< further files of --out
  std::string output_bytes;       ///< written by -o
  std::string output_array;       ///< alternative: name of the array written by -o as .npy
  std::string output_raw;  ///< alternative: name of the array whose raw bytes are written by -o
  std::vector<Picture> pictures;     ///< for the terminal
  std::vector<std::string> remarks;  ///< notes for users
  std::string failure;  ///< reason of a failed run (exit 1 after the results); empty: none
};

}  // namespace imcsim::tasks
