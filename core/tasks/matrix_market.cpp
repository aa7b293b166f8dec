#include "tasks/matrix_market.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <cstdlib>

#include "base/error.hpp"

namespace imcsim::tasks {
namespace {

struct Header {
  bool coordinate = false;
  bool integer = false;
  bool symmetric = false;
};

/// The words of one line.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : line) {
    if (c == ' ' || c == '\t' || c == '\r') {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    words.back() += c;
  }
  return words;
}

std::string lower(std::string word) {
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return word;
}

class Reader {
 public:
  Reader(std::span<const std::uint8_t> bytes, const std::string& name)
      : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), name_(name) {}

  MarketMatrix read() {
    read_header();
    read_size();
    if (header_.coordinate) {
      read_coordinates();
    } else {
      read_array();
    }
    std::vector<std::string> words;
    if (next_words(words)) fail("has more entries than the size line states", "the stated number");
    return std::move(matrix_);
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& expected) const {
    throw InputError(fmt::format("{}:{}", name_, line_), what, expected);
  }

  bool next_line(std::string_view& line) {
    if (from_ >= text_.size()) return false;
    const std::size_t end = std::min(text_.find('\n', from_), text_.size());
    line = text_.substr(from_, end - from_);
    from_ = end + 1;
    ++line_;
    return true;
  }

  /// Splits the next line that is neither empty nor a comment into words.
  bool next_words(std::vector<std::string>& words) {
    std::string_view line;
    while (next_line(line)) {
      if (!line.empty() && line.front() == '%') continue;
      words = words_of(line);
      if (!words.empty()) return true;
    }
    return false;
  }

  void read_header() {
    std::string_view line;
    next_line(line);
    std::vector<std::string> words = words_of(line);
    for (std::string& word : words) word = lower(word);
    const std::string expected =
        "%%MatrixMarket matrix array|coordinate real|integer general|symmetric";
    if (words.size() != 5 || words[0] != "%%matrixmarket" || words[1] != "matrix") {
      line_ = 1;
      fail("is not a Matrix Market header", expected);
    }
    const bool known = (words[2] == "array" || words[2] == "coordinate") &&
                       (words[3] == "real" || words[3] == "integer") &&
                       (words[4] == "general" || words[4] == "symmetric");
    if (!known)
      fail(fmt::format("{} {} {} is not supported", words[2], words[3], words[4]), expected);
    header_ = {words[2] == "coordinate", words[3] == "integer", words[4] == "symmetric"};
  }

  void read_size() {
    std::vector<std::string> words;
    if (!next_words(words)) fail("ends before the size line", "rows columns");
    matrix_.size_line = line_;
    const std::size_t wanted = header_.coordinate ? 3 : 2;
    if (words.size() != wanted) {
      fail(fmt::format("{} numbers on the size line", words.size()),
           header_.coordinate ? "rows columns entries" : "rows columns");
    }
    matrix_.rows = index_of(words[0], 1, most_market_rows);
    matrix_.columns = index_of(words[1], 1, most_market_rows);
    if (header_.symmetric && matrix_.rows != matrix_.columns) {
      fail(fmt::format("symmetric, but {} x {}", matrix_.rows, matrix_.columns), "a square matrix");
    }
    const std::size_t size = matrix_.rows * matrix_.columns;
    entries_ = size;
    if (!header_.coordinate) return;
    entries_ = index_of(words[2], 0, size);
    if (size > most_market_places) {
      fail(fmt::format("{} x {} entries", matrix_.rows, matrix_.columns),
           fmt::format("at most {} for a coordinate matrix", most_market_places));
    }
  }

  /// Reads a matrix column by column; the matrix is allocated after all numbers are read.
  void read_array() {
    const std::size_t n = matrix_.rows;
    const std::size_t all = header_.symmetric ? n * (n + 1) / 2 : entries_;
    std::vector<double> given;
    std::vector<std::string> words;
    while (given.size() < all) {
      if (!next_words(words)) truncated(given.size(), all);
      if (words.size() != 1) fail(fmt::format("{} numbers", words.size()), "one per line");
      given.push_back(number_of(words[0]));
    }
    matrix_.values.resize(entries_);
    auto value = given.begin();
    for (std::size_t j = 0; j < matrix_.columns; ++j) {
      for (std::size_t i = header_.symmetric ? j : 0; i < n; ++i) put(i, j, *value++);
    }
  }

  void read_coordinates() {
    matrix_.values.resize(matrix_.rows * matrix_.columns);
    std::vector<std::uint8_t> taken(matrix_.values.size(), 0);
    std::vector<std::string> words;
    for (std::size_t done = 0; done < entries_; ++done) {
      if (!next_words(words)) truncated(done, entries_);
      if (words.size() != 3) fail(fmt::format("{} numbers", words.size()), "row column value");
      const std::size_t i = index_of(words[0], 1, matrix_.rows) - 1;
      const std::size_t j = index_of(words[1], 1, matrix_.columns) - 1;
      if (header_.symmetric && j > i) {
        fail(fmt::format("entry ({}, {}) is above the diagonal", i + 1, j + 1),
             "entries on and below the diagonal of a symmetric matrix");
      }
      std::uint8_t& before = taken[i * matrix_.columns + j];
      if (before != 0) fail(fmt::format("entry ({}, {}) is repeated", i + 1, j + 1), "once");
      before = 1;
      put(i, j, number_of(words[2]));
    }
  }

  [[noreturn]] void truncated(std::size_t done, std::size_t all) const {
    fail(fmt::format("ends after {} of {} entries", done, all), "all entries");
  }

  void put(std::size_t i, std::size_t j, double value) {
    matrix_.values[i * matrix_.columns + j] = value;
    if (header_.symmetric) matrix_.values[j * matrix_.columns + i] = value;
  }

  double number_of(const std::string& word) const {
    char* end = nullptr;
    const double value = std::strtod(word.c_str(), &end);
    const bool decimal = word.find_first_of("xXpP") == std::string::npos;
    if (end != word.c_str() + word.size() || !decimal || !std::isfinite(value)) {
      fail(fmt::format("\"{}\" is not a finite number", word), "a decimal number");
    }
    if (header_.integer && value != std::floor(value)) {
      fail(fmt::format("\"{}\" is not a whole number", word),
           "whole numbers, as the header states");
    }
    return value;
  }

  std::size_t index_of(const std::string& word, std::size_t least, std::size_t most) const {
    std::size_t value = 0;
    bool good = !word.empty() && word.size() < 10;
    for (const char c : word) {
      good = good && c >= '0' && c <= '9';
      if (good) value = 10 * value + static_cast<std::size_t>(c - '0');
    }
    if (!good || value < least || value > most) {
      fail(fmt::format("\"{}\" is out of range", word), fmt::format("{} to {}", least, most));
    }
    return value;
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t from_ = 0;
  std::size_t line_ = 0;
  Header header_;
  std::size_t entries_ = 0;
  MarketMatrix matrix_;
};

}  // namespace

MarketMatrix read_matrix_market(std::span<const std::uint8_t> bytes, const std::string& name) {
  return Reader(bytes, name).read();
}

}  // namespace imcsim::tasks
