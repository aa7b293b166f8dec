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

/// Named results in the order in which they are told.
using Section = std::vector<Result>;
using Integers = std::vector<std::int64_t>;

/// A table of a result: what a column is called in JSON and CSV, and its cells row by row.
using Cell = std::variant<bool, std::int64_t, double, std::string>;
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

/// What a result can be. A number that is not finite becomes null in JSON.
using Value =
    std::variant<bool, std::int64_t, double, std::string, Numbers, Integers, Table, Section>;

struct Result {
  std::string name;  ///< a key of JSON: words with underscores, unit behind
  Value value;
};

/// The size of something, as a result.
inline std::int64_t integer(std::uint64_t n) { return static_cast<std::int64_t>(n); }

/// What a machine that fetches each operand from memory and stores each result would do.
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
  bool digested = true;  ///< part of the digest; the exact answer is not
};

/// What a person sees in the terminal.
struct GreyImage {
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
using Picture = std::variant<GreyImage, Bars, Curve>;

struct OutputFile {
  std::string name;
  std::string bytes;
};

/// Result of a task as data; hosts convert the result to tables, JSON, CSV and pictures.
struct Answer {
  Section results;                         ///< of the computation in memory
  Section exact;                           ///< the same by ordinary arithmetic, in the same run
  Value error = 0.0;                       ///< between both: a number, or a Section
  std::optional<Value> predicted_error{};  ///< where theory gives one
  VonNeumann von_neumann{};
  OperationCounts counts{};
  /// What is priced a sample (a solve, a query, a letter): the work that `samples` of them share,
  /// programming before them apart.
  OperationCounts sample_counts{};
  std::uint64_t samples = 1;
  std::string sample = "run";  ///< what a sample is called

  std::string table;                 ///< which of `results` is the table of --csv; empty: none
  std::vector<NamedArray> arrays;    ///< NAME.npy of --out; those digested make the digest
  std::vector<OutputFile> files;     ///< further files of --out
  std::string output_bytes;          ///< what -o writes …
  std::string output_array;          ///< … or the array that -o writes as .npy …
  std::string output_raw;            ///< … or the array whose bytes -o writes as they are
  std::vector<Picture> pictures;     ///< for the terminal
  std::vector<std::string> remarks;  ///< lines for people
  std::string failure;               ///< it ran and failed: why (exit 1 after the results)
};

}  // namespace imcsim::tasks
