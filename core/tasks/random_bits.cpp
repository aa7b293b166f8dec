// arith random: random bits from the variability of SET pulses. Source: Le Gallo et al., ESSDERC
// 2016, "Inherent stochasticity" (each RESET creates another atomic configuration).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "numeric/statistics.hpp"
#include "tasks/bit_tests.hpp"
#include "tasks/separation.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

constexpr double cycle_s = 3e-6;  // RESET, SET, read
constexpr std::size_t cells_per_block = 64;

enum class Extractor { none, von_neumann };
std::span<const std::string_view> names_of(Extractor) {
  static constexpr std::array<std::string_view, 2> names = {"none", "von-neumann"};
  return names;
}

struct RandomConfig {
  std::int64_t bits = 100000;
  std::int64_t cells = 1024;
  Extractor extractor = Extractor::von_neumann;
  std::int64_t calibration_reads = 65536;
  device::DeviceConfig device;
};

void describe_random(RandomConfig& c, FieldList& f) {
  f.group("Bits");
  f.field("bits", c.bits, Unit::bits, {8.0, 1e7}, "Number of random bits");
  f.field("cells", c.cells, Unit::none, {1.0, 65536.0}, "Number of cells, used in turn");
  f.field("extractor", c.extractor, Unit::none, {},
          "Bit extraction: none, or von Neumann on pairs of bits of a cell", "von Neumann 1951");
  f.field("calibration-reads", c.calibration_reads, Unit::none, {1.0, 1e7},
          "Number of cells whose median conductance sets the threshold");
  f.mark_common({"bits", "cells", "extractor"});
  device::describe(c.device, f);
}

/// Cells that are repeatedly RESET, SET by one pulse and read.
class CycledCells {
 public:
  CycledCells(const device::DeviceModel& model, std::size_t count, std::uint32_t first_entity,
              std::uint64_t seed)
      : model_(model),
        array_(count, first_entity),
        pulses_(seed, Purpose::programming),
        noise_(seed, Purpose::task_read),
        places_(count),
        us_(count),
        deviation_(count) {
    for (std::uint32_t i = 0; i < count; ++i) places_[i] = i;
    model_.prepare(array_, Stream(seed, Purpose::device_spread));
  }

  /// Conductance of each cell as read after one cycle.
  std::span<const float> cycle() {
    const double now_s = static_cast<double>(cycles_) * cycle_s;
    model_.reset(array_, places_, now_s, pulses_);
    model_.set(array_, places_, now_s, pulses_);
    model_.conductance_us(array_, 0, now_s, us_);
    if (model_.read_noise_us(array_, 0, now_s, us_, deviation_)) {
      for (std::size_t i = 0; i < us_.size(); ++i) {
        const Stream own = noise_.of(array_.entity(i));
        us_[i] += deviation_[i] * own.normal(events::cell_reads(cycles_));
      }
    }
    ++cycles_;
    return us_;
  }

 private:
  const device::DeviceModel& model_;
  device::DeviceArray array_;
  Stream pulses_, noise_;
  std::vector<std::uint32_t> places_;
  std::vector<float> us_, deviation_;
  std::uint64_t cycles_ = 0;
};

class RandomBits final : public Task {
 public:
  void describe(FieldList& f) override { describe_random(config_, f); }
  device::DeviceConfig* device() override { return &config_.device; }
  std::string_view default_device() const override { return "pcm"; }
  std::string_view output() const override { return "the bits, eight per byte, lowest first"; }
  Answer run(const Request& request) override;

 private:
  void calibrate(const device::DeviceModel& model, std::uint64_t seed);
  bool generate(const device::DeviceModel& model, const Request& request);
  void extract(std::size_t first_cycle, std::size_t cycles);
  void report(Answer& answer) const;
  Section bias_of_cells() const;

  RandomConfig config_;
  std::vector<double> sampled_us_;
  float threshold_us_ = 0.0F;
  std::vector<std::uint8_t> raw_;   ///< [cycle × cell]
  std::vector<std::uint8_t> bits_;  ///< at least the requested number of bits
};

/// Sets the threshold to the median conductance of fresh cells after one pulse.
void RandomBits::calibrate(const device::DeviceModel& model, std::uint64_t seed) {
  const auto reads = static_cast<std::size_t>(config_.calibration_reads);
  CycledCells cells(model, reads, entities::threshold_cells.block(0, reads), seed);
  std::span<const float> shown = cells.cycle();
  sampled_us_.assign(shown.begin(), shown.end());
  std::vector<float> sorted(shown.begin(), shown.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  threshold_us_ = *middle;
}

/// Von Neumann extractor on two successive bits of a cell: 0, 1 gives 0; 1, 0 gives 1; equal bits
/// give nothing. Both outputs are equally likely for any bias of the cell.
void RandomBits::extract(std::size_t first_cycle, std::size_t cycles) {
  const auto cells = static_cast<std::size_t>(config_.cells);
  if (config_.extractor == Extractor::none) {
    const auto first = raw_.begin() + static_cast<std::ptrdiff_t>(first_cycle * cells);
    bits_.insert(bits_.end(), first, first + static_cast<std::ptrdiff_t>(cycles * cells));
    return;
  }
  for (std::size_t cycle = first_cycle; cycle + 1 < first_cycle + cycles; cycle += 2) {
    for (std::size_t i = 0; i < cells; ++i) {
      const std::uint8_t one = raw_[cycle * cells + i];
      if (one != raw_[(cycle + 1) * cells + i]) bits_.push_back(one);
    }
  }
}

bool RandomBits::generate(const device::DeviceModel& model, const Request& request) {
  const auto cells = static_cast<std::size_t>(config_.cells);
  const auto wanted = static_cast<std::size_t>(config_.bits);
  const std::size_t block_count = (cells + cells_per_block - 1) / cells_per_block;
  std::vector<std::unique_ptr<CycledCells>> blocks;
  for (std::size_t b = 0; b < block_count; ++b) {
    const std::size_t first = b * cells_per_block;
    const std::size_t count = std::min(cells_per_block, cells - first);
    blocks.push_back(std::make_unique<CycledCells>(
        model, count, entities::random_cells.block(first, count), request.seed));
  }
  std::size_t done = 0;
  // Limit, because cells with constant output never give bits.
  const std::size_t most = 64 * (wanted / cells + 2);
  while (bits_.size() < wanted && done < most) {
    const std::size_t missing = (wanted - bits_.size()) / cells + 1;
    const std::size_t cycles =
        std::min<std::size_t>(4096, config_.extractor == Extractor::none ? missing : 2 * missing);
    raw_.resize((done + cycles) * cells);
    parallel_for(request.execution.threads, block_count, [&](std::size_t b) {
      for (std::size_t cycle = done; cycle < done + cycles; ++cycle) {
        const std::span<const float> shown = blocks[b]->cycle();
        std::uint8_t* const out = &raw_[cycle * cells + b * cells_per_block];
        for (std::size_t i = 0; i < shown.size(); ++i) out[i] = shown[i] > threshold_us_ ? 1 : 0;
      }
    });
    extract(done, cycles);
    done += cycles;
    if (!request.observer.should_continue({std::min(bits_.size(), wanted), wanted})) return false;
  }
  return true;
}

/// Standard deviation of the fraction of ones between cells, measured and for fair coins.
Section RandomBits::bias_of_cells() const {
  const auto cells = static_cast<std::size_t>(config_.cells);
  const std::size_t cycles = raw_.size() / cells;
  std::vector<double> shares(cells, 0.0);
  for (std::size_t k = 0; k < raw_.size(); ++k) shares[k % cells] += raw_[k];
  for (double& share : shares) share /= static_cast<double>(cycles);
  const MeanAndDeviation over = mean_and_deviation(shares);
  return {{"ones_mean", over.mean},
          {"ones_std", over.deviation},
          {"ones_std_of_fair_cells", 0.5 / std::sqrt(static_cast<double>(cycles))}};
}

void RandomBits::report(Answer& answer) const {
  const auto n = static_cast<double>(bits_.size());
  const auto tests_of = [](const std::vector<std::uint8_t>& bits) {
    return Section{
        {"monobit", monobit_z(bits)}, {"runs", runs_z(bits)}, {"serial", serial_z(bits, 1)}};
  };
  Section raw = tests_of(raw_);
  raw.push_back({"serial_of_a_cell", serial_z(raw_, static_cast<std::size_t>(config_.cells))});
  const double share = 0.5 + 0.5 * monobit_z(bits_) / std::sqrt(n);
  answer.results = {{"bits", integer(bits_.size())},
                    {"ones", share},
                    {"z", tests_of(bits_)},
                    {"raw_bits", integer(raw_.size())},
                    {"raw_z", raw},
                    {"cells", bias_of_cells()},
                    {"bits_per_cycle", n / static_cast<double>(raw_.size())},
                    {"threshold_us", static_cast<double>(threshold_us_)}};
  answer.exact = {{"ones", 0.5}};
  answer.error = std::fabs(share - 0.5);
  answer.predicted_error = 0.5 / std::sqrt(n);
  answer.pictures.emplace_back(histogram("cells by conductance after a pulse (µS)", sampled_us_));
}

Answer RandomBits::run(const Request& request) {
  const std::unique_ptr<const device::DeviceModel> model =
      device::make_model(config_.device, device::default_pulse_us);
  calibrate(*model, request.seed);
  Answer answer;
  if (!generate(*model, request)) return answer;
  const auto wanted = static_cast<std::size_t>(config_.bits);
  if (bits_.size() < wanted) {
    throw RunError(
        fmt::format("produced {} bits in {} cycles: this device has almost no variability",
                    bits_.size(), raw_.size()));
  }
  bits_.resize(wanted);
  report(answer);
  std::vector<std::uint8_t> bytes((wanted + 7) / 8, 0);
  for (std::size_t i = 0; i < wanted; ++i) {
    bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | bits_[i] << (i % 8));
  }
  if (!request.output_name.empty()) answer.output_bytes.assign(bytes.begin(), bytes.end());
  answer.arrays = {{"bits", bytes, 1, bytes.size()}};
  answer.sample_counts.reset_pulses = raw_.size();
  answer.sample_counts.set_pulses = raw_.size();
  answer.sample_counts.cells_read = raw_.size();
  answer.sample_counts.adc_conversions = raw_.size();  // comparisons
  answer.samples = wanted;
  answer.sample = "bit";
  OperationCounts calibration;
  const auto reads = static_cast<std::uint64_t>(config_.calibration_reads);
  calibration.reset_pulses = reads;
  calibration.set_pulses = reads;
  calibration.cells_read = reads;
  calibration.adc_conversions = reads;
  answer.counts = answer.sample_counts;
  answer.counts += calibration;
  answer.von_neumann = {bytes.size(), (bytes.size() + 7) / 8};
  answer.remarks.emplace_back(
      "raw_z.monobit also depends on the error of the median, which decreases with "
      "calibration-reads.");
  return answer;
}

}  // namespace

std::span<const TaskEntry> random_entries() {
  static constexpr TaskEntry entries[] = {
      {"arith", "random", "Generate random bits from the variability of SET pulses",
       "A cell is RESET, SET by one pulse and read: a conductance above the median is a 1. Two\n"
       "successive bits of a cell that differ yield one bit without bias.",
       "  imcsim arith random --bits 100000 -o bits.bin\n"
       "  imcsim arith random --bits 20000 --extractor none --set-spread 0.2\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<RandomBits>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
