#include "tasks/counting_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "numeric/statistics.hpp"
#include "tasks/normal_tail.hpp"

namespace imcsim::tasks {
namespace {

constexpr double pulse_s = 1e-6;  // interval between pulses
constexpr std::size_t sampled = 4096;
constexpr std::uint32_t most_pcm_modulus = 1024;

/// P(at least `from` of n) for independent events with probability p.
double binomial_tail(std::size_t n, std::size_t from, double p) {
  if (from == 0) return 1.0;
  if (p <= 0.0) return 0.0;
  if (p >= 1.0) return 1.0;
  const double odds = exact_log(p) - exact_log(1.0 - p);
  double logarithm = static_cast<double>(n) * exact_log(1.0 - p);
  double sum = 0.0;
  for (std::size_t k = 0; k <= n; ++k) {
    if (k >= from) sum += exact_exp(logarithm);
    if (k < n)
      logarithm += odds + exact_log(static_cast<double>(n - k) / static_cast<double>(k + 1));
  }
  return std::min(1.0, sum);
}

double tail_of(double distance, double deviation) {
  if (deviation <= 0.0) return distance > 0.0 ? 0.0 : 1.0;
  return normal_tail(distance / deviation);
}

// ---- multistate --------------------------------------------------------------------------------

class MultistateCells final : public CountingCells {
 public:
  MultistateCells(const CountingConfig& config, std::span<const std::uint32_t> moduli,
                  std::uint32_t first_entity, std::uint64_t seed)
      : noise_(config.step_noise),
        devices_(config.devices()),
        first_(first_entity),
        draws_(seed, Purpose::programming),
        moduli_(moduli.begin(), moduli.end()),
        state_(moduli.size() * devices_, 0.0),
        pulses_(state_.size(), 0) {
    const Stream spread(seed, Purpose::device_spread);
    for (std::uint32_t i = 0; i < state_.size(); ++i) {
      const double own = static_cast<double>(spread.of(first_ + i).normal(events::traits(0)));
      step_.push_back(1.0 + config.step_spread * own);
    }
  }

 private:
  void apply_reset(std::size_t cell) override {
    std::fill_n(state_.begin() + static_cast<std::ptrdiff_t>(cell * devices_), devices_, 0.0);
  }

  bool apply_pulse(std::size_t cell) override {
    const double enough = static_cast<double>(moduli_[cell]) - 0.5;
    std::size_t set = 0;
    for (std::size_t i = cell * devices_; i < (cell + 1) * devices_; ++i) {
      double step = step_[i];
      if (noise_ > 0.0) {
        const auto entity = first_ + static_cast<std::uint32_t>(i);
        step *= 1.0 + noise_ * static_cast<double>(
                                   draws_.of(entity).normal(events::pulses(pulses_[i]++)));
      }
      state_[i] += step;
      set += state_[i] >= enough ? 1 : 0;
    }
    return 2 * set > devices_;
  }

  double noise_;
  std::size_t devices_;
  std::uint32_t first_;
  Stream draws_;
  std::vector<std::uint32_t> moduli_;
  std::vector<double> state_, step_;
  std::vector<std::uint64_t> pulses_;
};

class MultistateModel final : public CountingModel {
 public:
  MultistateModel(const CountingConfig& config, std::uint64_t seed)
      : config_(config), seed_(seed) {}

  std::unique_ptr<CountingCells> make(std::span<const std::uint32_t> moduli,
                                      std::uint32_t first_entity) const override {
    return std::make_unique<MultistateCells>(config_, moduli, first_entity, seed_);
  }

  double miscount(std::uint32_t modulus) const override {
    const std::size_t devices = config_.devices();
    const double early = tail_of(0.5, deviation(modulus - 1.0));
    const double late = tail_of(0.5, deviation(modulus));
    return std::min(1.0, binomial_tail(devices, devices / 2 + 1, early) +
                             binomial_tail(devices, (devices + 1) / 2, late));
  }

 private:
  double deviation(double n) const {
    const double noise = config_.step_noise;
    const double spread = config_.step_spread;
    return std::sqrt(n * noise * noise + n * n * spread * spread);
  }

  CountingConfig config_;
  std::uint64_t seed_;
};

// ---- pcm ---------------------------------------------------------------------------------------

class PcmModel;

class PcmCells final : public CountingCells {
 public:
  PcmCells(const PcmModel& model, std::span<const std::uint32_t> moduli,
           std::uint32_t first_entity);

 private:
  void apply_reset(std::size_t cell) override;
  bool apply_pulse(std::size_t cell) override;
  device::Places places_of(std::size_t cell) const;

  const PcmModel& shared_;
  std::vector<std::uint32_t> moduli_;
  device::DeviceArray array_;
  std::vector<std::uint32_t> places_;  ///< 0, 1, 2, …
  std::vector<double> shown_;
  std::vector<std::uint64_t> reads_;  ///< number of reads of each cell; selects the noise
  double now_s_ = 0.0;
};

class PcmModel final : public CountingModel {
 public:
  PcmModel(const CountingConfig& config, std::uint32_t largest, std::uint64_t seed)
      : devices(config.devices()),
        device(device::make_model(config.device, device::default_pulse_us)),
        spread(seed, Purpose::device_spread),
        pulses(seed, Purpose::programming),
        noise(seed, Purpose::task_read) {
    sample(largest);
  }

  std::unique_ptr<CountingCells> make(std::span<const std::uint32_t> moduli,
                                      std::uint32_t first_entity) const override {
    return std::make_unique<PcmCells>(*this, moduli, first_entity);
  }

  double miscount(std::uint32_t modulus) const override {
    const double t = threshold_us(modulus);
    const double root = std::sqrt(static_cast<double>(devices));
    const MeanAndDeviation& before = after_[modulus - 1];
    const MeanAndDeviation& after = after_[modulus];
    return std::min(1.0, tail_of(t - before.mean, before.deviation / root) +
                             tail_of(after.mean - t, after.deviation / root));
  }

  double threshold_us(std::uint32_t modulus) const {
    const MeanAndDeviation& before = after_[modulus - 1];
    const MeanAndDeviation& after = after_[modulus];
    const double sum = before.deviation + after.deviation;
    if (sum <= 0.0) return 0.5 * (before.mean + after.mean);
    return (before.mean * after.deviation + after.mean * before.deviation) / sum;
  }

  /// Reads `count` devices from `first` on: one by one, for statistics or for their mean.
  void read(const device::DeviceArray& array, std::size_t first, double t_s, std::uint64_t event,
            std::vector<double>& shown) const {
    std::vector<float> us(shown.size());
    std::vector<float> deviation(shown.size());
    device->conductance_us(array, first, t_s, us);
    const bool noisy = device->read_noise_us(array, first, t_s, us, deviation);
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const Stream cell = noise.of(array.entity(first + i));
      const float own = noisy ? deviation[i] * cell.normal(events::cell_reads(event)) : 0.0F;
      shown[i] = static_cast<double>(us[i] + own);
    }
  }

  std::size_t devices;
  std::unique_ptr<const device::DeviceModel> device;
  Stream spread, pulses, noise;

 private:
  /// Samples the conductance of single devices after 0, 1, … pulses.
  void sample(std::uint32_t largest) {
    device::DeviceArray array(sampled, entities::sampled_cells.block(0, sampled));
    device->prepare(array, spread);
    std::vector<std::uint32_t> places(sampled);
    for (std::uint32_t i = 0; i < sampled; ++i) places[i] = i;
    device->reset(array, places, 0.0, pulses);
    std::vector<double> shown(sampled);
    for (std::uint32_t n = 0; n <= largest; ++n) {
      const double now_s = n * pulse_s;
      if (n > 0) device->set(array, places, now_s, pulses);
      read(array, 0, now_s, n, shown);
      after_.push_back(mean_and_deviation(shown));
    }
  }

  std::vector<MeanAndDeviation> after_;
};

PcmCells::PcmCells(const PcmModel& model, std::span<const std::uint32_t> moduli,
                   std::uint32_t first_entity)
    : shared_(model),
      moduli_(moduli.begin(), moduli.end()),
      array_(moduli.size() * model.devices, first_entity),
      places_(array_.size()),
      shown_(model.devices),
      reads_(moduli.size(), 0) {
  std::iota(places_.begin(), places_.end(), 0U);
  shared_.device->prepare(array_, shared_.spread);
  for (std::size_t cell = 0; cell < moduli_.size(); ++cell) apply_reset(cell);
}

device::Places PcmCells::places_of(std::size_t cell) const {
  return {places_.data() + cell * shared_.devices, shared_.devices};
}

void PcmCells::apply_reset(std::size_t cell) {
  shared_.device->reset(array_, places_of(cell), now_s_, shared_.pulses);
}

bool PcmCells::apply_pulse(std::size_t cell) {
  now_s_ += pulse_s;
  shared_.device->set(array_, places_of(cell), now_s_, shared_.pulses);
  shared_.read(array_, cell * shared_.devices, now_s_, reads_[cell]++, shown_);
  double sum = 0.0;
  for (const double us : shown_) sum += us;
  return sum >= shared_.threshold_us(moduli_[cell]) * static_cast<double>(shared_.devices);
}

}  // namespace

std::span<const std::string_view> names_of(CountingRegime) {
  static constexpr std::array<std::string_view, 2> names = {"multistate", "pcm"};
  return names;
}

std::size_t CountingConfig::devices() const {
  if (redundancy > 0) return static_cast<std::size_t>(redundancy);
  return regime == CountingRegime::pcm ? 256 : 1;
}

void describe(CountingConfig& c, FieldList& f) {
  static constexpr std::string_view patent = "US 6,671,710; doi:10.1002/adma.201101060";
  f.group("Cells");
  f.field("regime", c.regime, Unit::none, {},
          "Cell model: cells that conduct only in the last state, or pulses of the device model",
          patent);
  f.field("redundancy", c.redundancy, Unit::none, {0.0, 4096.0},
          "Number of devices per cell, read together (0: 1, or 256 for regime = pcm)");
  f.field("pulse-noise", c.step_noise, Unit::fraction, {0.0, 0.5},
          "Cycle-to-cycle standard deviation of a multistate step, relative", "assumed");
  f.field("pulse-spread", c.step_spread, Unit::fraction, {0.0, 0.5},
          "Device-to-device standard deviation of multistate steps, relative", "assumed");
  f.mark_common({"regime", "redundancy"});
}

OperationCounts CountingWork::counts(std::size_t devices) const {
  OperationCounts counts;
  counts.set_pulses = pulses * devices;
  counts.reset_pulses = resets * devices;
  counts.cells_read = reads * devices;
  counts.adc_conversions = reads;  // comparisons with a single reference
  return counts;
}

std::unique_ptr<const CountingModel> make_counting_model(const CountingConfig& config,
                                                         std::uint32_t largest_modulus,
                                                         std::uint64_t seed) {
  if (config.regime == CountingRegime::multistate) {
    return std::make_unique<MultistateModel>(config, seed);
  }
  if (largest_modulus > most_pcm_modulus) {
    throw InputError(at_field("regime"), fmt::format("no device can count to {}", largest_modulus),
                     fmt::format("at most {} for regime = pcm", most_pcm_modulus));
  }
  return std::make_unique<PcmModel>(config, largest_modulus, seed);
}

}  // namespace imcsim::tasks
