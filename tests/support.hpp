// Shared by tests and benchmarks: synthetic data, statistics with their standard errors.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dataset/dataset.hpp"
#include "numeric/isa.hpp"
#include "numeric/random.hpp"
#include "numeric/tensor.hpp"

namespace imcsim::testing {

/// Instruction sets supported by this machine and this build.
std::vector<Isa> supported_isas();

/// An IDX pair, as bytes: 28 x 28 pixels, two bright spots whose positions depend on the class,
/// with random shift and noise; about 19 % of the pixels are not zero, as in MNIST. `set`: 0
/// training, 1 test.
struct IdxPair {
  dataset::NamedBytes images;
  dataset::NamedBytes labels;
};
IdxPair synthetic_idx(std::size_t count, std::uint32_t set, std::size_t classes = 10);

/// Training and test images of synthetic_idx.
dataset::Dataset synthetic_digits(std::size_t training, std::size_t test);

/// Random numbers of the tests: uniform in [−scale, scale), the same on every machine.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : stream_(seed, Purpose::initial_weights, 77) {}
  float operator()(float scale = 1.0F) { return scale * (2.0F * stream_.uniform(next_++) - 1.0F); }
  std::uint32_t below(std::uint32_t n) { return stream_.word(next_++) % n; }

 private:
  Stream stream_;
  std::uint64_t next_ = 0;
};

/// [rows × padded(columns)], uniform in ±scale; the padding is zero.
Matrix<float> random_matrix(std::size_t rows, std::size_t columns, float scale, std::uint64_t seed);

/// Running sums of a sample, in double precision.
class Sample {
 public:
  void add(double x) {
    ++n_;
    sum_ += x;
    squares_ += x * x;
  }
  double n() const { return static_cast<double>(n_); }
  double mean() const { return sum_ / n(); }
  double variance() const { return (squares_ - sum_ * sum_ / n()) / (n() - 1.0); }
  double deviation() const { return std::sqrt(variance()); }

 private:
  std::size_t n_ = 0;
  double sum_ = 0.0;
  double squares_ = 0.0;
};

/// Standard error of the mean of n draws with standard deviation σ.
inline double mean_error(double sigma, double n) { return sigma / std::sqrt(n); }

/// Standard error of the variance of n draws with standard deviation σ and kurtosis κ (normal: 3).
inline double variance_error(double sigma, double n, double kurtosis = 3.0) {
  return sigma * sigma * std::sqrt((kurtosis - 1.0) / n);
}

/// Standard error of the standard deviation of n draws.
inline double deviation_error(double sigma, double n, double kurtosis = 3.0) {
  return 0.5 * sigma * std::sqrt((kurtosis - 1.0) / n);
}

/// True if `text` contains `part`.
inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace imcsim::testing
