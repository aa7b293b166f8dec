// Inspection of single devices of a crossbar, and interventions.
#include "crossbar/device_access.hpp"

#include <fmt/format.h>

#include <array>
#include <string>

#include "base/error.hpp"
#include "crossbar/crossbar.hpp"

namespace imcsim::crossbar {

std::span<const std::string_view> names_of(Intervention) {
  static constexpr std::array<std::string_view, 5> names = {"set", "reset", "stuck-low",
                                                            "stuck-high", "repair"};
  return names;
}

std::size_t Crossbar::place_of(const DeviceSite& site) const {
  if (site.row >= rows_ || site.column >= columns_ || site.device >= devices_) {
    throw InputError("device", fmt::format("no device at row {}, column {}", site.row, site.column),
                     fmt::format("{} x {} cells of {}", rows_, columns_, devices_));
  }
  if (site.minus && minus_.size() == 0) {
    throw InputError("device", "a single synapse has no G-", "G+");
  }
  return (site.row * columns_ + site.column) * devices_ + site.device;
}

DeviceReading Crossbar::read_device(const DeviceSite& site, double t_s) {
  const std::size_t place = place_of(site);
  const device::DeviceArray& array = site.minus ? minus_ : plus_;
  Derived& derived = site.minus ? derived_minus_ : derived_plus_;
  const std::size_t line = site.minus ? columns_ + site.column : site.column;
  derive_polarity(array, place / devices_, line, t_s, derived);
  DeviceReading reading;
  reading.programmed_us = array.conductance_us[place];
  reading.now_us = derived.us[site.device];
  reading.read_noise_us = derived.noise_us[site.device];
  reading.memory = array.memory[place];
  reading.pulses = array.pulses[place];
  reading.programmed_at_s = array.programmed_at_s[place];
  if (!array.drift_exponent.empty()) reading.drift_exponent = array.drift_exponent[place];
  reading.broken = stuck_us(array, place).has_value();
  return reading;
}

void Crossbar::intervene(const DeviceSite& site, Intervention what, double t_s,
                         OperationCounts& counts) {
  const auto place = static_cast<std::uint32_t>(place_of(site));
  device::DeviceArray& array = site.minus ? minus_ : plus_;
  const std::uint32_t places[1] = {place};
  const std::uint32_t entity = array.entity(place);
  switch (what) {
    case Intervention::set:
      model_->set(array, places, t_s, programming_);
      counts.set_pulses += 1;
      break;
    case Intervention::reset:
      model_->reset(array, places, t_s, programming_);
      counts.reset_pulses += 1;
      break;
    case Intervention::stuck_low: faults_.break_device(entity, false); break;
    case Intervention::stuck_high: faults_.break_device(entity, true); break;
    case Intervention::repair: faults_.repair_device(entity); break;
  }
  const std::size_t crossing = place / devices_;
  pulsed_[crossing] = 1;
  derive(crossing, t_s);
}

}  // namespace imcsim::crossbar
