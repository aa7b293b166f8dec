// task recover: compressed sensing. The array that holds the measurement matrix compresses a signal
// and reconstructs it by approximate message passing.
// Source: Le Gallo et al. 2018, doi:10.1109/TED.2018.2865352.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"
#include "tasks/image.hpp"
#include "tasks/sparse_basis.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {

/// Entries of the measurement matrix: ±1/√M, or normal with standard deviation 1/√M. Automatic:
/// ±1/√M, which uses the devices' whole range, for images; normal for synthetic signals.
enum class Measurement { automatic, sign, gaussian };
std::span<const std::string_view> names_of(Measurement) {
  static constexpr std::array<std::string_view, 3> names = {"auto", "sign", "gaussian"};
  return names;
}

/// Whether measurements are computed by the array or exactly.
enum class MeasuredBy { crossbar, exact };
std::span<const std::string_view> names_of(MeasuredBy) {
  static constexpr std::array<std::string_view, 2> names = {"crossbar", "exact"};
  return names;
}

namespace {

struct RecoverConfig {
  Numbers synthetic{512, 256, 25};
  double rate = 0.5;
  std::int64_t block = 32;
  Basis basis = Basis::haar;
  Measurement matrix = Measurement::automatic;
  MeasuredBy measured_by = MeasuredBy::crossbar;
  std::int64_t iterations = 30;
  double threshold = 0.0;
  crossbar::CrossbarConfig arrays = task_arrays();
};

void describe(RecoverConfig& c, FieldList& f) {
  static constexpr std::string_view paper = "doi:10.1109/TED.2018.2865352";
  f.group("Signal");
  f.field("synthetic", c.synthetic, Unit::none, {},
          "Synthetic signal N,M,k: length, measurements, nonzero entries", paper);
  f.field("rate", c.rate, Unit::fraction, {0.02, 1.0}, "Measurements per pixel of an image", paper);
  f.field("block", c.block, Unit::none, {4, 64},
          "Block size of an image, in pixels, a power of two");
  f.field("basis", c.basis, Unit::none, {}, "Basis in which blocks are sparse");
  f.group("Recovery");
  f.field("matrix", c.matrix, Unit::none, {},
          "Entries of the measurement matrix (auto: sign for images, gaussian for signals)");
  f.field("measured-by", c.measured_by, Unit::none, {},
          "Measurements by the array, or in exact arithmetic", paper);
  f.field("iterations", c.iterations, Unit::none, {1, 1000},
          "Iterations of approximate message passing", paper);
  f.field("threshold", c.threshold, Unit::none, {0.0, 10.0},
          "Soft threshold, in standard deviations of the residual (0: auto, 1.1 for images, 1.4 "
          "for signals)");
  f.mark_common({"synthetic", "rate", "basis", "iterations"});
  describe_arrays(c.arrays, f);
}

double square_of(std::span<const double> x) {
  double sum = 0.0;
  for (const double value : x) sum += value * value;
  return sum;
}

double distance2(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

/// Products with A in memory or in double, [measurements × signal].
struct MeasurementProducts {
  std::function<void(std::span<const double>, std::span<double>)> forward, backward;
};

class DenseMatrix {
 public:
  DenseMatrix(std::size_t rows, std::size_t columns, Measurement kind, std::uint64_t seed)
      : rows_(rows), columns_(columns), entries_(rows * columns) {
    const Stream stream(seed, Purpose::task_data, entities::recover_matrix);
    const double unit = 1.0 / std::sqrt(static_cast<double>(rows));
    for (std::size_t i = 0; i < rows * columns; ++i) {
      entries_[i] = kind == Measurement::gaussian
                        ? unit * static_cast<double>(stream.normal(events::places(i)))
                    : (stream.word(events::places(i)) & 1U) != 0 ? unit
                                                                 : -unit;
    }
  }
  double at(std::size_t i, std::size_t j) const { return entries_[i * columns_ + j]; }

  void multiply(std::span<const double> x, std::span<double> y) const {
    for (std::size_t i = 0; i < rows_; ++i) {
      double sum = 0.0;
      for (std::size_t j = 0; j < columns_; ++j) sum += entries_[i * columns_ + j] * x[j];
      y[i] = sum;
    }
  }
  void multiply_transposed(std::span<const double> x, std::span<double> y) const {
    std::fill(y.begin(), y.end(), 0.0);
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t j = 0; j < columns_; ++j) y[j] += entries_[i * columns_ + j] * x[i];
    }
  }

 private:
  std::size_t rows_, columns_;
  std::vector<double> entries_;
};

struct Passing {
  std::size_t iterations;
  double threshold;
};

/// Approximate message passing:
///
///     r = x + Aᵀz,  τ = α·‖z‖/√M,  x = sign(r)·max(|r| − τ, 0),  z = y − A·x + z·‖x‖₀/M
///
/// Adds ‖x − truth‖² after each iteration to `errors`. Source: doi:10.1073/pnas.0909892106.
std::vector<double> pass_messages(const MeasurementProducts& a, std::span<const double> y,
                                  std::span<const double> truth, const Passing& passing,
                                  std::vector<double>& errors) {
  const std::size_t n = truth.size();
  const std::size_t m = y.size();
  std::vector<double> x(n, 0.0);
  std::vector<double> z(y.begin(), y.end());
  std::vector<double> r(n);
  std::vector<double> ax(m);
  for (std::size_t it = 0; it < passing.iterations; ++it) {
    a.backward(z, r);
    const double tau = passing.threshold * std::sqrt(square_of(z) / static_cast<double>(m));
    std::size_t support = 0;
    for (std::size_t j = 0; j < n; ++j) {
      const double value = x[j] + r[j];
      const double size = std::max(std::fabs(value) - tau, 0.0);
      x[j] = value < 0.0 ? -size : size;
      support += size > 0.0 ? 1 : 0;
    }
    a.forward(x, ax);
    const double memory = static_cast<double>(support) / static_cast<double>(m);
    for (std::size_t i = 0; i < m; ++i) z[i] = y[i] - ax[i] + memory * z[i];
    errors[it] += distance2(x, truth);
  }
  return x;
}

class Recover final : public Task {
 public:
  void describe(FieldList& f) override { f.add(fields_of(config_)); }
  crossbar::CrossbarConfig* crossbar() override { return &config_.arrays; }
  std::vector<InputSpec> inputs() const override {
    return {{"image", "IMAGE", "PGM or PNG image; replaces option synthetic"}};
  }
  std::string_view output() const override { return "the recovered image as .pgm or .png"; }
  Answer run(const Request& request) override;

 private:
  void load(const Input& input);
  void make_signal(std::uint64_t seed);
  Image image_of(const std::vector<std::vector<double>>& blocks) const;
  void report_image(const Request& request, Answer& answer) const;
  void report(Answer& answer) const;

  RecoverConfig config_;
  Image image_;
  std::vector<std::vector<double>> blocks_, found_, exact_found_;  ///< coefficients in the basis
  std::vector<double> means_;
  std::size_t signal_ = 0, measurements_ = 0;
  std::vector<double> errors_, exact_errors_;
};

void Recover::load(const Input& input) {
  const auto side = static_cast<std::size_t>(config_.block);
  if ((side & (side - 1)) != 0) {
    throw InputError(at_field("block"), fmt::format("{} is not a power of two", side),
                     "4, 8, 16, 32 or 64");
  }
  image_ = read_image(input.bytes, input.name);
  if (image_.pixels.size() > 1U << 22U)
    throw InputError(input.name, "is too large", "at most 4 Mpixel");
  signal_ = side * side;
  const double wanted = config_.rate * static_cast<double>(signal_);
  measurements_ = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(wanted)));
  const BlockTransform transform(config_.basis, side);
  for (std::size_t top = 0; top < image_.height; top += side) {
    for (std::size_t left = 0; left < image_.width; left += side) {
      std::vector<double> block(signal_);
      double mean = 0.0;
      for (std::size_t k = 0; k < signal_; ++k) {
        const std::size_t y = std::min(top + k / side, image_.height - 1);
        const std::size_t x = std::min(left + k % side, image_.width - 1);
        block[k] = static_cast<double>(image_.pixels[y * image_.width + x]);
        mean += block[k] / static_cast<double>(signal_);
      }
      for (double& value : block) value -= mean;
      transform.to_basis(block);
      blocks_.push_back(std::move(block));
      means_.push_back(mean);
    }
  }
}

void Recover::make_signal(std::uint64_t seed) {
  const Numbers& s = config_.synthetic;
  const auto whole = [](double x) { return x == std::floor(x) && x >= 1.0 && x <= 16384.0; };
  if (s.size() != 3 || !whole(s[0]) || !whole(s[1]) || !whole(s[2]) || s[1] > s[0] || s[2] > s[1]) {
    throw InputError(at_field("synthetic"), "does not describe a signal",
                     "N,M,k with 1 ≤ k ≤ M ≤ N ≤ 16384");
  }
  signal_ = static_cast<std::size_t>(s[0]);
  measurements_ = static_cast<std::size_t>(s[1]);
  const Stream stream(seed, Purpose::task_data, entities::recover_signal);
  std::vector<std::size_t> places(signal_);
  for (std::size_t i = 0; i < signal_; ++i) places[i] = i;
  std::vector<double> signal(signal_, 0.0);
  for (std::size_t i = 0; i < static_cast<std::size_t>(s[2]); ++i) {
    std::swap(places[i], places[i + stream.word(events::sparse_entries(i, 0)) % (signal_ - i)]);
    signal[places[i]] = static_cast<double>(stream.normal(events::sparse_entries(i, 1)));
  }
  blocks_.push_back(std::move(signal));
}

Image Recover::image_of(const std::vector<std::vector<double>>& blocks) const {
  const auto side = static_cast<std::size_t>(config_.block);
  const BlockTransform transform(config_.basis, side);
  Image image{image_.width, image_.height, std::vector<std::uint8_t>(image_.pixels.size())};
  const std::size_t across = (image_.width + side - 1) / side;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    std::vector<double> block = blocks[b];
    transform.from_basis(block);
    for (std::size_t k = 0; k < signal_; ++k) {
      const std::size_t y = b / across * side + k / side;
      const std::size_t x = b % across * side + k % side;
      if (y >= image.height || x >= image.width) continue;
      const double value = std::clamp(block[k] + means_[b] + 0.5, 0.0, 255.0);
      image.pixels[y * image.width + x] = static_cast<std::uint8_t>(value);
    }
  }
  return image;
}

void Recover::report_image(const Request& request, Answer& answer) const {
  const Image found = image_of(found_);
  const Image exact = image_of(exact_found_);
  const auto report_one = [&](Section& section, const Image& image) {
    double error = 0.0;
    double power = 0.0;
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      const double own = static_cast<double>(image_.pixels[i]);
      const double off = own - static_cast<double>(image.pixels[i]);
      error += off * off;
      power += own * own;
    }
    const double mean = std::max(error, 1e-9) / static_cast<double>(image.pixels.size());
    const auto decibel = 4.3429448F * numeric::log(static_cast<float>(255.0 * 255.0 / mean));
    section.push_back({"image_nmse", power > 0.0 ? error / power : error});
    section.push_back({"psnr_db", static_cast<double>(decibel)});
  };
  report_one(answer.results, found);
  report_one(answer.exact, exact);
  answer.arrays.push_back({"image", found.pixels, found.height, found.width});
  answer.arrays.push_back({"exact_image", exact.pixels, exact.height, exact.width, false});
  answer.files = {{"recovered.pgm", pgm_of(found)}, {"exact.pgm", pgm_of(exact)}};
  answer.output_bytes = request.output_name.ends_with(".png") ? png_of(found) : pgm_of(found);
  answer.pictures.emplace_back(GrayImage{"original", found.width, found.height, image_.pixels});
  answer.pictures.emplace_back(GrayImage{"recovered", found.width, found.height, found.pixels});
}

void Recover::report(Answer& answer) const {
  double power = 0.0;
  for (const auto& block : blocks_) power += square_of(block);
  power = std::max(power, 1e-300);
  Table table{{"iteration", "nmse", "exact_nmse"}, {}};
  Curve curve{"error of recovery (normalized mean square)", "iteration", {}, {}, false, true};
  for (std::size_t it = 0; it < errors_.size(); ++it) {
    table.rows.push_back({integer(it + 1), errors_[it] / power, exact_errors_[it] / power});
    curve.x.push_back(static_cast<double>(it + 1));
    curve.y.push_back(std::max(errors_[it] / power, 1e-30));
  }
  answer.results = {{"signal", integer(signal_)},
                    {"measurements", integer(measurements_)},
                    {"blocks", integer(blocks_.size())},
                    {"nmse", errors_.back() / power},
                    {"iterations", table}};
  answer.table = "iterations";
  answer.exact = {{"nmse", exact_errors_.back() / power}};
  double apart = 0.0;
  double exact_power = 0.0;
  std::vector<double> found;
  for (std::size_t b = 0; b < found_.size(); ++b) {
    apart += distance2(found_[b], exact_found_[b]);
    exact_power += square_of(exact_found_[b]);
    found.insert(found.end(), found_[b].begin(), found_[b].end());
  }
  answer.error = std::sqrt(apart / std::max(exact_power, 1e-300));
  answer.arrays.push_back({"coefficients", found, found_.size(), signal_});
  answer.pictures.emplace_back(curve);
}

Answer Recover::run(const Request& request) {
  const Input* input = request.find("image");
  if (input != nullptr) {
    load(*input);
  } else {
    if (!request.output_name.empty())
      throw InputError(at_field("out-file"), "no image is recovered", "");
    make_signal(request.seed);
  }
  if (config_.matrix == Measurement::automatic) {
    config_.matrix = input != nullptr ? Measurement::sign : Measurement::gaussian;
  }
  const DenseMatrix dense(measurements_, signal_, config_.matrix, request.seed);
  DeviceMatrix devices(
      config_.arrays,
      {measurements_, signal_, [&](std::size_t i, std::size_t j) { return dense.at(i, j); }}, {},
      request.seed, request.execution, true);
  const MeasurementProducts in_memory{
      [&](std::span<const double> x, std::span<double> y) { devices.multiply(x, y); },
      [&](std::span<const double> x, std::span<double> y) { devices.multiply_transposed(x, y); }};
  const MeasurementProducts exactly{
      [&](std::span<const double> x, std::span<double> y) { dense.multiply(x, y); },
      [&](std::span<const double> x, std::span<double> y) { dense.multiply_transposed(x, y); }};
  const auto iterations = static_cast<std::size_t>(config_.iterations);
  const double usual = input != nullptr ? 1.1 : 1.4;
  const Passing passing{iterations, config_.threshold > 0.0 ? config_.threshold : usual};
  errors_.assign(iterations, 0.0);
  exact_errors_.assign(iterations, 0.0);
  const OperationCounts programming = devices.counts();
  Answer answer;
  std::vector<double> y(measurements_);
  std::vector<double> exact_y(measurements_);
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    dense.multiply(blocks_[b], exact_y);
    if (config_.measured_by == MeasuredBy::crossbar) {
      devices.multiply(blocks_[b], y);
    } else {
      y = exact_y;
    }
    found_.push_back(pass_messages(in_memory, y, blocks_[b], passing, errors_));
    exact_found_.push_back(pass_messages(exactly, exact_y, blocks_[b], passing, exact_errors_));
    if (!request.observer.should_continue({b + 1, blocks_.size()})) return answer;
  }
  report(answer);
  if (input != nullptr) report_image(request, answer);
  answer.counts = devices.counts();
  answer.counts.digital_mac += blocks_.size() * iterations * (2 * measurements_ + signal_);
  answer.sample_counts = answer.counts - programming;
  answer.samples = blocks_.size();
  answer.sample = "block";
  const std::uint64_t entries = measurements_ * signal_;
  answer.von_neumann = {blocks_.size() * 2 * iterations * 4 * entries,
                        blocks_.size() * 2 * iterations * 2 * entries};
  return answer;
}

}  // namespace

std::span<const TaskEntry> recover_entries() {
  static constexpr TaskEntry entries[] = {
      {"task", "recover", "Recover an image or a sparse signal (compressed sensing)",
       "The array stores a random matrix: one product compresses a block of an image; products "
       "with\n"
       "the matrix and its transpose recover the block (approximate message passing).",
       "  imcsim task recover --synthetic 512,256,25\n"
       "  imcsim task recover data/examples/ascent.pgm -o recovered.png\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<Recover>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
