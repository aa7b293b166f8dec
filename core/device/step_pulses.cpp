#include "device/step_pulses.hpp"

#include <algorithm>
#include <cmath>

#include "device/power_law.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"

namespace imcsim::device {
StepPulses::StepPulses(const DeviceConfig& config, const StepConfig& step, double pulse_us,
                       std::size_t own_traits)
    : nominal_{static_cast<float>(config.common.conductance_min_us),
               static_cast<float>(config.common.conductance_max_us), static_cast<float>(step.up_us),
               static_cast<float>(step.down_us)},
      origin_us_(nominal_.min_us +
                 static_cast<float>(step.origin) * (nominal_.max_us - nominal_.min_us)),
      pulse_us_(config.update_nonlinearity ? 0.0F : static_cast<float>(pulse_us)),
      noise_(static_cast<float>(step.noise)),
      write_noise_us_(static_cast<float>(step.write_noise_us)),
      reset_mean_us_(static_cast<float>(config.common.reset_mean_us)),
      reset_std_us_(static_cast<float>(config.common.reset_std_us)),
      max_std_us_(static_cast<float>(config.common.conductance_max_std) * nominal_.max_us),
      min_std_us_(static_cast<float>(step.min_std_us)),
      spread_(static_cast<float>(step.spread)),
      asymmetry_std_(static_cast<float>(step.asymmetry_std)),
      lognormal_(step.spread_lognormal),
      programming_noise_(config.programming_noise),
      has_variability_(config.device_spread),
      traits_(trait_count + own_traits) {}

void StepPulses::prepare(DeviceArray& array, const Stream& spread) const {
  if (!has_variability_) return;
  array.traits.assign(traits_ * array.size(), 0.0F);
  const float size_us = std::max(nominal_.up_us, nominal_.down_us);
  for (std::size_t i = 0; i < array.size(); ++i) {
    const std::uint32_t entity = array.entity(i);
    const auto draw = [&](std::uint32_t index) { return trait_normal(spread, entity, index); };
    float* const traits = &array.traits[traits_ * i];
    const float above = nominal_.max_us - origin_us_ + max_std_us_ * draw(0);
    const float below = origin_us_ - nominal_.min_us - min_std_us_ * draw(1);
    const float more = lognormal_ ? numeric::exp(spread_ * draw(2)) - 1.0F : spread_ * draw(2);
    const float asymmetry = asymmetry_std_ * draw(3);
    traits[0] = std::max(0.0F, origin_us_ - std::fabs(below));
    traits[1] = origin_us_ + std::fabs(above);
    traits[2] = std::fabs(nominal_.up_us + size_us * (more + asymmetry));
    traits[3] = std::fabs(nominal_.down_us + size_us * (more - asymmetry));
  }
}

StepPulses::Device StepPulses::device(const DeviceArray& array, std::size_t place) const {
  if (array.traits.empty()) return nominal_;
  const float* const traits = &array.traits[traits_ * place];
  return {traits[0], traits[1], traits[2], traits[3]};
}

std::span<float> StepPulses::own_traits(DeviceArray& array, std::size_t place) const {
  if (array.traits.empty()) return {};
  return {array.traits.data() + traits_ * place + trait_count, traits_ - trait_count};
}

std::span<const float> StepPulses::own_traits(const DeviceArray& array, std::size_t place) const {
  if (array.traits.empty()) return {};
  return {array.traits.data() + traits_ * place + trait_count, traits_ - trait_count};
}

float StepPulses::hidden_us(const DeviceArray& array, std::size_t place) const {
  return array.conductance_us[place] - (array.memory[place] - 1.0F);
}

void StepPulses::pulse(DeviceArray& array, std::uint32_t place, const Device& device,
                       float hidden_us, Change change, double t_s,
                       const Stream& programming) const {
  const std::uint64_t event = array.pulses[place];
  const Stream draws = programming.of(array.entity(place));
  float moved = change.mean_us;
  if (pulse_us_ != 0.0F) {
    moved = change.up ? pulse_us_ * (device.up_us / nominal_.up_us)
                      : -pulse_us_ * (device.down_us / nominal_.down_us);
  }
  if (programming_noise_) moved += change.deviation_us * draws.normal(events::pulses(event));
  const float g = std::clamp(hidden_us + moved, device.min_us, device.max_us);
  array.conductance_us[place] = g;
  array.memory[place] = 1.0F;
  if (programming_noise_ && write_noise_us_ > 0.0F) {
    const float seen =
        std::max(0.0F, g + write_noise_us_ * draws.normal(events::second_draws(event)));
    array.conductance_us[place] = seen;
    array.memory[place] = 1.0F + (seen - g);
  }
  array.programmed_at_s[place] = t_s;
  ++array.pulses[place];
}

void StepPulses::reset(DeviceArray& array, Places places, double t_s,
                       const Stream& programming) const {
  for (const std::uint32_t place : places) {
    const Device own = device(array, place);
    float g = reset_mean_us_;
    if (programming_noise_) {
      g += reset_std_us_ *
           programming.of(array.entity(place)).normal(events::pulses(array.pulses[place]));
    }
    array.conductance_us[place] = std::clamp(g, own.min_us, own.max_us);
    array.memory[place] = 1.0F;
    array.programmed_at_s[place] = t_s;
    ++array.pulses[place];
  }
}

void describe(StepConfig& c, FieldList& f, const StepKeys& keys, Range origin) {
  constexpr Range size{1e-9, 1000.0};
  constexpr Range part{0.0, 1000.0};
  f.field(keys.up_us, c.up_us, Unit::siemens_us, size,
          "Mean conductance change per up pulse at the origin", step_source);
  f.field(keys.down_us, c.down_us, Unit::siemens_us, size,
          "Mean conductance change per down pulse at the origin", step_source);
  f.field(keys.origin, c.origin, Unit::fraction, origin,
          "Origin within the conductance range (0: lowest conductance, 1: highest)", step_source);
  f.field(keys.noise, c.noise, Unit::fraction, part,
          "Cycle-to-cycle standard deviation of a step, relative to the mean step", step_source);
  f.field(keys.write_noise_us, c.write_noise_us, Unit::siemens_us, part,
          "Write noise: standard deviation of the observed conductance after each pulse",
          step_source);
  f.field(keys.spread, c.spread, Unit::fraction, {0.0, 10.0},
          "Device-to-device standard deviation of the step size, relative", step_source);
  f.field(keys.spread_lognormal, c.spread_lognormal, Unit::none, {},
          "Log-normal instead of normal distribution of the step size", step_source);
  f.field(keys.asymmetry_std, c.asymmetry_std, Unit::fraction, {0.0, 10.0},
          "Device-to-device standard deviation of the asymmetry between up and down steps",
          step_source);
  f.field(keys.min_std_us, c.min_std_us, Unit::siemens_us, part,
          "Device-to-device standard deviation of the lowest conductance", step_source);
}

}  // namespace imcsim::device
