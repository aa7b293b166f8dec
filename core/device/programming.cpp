#include "device/programming.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/counts.hpp"
#include "numeric/events.hpp"

namespace imcsim::device {
namespace {

constexpr std::size_t most_conductances = 20000;
constexpr float smallest_gain = 0.125F;

/// Conductances of a nominal device after 0, 1, 2, … SET pulses, up to the first pulse without an
/// increase.
std::vector<float> nominal_conductances_us(DeviceConfig config, double pulse_us) {
  config.programming_noise = false;
  config.device_spread = false;
  const std::unique_ptr<const DeviceModel> model = make_model(config, pulse_us);
  const Stream unused(0, Purpose::programming);
  DeviceArray array(1, 0);
  model->prepare(array, unused);
  constexpr std::array<std::uint32_t, 1> place = {0};
  model->reset(array, place, 0.0, unused);
  std::vector<float> nominal_us = {array.conductance_us[0]};
  while (nominal_us.size() < most_conductances && nominal_us.back() < model->highest_us()) {
    model->set(array, place, 0.0, unused);
    if (array.conductance_us[0] <= nominal_us.back()) break;
    nominal_us.push_back(array.conductance_us[0]);
  }
  return nominal_us;
}

}  // namespace

/// State of the programming of one device.
struct Programmer::Work {
  const DeviceModel& model;
  const Programmer& programmer;
  DeviceArray& array;
  std::uint32_t place;
  double t_s;
  OperationCounts& counts;
  std::optional<float> stuck_us;
  Programmed done;

  float read_us() {
    const float shown = programmer.verify_read_us(array, place, t_s, counts);
    done.reads += static_cast<std::uint32_t>(programmer.config_.verify_reads);
    return stuck_us.value_or(shown);
  }
  void set() {
    model.set(array, {&place, 1}, t_s, programmer.pulses_);
    counts.set_pulses += 1;
    done.pulses += 1;
  }
  void reset() {
    model.reset(array, {&place, 1}, t_s, programmer.pulses_);
    counts.reset_pulses += 1;
    done.pulses += 1;
  }
  void depress() {
    model.depress(array, {&place, 1}, t_s, programmer.pulses_);
    counts.reset_pulses += 1;
    done.pulses += 1;
  }
  void pulse_to_target(float target_us) {
    model.pulse_to_target(array, place, target_us, t_s, programmer.pulses_);
    counts.reset_pulses += 1;
    done.pulses += 1;
  }
};

std::span<const std::string_view> names_of(ProgrammingMethod) {
  static constexpr std::array<std::string_view, 3> names = {"exact", "single-shot",
                                                            "program-and-verify"};
  return names;
}

void describe(ProgrammingConfig& c, FieldList& f) {
  constexpr std::string_view joshi = "doi:10.1038/s41467-020-16108-9, Methods";
  constexpr std::string_view assumed = "assumed; after doi:10.3389/fnins.2020.00406";
  f.group("Programming");
  f.field(
      "programming", c.method, Unit::none, {},
      "Programming of a target conductance: exact, by a fixed pulse sequence, or with verify reads",
      joshi);
  f.field("verify-margin-us", c.verify_margin_us, Unit::siemens_us, {0.0, 1e4},
          "Tolerance of program-and-verify around the target", assumed);
  f.field("verify-most-pulses", c.verify_most_pulses, Unit::pulses, {0.0, 1e6},
          "Maximum number of programming pulses per device", assumed);
  f.field("verify-reads", c.verify_reads, Unit::none, {1.0, 1e4},
          "Number of reads averaged per verification", joshi);
}

Programmer::Programmer(const DeviceConfig& device, double pulse_us, const ProgrammingConfig& config,
                       std::shared_ptr<const DeviceModel> model, const Stream& pulses,
                       const Stream& reads)
    : config_(config), model_(std::move(model)), pulses_(pulses), reads_(reads) {
  if (!model_->has_target_pulses()) nominal_us_ = nominal_conductances_us(device, pulse_us);
}

Programmed Programmer::program(DeviceArray& array, std::uint32_t place, float target_us, double t_s,
                               OperationCounts& counts, std::optional<float> stuck_us) const {
  Work work{*model_, *this, array, place, t_s, counts, stuck_us, {}};
  if (config_.method == ProgrammingMethod::exact) {
    model_->set_exact(array, place, target_us, t_s, pulses_);
    return work.done;
  }
  if (target_us <= model_->lowest_us() && target_us > 0.0F) {
    work.reset();
  } else if (config_.method == ProgrammingMethod::single_shot) {
    single_shot(work, target_us);
  } else if (model_->has_target_pulses()) {
    pulse_to_target_until_verified(work, target_us);
  } else {
    step_until_verified(work, target_us);
  }
  return work.done;
}

void Programmer::single_shot(Work& work, float target_us) const {
  if (model_->has_target_pulses()) return work.pulse_to_target(target_us);
  work.reset();
  const std::size_t pulses = nominal_pulses(target_us);
  for (std::size_t k = 0; k < pulses; ++k) work.set();
}

void Programmer::pulse_to_target_until_verified(Work& work, float target_us) const {
  float pulse_target_us = target_us;
  float gain = 1.0F;
  float error_before = 0.0F;
  work.done.converged = false;
  for (std::int64_t k = 0; k < config_.verify_most_pulses; ++k) {
    work.pulse_to_target(pulse_target_us);
    const float error = target_us - work.read_us();
    if (std::fabs(error) <= static_cast<float>(config_.verify_margin_us)) {
      work.done.converged = true;
      return;
    }
    if (error * error_before < 0.0F) gain = std::max(0.5F * gain, smallest_gain);
    // The nominal amplitude may be too small for this device; the model limits the amplitude.
    pulse_target_us = std::clamp(pulse_target_us + gain * error, 0.0F, 2.0F * model_->highest_us());
    error_before = error;
  }
}

void Programmer::step_until_verified(Work& work, float target_us) const {
  const auto margin = static_cast<float>(config_.verify_margin_us);
  work.reset();
  if (model_->depresses()) {
    const std::size_t pulses = nominal_pulses(target_us);
    for (std::size_t k = 0; k < pulses; ++k) work.set();
  }
  for (std::int64_t k = 0; k < config_.verify_most_pulses; ++k) {
    const float error = target_us - work.read_us();
    if (std::fabs(error) <= margin) return;
    if (error > 0.0F) {
      work.set();
    } else if (model_->depresses()) {
      work.depress();
    } else {
      work.reset();
    }
  }
  work.done.converged = std::fabs(target_us - work.read_us()) <= margin;
}

/// Number of pulses after which a nominal device is nearest to the target.
std::size_t Programmer::nominal_pulses(float target_us) const {
  const auto above = std::lower_bound(nominal_us_.begin(), nominal_us_.end(), target_us);
  if (above == nominal_us_.begin()) return 0;
  if (above == nominal_us_.end()) return nominal_us_.size() - 1;
  const auto at = static_cast<std::size_t>(above - nominal_us_.begin());
  return target_us - nominal_us_[at - 1] < *above - target_us ? at - 1 : at;
}

float Programmer::verify_read_us(const DeviceArray& array, std::uint32_t place, double t_s,
                                 OperationCounts& counts) const {
  float g = 0.0F;
  float deviation = 0.0F;
  model_->conductance_us(array, place, t_s, {&g, 1});
  counts.verify_reads += static_cast<std::uint64_t>(config_.verify_reads);
  if (!model_->read_noise_us(array, place, t_s, {&g, 1}, {&deviation, 1})) return g;
  const Stream stream = reads_.of(array.entity(place));
  float sum = 0.0F;
  for (std::int64_t r = 0; r < config_.verify_reads; ++r) {
    const auto read = static_cast<std::uint64_t>(r);
    sum += g + deviation * stream.normal(events::verify_reads(read, array.pulses[place]));
  }
  return sum / static_cast<float>(config_.verify_reads);
}

}  // namespace imcsim::device
