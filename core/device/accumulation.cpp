#include "device/accumulation.hpp"

#include <algorithm>

#include "device/power_law.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::device {
namespace {

constexpr float right_after_reset_us = 0.01F;

/// Traits of a device: factor of its SET pulses, highest conductance.
constexpr std::size_t traits = 2;

}  // namespace

Accumulation::Accumulation(const DeviceConfig& config, double pulse_us)
    : programming_noise_(config.programming_noise),
      pulse_us_(config.update_nonlinearity ? 0.0F : static_cast<float>(pulse_us)),
      set_mean_slope_(static_cast<float>(config.pcm.set_mean_slope)),
      set_mean_offset_us_(static_cast<float>(config.pcm.set_mean_offset_us)),
      set_mean_memory_us_(static_cast<float>(config.pcm.set_mean_memory_us)),
      set_std_slope_(static_cast<float>(config.pcm.set_std_slope)),
      set_std_offset_us_(static_cast<float>(config.pcm.set_std_offset_us)),
      set_std_memory_us_(static_cast<float>(config.pcm.set_std_memory_us)),
      memory_decay_(numeric::exp(static_cast<float>(-1.0 / config.pcm.memory_decay_pulses))),
      set_spread_(config.device_spread ? static_cast<float>(config.pcm.set_spread) : 0.0F),
      reset_mean_us_(static_cast<float>(config.common.reset_mean_us)),
      reset_std_us_(static_cast<float>(config.common.reset_std_us)),
      conductance_min_us_(static_cast<float>(config.common.conductance_min_us)),
      conductance_max_us_(static_cast<float>(config.common.conductance_max_us)),
      max_std_(config.device_spread ? static_cast<float>(config.common.conductance_max_std)
                                    : 0.0F) {}

void Accumulation::prepare(DeviceArray& array, const Stream& spread) const {
  if (!has_variability()) return;
  array.traits.resize(traits * array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    const std::uint32_t entity = array.entity(i);
    array.traits[traits * i] = std::max(0.0F, 1.0F + set_spread_ * trait_normal(spread, entity, 0));
    array.traits[traits * i + 1] =
        std::max(conductance_min_us_,
                 conductance_max_us_ * (1.0F + max_std_ * trait_normal(spread, entity, 1)));
  }
}

void Accumulation::set(DeviceArray& array, Places places, double t_s,
                       const Stream& programming) const {
  for (const std::uint32_t place : places) {
    float& g = array.conductance_us[place];
    const float memory = array.memory[place] * memory_decay_;
    float change = pulse_us_ != 0.0F
                       ? pulse_us_
                       : set_mean_slope_ * g + set_mean_offset_us_ + set_mean_memory_us_ * memory;
    if (programming_noise_) {
      const float deviation = set_std_slope_ * g + set_std_offset_us_ + set_std_memory_us_ * memory;
      change += deviation *
                programming.of(array.entity(place)).normal(events::pulses(array.pulses[place]));
    }
    float highest = conductance_max_us_;
    if (has_variability()) {
      change *= array.traits[traits * place];
      highest = array.traits[traits * place + 1];
    }
    g = std::clamp(g + change, conductance_min_us_, highest);
    array.memory[place] = memory;
    array.programmed_at_s[place] = t_s;
    ++array.pulses[place];
  }
}

void Accumulation::reset(DeviceArray& array, Places places, double t_s,
                         const Stream& programming) const {
  for (const std::uint32_t place : places) {
    float g = reset_mean_us_;
    if (programming_noise_) {
      g += reset_std_us_ *
           programming.of(array.entity(place)).normal(events::pulses(array.pulses[place]));
    }
    array.conductance_us[place] = std::min(std::max(g, right_after_reset_us), conductance_max_us_);
    array.memory[place] = 1.0F;
    array.programmed_at_s[place] = t_s;
    ++array.pulses[place];
  }
}

}  // namespace imcsim::device
