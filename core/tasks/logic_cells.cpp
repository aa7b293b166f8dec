#include "tasks/logic_cells.hpp"

#include <cmath>
#include <numeric>

#include "numeric/events.hpp"
#include "numeric/statistics.hpp"

namespace imcsim::tasks {
namespace {

constexpr double usual_target_us = 25.0;  // for devices without an upper limit

float target_of(const LogicCellConfig& config, const device::DeviceModel& model) {
  if (config.set_target_us > 0.0) return static_cast<float>(config.set_target_us);
  const float highest = model.highest_us();
  return std::isfinite(highest) && highest < 1e6F ? highest : static_cast<float>(usual_target_us);
}

}  // namespace

void describe(LogicCellConfig& c, FieldList& f) {
  const Range us{0.0, 1e5};
  f.group("Cells");
  f.field("set-target-us", c.set_target_us, Unit::siemens_us, us,
          "Target conductance of a 1 (0: device maximum)");
  f.field("t", c.t, Unit::seconds, {0.0, 1e12}, "Time between writing and reading");
  f.field("sense-noise-us", c.sense_noise_us, Unit::siemens_us, us,
          "Standard deviation of the sense-amplifier noise, as a conductance", "assumed");
  f.field("sampled-cells", c.sampled_cells, Unit::none, {16.0, 1e6},
          "Number of cells sampled per state for the reference conductances");
  f.field("stated-set-mean-us", c.set_mean_us, Unit::siemens_us, us,
          "Mean conductance of a 1, in place of the device model (0: device model)");
  f.field("stated-set-std-us", c.set_std_us, Unit::siemens_us, us,
          "Standard deviation of the conductance of a 1, used with stated-set-mean-us");
  f.field("stated-reset-mean-us", c.reset_mean_us, Unit::siemens_us, us,
          "Mean conductance of a 0, used with stated-set-mean-us");
  f.field("stated-reset-std-us", c.reset_std_us, Unit::siemens_us, us,
          "Standard deviation of the conductance of a 0, used with stated-set-mean-us");
  f.mark_common({"set-target-us", "t"});
}

void describe_device(LogicCellConfig& c, FieldList& f) {
  describe(c.device, f);
  describe(c.programming, f);
}

LogicCells::LogicCells(const LogicCellConfig& config, std::uint64_t seed)
    : config_(config),
      model_(device::make_model(config.device, device::default_pulse_us)),
      spread_(seed, Purpose::device_spread),
      pulses_(seed, Purpose::programming),
      verify_(seed, Purpose::verify_read),
      slow_(seed, Purpose::slow_noise),
      reads_(seed, Purpose::task_read),
      programmer_(config.device, device::default_pulse_us, config.programming, model_, pulses_,
                  verify_),
      set_target_us_(target_of(config, *model_)) {}

CellRow LogicCells::program(std::span<const std::uint8_t> bits, std::uint32_t first_entity,
                            OperationCounts& counts) const {
  if (config_.set_mean_us > 0.0) return stated(bits, first_entity, counts);
  device::DeviceArray array(bits.size(), first_entity);
  model_->prepare(array, spread_);
  for (std::uint32_t i = 0; i < bits.size(); ++i) {
    if (bits[i] != 0) {
      programmer_.program(array, i, set_target_us_, 0.0, counts);
    } else {
      model_->reset(array, {&i, 1}, 0.0, pulses_);
      counts.reset_pulses += 1;
    }
  }
  CellRow row{std::vector<float>(bits.size()), std::vector<float>(bits.size())};
  const double t_s = config_.t.seconds;
  model_->conductance_us(array, 0, t_s, row.conductance_us);
  if (model_->slow_noise_us(array, 0, t_s, row.conductance_us, row.noise_us)) {
    for (std::uint32_t i = 0; i < bits.size(); ++i) {
      const Stream own = slow_.of(array.entity(i));
      const float noise = row.noise_us[i] * own.normal(events::slow_noise(0, array.pulses[i]));
      row.conductance_us[i] = std::max(0.0F, row.conductance_us[i] + noise);
    }
  }
  if (!model_->read_noise_us(array, 0, t_s, row.conductance_us, row.noise_us)) row.noise_us.clear();
  return row;
}

CellRow LogicCells::stated(std::span<const std::uint8_t> bits, std::uint32_t first_entity,
                           OperationCounts& counts) const {
  CellRow row;
  for (std::uint32_t i = 0; i < bits.size(); ++i) {
    const bool one = bits[i] != 0;
    const double normal =
        static_cast<double>(pulses_.of(first_entity + i).normal(events::pulses(0)));
    row.conductance_us.push_back(
        static_cast<float>(one ? config_.set_mean_us + config_.set_std_us * normal
                               : config_.reset_mean_us + config_.reset_std_us * normal));
    (one ? counts.set_pulses : counts.reset_pulses) += 1;
  }
  return row;
}

MeanAndDeviation LogicCells::read_all(const CellRow& row, std::uint32_t first_entity) const {
  std::vector<double> read(row.conductance_us.size());
  for (std::uint32_t i = 0; i < read.size(); ++i) {
    float us = row.conductance_us[i];
    if (!row.noise_us.empty()) {
      us += row.noise_us[i] * reads_.of(first_entity + i).normal(events::cell_reads(0));
    }
    read[i] = static_cast<double>(us);
  }
  return mean_and_deviation(read);
}

LogicCells::Sampled LogicCells::sample() const {
  Sampled sampled;
  CellStatistics& cells = sampled.cells;
  cells.sense_noise_us = config_.sense_noise_us;
  const auto count = static_cast<std::size_t>(config_.sampled_cells);
  const auto n = static_cast<double>(count);
  const auto effort = [n](const OperationCounts& counts) {
    return WriteEffort{static_cast<double>(counts.set_pulses) / n,
                       static_cast<double>(counts.reset_pulses) / n,
                       static_cast<double>(counts.verify_reads) / n};
  };
  OperationCounts ones;
  const std::vector<std::uint8_t> set(count, 1);
  const std::uint32_t first = entities::sampled_cells.block(0, count);
  const MeanAndDeviation high = read_all(program(set, first, ones), first);
  OperationCounts zeros;
  const std::vector<std::uint8_t> reset(count, 0);
  const std::uint32_t next = entities::sampled_cells.block(count, count);
  const MeanAndDeviation low = read_all(program(reset, next, zeros), next);
  sampled.one = effort(ones);
  sampled.zero = effort(zeros);
  cells.set_mean_us = high.mean;
  cells.set_std_us = high.deviation;
  cells.reset_mean_us = low.mean;
  cells.reset_std_us = low.deviation;
  if (config_.set_mean_us > 0.0) {  // given statistics are used as they are, not as sampled
    cells = {config_.set_mean_us, config_.set_std_us, config_.reset_mean_us, config_.reset_std_us,
             config_.sense_noise_us};
  }
  return sampled;
}

void add_writes(const LogicCells::Sampled& sampled, std::uint64_t ones, std::uint64_t zeros,
                OperationCounts& counts) {
  const auto total = [&](double one, double zero) {
    const double pulses = static_cast<double>(ones) * one + static_cast<double>(zeros) * zero;
    return static_cast<std::uint64_t>(std::llround(pulses));
  };
  counts.set_pulses += total(sampled.one.set_pulses, sampled.zero.set_pulses);
  counts.reset_pulses += total(sampled.one.reset_pulses, sampled.zero.reset_pulses);
  counts.verify_reads += total(sampled.one.verify_reads, sampled.zero.verify_reads);
}

}  // namespace imcsim::tasks
