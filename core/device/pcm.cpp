#include <algorithm>

#include "device/pcm_model.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::device {
namespace {

constexpr float right_after_reset_us = 0.01F;
constexpr std::string_view source = "doi:10.1063/1.5042408; constants of a public implementation";

}  // namespace

void describe(PcmConfig& c, FieldList& f) {
  constexpr double most_us = 1000.0;
  f.group("PCM device");
  f.field("set-mean-slope", c.set_mean_slope, Unit::none, {-1.0, 1.0},
          "mean change of a SET pulse: part that grows with conductance, per µS", source);
  f.field("set-mean-offset-us", c.set_mean_offset_us, Unit::siemens_us, {-most_us, most_us},
          "mean change of a SET pulse: constant part", source);
  f.field("set-mean-memory-us", c.set_mean_memory_us, Unit::siemens_us, {-most_us, most_us},
          "mean change of a SET pulse: part that fades with the pulses", source);
  f.field("set-std-slope", c.set_std_slope, Unit::none, {0.0, 1.0},
          "deviation of a SET pulse: part that grows with conductance, per µS", source);
  f.field("set-std-offset-us", c.set_std_offset_us, Unit::siemens_us, {0.0, most_us},
          "deviation of a SET pulse: constant part", source);
  f.field("set-std-memory-us", c.set_std_memory_us, Unit::siemens_us, {0.0, most_us},
          "deviation of a SET pulse: part that fades with the pulses", source);
  f.field("memory-decay-pulses", c.memory_decay_pulses, Unit::pulses, {0.01, 1e6},
          "pulses over which the memory of a RESET fades by e", source);
  f.field("read-noise-slope", c.read_noise_slope, Unit::none, {0.0, 1.0},
          "deviation of a read: part that grows with conductance, per µS", source);
  f.field("read-noise-offset-us", c.read_noise_offset_us, Unit::siemens_us, {0.0, most_us},
          "deviation of a read: constant part", source);
  f.field("drift-exponent", c.drift_exponent, Unit::none, {0.0, 1.0},
          "exponent of the power law by which conductance falls with age", source);
  f.field("drift-reference-time", c.drift_reference_time, Unit::seconds, {1e-9, 1e9},
          "age at which the programmed conductance holds; drift starts then", source);
  f.field("reset-mean-us", c.reset_mean_us, Unit::siemens_us, {0.0, most_us},
          "mean conductance after RESET", source);
  f.field("reset-std-us", c.reset_std_us, Unit::siemens_us, {0.0, most_us},
          "deviation of the conductance after RESET", source);
  f.field("conductance-min-us", c.conductance_min_us, Unit::siemens_us, {0.0, most_us},
          "lowest conductance after a SET pulse", source);
  f.field("conductance-max-us", c.conductance_max_us, Unit::siemens_us, {0.001, most_us},
          "highest conductance; 20 fits the paper's figure 5", source);
}

PcmModel::PcmModel(const DeviceConfig& config, double pulse_us)
    : read_noise_(config.read_noise),
      programming_noise_(config.programming_noise),
      drift_(config.drift && config.pcm.drift_exponent > 1e-6),
      pulse_us_(config.update_nonlinearity ? 0.0F : static_cast<float>(pulse_us)),
      set_mean_slope_(static_cast<float>(config.pcm.set_mean_slope)),
      set_mean_offset_us_(static_cast<float>(config.pcm.set_mean_offset_us)),
      set_mean_memory_us_(static_cast<float>(config.pcm.set_mean_memory_us)),
      set_std_slope_(static_cast<float>(config.pcm.set_std_slope)),
      set_std_offset_us_(static_cast<float>(config.pcm.set_std_offset_us)),
      set_std_memory_us_(static_cast<float>(config.pcm.set_std_memory_us)),
      memory_decay_(numeric::exp(static_cast<float>(-1.0 / config.pcm.memory_decay_pulses))),
      read_noise_slope_(static_cast<float>(config.pcm.read_noise_slope)),
      read_noise_offset_us_(static_cast<float>(config.pcm.read_noise_offset_us)),
      drift_exponent_(static_cast<float>(config.pcm.drift_exponent)),
      reference_time_s_(config.pcm.drift_reference_time.seconds),
      reset_mean_us_(static_cast<float>(config.pcm.reset_mean_us)),
      reset_std_us_(static_cast<float>(config.pcm.reset_std_us)),
      conductance_min_us_(static_cast<float>(config.pcm.conductance_min_us)),
      conductance_max_us_(static_cast<float>(config.pcm.conductance_max_us)),
      step_(drift_ ? static_cast<float>(1.999 * drift_step_tolerance / config.pcm.drift_exponent)
                   : 1.0F) {
  if (config.pcm.conductance_min_us >= config.pcm.conductance_max_us) {
    throw InputError("conductance-min-us", "not below conductance-max-us",
                     "a minimum below the maximum");
  }
}

void PcmModel::set(DeviceArray& array, Places places, double t_s, const Stream& programming) const {
  for (const std::uint32_t place : places) {
    float& g = array.conductance_us[place];
    const float memory = array.memory[place] * memory_decay_;
    float change = pulse_us_ != 0.0F
                       ? pulse_us_
                       : set_mean_slope_ * g + set_mean_offset_us_ + set_mean_memory_us_ * memory;
    if (programming_noise_) {
      const float deviation = set_std_slope_ * g + set_std_offset_us_ + set_std_memory_us_ * memory;
      change += deviation * programming.of(array.first_entity + place).normal(array.pulses[place]);
    }
    g = std::clamp(g + change, conductance_min_us_, conductance_max_us_);
    array.memory[place] = memory;
    array.programmed_at_s[place] = t_s;
    ++array.pulses[place];
  }
}

void PcmModel::reset(DeviceArray& array, Places places, double t_s,
                     const Stream& programming) const {
  for (const std::uint32_t place : places) {
    float g = reset_mean_us_;
    if (programming_noise_) {
      g += reset_std_us_ * programming.of(array.first_entity + place).normal(array.pulses[place]);
    }
    array.conductance_us[place] = std::min(std::max(g, right_after_reset_us), conductance_max_us_);
    array.memory[place] = 1.0F;
    array.programmed_at_s[place] = t_s;
    ++array.pulses[place];
  }
}

void PcmModel::conductance_us(const DeviceArray& array, std::size_t first, double t_s,
                              std::span<float> out_us) const {
  for (std::size_t i = 0; i < out_us.size(); ++i) {
    const double age = (t_s - array.programmed_at_s[first + i]) / reference_time_s_;
    out_us[i] = array.conductance_us[first + i];
    if (drift_ && age > 1.0) {
      out_us[i] *= numeric::exp(-drift_exponent_ * numeric::log(static_cast<float>(age)));
    }
  }
}

double PcmModel::staircase_us(const DeviceArray& array, std::size_t first, double t_s,
                              std::span<float> out_us) const {
  double until = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < out_us.size(); ++i) {
    out_us[i] = array.conductance_us[first + i];
    if (!drift_) continue;
    const double programmed_at = array.programmed_at_s[first + i];
    const double age = (t_s - programmed_at) / reference_time_s_;
    float next_log_age = 0.0F;
    if (age > 1.0) {
      const float log_age = numeric::log(static_cast<float>(age));
      const auto step = static_cast<float>(static_cast<std::int32_t>(log_age / step_));
      out_us[i] *= numeric::exp(-drift_exponent_ * step_ * (step + 0.5F));
      next_log_age = step_ * (step + 1.0F);
    }
    // A little early, so that rounding in the logarithm never makes a step late.
    const double next_age = static_cast<double>(numeric::exp(next_log_age)) * (1.0 - 1e-5);
    until = std::min(until, programmed_at + reference_time_s_ * next_age);
  }
  return until;
}

bool PcmModel::read_noise_us(std::span<const float> conductance_us, std::span<float> out_us) const {
  if (!read_noise_) return false;
  for (std::size_t i = 0; i < out_us.size(); ++i) {
    out_us[i] = read_noise_slope_ * conductance_us[i] + read_noise_offset_us_;
  }
  return true;
}

}  // namespace imcsim::device
